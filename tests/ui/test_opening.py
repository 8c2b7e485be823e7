"""What lies between a key and the screen that it opens: one frame with everything, or a mark at once."""

from collections.abc import Iterable

import pytest
from rich.segment import Segment
from textual._compositor import LayoutUpdate
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.screen import Screen

from catgem_tui.desk.state import DeskState
from catgem_tui.ui.app import WorkstationApp
from catgem_tui.ui.screens.form import FormScreen
from catgem_tui.ui.screens.help import HelpScreen
from tests.ui import scenes, telephone_scenes
from tests.ui.stage import LARGE, SMALL, opened

MARK = "un momento…"
Frame = tuple[Screen[object], LayoutUpdate]


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> list[Frame]:
    """What is handed to the terminal in one piece, and by which screen."""
    shown: list[Frame] = []

    def show(_app: WorkstationApp, screen: Screen[object], update: object) -> None:
        if isinstance(update, LayoutUpdate):
            shown.append((screen, update))

    monkeypatch.setattr(WorkstationApp, "_display", show)
    return shown


def words_of(update: LayoutUpdate) -> str:
    strips: Iterable[Iterable[Iterable[Segment]]] = update.strips
    return "\n".join("".join(segment.text for strip in row for segment in strip) for row in strips)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x45"])
@pytest.mark.parametrize(
    ("state", "keys", "words"),
    [
        (scenes.BUSY, ("f9",), ("Mi estado", "Pausa: ", "Esc")),
        (scenes.WRAP_UP, ("f8",), ("folio", "Acta de nacimiento", "Esc")),
        (telephone_scenes.TWO_CALLS, ("ctrl+g",), ("Teclado", "Esc")),
        (scenes.BUSY, ("f1",), ("MANUAL", "Esc")),
    ],
    ids=["state", "disposition", "keypad", "manual"],
)
async def test_the_first_frame_of_a_screen_holds_everything(
    frames: list[Frame], state: DeskState, keys: tuple[str, ...], words: tuple[str, ...], size: tuple[int, int]
) -> None:
    async with opened(state, size) as stage:
        frames.clear()
        await stage.press(*keys)
        first = next(update for screen, update in frames if screen is stage.app.screen and update.region.size == size)
        told = words_of(first)
        for each in words:
            assert each.lower() in told.lower()
        assert [line.rstrip() for line in told.splitlines()] == [
            line.rstrip() for line in words_of(stage.app.screen._compositor.render_full_update()).splitlines()
        ], "nothing comes later"


async def test_what_takes_long_to_open_is_marked_first(frames: list[Frame]) -> None:
    async with opened(scenes.KEEPING, LARGE) as stage:
        frames.clear()
        await stage.put(scenes.FORM)
        assert isinstance(stage.app.screen, FormScreen)
        (_below, mark), *_between, (_screen, last) = frames
        assert mark.region.bottom_right == LARGE, "on the last row, at its end"
        assert words_of(mark).strip() == MARK
        assert last.region.size == LARGE, "what covers the mark"
        assert MARK not in words_of(last)


async def test_what_opens_soon_is_not_marked(frames: list[Frame], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catgem_tui.ui.screens.opening._LIGHT", 60.0)  # this machine may be slow
    async with opened(scenes.BUSY, LARGE) as stage:
        frames.clear()
        await stage.press("f9")
        assert not any(MARK in words_of(update) for _screen, update in frames)


async def test_neither_a_screen_reader_nor_a_thin_line_is_bothered_with_a_mark(
    frames: list[Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catgem_tui.ui.screens.opening._LASTING", 60.0)
    async with opened(scenes.BUSY, LARGE, reader=True) as stage:
        frames.clear()
        await stage.press("f1")
        assert isinstance(stage.app.screen, HelpScreen)
        assert not any(MARK in words_of(update) for _screen, update in frames)
    monkeypatch.setattr(WorkstationApp, "meters", False)
    async with opened(scenes.BUSY, LARGE) as stage:
        frames.clear()
        await stage.press("f1")
        assert isinstance(stage.app.screen, HelpScreen)
        assert not any(MARK in words_of(update) for _screen, update in frames)


def assert_styled_as_by_textual(app: WorkstationApp) -> None:
    """Every widget has the styles that the library works out for it when it remembers nothing."""
    plain = Stylesheet(variables=app.get_css_variables())
    plain.source = app.stylesheet.source
    plain.parse()
    for screen in app.standing_screens():
        for node in screen.walk_children(DOMNode, with_self=True):
            in_force = dict(node.styles.base.get_rules())
            plain.apply(node)
            assert dict(node.styles.base.get_rules()) == in_force, node


async def test_remembered_styles_are_those_that_the_library_works_out() -> None:
    async with opened(scenes.KEEPING, LARGE) as stage:
        assert_styled_as_by_textual(stage.app)
        await stage.put(scenes.FORM)
        await stage.press("tab")
        assert_styled_as_by_textual(stage.app)
        stage.app.show_theme("light")
        await stage.pilot.pause()
        assert_styled_as_by_textual(stage.app)
        stage.app.switch_reader()
        await stage.pilot.pause()
        assert_styled_as_by_textual(stage.app)
        await stage.pilot.resize_terminal(*SMALL)
        await stage.pilot.pause()
        assert_styled_as_by_textual(stage.app)
        stage.app.switch_reader()
        await stage.pilot.pause()
        assert_styled_as_by_textual(stage.app)
