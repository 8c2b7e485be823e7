"""Keys that come in one piece, as from a fast typist or over a slow line: each finds done what the one before did."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from catgem_tui.desk.intents import EditDraft, EditNotes, Focus, Send
from catgem_tui.protocol.commands import BlockCaller, CloseContact, SetPresence
from catgem_tui.protocol.enums import Outcome, Presence
from catgem_tui.ui.manual.screen import HelpScreen
from catgem_tui.ui.screens.dialogs import ChoiceDialog
from tests.terminal_line import TerminalLine
from tests.ui import guarding_scenes, scenes
from tests.ui.scenes import CALL, NOW
from tests.ui.stage import LARGE, SIZES, SMALL, Stage, burst, opened

NAMED = {"enter", "escape", "tab", "down", "up", "backspace"}
F9, ALT_N, CTRL_F, ENTER = b"\x1b[20~", b"\x1bn", b"\x06", b"\r"
IN_CHAT = replace(scenes.IN_CHAT, drafts={"c-chat": ""})


async def typed(stage: Stage, *keys: str) -> None:
    """All of them at once; what names no key is a text."""
    single = ([key] if key in NAMED or "+" in key or (key[:1] == "f" and key[1:].isdigit()) else [*key] for key in keys)
    burst(stage, *(" " if each == " " else each for word in single for each in word))
    await stage.pilot.pause()
    await stage.until(lambda: stage.app.turns.resting)


@SIZES
async def test_what_is_typed_behind_the_key_of_a_dialog_is_the_dialog_s(size: tuple[int, int]) -> None:
    async with opened(IN_CHAT, size) as stage:
        await typed(stage, "f9", "pausa")
        dialog = stage.app.screen
        assert isinstance(dialog, ChoiceDialog)
        assert dialog.field.value == "pausa"
        assert stage.take_done() == []


async def test_a_dialog_is_opened_and_answered_and_what_follows_is_the_desk_s() -> None:
    async with opened(IN_CHAT, SMALL) as stage:
        await typed(stage, "f9", "fuera", "enter", "hola", "enter")
        done = stage.take_done()
        assert done[0] == SetPresence(presence=Presence.OFFLINE)
        assert [each for each in done[1:] if not isinstance(each, EditDraft)] == [Send("c-chat", "hola")]


async def test_one_dialog_follows_another() -> None:
    async with opened(scenes.WRAP_UP, SMALL) as stage:
        await typed(stage, "f8", "acta", "enter", "enter")
        (done,) = stage.take_done()
        assert isinstance(done, CloseContact)
        assert done.outcome is Outcome.RESOLVED


async def test_a_dialog_that_is_left_takes_nothing_any_more() -> None:
    async with opened(IN_CHAT, SMALL) as stage:
        await typed(stage, "f9", "xyz", "escape", "hola", "enter")
        assert [each for each in stage.take_done() if isinstance(each, Send)] == [Send("c-chat", "hola")]


async def test_the_list_of_actions_is_written_in_and_what_it_starts_too() -> None:
    async with opened(guarding_scenes.WARNED, SMALL) as stage:
        await typed(stage, "ctrl+p", "ofensas", "enter", "enter", "amenazas", "enter")
        assert stage.take_done() == [BlockCaller(contact=CALL.id, until=NOW + 3600, reason="amenazas")]


async def test_what_is_typed_behind_a_key_that_moves_the_focus_goes_there() -> None:
    async with opened(IN_CHAT, SMALL) as stage:
        await typed(stage, "hola", "alt+n", "nota", "ctrl+f", "acta")
        done = stage.take_done()
        assert [each for each in done if isinstance(each, EditDraft)][-1].text == "hola"
        assert [each for each in done if isinstance(each, EditNotes)][-1].text == "nota"
        assert stage.screen.directory.field.value == "acta"


async def test_what_is_typed_before_another_contact_is_shown_stays_with_the_one_before() -> None:
    async with opened(IN_CHAT, LARGE) as stage:
        await typed(stage, "hola", "ctrl+n")
        done = stage.take_done()
        assert [each for each in done if isinstance(each, EditDraft)][-1] == EditDraft("c-chat", "hola")
        assert isinstance(done[-1], Focus)


async def test_the_manual_searches_for_what_is_typed_behind_its_key() -> None:
    async with opened(IN_CHAT, SMALL) as stage:
        await typed(stage, "f1", "volver a", "enter")
        manual = stage.app.screen
        assert isinstance(manual, HelpScreen)
        assert manual.step == 1
        assert stage.take_done() == []


@pytest.mark.parametrize("keymap", ["emacs-like", "vim"])
async def test_the_same_by_other_keymaps(keymap: str) -> None:
    async with opened(IN_CHAT, SMALL, keymap=keymap) as stage:
        key = stage.app.keymap.first("presence.choose")
        await typed(stage, *key.split(), "fuera", "enter", "hola", "enter")
        done = stage.take_done()
        assert done[0] == SetPresence(presence=Presence.OFFLINE)
        assert Send("c-chat", "hola") in done


@pytest.mark.parametrize("together", [True, False], ids=["one write", "one by one"])
def test_in_a_terminal_all_keys_of_one_write_arrive_in_their_order(tmp_path: Path, together: bool) -> None:
    told = tmp_path / "told"
    command = ("-m", "tests.ui.desk_in_terminal", str(told), "IN_CHAT")
    line = TerminalLine(size=(80, 24), command=command, TZ="America/Mexico_City")
    try:
        line.until(lambda: line.shows("F1 ayuda") or line.shows("^P"))
        keys = [F9, b"fuera", ENTER, b"hola ", b"Marisol", ENTER, ALT_N, b"nota", CTRL_F, b"acta"]
        for written in [b"".join(keys)] if together else keys:
            line.write(written)
        line.until(lambda: told.exists() and "query='acta'" in told.read_text())
        wanted = told.read_text().splitlines()
        assert wanted[0].startswith("SetPresence(")
        assert [each for each in wanted if each.startswith("Send(")] == ["Send(contact='c-chat', text='hola Marisol')"]
        assert [each for each in wanted if each.startswith("EditNotes(")][
            -1
        ] == "EditNotes(contact='c-chat', text='nota')"
    finally:
        line.close()
