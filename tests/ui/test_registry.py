"""The registry, the keymap, the help, the palette and the deeds agree; every code has its words."""

import ast
import io
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from catgem_tui.config import assets, i18n
from catgem_tui.config import keymap as keymaps
from catgem_tui.config.keymap import FIELDS, LISTS
from catgem_tui.config.keymap_reading import load_keymap
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
from catgem_tui.ui.key_words import COMMANDS, LEFT, MOVES
from catgem_tui.ui.keys import KeysInForce, key_name
from catgem_tui.ui.lines import plain
from catgem_tui.ui.manual.book import keys_page
from catgem_tui.ui.manual.layout import lay_out
from catgem_tui.ui.screens.dialogs import WideChoiceDialog
from tests.ui import scenes
from tests.ui.stage import LARGE, opened

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "catgem_tui" / "locale" / "es_MX" / "LC_MESSAGES" / "catgem.po"
KEYMAP = KeysInForce(load_keymap(assets.keymaps()["default"], actions.RULES))


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


@pytest.mark.parametrize("name", sorted(assets.keymaps()))
@pytest.mark.parametrize("width", [46, 90])
def test_the_help_names_every_key_of_every_keymap(name: str, width: int) -> None:
    keymap = load_keymap(assets.keymaps()[name], actions.RULES)
    lines = [plain(line) for line in lay_out(keys_page(KeysInForce(keymap)), width).lines]
    assert max(map(len, lines)) <= width
    help_text = "\n".join(lines)
    for keys in (*keymap.keys.values(), *keymap.lists.values(), *keymap.fields.values(), *keymap.left.values()):
        for key in keys:
            assert key_name(key) in help_text


def test_every_move_and_command_has_words() -> None:
    assert set(MOVES) == set(LISTS)
    assert set(COMMANDS) == set(FIELDS)
    assert set(LEFT) == set(keymaps.LEFT)


def test_a_key_that_the_keymap_uses_otherwise_is_no_longer_told_as_always_there() -> None:
    emacs = KeysInForce(load_keymap(assets.keymaps()["emacs-like"], actions.RULES))
    assert emacs.commands("redo") == ()  # ^Y puts in
    assert emacs.commands("cut") == ("ctrl+w",)  # ^X begins other keys
    assert emacs.commands("start") == ("ctrl+a", "home")


_CHORDS = r"|\b(?:F\d{1,2}|Ctrl|Alt)\b|\^[A-Z]\b|[↑↓←]"
ENGLISH = re.compile(r"\b(?:Esc|Enter|Tab|Space|Del|Ins|PgUp|PgDn|Backspace)\b" + _CHORDS)
SPANISH = re.compile(r"\b(?:Esc|Enter|Intro|Tab|Espacio|Supr|Ins|AvPág|RePág|Retroceso)\b" + _CHORDS)
NAMES_THEMSELVES = {"Esc", "Enter", "Tab", "Space", "Del", "Ins", "PgUp", "PgDn", "Backspace"}
NOT_OF_THE_SCREEN = re.compile(r"Ctrl-C|^\^X and a second key")
"""What the telephone of ``catgem phone`` says, which has no keymap, and what a keymap is like."""
ASKS_THE_TERMINAL = ROOT / "catgem_tui" / "doctor"
"""``catgem doctor`` has neither the workstation's screen nor its keymap: it asks which keys a terminal sends."""


def words_in(sources: Iterable[Path]) -> set[str]:
    """Every text that is written in these."""
    return {
        node.value
        for source in sources
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_no_words_on_the_screen_name_a_key_themselves() -> None:
    found = []
    sources = set((ROOT / "catgem_tui").rglob("*.py"))
    doctors = {source for source in sources if source.is_relative_to(ASKS_THE_TERMINAL)}
    elsewhere = words_in(doctors) - words_in(sources - doctors)
    for message in read_po(io.BytesIO(CATALOGUE.read_bytes())):
        if message.id in elsewhere:
            continue
        for words, names in ((message.id, ENGLISH), (message.string, SPANISH)):
            for each in (words,) if isinstance(words, str) else words:
                if names.search(each) and str(message.id) not in NAMES_THEMSELVES:
                    found.append(str(message.id))
    assert [words for words in found if not NOT_OF_THE_SCREEN.search(words)] == []


def test_no_source_of_the_screen_writes_a_key_beside_the_words() -> None:
    found = []
    for source in (ROOT / "catgem_tui" / "ui").rglob("*.py"):
        if source.name in {"keys.py"}:
            continue
        tree = ast.parse(source.read_text(encoding="utf-8"))
        shown = [
            node.elts[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[1], ast.Constant)
            and node.elts[1].value == "key"
        ]  # fmt: skip
        found += [f"{source.name}: {node.value}" for node in shown if isinstance(node, ast.Constant)]
    assert found == []


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
        "system": "ENOSPC",
    }
    for code in documented:
        words = wording.notice(Notice(1, code, Severity.ERROR, args), "https://central")
        assert words != wording.NOTICES.get(code, ""), f"{code} is not worded or not translated"
        assert "%" not in words


def test_a_file_that_cannot_be_used_says_why_in_spanish() -> None:
    told = Notice(1, "export_failed", Severity.WARNING, {"path": "/casa/bitacora.csv", "system": "EACCES"})
    assert wording.notice(told) == "No se puede escribir /casa/bitacora.csv: no hay permiso para usarlo."
    assert wording.fault("large_file") == "El archivo es demasiado grande: 20 MB como máximo."
    assert wording.fault("no_file", "ENOENT") == "El archivo no puede leerse: no existe ese archivo o carpeta."


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


@pytest.mark.parametrize("language", ["es_MX", "en"])
@pytest.mark.parametrize("state", [scenes.BUSY, scenes.IN_CHAT, scenes.WRAP_UP, scenes.LISTENING, scenes.KEEPING])
async def test_a_wide_list_of_actions_says_in_full_what_each_does(state: desk_state.DeskState, language: str) -> None:
    i18n.use(language)
    try:
        async with opened(state, LARGE) as stage:
            await stage.press("ctrl+p")
            assert isinstance(stage.app.screen, WideChoiceDialog)
            told = [plain(each) for row in stage.app.screen.rows.rows for each in row.lines]
            assert len(told) == len(stage.app.screen.choices) > 5
            assert not [each for each in told if "…" in each]
    finally:
        i18n.use("es_MX")
