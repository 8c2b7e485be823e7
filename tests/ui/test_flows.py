"""A shift by keyboard alone: each key ends in the intent it stands for."""

import pytest
from msgspec.structs import replace
from textual import events

from catgem_tui.desk.intents import (
    AcceptOffer,
    DeclineOffer,
    EditDraft,
    EditNotes,
    Focus,
    Send,
    SendDigits,
    SetMute,
)
from catgem_tui.desk.state import DeskState, Line
from catgem_tui.protocol.commands import (
    CheckStep,
    CloseContact,
    EndConsult,
    EndContact,
    ExtendWrapUp,
    Hold,
    Park,
    Resume,
    Transfer,
    Unhold,
)
from catgem_tui.protocol.enums import ContactState, Outcome
from catgem_tui.protocol.model import Call, Contact
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog, ChoiceRows
from tests.ui import scenes, telephone_scenes
from tests.ui.stage import KEYS, MIDDLE, SIZES, SMALL, burst, opened


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


@SIZES
async def test_accepting_what_comes_back_moves_the_focus_too(size: tuple[int, int]) -> None:
    back = replace(scenes.CALL, state=ContactState.OFFERED, offer_expires_at=scenes.NOW + 12)
    async with opened(scenes.BUSY, size) as stage:
        await stage.press("ctrl+f")
        await stage.put(scenes.with_contact(scenes.BUSY, back))
        await stage.press("f2")
        assert stage.screen.focused is stage.screen.directory.field
        await stage.put(scenes.BUSY)
        assert stage.screen.tab == "contact"
        assert stage.screen.focused is stage.screen.middle.protocol
        await stage.press("ctrl+f")
        await stage.put(scenes.with_contact(scenes.BUSY, replace(scenes.CALL, notes_revision=2)))
        assert stage.screen.focused is stage.screen.directory.field, "once is enough"


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


@pytest.mark.parametrize(("state", "key"), [(scenes.IN_CHAT, "enter"), (scenes.ANSWERING, "ctrl+s")])
async def test_what_is_typed_in_a_burst_is_sent_whole(state: DeskState, key: str) -> None:
    async with opened(replace(state, drafts={})) as stage:
        text = "Buenas tardes, Ramón. Lo reviso."
        for character in text:
            stage.app.post_message(events.Key(KEYS.get(character, character), character))
        stage.app.post_message(events.Key(key, None))
        await stage.until(lambda: any(isinstance(intent, Send) for intent in stage.desk.done))
        assert stage.take_done()[-1] == Send(state.focus, text)


@pytest.mark.parametrize("key", ["", "ctrl+f", "alt+n"], ids=["chat", "search", "notes"])
async def test_what_is_corrected_in_a_burst_is_corrected_where_it_was(key: str) -> None:
    async with opened(replace(scenes.IN_CHAT, drafts={}, notes={}, directory=scenes.IDLE.directory)) as stage:
        if key:
            await stage.press(key)
        burst(stage, *"ab", "backspace", "c", "home", "X", "end", "Z", "left", "Y")
        await stage.until(lambda: getattr(stage.app.focused, "text", "") == "XacYZ")


async def test_in_an_empty_field_the_key_that_leaves_is_not_taken_for_copying() -> None:
    async with opened(scenes.IDLE) as stage:
        await stage.press("ctrl+f", "ctrl+c")
        await stage.until(lambda: stage.app.screen is not stage.screen or not stage.app.is_running)


async def test_a_draft_that_comes_back_late_does_not_undo_the_typing() -> None:
    async with opened(replace(scenes.IN_CHAT, drafts={})) as stage:
        await stage.write("abc")
        await stage.put(replace(scenes.IN_CHAT, drafts={"c-chat": "a"}))
        await stage.put(replace(scenes.IN_CHAT, drafts={"c-chat": "ab"}))
        assert stage.screen.middle.composer.text == "abc"
        await stage.put(replace(scenes.IN_CHAT, drafts={"c-chat": "otra cosa"}))
        assert stage.screen.middle.composer.text == "otra cosa"


async def test_a_mail_is_written_in_lines_and_sent_with_ctrl_s() -> None:
    async with opened(scenes.ANSWERING) as stage:
        assert "Reemplacamiento de camioneta" in stage.seen()
        assert "tarjeta.pdf" in stage.seen()
        await stage.write("Hola")
        await stage.press("enter")
        await stage.write("Ana")
        await stage.press("ctrl+s")
        assert stage.take_done()[-1] == Send("c-mail", "Hola\nAna")


