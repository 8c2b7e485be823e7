"""What the driver writes, replayed into a terminal emulator, is the screen that Textual composed.

pyte knows no dim and no repetition, and breaks joined emoji; ``test_terminal_in_tmux`` has those.
"""

import asyncio
import unicodedata
from typing import Any

import pyte
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from pyte.graphics import BG_AIXTERM, BG_ANSI, FG_AIXTERM, FG_ANSI, FG_BG_256
from rich.color import ColorSystem
from rich.palette import Palette
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static
from wcwidth import wcwidth

from catgem_tui.terminal.capabilities import Capabilities, Depth
from catgem_tui.terminal.display import ComposedApp
from catgem_tui.terminal.painting import Painter, Update
from catgem_tui.ui.widgets.field import Field

ALPHABET = "aábcñÑ  ─│█▁…·x0漢字あ"
COMBINED = ["e\u0301", "n\u0303", "u\u0331", "漢"]
"""Of the last but one, a letter of Mazahua and Otomí, there is no composed form."""
COLOURS = ["#112233", "#b9c4cc", "#ef8a80", "red", "bright_blue", "default", "#00ff00"]

FIXED = FG_BG_256[16:]
NEAREST = Palette([tuple(bytes.fromhex(one)) for one in FIXED])
SIXTEEN = {**FG_ANSI, **FG_AIXTERM, **BG_ANSI, **BG_AIXTERM}

words = st.lists(st.one_of(st.sampled_from(ALPHABET), st.sampled_from(COMBINED)), max_size=40).map("".join)
styles = st.builds(
    Style,
    color=st.sampled_from(COLOURS),
    bgcolor=st.sampled_from(COLOURS),
    bold=st.booleans(),
    reverse=st.booleans(),
    underline=st.booleans(),
    italic=st.booleans(),
    strike=st.booleans(),
)
lines = st.lists(st.tuples(words, styles), min_size=1, max_size=4)
pages = st.lists(lines, min_size=1, max_size=12)
leaves = st.one_of(
    st.tuples(st.just("text"), pages), st.tuples(st.just("scroll"), pages), st.tuples(st.just("input"), words)
)
trees = st.recursive(
    leaves,
    lambda inner: st.tuples(st.sampled_from(["row", "column"]), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=6,
)
sizes = st.tuples(st.integers(4, 70), st.integers(2, 24))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("update"), st.integers(0, 5), pages),
        st.tuples(st.just("shift"), st.integers(0, 5), st.integers(-3, 3)),
        st.tuples(st.just("scroll"), st.integers(0, 5), st.integers(-4, 4)),
        st.tuples(st.just("hide"), st.integers(0, 5), st.booleans()),
        st.tuples(st.just("resize"), sizes, st.none()),
        st.tuples(
            st.just("key"), st.sampled_from(["tab", "a", "ñ", "left", "backspace", "home", "pagedown"]), st.none()
        ),
        st.tuples(st.just("cover"), st.booleans(), pages),
        st.tuples(st.just("forget"), st.none(), st.none()),
    ),
    min_size=1,
    max_size=8,
)
abilities = st.builds(
    Capabilities,
    depth=st.sampled_from([Depth.SIXTEEN, Depth.EIGHT_BIT, Depth.TRUE]),
    selective=st.booleans(),
    italic=st.just(True),
    absolute=st.booleans(),
    erase_characters=st.booleans(),
    coloured_erase=st.booleans(),
    insert_lines=st.booleans(),
)


class Emulator:
    """A terminal, and the driver's painter in front of it."""

    def __init__(self, able: Capabilities) -> None:
        self.able = able
        self.painter = Painter(able)
        self.screen = pyte.Screen(80, 24)
        self._stream = pyte.Stream(self.screen)
        self._stream.feed("\x1b[?7l\x1b[?25l")  # as Textual's driver begins

    def show(self, update: Update, size: tuple[int, int], caret: tuple[int, int] | None) -> None:
        if (self.screen.columns, self.screen.lines) != size:
            self.screen.resize(size[1], size[0])
        for y in range(size[1]):  # pyte erases only cells that it has had something in
            row = self.screen.buffer[y]
            for x in range(size[0]):
                row[x] = row[x]
        self.painter.take(update, size)
        self._stream.feed(self.painter.paint(caret))

    def cells(self) -> list[list[tuple[Any, ...]]]:
        buffer = self.screen.buffer
        return [[look(buffer[y][x]) for x in range(self.screen.columns)] for y in range(self.screen.lines)]


def look(cell: Any) -> tuple[Any, ...]:
    text = unicodedata.normalize("NFC", cell.data)
    weights = (cell.bold, cell.italics, cell.underscore, cell.strikethrough, cell.reverse)
    return seen(text, cell.fg, cell.bg, weights)


def seen(text: str, foreground: str, background: str, weights: tuple[bool, ...]) -> tuple[Any, ...]:
    """Without what a space does not show."""
    if text == " " and not any(weights[2:]):
        return (text, "", background, ())
    return (text, foreground, background, weights)


def composed(app: "Stage", able: Capabilities) -> list[list[tuple[Any, ...]]]:
    """The cells of what Textual composed, read without any code of the driver's."""
    rows = []
    for strip in app.screen._compositor.render_strips():
        row: list[tuple[Any, ...]] = []
        for text, style, _control in strip:
            for character in text:
                if wcwidth(character) == 0:
                    text_before, *rest = row[-1] if row[-1][0] else row[-2]
                    joined = (unicodedata.normalize("NFC", text_before + character), *rest)
                    row[-1 if row[-1][0] else -2] = joined
                    continue
                row.append(expected(character, style or Style.null(), able))
                if wcwidth(character) == 2:
                    row.append(expected("", style or Style.null(), able))
        rows.append(row)
    return rows


