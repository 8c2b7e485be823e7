"""The registry, the keymap, the help, the palette and the deeds agree; every code has its words."""

import re

import pytest

from catgem_tui.config import assets, i18n
from catgem_tui.config.keymap import load_keymap
from catgem_tui.desk import state as desk_state
from catgem_tui.desk.state import Line, Notice, Severity
from catgem_tui.protocol.enums import (
    AdvisorState,
    Channel,
    ContactState,
    Monitoring,
    Outcome,
    Presence,
    RecordKind,
    Refusal,
)
from catgem_tui.protocol.model import Record
from catgem_tui.ui import actions, wording
from catgem_tui.ui.deeds import DEEDS
from catgem_tui.ui.keys import key_name
from catgem_tui.ui.lines import plain
from catgem_tui.ui.manual.book import keys_page
from catgem_tui.ui.manual.layout import lay_out
from tests.ui import scenes
from tests.ui.stage import LARGE, opened

KEYMAP = load_keymap(assets.keymaps()["default"], actions.RULES)


def test_every_action_does_something_and_has_words() -> None:
    assert set(DEEDS) == set(actions.BY_ID)
    assert len(actions.BY_ID) == len(actions.ACTIONS)
    for action in actions.ACTIONS:
        for words in (action.name, action.about):
            assert i18n.current() == "es_MX"
            assert i18n._(words) != "", action.id


def test_every_action_is_in_the_help() -> None:
    help_text = "\n".join(plain(line) for line in lay_out(keys_page(KEYMAP), 200).lines)
    for action in actions.ACTIONS:
        assert i18n._(action.name) in help_text
        for key in KEYMAP.keys.get(action.id, ()):
            assert key_name(key) in help_text


async def test_every_action_available_is_in_the_palette() -> None:
    async with opened(scenes.BUSY, LARGE) as stage:
        await stage.press("ctrl+p")
        dialog = stage.app.screen
        offered = {choice.id for choice in dialog.choices}  # type: ignore[attr-defined]
        assert offered == {action.id for action in actions.at_hand(scenes.BUSY, "desk")} - {"palette"}


@pytest.mark.parametrize("key", ["f2", "ctrl+f", "alt+n", "?", "pagedown"])
def test_keys_have_names(key: str) -> None:
    assert key_name(key) == {"f2": "F2", "ctrl+f": "^F", "alt+n": "Alt+N", "?": "?", "pagedown": "AvPág"}[key]


def test_every_code_of_a_notice_is_worded_in_spanish() -> None:
    documented = set(re.findall(r"``([a-z_]+)``", desk_state.Notice.__doc__ or "")) | {code.value for code in Refusal}
    args = {
        "title": "Convenio",
        "date": "01/02/2027",
        "more": 1,
        "path": "log.csv",
        "name": "A",
        "number": "1",
        "count": 1,
        "cause": "-",
    }
    for code in documented:
        words = wording.notice(Notice(1, code, Severity.ERROR, args), "https://central")
        assert words != wording.NOTICES.get(code, ""), f"{code} is not worded or not translated"
        assert "%" not in words


def test_an_unknown_code_is_not_silent() -> None:
    assert "brand_new" in wording.notice(Notice(1, "brand_new", Severity.ERROR))


def test_every_value_of_the_wire_has_words() -> None:
    for table, values in (
        (wording.CHANNEL_TITLES, Channel),
        (wording.ADVISOR_STATES, AdvisorState),
        (wording.CONTACT_STATES, ContactState),
        (wording.OUTCOMES, Outcome),
        (wording.RECORD_KINDS, RecordKind),
        (wording.MONITORING, Monitoring),
        (wording.LINES, Line),
        (wording.NEXT_STATES, Presence),
    ):
        assert set(table) == set(values)
    assert set(wording.RECORD_FIELDS) == set(Record.__struct_fields__) - {"id", "revision"}