@pytest.mark.parametrize(("contact", "key"), [(scenes.CHAT, "enter"), (scenes.MAIL, "ctrl+s")])
async def test_set_aside_nothing_is_sent_and_it_is_said_what_to_do(contact: Contact, key: str) -> None:
    aside = replace(contact, state=ContactState.PARKED)
    state = replace(scenes.BUSY, contacts={aside.id: aside}, focus=aside.id, drafts={})
    async with opened(state) as stage:
        await stage.write("Hola")
        await stage.press(key)
        assert Send not in {type(each) for each in stage.take_done()}
        assert "Enviar: retómela antes con F7" in stage.seen()
        assert stage.screen.middle.composer.text == "Hola"


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
async def test_going_through_the_contacts(size: tuple[int, int]) -> None:
    async with opened(scenes.BUSY, size) as stage:
        await stage.press("ctrl+n", "ctrl+up", "alt+m")
        assert stage.take_done() == [Focus("c-chat"), Focus("c-mail")]
        await stage.press("end", "enter")
        assert stage.take_done() == [Focus("c-chat2")]


async def test_a_chat_with_text_that_was_not_sent_is_ended_only_after_asking() -> None:
    async with opened(scenes.IN_CHAT) as stage:
        await stage.press("f8")
        assert "¿Terminar sin enviar?" in stage.seen()
        await stage.press("enter")
        await stage.press("f8", "escape")
        assert stage.take_done() == []
        assert stage.screen.middle.composer.text == scenes.IN_CHAT.drafts["c-chat"]
        await stage.press("f8", "down", "enter")
        assert stage.take_done() == [EndContact(contact="c-chat")]


async def test_ending_while_somebody_is_asked_asks_whether_the_citizen_is_meant_too() -> None:
    async with opened(telephone_scenes.consulting()) as stage:
        await stage.press("f8")
        assert "¿Terminar la llamada?" in stage.seen()
        await stage.press("enter")
        assert stage.take_done() == [EndConsult(contact="c-call")]
        await stage.press("f8", "escape")
        assert stage.take_done() == []
        await stage.press("f8", "down", "enter")
        assert stage.take_done() == [EndContact(contact="c-call")]


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


@SIZES
async def test_notes_typed_at_once_after_their_key_are_not_written_to_the_citizen(size: tuple[int, int]) -> None:
    async with opened(replace(scenes.IN_CHAT, drafts={}, notes={}), size) as stage:
        await stage.press("ctrl+f")  # at 80x24 the notes are on another page
        burst(stage, "alt+n", *"hola")
        await stage.until(lambda: EditNotes("c-chat", "hola") in stage.desk.done)
        assert all(isinstance(wanted, EditNotes) for wanted in stage.take_done())
        assert stage.screen.middle.notes.has_focus


async def test_a_message_that_is_refused_at_once_comes_back_to_where_it_was_written() -> None:
    async with opened(replace(scenes.ANSWERING, drafts={}), MIDDLE) as stage:

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


async def test_a_call_that_went_with_central_is_not_said_to_be_recorded() -> None:
    async with opened(replace(scenes.BUSY, line=Line.OFFLINE)) as stage:
        assert "grabando" in stage.seen()
        await stage.put(replace(stage.desk.state, phone=scenes.PHONE))
        assert "grabando" not in stage.seen()
        assert "se cortó la llamada" in stage.seen()


async def test_what_is_typed_and_chosen_before_a_dialog_is_drawn_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ChoiceRows, "text_width", 0)
    chosen: list[str | None] = []
    choices = [Choice("one", "Uno"), Choice("two", "Dos")]
    async with opened(scenes.IDLE) as stage:
        stage.app.push_screen(ChoiceDialog("¿Cuál?", choices), chosen.append)
        await stage.press("enter")
        stage.app.push_screen(ChoiceDialog("¿Cuál?", choices), chosen.append)
        await stage.press("d", "enter")
        assert chosen == ["one", "two"]


@pytest.mark.parametrize(
    ("state", "reader"), [(scenes.IN_CHAT, False), (scenes.IN_MAIL, False), (scenes.IN_CHAT, True)]
)
async def test_escape_in_a_draft_keeps_it_and_says_so(state: DeskState, reader: bool) -> None:
    async with opened(replace(state, drafts={}), SMALL, reader=reader) as stage:
        stage.screen.set_focus(stage.screen.middle.composer)
        await stage.press("escape")
        assert "borrador guardado" not in stage.seen()  # there is none
        await stage.write("hola")
        await stage.press("escape")
        await stage.until(lambda: "borrador guardado" in stage.seen())
        assert stage.screen.middle.composer.text == "hola"
        assert stage.app.focused is stage.screen.middle.composer
        assert [each.text for each in stage.take_done() if isinstance(each, EditDraft)][-1] == "hola"
        await stage.write("!")
        if not reader:  # there it stands until something else is to be heard
            assert "borrador guardado" not in stage.seen()
