"""Coming, going and getting about by keyboard: login, places, notices, the line."""

import pytest
from msgspec.structs import replace

from catgem_tui.desk.intents import (
    Dismiss,
    Focus,
    Login,
    Logout,
    Reconnect,
)
from catgem_tui.desk.state import DeskState, Line, Notice, PhoneCall, PhoneStatus, PhoneView, Severity
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.commands import (
    Monitor,
    Reassign,
    SetPresence,
    StopMonitoring,
)
from catgem_tui.protocol.enums import AdvisorState, Monitoring, Presence
from catgem_tui.protocol.model import Advisor
from tests.ui import scenes, telephone_scenes
from tests.ui.stage import LARGE, SIZES, SMALL, Stage, burst, opened


async def test_login_goes_on_from_user_to_password_and_says_what_is_missing() -> None:
    async with opened(scenes.LOGGED_OUT) as stage:
        await stage.write("ana")
        await stage.press("enter", "enter")
        assert "Escriba su usuario y su contraseña." in stage.seen()
        assert stage.take_done() == []
        await stage.write("secreto")
        await stage.press("enter")
        assert stage.take_done() == [Login("ana", "secreto")]


async def test_the_screen_follows_the_line_from_login_to_desk_and_back() -> None:
    async with opened(scenes.LOGGED_OUT) as stage:
        await stage.put(scenes.IDLE)
        assert "Sin atención en curso" in stage.seen()
        await stage.put(scenes.LOGGED_OUT)
        assert "Contraseña" in stage.seen()


async def test_another_user_can_log_in_where_one_is_put_in() -> None:
    async with opened(scenes.LOGGED_OUT, user="asesora") as stage:
        await stage.press("shift+tab", "ctrl+u")
        await stage.write("rosa")
        await stage.press("enter")
        await stage.write("secreto")
        await stage.press("enter")
        assert stage.take_done() == [Login("rosa", "secreto")]


async def test_presence() -> None:
    async with opened(scenes.BUSY) as stage:
        await stage.press("f9")
        assert "Tiene atenciones en curso" in stage.seen()
        await stage.write("bano")
        await stage.press("enter")
        assert stage.take_done() == [SetPresence(presence=Presence.PAUSED, reason="bano")]


async def log_out(stage: Stage) -> None:
    await stage.press("ctrl+p")
    await stage.write("cerrar sesion")
    await stage.press("enter")


async def test_the_palette_finds_an_action_without_a_key() -> None:
    async with opened(scenes.IDLE) as stage:
        await log_out(stage)
        assert stage.take_done() == [Logout()]


async def test_leaving_asks_only_with_contacts() -> None:
    async with opened(scenes.BUSY) as stage:
        await stage.press("ctrl+q")
        assert "¿Salir de la estación de trabajo?" in stage.seen()
        await stage.press("enter")
        assert stage.app.is_running
        await stage.press("ctrl+q", "down", "enter")
        assert not stage.app.is_running
    async with opened(scenes.IDLE) as stage:
        await stage.press("ctrl+q")
        assert not stage.app.is_running


async def test_logging_out_asks_as_well() -> None:
    async with opened(scenes.BUSY) as stage:
        await log_out(stage)
        assert "¿Cerrar la sesión?" in stage.seen()
        await stage.press("enter")
        assert stage.take_done() == []
        await log_out(stage)
        await stage.press("down", "enter")
        assert stage.take_done() == [Logout()]


async def test_leaving_asks_during_a_call_of_ones_own() -> None:
    async with opened(telephone_scenes.TWO_CALLS) as stage:
        await stage.press("ctrl+q")
        assert "Está en una llamada: se cortaría." in stage.seen()
        await stage.press("enter")
        assert stage.app.is_running
        await stage.press("ctrl+q", "down", "enter")
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
        assert "No hay lugar para otra atención" in stage.seen()
        assert "Marisol Rentería · folio 482-1066" in stage.seen()
        await stage.press("escape")
        assert stage.take_done() == [Dismiss(7)]


