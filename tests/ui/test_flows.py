"""A shift by keyboard alone: each key ends in the intent it stands for."""

import pytest
from msgspec.structs import replace
from textual import events

from catgem_tui.desk.intents import (
    AcceptOffer,
    DeclineOffer,
    Dismiss,
    EditDraft,
    EditNotes,
    Focus,
    Login,
    Logout,
    Reconnect,
    Search,
    Send,
    SendDigits,
    SendRecord,
    SetMute,
    ShowLog,
)
from catgem_tui.desk.state import DeskState, Line, Notice, PhoneCall, PhoneStatus, PhoneView, Severity
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.commands import (
    CheckStep,
    CloseContact,
    EndContact,
    ExtendWrapUp,
    Hold,
    Monitor,
    Park,
    Reassign,
    ReportRecord,
    Resume,
    SetPresence,
    StopMonitoring,
    Transfer,
    Unhold,
)
from catgem_tui.protocol.enums import AdvisorState, Monitoring, Outcome, Presence
from catgem_tui.protocol.model import Advisor, Call
from catgem_tui.ui.records import for_citizen
from tests.ui import scenes
from tests.ui.stage import LARGE, MIDDLE, SMALL, Stage, opened

KEYS = {" ": "space", ",": "comma", ".": "full_stop", "ó": "ó"}
SIZES = pytest.mark.parametrize("size", [SMALL, MIDDLE, LARGE], ids=["80x24", "100x30", "160x45"])


async def test_login_goes_on_from_user_to_password_and_says_what_is_missing() -> None:
    async with opened(scenes.LOGGED_OUT) as stage:
        await stage.write("ana")
        await stage.press("enter", "enter")
        assert "Escriba su usuario y su contraseña." in stage.seen()
        assert stage.take_done() == []
        await stage.write("secreto")
        await stage.press("enter")
        assert stage.take_done() == [Login("ana", "secreto")]


async def test_a_wrong_password_is_said_in_the_form_and_the_user_stays() -> None:
    async with opened(scenes.LOGGED_OUT) as stage:
        await stage.write("ana")
        await stage.press("enter")
        await stage.write("x")
        await stage.press("enter")
        await stage.put(replace(scenes.LOGGED_OUT, notices=(Notice(1, "wrong_credentials", Severity.ERROR),)))
        assert "El usuario o la contraseña no es correcto." in stage.seen()
        assert "ana" in stage.seen()


async def test_the_screen_follows_the_line_from_login_to_desk_and_back() -> None:
    async with opened(scenes.LOGGED_OUT) as stage:
        await stage.put(scenes.IDLE)
        assert "Sin atención en curso" in stage.seen()
        await stage.put(scenes.LOGGED_OUT)
        assert "Contraseña" in stage.seen()


@SIZES
async def test_typing_during_an_offer_goes_on_where_it_was(size: tuple[int, int]) -> None:
    async with opened(scenes.IN_CHAT, size) as stage:
        await stage.write(" la")
        await stage.put(replace(scenes.OFFERED, drafts={"c-chat": "También puede hacer cita en la"}))
        await stage.write(" web")
        assert "OFERTA" in stage.seen()
        assert stage.take_done()[-1] == EditDraft("c-chat", "También puede hacer cita en la web")


@SIZES
async def test_accepting_moves_the_focus_and_keeps_what_was_typed(size: tuple[int, int]) -> None:
    async with opened(scenes.OFFERED, size) as stage:
        await stage.write("!")
        await stage.press("f2")
        draft = "También puede hacer cita en!"
        assert stage.take_done() == [EditDraft("c-chat", draft), AcceptOffer("c-offer")]
        accepted = scenes.contact(
            "c-offer", scenes.OFFER.channel, citizen=scenes.OFFER.citizen, call=Call(advisor_leg=True)
        )
        await stage.put(
            replace(scenes.with_contact(scenes.OFFERED, accepted), focus="c-offer", drafts={"c-chat": draft})
        )
        assert stage.screen.focused is stage.screen.middle.protocol
        assert "722 555 0199" in stage.seen()
        await stage.put(replace(stage.desk.state, focus="c-chat"))
        assert stage.screen.middle.composer.text == draft


