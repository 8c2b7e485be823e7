"""Keys of actions while something lies over the place: they work as they are meant, or are refused in words."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from catgem_tui.config import assets
from catgem_tui.config.keymap_reading import load_keymap
from catgem_tui.desk.intents import SetMute
from catgem_tui.protocol.commands import CheckStep, Hold
from catgem_tui.protocol.model import Call
from catgem_tui.ui import actions
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.manual.screen import HelpScreen
from catgem_tui.ui.screens.card import RecordCard
from catgem_tui.ui.screens.dialogs import ChoiceDialog
from catgem_tui.ui.screens.form import FormScreen
from tests.ui import evidence_scenes, scenes
from tests.ui.stage import LARGE, SIZES, SMALL, opened

REFUSED = "cierre esto primero (Esc)"


@SIZES
async def test_what_a_dialog_covers_is_refused_in_words_and_what_is_typed_stays(size: tuple[int, int]) -> None:
    async with opened(scenes.BUSY, size) as stage:
        await stage.press("f9")
        await stage.write("fue")
        for key, name in (("f4", "Transferir"), ("f8", "Terminar"), ("alt+s", "Marcar paso"), ("ctrl+f", "Buscar")):
            await stage.press(key)
            assert f"{name}: {REFUSED}" in stage.seen()
        await stage.write("r")
        assert REFUSED not in stage.seen()
        assert isinstance(stage.app.screen, ChoiceDialog)
        assert stage.app.screen.field.value == "fuer"
        assert stage.take_done() == []


async def test_what_is_told_where_everybody_sees_it_is_done_over_a_dialog_too() -> None:
    async with opened(scenes.BUSY, SMALL) as stage:
        await stage.press("f9", "f5", "f3")
        assert stage.take_done() == [SetMute(True), Hold(contact=scenes.CALL.id)]
        await stage.press("f1")
        assert isinstance(stage.app.screen, HelpScreen)


async def test_what_changes_below_two_things_that_lie_over_it_is_seen_too() -> None:
    state = scenes.BUSY
    held = scenes.with_contact(state, replace(scenes.CALL, call=Call(held=True, advisor_leg=True)))
    async with opened(state, SMALL) as stage:
        await stage.press("ctrl+f", "enter", "f4")
        assert "en llamada" in stage.seen()
        await stage.put(held)
        await stage.until(lambda: "en espera" in stage.seen())
        await stage.press("escape")
        assert isinstance(stage.app.screen, RecordCard)
        await stage.put(state)
        await stage.until(lambda: "en llamada" in stage.seen())


async def test_an_emergency_waits_for_no_dialog() -> None:
    async with opened(scenes.BUSY, SMALL) as stage:
        await stage.press("f9", "alt+z")
        assert "Es una emergencia" in stage.seen()


@pytest.mark.parametrize("key", ["f4", "f9", "alt+s"])
async def test_the_manual_says_that_it_has_to_be_closed(key: str) -> None:
    async with opened(scenes.BUSY, SMALL) as stage:
        await stage.press("f1", key)
        assert isinstance(stage.app.screen, HelpScreen)
        assert REFUSED in stage.seen()
        assert stage.take_done() == []


async def test_a_card_is_closed_for_what_is_done_with_the_place_below() -> None:
    async with opened(scenes.BUSY, LARGE) as stage:
        await stage.press("ctrl+f", "enter")
        assert isinstance(stage.app.screen, RecordCard)
        stage.take_done()
        await stage.press("f9")  # opens a dialog over it
        assert isinstance(stage.app.screen, ChoiceDialog)
        await stage.press("escape", "alt+s")
        assert stage.app.screen is stage.screen
        assert [type(each) for each in stage.take_done() if isinstance(each, CheckStep)] == [CheckStep]


async def test_keys_of_another_place_say_so() -> None:
    async with opened(scenes.FLOOR, LARGE) as stage:
        await stage.press("f8")
        assert "Terminar: no en este lugar" in stage.seen()
    async with opened(scenes.FORM, LARGE) as stage:
        assert isinstance(stage.app.screen, FormScreen)
        await stage.press("alt+v")
        assert f"Sigue vigente: {REFUSED}" in stage.seen()


async def test_the_key_of_the_page_below_a_dialog_is_told_by_its_name() -> None:
    async with opened(evidence_scenes.LOG, LARGE) as stage:
        await stage.press("alt+h", "f9", "ctrl+s")
        assert isinstance(stage.app.screen, ChoiceDialog)
        assert f"Exportar: {REFUSED}" in stage.seen()


def strokes() -> Iterator[tuple[str, str]]:
    """Each action of the desk that has a key of one stroke, but for those that end it, and that key."""
    keys = KeysInForce(load_keymap(assets.keymaps()["default"], actions.RULES)).keys
    for action in sorted(each.id for each in actions.ACTIONS if each.place in {"", "desk"}):
        key = next((key for key in keys.get(action, ()) if len(key) > 1 and " " not in key), "")
        if key and action not in {"quit", "guide"}:
            yield action, key


@pytest.mark.parametrize("over", ["f9", "f1", "alt+l"])
@pytest.mark.parametrize(("action", "key"), strokes())
async def test_no_key_does_nothing_without_a_word(action: str, key: str, over: str) -> None:
    async with opened(replace(scenes.BUSY, practice=True), SMALL) as stage:
        await stage.press(over)
        before, at = stage.seen(), stage.app.screen
        await stage.press(key)
        if (action, over) != ("help", "f1"):  # that shows the contents, which are there already
            assert stage.take_done() or stage.app.screen is not at or stage.seen() != before