@pytest.mark.parametrize("reader", [False, True])
async def test_a_notice_says_which_record_and_whose_contact_it_is_about_when_those_are_gone(reader: bool) -> None:
    told = Notice(7, "record_sent", Severity.INFORMATION, contact="gone", known=scenes.CHAT, title="Registro Civil")
    async with opened(scenes.BUSY, LARGE, reader=reader) as stage:
        await stage.put(replace(scenes.BUSY, notices=(told,)))
        await stage.until(lambda: "El registro se envió a la persona" in stage.seen())
        assert "Registro Civil" in stage.seen()
        assert "Marisol Rentería" in stage.seen()
        assert "482-1066" in stage.seen()


async def test_a_long_notice_is_told_whole_and_of_many_the_newest() -> None:
    long, short = Notice(1, "outbox_shared", Severity.WARNING), Notice(2, "no_capacity", Severity.WARNING)
    async with opened(replace(scenes.IDLE, notices=(long,))) as stage:
        assert "Cierre la que no necesite." in stage.seen()
        await stage.put(replace(scenes.IDLE, notices=(long, long, short)))
        assert " ".join(stage.seen().split()).count("Cierre la que no necesite.") == 1
        assert "No hay lugar para otra atención" in stage.seen()
        assert "1 más antes" in stage.seen()


async def test_a_notice_goes_when_its_cause_is_over() -> None:
    missed = Notice(7, "offer_missed", Severity.WARNING)
    me = Advisor(
        user=scenes.ANA, presence=Presence.NOT_RESPONDING, state=AdvisorState.NOT_RESPONDING, since=scenes.NOW - 5
    )
    async with opened(replace(scenes.IDLE, me=me, notices=(missed,))) as stage:
        assert "Una oferta quedó sin respuesta" in stage.seen()
        await stage.put(replace(scenes.IDLE, notices=(missed,)))
        assert "Una oferta quedó sin respuesta" not in stage.seen()


async def test_a_notice_has_the_whole_width_and_what_it_is_about_follows_it() -> None:
    chat = scenes.BUSY.contacts["c-chat"]
    missed = Notice(1, "offer_missed", Severity.WARNING, {}, "", "c-chat", chat)
    not_responding = replace(scenes.IDLE, me=replace(scenes.ME, presence=Presence.NOT_RESPONDING), notices=(missed,))
    async with opened(not_responding, SMALL) as stage:
        lines = [line.strip() for line in stage.seen().splitlines()]
        (first,) = [number for number, line in enumerate(lines) if "Una oferta quedó sin respuesta" in line]
        assert lines[first] == "!  Una oferta quedó sin respuesta: no recibirá otra hasta ponerse disponible."
        assert f"folio {chat.folio}" in next(line for line in lines[first + 1 :] if line)


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
        several = {f"h{number}": replace(scenes.CHAT, id=f"h{number}") for number in range(3)}
        ana = replace(scenes.FLOOR.advisors["u-1"], contacts=("f1", *several))
        contacts = {**scenes.FLOOR.contacts, **several}
        await stage.put(replace(scenes.FLOOR, contacts=contacts, advisors={**scenes.FLOOR.advisors, "u-1": ana}))
        assert "tel chat 3" in stage.seen(), "how many they serve, whole"


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


async def test_a_login_that_arrives_at_once_does_not_show_the_password() -> None:
    for onwards in ("enter", "tab"):
        async with opened(scenes.LOGGED_OUT) as stage:
            burst(stage, *"ana", onwards, *"secreto", "enter")
            await stage.until(lambda: bool(stage.desk.done))
            assert stage.take_done() == [Login("ana", "secreto")]


async def test_a_wrong_password_is_said_in_the_form_and_the_user_stays() -> None:
    async with opened(scenes.LOGGED_OUT) as stage:
        await stage.write("ana")
        await stage.press("enter")
        await stage.write("x")
        await stage.press("enter")
        await stage.put(replace(scenes.LOGGED_OUT, notices=(Notice(1, "wrong_credentials", Severity.ERROR),)))
        assert "Usuario o contraseña incorrectos." in stage.seen()
        assert "ana" in stage.seen()


async def test_what_was_chosen_for_afterwards_is_seen_on_a_narrow_screen() -> None:
    async with opened(scenes.BUSY, SMALL) as stage:
        assert "luego: Comida" in stage.seen()