async def test_declining_gives_the_offer_back() -> None:
    async with opened(scenes.OFFERED) as stage:
        await stage.press("f12")
        assert stage.take_done() == [DeclineOffer("c-offer")]


async def test_call_control() -> None:
    async with opened(scenes.BUSY) as stage:
        await stage.press("f3", "f5", "f8")
        assert stage.take_done() == [Hold(contact="c-call"), SetMute(True), EndContact(contact="c-call")]
        held = scenes.contact("c-call", scenes.CALL.channel, call=Call(held=True, held_since=scenes.NOW - 5))
        await stage.put(scenes.with_contact(scenes.BUSY, held))
        assert "EN ESPERA 0:05" in stage.seen()
        await stage.press("f3")
        assert stage.take_done() == [Unhold(contact="c-call")]


async def test_tones_go_into_the_call_as_they_are_typed() -> None:
    async with opened(scenes.BUSY) as stage:
        await stage.press("ctrl+g")
        assert "va de inmediato a la llamada" in stage.seen()
        await stage.press("1", "x", "number_sign", "escape")
        assert stage.take_done() == [SendDigits("1"), SendDigits("#")]


@SIZES
async def test_a_chat_line_is_sent_with_enter_and_broken_with_ctrl_j(size: tuple[int, int]) -> None:
    async with opened(replace(scenes.IN_CHAT, drafts={}), size) as stage:
        await stage.write("uno")
        await stage.press("ctrl+j")
        await stage.write("dos")
        await stage.press("enter")
        assert stage.take_done()[-1] == Send("c-chat", "uno\ndos")
        assert stage.screen.middle.composer.text == ""
        await stage.press("enter")
        assert stage.take_done() == []


@pytest.mark.parametrize(("state", "key"), [(scenes.IN_CHAT, "enter"), (scenes.IN_MAIL, "ctrl+s")])
async def test_what_is_typed_in_a_burst_is_sent_whole(state: DeskState, key: str) -> None:
    async with opened(replace(state, drafts={})) as stage:
        text = "Buenas tardes, Ramón. Lo reviso."
        for character in text:
            stage.app.post_message(events.Key(KEYS.get(character, character), character))
        stage.app.post_message(events.Key(key, None))
        await stage.until(lambda: any(isinstance(intent, Send) for intent in stage.desk.done))
        assert stage.take_done()[-1] == Send(state.focus, text)


async def test_another_user_can_log_in_where_one_is_put_in() -> None:
    async with opened(scenes.LOGGED_OUT, user="asesora") as stage:
        await stage.press("shift+tab", "ctrl+u")
        await stage.write("rosa")
        await stage.press("enter")
        await stage.write("secreto")
        await stage.press("enter")
        assert stage.take_done() == [Login("rosa", "secreto")]


async def test_a_draft_that_comes_back_late_does_not_undo_the_typing() -> None:
    async with opened(replace(scenes.IN_CHAT, drafts={})) as stage:
        await stage.write("abc")
        await stage.put(replace(scenes.IN_CHAT, drafts={"c-chat": "a"}))
        await stage.put(replace(scenes.IN_CHAT, drafts={"c-chat": "ab"}))
        assert stage.screen.middle.composer.text == "abc"
        await stage.put(replace(scenes.IN_CHAT, drafts={"c-chat": "otra cosa"}))
        assert stage.screen.middle.composer.text == "otra cosa"


async def test_a_mail_is_written_in_lines_and_sent_with_ctrl_s() -> None:
    async with opened(scenes.IN_MAIL) as stage:
        assert "Reemplacamiento de camioneta" in stage.seen()
        assert "tarjeta.pdf" in stage.seen()
        await stage.write("Hola")
        await stage.press("enter")
        await stage.write("Ana")
        await stage.press("ctrl+s")
        assert stage.take_done()[-1] == Send("c-mail", "Hola\nAna")


async def test_parking_and_resuming() -> None:
    async with opened(scenes.IN_MAIL) as stage:
        await stage.press("f7")
        assert stage.take_done() == [Resume(contact="c-mail")]
        await stage.put(scenes.IN_CHAT)
        await stage.press("f7")
        assert stage.take_done() == [Park(contact="c-chat")]


