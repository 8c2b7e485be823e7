"""Whatever is typed or pasted into the search: one clean line, sensible results, a screen that goes on."""

import time
import unicodedata

import pytest
from msgspec.structs import replace
from textual import events

from catgem_tui.desk.intents import Intent, Search
from catgem_tui.desk.state import DeskState
from catgem_tui.directory.index import Index
from catgem_tui.directory.segment import build_segment
from catgem_tui.protocol.model import Struct
from catgem_tui.ui.widgets.search import LONGEST, one_line
from tests.ui import scenes
from tests.ui.stage import LARGE, SMALL, Stage, opened

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x45"])
INDEX = Index(build_segment(enumerate(scenes.RECORDS)))
SEARCHING = replace(scenes.IN_CHAT, directory=replace(scenes.IN_CHAT.directory, query="", hits=()))


def answer(state: DeskState, wanted: Intent | Struct) -> DeskState:
    """What a desk makes of a search, with a real index."""
    if not isinstance(wanted, Search):
        return state
    hits = tuple(scenes.RECORDS[hit.key] for hit in INDEX.search(wanted.query, 50))
    return replace(state, directory=replace(state.directory, query=wanted.query, hits=hits))


async def paste(stage: Stage, text: str) -> str:
    """Paste as a terminal does, in brackets; then what the field holds."""
    stage.app.post_message(events.Paste(text))
    await stage.pilot.pause()
    for wanted in stage.take_done():
        await stage.put(answer(stage.desk.state, wanted))
    return stage.screen.directory.field.value


@SIZES
@pytest.mark.parametrize(
    ("pasted", "field", "found"),
    [
        ("acta de\nnacimiento\r\n", "acta de nacimiento ", "Acta de nacimiento"),
        ("\n\n  Registro\tCivil", "Registro Civil", "Registro Civil"),
        ("\x1b[31;1mregistro\x1b[0m\x00 civil\x07\x1b]0;x", "registro civil", "Registro Civil"),
        ("\u202eregistro\u202c\u200f civil", "registro civil", "Registro Civil"),
        ("😀 registro 👩‍👩‍👧", "😀 registro 👩‍👩‍👧", "Registro Civil"),
        ("😀👩‍👩‍👧🇲🇽", "😀👩‍👩‍👧🇲🇽", "Sin resultados"),
        ("de la el los y", "de la el los y", ""),
        ("¿?¡!... @ : ---", "¿?¡!... @ : ---", "Sin resultados"),
        ("\x1b[2J\x00\x01\x7f", "", "Escriba un nombre"),
        ("(722) 555-01 00\n", "(722) 555-01 00 ", "Oficialía 01"),
    ],
)
async def test_a_pasted_text_is_one_clean_line(size: tuple[int, int], pasted: str, field: str, found: str) -> None:
    async with opened(SEARCHING, size) as stage:
        await stage.press("ctrl+f")
        assert await paste(stage, pasted) == field
        assert found in stage.seen()
        await stage.press("escape")
        assert stage.screen.focused is stage.screen.middle.composer, "the screen goes on"


@pytest.mark.parametrize(
    "text", ["registro " * 1200, "x" * 10_000, "é\n" * 5_000, "😀" * 10_000, "@" * 10_000, "7" * 10_000]
)
async def test_ten_thousand_characters_do_not_stop_the_screen(text: str) -> None:
    async with opened(SEARCHING) as stage:
        await stage.press("ctrl+f")
        began = time.perf_counter()
        value = await paste(stage, text)
        assert len(value) <= LONGEST
        assert text.startswith(value[:1])
        await stage.press("home", "a", "end", "b", "down", "up")
        for wanted in stage.take_done():
            await stage.put(answer(stage.desk.state, wanted))
        assert time.perf_counter() - began < 5.0


async def test_a_pasted_text_takes_the_place_of_what_was_selected_and_goes_where_the_cursor_is() -> None:
    async with opened(SEARCHING) as stage:
        await stage.press("ctrl+f")
        await stage.write("acta civil")
        await stage.press(*["left"] * 5)
        assert await paste(stage, "de\nregistro ") == "acta de registro civil"
        await stage.press("shift+home")
        assert await paste(stage, "x") == "xcivil"


async def test_a_field_that_is_full_takes_no_more() -> None:
    async with opened(SEARCHING) as stage:
        await stage.press("ctrl+f")
        await paste(stage, "x" * 10_000)
        assert await paste(stage, "yyy") == "x" * LONGEST
        await stage.press("z")
        assert stage.screen.directory.field.value == "x" * LONGEST


def test_one_line_of_everything_there_is() -> None:
    every = "".join(map(chr, range(0x3000)))
    line = one_line(every)
    assert "\n" not in line
    assert {"Cc", "Zl", "Zp"}.isdisjoint(map(unicodedata.category, line))