def expected(text: str, style: Style, able: Capabilities) -> tuple[Any, ...]:
    weights = tuple(bool(each) for each in (style.bold, style.italic, style.underline, style.strike, style.reverse))
    return seen(text, name(style, able, True), name(style, able, False), weights)


def name(style: Style, able: Capabilities, foreground: bool) -> str:
    colour = style.color if foreground else style.bgcolor
    if colour is None or colour.is_default:
        return "default"
    if able.depth is Depth.EIGHT_BIT and colour.triplet is not None:
        return FIXED[NEAREST.match(colour.triplet)]
    codes = (colour.downgrade(ColorSystem.STANDARD) if able.depth is Depth.SIXTEEN else colour).get_ansi_codes(
        foreground
    )
    return str(SIXTEEN[int(codes[0])]) if len(codes) == 1 else "".join(f"{int(code):02x}" for code in codes[2:])


class Cover(ModalScreen[None]):
    CSS = "Cover { align: center middle; } Cover Static { width: 20; height: 5; background: #223344; }"

    def __init__(self, page: Any) -> None:
        super().__init__()
        self.page = page

    def compose(self) -> ComposeResult:
        yield Static(text_of(self.page))


class Stage(ComposedApp[None]):
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Horizontal, Vertical { height: 1fr; width: 1fr; } Static { width: 1fr; height: auto; }
    VerticalScroll { height: 1fr; scrollbar-size: 1 1; } VerticalScroll > Static { width: 100%; }
    Input { height: 1; border: none; }
    """

    def __init__(self, tree: Any) -> None:
        super().__init__()
        self.plan = tree
        self.texts: list[tuple[Static, Any]] = []

    def compose(self) -> ComposeResult:
        yield self.build(self.plan)

    def build(self, node: Any) -> Widget:
        kind, inner = node
        if kind == "row":
            return Horizontal(*(self.build(child) for child in inner))
        if kind == "column":
            return Vertical(*(self.build(child) for child in inner))
        if kind == "input":
            return Field(inner)  # whose caret, where a style begins, stands between letters
        static = Static(text_of(inner))
        self.texts.append((static, inner))
        return VerticalScroll(static) if kind == "scroll" else static


def text_of(page: Any) -> Text:
    return Text("\n").join(Text.assemble(*((words_, style) for words_, style in line)) for line in page)


async def act(app: Stage, pilot: Any, emulator: Emulator, step: Any) -> None:
    kind, first, second = step
    if kind == "resize":
        await pilot.resize_terminal(*first)
    elif kind == "key":
        await pilot.press(first)
    elif kind == "forget":
        emulator.painter.forget()
        app.refresh(layout=True)
    elif kind == "cover":
        if isinstance(app.screen, Cover):
            app.pop_screen()
        elif first:
            await app.push_screen(Cover(second))
    elif app.texts:
        number = first % len(app.texts)
        static, page = app.texts[number]
        if kind == "update":
            app.texts[number] = static, second
            static.update(text_of(second))
        elif kind == "shift":
            moved = page[second % len(page) :] + page[: second % len(page)]
            app.texts[number] = static, moved
            static.update(text_of(moved))
        elif kind == "hide":
            static.display = second
        elif isinstance(static.parent, VerticalScroll):
            static.parent.scroll_relative(y=second, animate=False)
    await pilot.pause()


async def play(tree: Any, size: tuple[int, int], script: Any, able: Capabilities) -> None:
    app, emulator = Stage(tree), Emulator(able)
    async with app.run_test(size=size) as pilot:
        driver = app._driver
        assert isinstance(driver, PaintingDriver)
        driver.emulator = emulator
        app.refresh(layout=True)
        await pilot.pause()
        for step in script:
            await act(app, pilot, emulator, step)
            assert emulator.cells() == composed(app, able), step
            caret = app.find_caret()
            assert emulator.screen.cursor.hidden is (caret is None)
            if caret is not None:
                assert (emulator.screen.cursor.y, emulator.screen.cursor.x) == caret


class PaintingDriver(HeadlessDriver):
    emulator: Emulator | None = None

    def show(self, update: Update, caret: tuple[int, int] | None) -> None:
        if self.emulator is not None:
            self.emulator.show(update, self._app.size, caret)

    def show_aside(self, update: Update) -> None:
        self.show(update, None)

    def forget(self) -> None:
        if self.emulator is not None:
            self.emulator.painter.forget()

    def tell_keypad(self, told: bool) -> None:
        """It has no keys."""

    def heed_size(self, known: Size) -> None:
        """It has the size that it is given."""


@pytest.fixture(autouse=True)
def _painting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textual.drivers.headless_driver.HeadlessDriver", PaintingDriver)


@settings(
    max_examples=20, deadline=None, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck)
)
@given(tree=trees, size=sizes, script=steps, able=abilities)
@example(  # a terminal so narrow that nothing is left of the field, nor of its caret
    tree=("input", ""), size=(20, 5), script=[("resize", (4, 3), None)], able=Capabilities(depth=Depth.SIXTEEN)
)
def test_the_terminal_shows_what_was_composed(
    tree: Any, size: tuple[int, int], script: Any, able: Capabilities
) -> None:
    asyncio.run(play(tree, size, script, able))