@SIZES
async def test_steps_are_checked_from_the_list_and_from_anywhere(size: tuple[int, int]) -> None:
    async with opened(scenes.BUSY, size) as stage:
        await stage.press("enter", "up", "enter")
        assert stage.take_done() == [
            CheckStep(contact="c-call", step="need"),
            CheckStep(contact="c-call", step="privacy", done=False),
        ]
        await stage.press("alt+n", "alt+s")
        assert stage.take_done() == [CheckStep(contact="c-call", step="need")]


@SIZES
async def test_notes(size: tuple[int, int]) -> None:
    async with opened(scenes.BUSY, size) as stage:
        await stage.press("alt+n")
        await stage.write(" ok")
        assert stage.take_done()[-1] == EditNotes("c-call", scenes.CALL.notes + " ok")


@SIZES
async def test_search_from_a_text_field_opens_the_record_and_comes_back(size: tuple[int, int]) -> None:
    async with opened(scenes.IN_CHAT, size) as stage:
        await stage.press("ctrl+f")
        await stage.write("reg")
        assert stage.take_done() == [Search("r"), Search("re"), Search("reg")]
        await stage.press("down", "enter")
        assert "Dirección General del Registro Civil" in stage.seen()
        assert "estatal" in stage.seen()
        await stage.press("escape")
        assert stage.screen.focused is stage.screen.directory.field
        await stage.press("escape")
        assert stage.screen.focused is stage.screen.middle.composer


@SIZES
async def test_the_list_says_why_a_record_is_there_and_that_it_no_longer_holds(size: tuple[int, int]) -> None:
    directory = scenes.IN_CHAT.directory
    ended = replace(scenes.RECORDS[1], valid_until=scenes.NOW - 86400)
    reasons = (("keywords", "registro de nacimiento"), *(("", ""),) * 3)
    shown = replace(directory, hits=(scenes.RECORDS[0], ended, *scenes.RECORDS[2:]), reasons=reasons)
    async with opened(replace(scenes.IN_CHAT, directory=shown), size) as stage:
        await stage.press("ctrl+f")
        await stage.put(replace(scenes.IN_CHAT, directory=shown))
        assert "Palabras clave: registro de naci" in stage.seen()
        assert "Sin vigencia desde el 11 may 2026" in stage.seen()
        await stage.press("down", "enter")
        assert ShowLog("r2") in stage.take_done(), "a row of two lines is one step"


@SIZES
async def test_a_card_tells_everything_and_its_change_log(size: tuple[int, int]) -> None:
    async with opened(scenes.IN_CHAT, size) as stage:
        await stage.press("ctrl+f", "enter")
        assert stage.take_done() == [ShowLog("r1")]
        seen = stage.seen()
        assert "abierto ahora, cierra a las 18:00" in seen
        assert "consultando…" in seen
        known = replace(scenes.IN_CHAT.directory, log_of="r1", log=scenes.LOG)
        await stage.put(replace(scenes.IN_CHAT, directory=known))
        await stage.press("end")
        assert "Elena Díaz · Oficio 12/2026" in stage.seen()
        assert "Teléfono: 7225550199 → 7225550100" in stage.seen()
        changed = replace(scenes.RECORDS[0], revision=9, phone="7225550155")
        await stage.put(replace(scenes.IN_CHAT, directory=replace(known, card=changed)))
        await stage.press("home")
        assert "Cambió mientras lo leía" in stage.seen()
        assert "722 555 0155" in stage.seen()
        assert stage.take_done() == [ShowLog("r1")]
        await stage.press("escape")
        assert stage.take_done() == [ShowLog("")]


@pytest.mark.parametrize("opening", [(), ("enter",)], ids=["list", "card"])
async def test_a_record_is_sent_from_the_list_and_from_its_card(opening: tuple[str, ...]) -> None:
    async with opened(replace(scenes.IN_CHAT, drafts={})) as stage:
        await stage.press("ctrl+f", *opening)
        stage.take_done()
        await stage.press("alt+e")
        (sent,) = [done for done in stage.take_done() if not isinstance(done, ShowLog)]
        assert isinstance(sent, SendRecord)
        assert sent.text == (
            "Oficialía 01 del Registro Civil\nDirección General del Registro Civil\n"
            "Teléfono: 722 555 0100, ext. 104\nHorario: lunes a viernes 9:00–18:00\n"
            "Domicilio: Av. Juárez 105, Centro, Toluca"
        )


async def test_what_is_internal_is_never_sent() -> None:
    secret = replace(scenes.RECORDS[0], restricted={"mobile": "7221112233"}, responsible="Elena", support="Of. 1")
    assert not {"7221112233", "Elena", "Of. 1"} & set(for_citizen(secret, 4000)[0].replace("\n", " ").split())


@pytest.mark.parametrize("opening", [(), ("enter",)], ids=["list", "card"])
async def test_a_wrong_record_is_reported_with_the_contact_at_hand(opening: tuple[str, ...]) -> None:
    async with opened(scenes.IN_CHAT) as stage:
        await stage.press("ctrl+f", *opening, "alt+x")
        assert "Está mal: Oficialía 01 del Registro Civil" in stage.seen()
        await stage.write("ya no")
        await stage.press("escape", "alt+x")
        await stage.write(" contestan")
        stage.take_done()
        await stage.press("enter")
        assert stage.take_done() == [ReportRecord(record="r1", text="ya no contestan", contact="c-chat")]


async def test_a_slash_searches_only_outside_text() -> None:
    async with opened(scenes.BUSY) as stage:
        await stage.press("slash")
        assert stage.screen.focused is stage.screen.directory.field
        await stage.press("alt+n", "slash")
        assert stage.take_done() == [EditNotes("c-call", scenes.CALL.notes + "/")]


@SIZES
async def test_going_through_the_contacts(size: tuple[int, int]) -> None:
    async with opened(scenes.BUSY, size) as stage:
        await stage.press("ctrl+n", "ctrl+up", "alt+m")
        assert stage.take_done() == [Focus("c-chat"), Focus("c-mail")]
        await stage.press("end", "enter")
        assert stage.take_done() == [Focus("c-chat2")]


async def test_the_disposition_keeps_what_was_chosen_on_the_way_back() -> None:
    async with opened(scenes.WRAP_UP) as stage:
        await stage.press("ctrl+t", "f8")
        await stage.write("licen")
        await stage.press("enter", "down", "escape")
        assert "licen" in stage.seen()
        await stage.press("escape", "f8", "enter", "enter")
        assert stage.take_done() == [
            ExtendWrapUp(contact="c-call"),
            CloseContact(contact="c-call", disposition="licencia", outcome=Outcome.REFERRED),
        ]


async def test_accepting_during_a_dialog_keeps_the_dialog() -> None:
    state = scenes.with_contact(scenes.WRAP_UP, scenes.OFFER)
    async with opened(state) as stage:
        await stage.press("f8")
        await stage.write("acta")
        await stage.press("f2")
        assert stage.take_done() == [AcceptOffer("c-offer")]
        await stage.press("f8")
        assert "acta" in stage.seen()


async def test_transfer_to_a_queue() -> None:
    async with opened(scenes.BUSY) as stage:
        await stage.press("f4")
        await stage.write("migr")
        await stage.press("enter")
        assert stage.take_done() == [Transfer(contact="c-call", queue="migrantes")]


async def test_presence() -> None:
    async with opened(scenes.BUSY) as stage:
        await stage.press("f9")
        assert "Tiene atenciones en curso" in stage.seen()
        await stage.write("bano")
        await stage.press("enter")
        assert stage.take_done() == [SetPresence(presence=Presence.PAUSED, reason="bano")]


async def test_the_palette_finds_an_action_without_a_key() -> None:
    async with opened(scenes.BUSY) as stage:
        await stage.press("ctrl+p")
        await stage.write("cerrar sesion")
        await stage.press("enter")
        assert stage.take_done() == [Logout()]


async def test_leaving_asks_only_with_contacts() -> None:
    async with opened(scenes.BUSY) as stage:
        await stage.press("ctrl+q")
        assert "¿Salir del puesto de trabajo?" in stage.seen()
        await stage.press("enter")
        assert stage.app.is_running
        await stage.press("ctrl+q", "down", "enter")
        assert not stage.app.is_running
    async with opened(scenes.IDLE) as stage:
        await stage.press("ctrl+q")
        assert not stage.app.is_running


async def test_the_line_is_told_as_it_is_and_can_be_tried_again() -> None:
    async with opened(replace(scenes.BUSY, line=Line.OFFLINE, unsent=2)) as stage:
        assert "SIN LÍNEA desde las" in stage.seen()
        assert "sin enviar 2" in stage.seen()
        await stage.press("ctrl+r")
        assert stage.take_done() == [Reconnect()]


async def test_a_notice_stands_until_it_is_cleared() -> None:
    state = replace(scenes.BUSY, notices=(Notice(7, "no_capacity", Severity.WARNING, contact="c-chat"),))
    async with opened(state) as stage:
        assert "No hay lugar para otra atención de ese tipo." in stage.seen()
        assert "folio 482-1066" in stage.seen()
        await stage.press("escape")
        assert stage.take_done() == [Dismiss(7)]


async def test_a_notice_goes_when_its_cause_is_over() -> None:
    missed = Notice(7, "offer_missed", Severity.WARNING)
    me = Advisor(
        user=scenes.ANA, presence=Presence.NOT_RESPONDING, state=AdvisorState.NOT_RESPONDING, since=scenes.NOW - 5
    )
    async with opened(replace(scenes.IDLE, me=me, notices=(missed,))) as stage:
        assert "Una oferta quedó sin respuesta" in stage.seen()
        await stage.put(replace(scenes.IDLE, notices=(missed,)))
        assert "Una oferta quedó sin respuesta" not in stage.seen()


async def test_what_is_missing_is_said_in_one_line() -> None:
    state = replace(
        scenes.IDLE,
        secrets="memory",
        phone=replace(scenes.PHONE, sound="", sound_problem="no_device"),
        notices=(Notice(1, "no_keyring", Severity.INFORMATION), Notice(2, "no_sound_device", Severity.WARNING)),
    )
    async with opened(state) as stage:
        assert "sin tarjeta de sonido · sin llavero: la sesión no se guarda" in stage.seen()
        assert "!" not in stage.seen()


@pytest.mark.parametrize(
    ("size", "told"),
    [
        (SMALL, "sin biblioteca de voz: solo chat y correo · sin llavero"),
        (LARGE, "sin biblioteca de voz: solo chat y correo · sin llavero: la sesión no se guarda"),
    ],
    ids=["80x24", "160x45"],
)
async def test_where_room_is_short_all_that_is_missing_is_still_named(size: tuple[int, int], told: str) -> None:
    state = replace(scenes.IDLE, secrets="memory", phone=PhoneView(status=PhoneStatus.MISSING))
    async with opened(state, size) as stage:
        assert f"{told}\n" in stage.seen().replace(" \n", "\n")


async def test_a_ringing_telephone_hides_nothing_that_is_missing() -> None:
    ringing = PhoneCall(id="p1", contact="c-call", state=CallState.RINGING, since=scenes.NOW - 8)
    phone = replace(scenes.PHONE, sound="", sound_problem="no_device", calls=(ringing,))
    async with opened(replace(scenes.IDLE, secrets="memory", phone=phone), SMALL) as stage:
        assert "timbrando 0:08" in stage.seen()
        assert "sin tarjeta de sonido · sin llavero" in stage.seen()


@SIZES
async def test_the_floor(size: tuple[int, int]) -> None:
    async with opened(scenes.FLOOR, size) as stage:
        assert "Ana López Reyes" in stage.seen()
        await stage.press("ctrl+o")
        assert "Sin atención en curso" in stage.seen()
        await stage.press("ctrl+o")
        await stage.press("down", "e")
        assert stage.take_done() == [Monitor(contact="f1", mode=Monitoring.LISTEN)]
        await stage.put(scenes.LISTENING)
        assert "ESCUCHANDO: nadie le oye" in stage.seen()
        await stage.press("s", "i", "d")
        assert stage.take_done() == [
            Monitor(contact="f1", mode=Monitoring.WHISPER),
            Monitor(contact="f1", mode=Monitoring.BARGE),
            StopMonitoring(contact="f1"),
        ]
        await stage.press("right", "home", "r")
        await stage.write("quiroz")
        await stage.press("enter")
        assert stage.take_done() == [Reassign(contact="f3", advisor="u-3")]


async def test_only_the_floor_roles_see_the_floor() -> None:
    async with opened(scenes.IDLE) as stage:
        await stage.press("ctrl+o")
        assert "Sin atención en curso" in stage.seen()


@pytest.mark.parametrize("state", [scenes.LOGGED_OUT, scenes.IDLE, scenes.IN_CHAT, scenes.WRAP_UP, scenes.FLOOR])
async def test_keys_that_mean_nothing_now_do_nothing(state: DeskState) -> None:
    async with opened(replace(state, phone=replace(state.phone, calls=()))) as stage:
        for key in ("f2", "f12", "f3", "f5", "ctrl+g", "ctrl+r", "alt+k", "f11", "left", "shift+f3"):
            await stage.press(key)
        wanted = [intent for intent in stage.take_done() if not isinstance(intent, Focus)]
        assert wanted == []


def burst(stage: Stage, *keys: str) -> None:
    """Keys that arrive together, as over a slow line, without waiting for what they do."""
    for key in keys:
        stage.app.post_message(events.Key(KEYS.get(key, key), key if len(key) == 1 else None))


async def test_a_login_that_arrives_at_once_does_not_show_the_password() -> None:
    for onwards in ("enter", "tab"):
        async with opened(scenes.LOGGED_OUT) as stage:
            burst(stage, *"ana", onwards, *"secreto", "enter")
            await stage.until(lambda: bool(stage.desk.done))
            assert stage.take_done() == [Login("ana", "secreto")]


@SIZES
async def test_notes_typed_at_once_after_their_key_are_not_written_to_the_citizen(size: tuple[int, int]) -> None:
    async with opened(replace(scenes.IN_CHAT, drafts={}, notes={}), size) as stage:
        await stage.press("ctrl+f")  # at 80x24 the notes are on another page
        burst(stage, "alt+n", *"hola")
        await stage.until(lambda: EditNotes("c-chat", "hola") in stage.desk.done)
        assert all(isinstance(wanted, EditNotes) for wanted in stage.take_done())
        assert stage.screen.middle.notes.has_focus


@SIZES
async def test_a_search_typed_at_once_after_its_key_is_not_written_to_the_citizen(size: tuple[int, int]) -> None:
    async with opened(replace(scenes.IN_CHAT, drafts={}), size) as stage:
        burst(stage, "ctrl+f", *"agua")
        await stage.until(lambda: Search("agua") in stage.desk.done)
        assert all(isinstance(wanted, Search) for wanted in stage.take_done())
        burst(stage, "alt+a", *"ya")
        await stage.until(lambda: EditDraft("c-chat", "ya") in stage.desk.done)


async def test_a_call_that_went_with_central_is_not_said_to_be_recorded() -> None:
    async with opened(replace(scenes.BUSY, line=Line.OFFLINE)) as stage:
        assert "grabando" in stage.seen()
        await stage.put(replace(stage.desk.state, phone=scenes.PHONE))
        assert "grabando" not in stage.seen()
        assert "se cortó la llamada" in stage.seen()


async def test_a_message_that_is_refused_at_once_comes_back_to_where_it_was_written() -> None:
    async with opened(replace(scenes.IN_MAIL, drafts={}), MIDDLE) as stage:

        def refuse(intent: object) -> None:
            if isinstance(intent, EditDraft):
                stage.desk.change(drafts={"c-mail": intent.text})
            elif isinstance(intent, Send):
                stage.desk.change(drafts={})
                stage.desk.change(drafts={"c-mail": intent.text})  # before anything was drawn

        stage.desk.do = refuse  # type: ignore[method-assign]
        await stage.press("alt+a")
        burst(stage, *"hola", "ctrl+s")
        await stage.until(lambda: stage.desk.state.drafts == {"c-mail": "hola"})
        await stage.pilot.pause()
        assert stage.screen.middle.composer.text == "hola"
