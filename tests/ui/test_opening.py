"""What lies between a key and the screen that it opens: one frame with everything, or a mark at once."""

from collections.abc import Callable, Iterable

import pytest
from msgspec.structs import replace
from rich.segment import Segment
from textual._compositor import LayoutUpdate
from textual._context import visible_screen_stack
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from catgem_tui.desk.state import DeskState, Notice, Severity
from catgem_tui.terminal.capabilities import Capabilities
from catgem_tui.terminal.painting import Painter, Update, is_update
from catgem_tui.ui.app import WorkstationApp
from catgem_tui.ui.manual.screen import HelpScreen
from catgem_tui.ui.screens.dialogs import ChoiceDialog
from catgem_tui.ui.screens.form import FormScreen
from catgem_tui.ui.screens.place import PlaceScreen
from tests.ui import scenes, telephone_scenes
from tests.ui.stage import LARGE, SMALL, Stage, burst, opened

MARK = "un momento…"
Frame = tuple[Screen[object], Update]


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> list[Frame]:
    """What is handed to the terminal, and by which screen."""
    shown: list[Frame] = []

    def show(_app: WorkstationApp, screen: Screen[object], update: object) -> None:
        if is_update(update):
            shown.append((screen, update))

    monkeypatch.setattr(WorkstationApp, "_display", show)
    return shown


def words_of(update: Update) -> str:
    """Of what is handed over in one piece."""
    if not isinstance(update, LayoutUpdate):
        return ""
    strips: Iterable[Iterable[Iterable[Segment]]] = update.strips
    return "\n".join("".join(segment.text for strip in row for segment in strip) for row in strips)


def is_mark(update: Update) -> bool:
    return words_of(update).strip() == MARK


def shown_after(frames: Iterable[Frame], size: tuple[int, int]) -> Painter:
    """What the terminal shows after them."""
    painter = Painter(Capabilities())
    for _screen, update in frames:
        painter.take(update, size)
    return painter


def first_of(screen: Screen[object], frames: list[Frame]) -> int:
    """The number of the frame with which a screen comes."""
    return next(number for number, (of, update) in enumerate(frames) if of is screen and not is_mark(update))


def words_shown(painter: Painter) -> str:
    return "\n".join("".join(row) for row in painter.wanted.texts)


def is_marked(app: WorkstationApp, frames: list[Frame]) -> bool:
    """Whether it is to be seen on the terminal after these frames."""
    return MARK in words_shown(shown_after(frames, app.size)).splitlines()[-1]


def assert_all_shown(app: WorkstationApp, frames: list[Frame]) -> None:
    """What the terminal shows after these frames is what the screen is when it is composed anew."""
    painter = shown_after(frames, app.size)
    shown = words_shown(painter), [row.copy() for row in painter.wanted.pens]
    for screen in app.screen_stack:
        for widget in screen.walk_children(Widget, with_self=True):
            widget._styles_cache.clear()
    visible_screen_stack.set(app._background_screens)
    painter.take(app.screen._compositor.render_full_update(), app.size)
    assert shown[0] == words_shown(painter)
    assert shown[1] == painter.wanted.pens


def leave_time(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Until what opens is marked."""
    monkeypatch.setattr("catgem_tui.ui.mark._LIGHT", seconds)
    monkeypatch.setattr("catgem_tui.ui.mark._AHEAD", seconds)


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
        await stage.press(*keys)
        told = words_shown(shown_after(frames[: first_of(stage.app.screen, frames) + 1], size))
        for each in words:
            assert each.lower() in told.lower()
        assert told.splitlines()[:-1] == words_shown(shown_after(frames, size)).splitlines()[:-1], "nothing comes later"
        assert_all_shown(stage.app, frames)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x45"])
@pytest.mark.parametrize(
    ("state", "keys"),
    [
        (scenes.BUSY, ("ctrl+p", "o", "backspace", "x", "x", "x", "escape")),
        (scenes.BUSY, ("f9", "f1", "escape", "down", "escape", "ctrl+p")),
        (scenes.BUSY, ("f9", "escape", "ctrl+p", "escape", "f9", "down")),
        (scenes.CARD, ("ctrl+f", "enter", "down", "f1", "escape", "escape")),
        (scenes.CARD, ("ctrl+p", "t", "e", "m", "a", "enter", "down", "enter", "ctrl+p")),
        (telephone_scenes.TWO_CALLS, ("ctrl+g", "1", "2", "escape", "f4", "l", "u")),
        (telephone_scenes.SERVING, ("f4", "l", "u", "i", "s", "enter")),
        (scenes.KEEPING, ("ctrl+p", "escape", "enter", "escape")),
    ],
    ids=["palette", "manual", "one after the other", "card", "theme", "calls", "whom", "keeping"],
)
async def test_the_terminal_shows_all_that_lies_below_what_is_opened(
    frames: list[Frame], monkeypatch: pytest.MonkeyPatch, state: DeskState, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    for late in (0.0, 60.0):
        leave_time(monkeypatch, late)
        for at_once in (False, True):
            frames.clear()
            async with opened(state, size) as stage:
                if at_once:
                    burst(stage, *keys)
                    await stage.pilot.pause()
                    await stage.until(lambda: stage.app.turns.resting)
                for key in () if at_once else keys:
                    await stage.press(key)
                    assert_all_shown(stage.app, frames)
                await stage.put(replace(stage.desk.state, notices=(Notice(1, "late_offer", Severity.WARNING),)))
                await stage.press("down")
                assert_all_shown(stage.app, frames)


def close_the_palette(stage: Stage) -> None:
    stage.app.pop_screen()


def take_another_theme(stage: Stage) -> None:
    stage.app.show_theme("light")


@pytest.mark.parametrize(("keys", "act"), [(("ctrl+p",), close_the_palette), ((), take_another_theme)])
async def test_what_is_opened_before_the_last_thing_is_painted_is_painted_with_it(
    frames: list[Frame], keys: tuple[str, ...], act: Callable[[Stage], None]
) -> None:
    async with opened(scenes.BUSY, LARGE) as stage:
        await stage.press(*keys)
        act(stage)
        stage.app.perform("presence.choose")
        await stage.pilot.pause()
        assert isinstance(stage.app.screen, ChoiceDialog)
        first = shown_after(frames[: first_of(stage.app.screen, frames) + 1], LARGE)
        last = shown_after(frames, LARGE)
        assert words_shown(first).splitlines()[:-1] == words_shown(last).splitlines()[:-1]
        assert [pen.background for pen in first.wanted.pens[0]] == [pen.background for pen in last.wanted.pens[0]]
        assert_all_shown(stage.app, frames)


async def test_what_takes_long_to_open_is_marked_first(frames: list[Frame]) -> None:
    async with opened(scenes.KEEPING, LARGE) as stage:
        frames.clear()
        await stage.put(scenes.FORM)
        assert isinstance(stage.app.screen, FormScreen)
        (_screen, mark), *_between, (_same, last) = frames
        assert isinstance(mark, LayoutUpdate)
        assert isinstance(last, LayoutUpdate)
        assert mark.region.bottom_right == LARGE, "on the last row, at its end"
        assert words_of(mark).strip() == MARK
        assert last.region.size == LARGE, "what covers the mark"
        assert MARK not in words_of(last)


async def test_what_opens_soon_is_not_marked(frames: list[Frame], monkeypatch: pytest.MonkeyPatch) -> None:
    leave_time(monkeypatch, 60.0)  # this machine may be slow
    async with opened(scenes.BUSY, LARGE) as stage:
        frames.clear()
        await stage.press("f9")
        assert not any(is_mark(update) for _screen, update in frames)


@pytest.mark.parametrize("thin", [False, True], ids=["line", "thin"])
async def test_the_time_of_the_mark_counts_from_the_key(
    frames: list[Frame], monkeypatch: pytest.MonkeyPatch, thin: bool
) -> None:
    """Over before the dialog begins to be built: painting it would hold a timer up."""
    leave_time(monkeypatch, 0.0)
    monkeypatch.setattr(WorkstationApp, "meters", not thin)
    async with opened(scenes.BUSY, LARGE) as stage:
        frames.clear()
        await stage.press("f9")
        assert isinstance(stage.app.screen, ChoiceDialog)
        assert [is_mark(update) for _screen, update in frames[:2]] == [True, False]
        assert not is_marked(stage.app, frames)


async def test_a_screen_that_is_late_at_its_painting_is_marked_before_it(
    frames: list[Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_time(monkeypatch, 60.0)
    fill = ChoiceDialog.fill

    def dawdle(dialog: ChoiceDialog) -> None:
        leave_time(monkeypatch, 0.0)
        fill(dialog)

    monkeypatch.setattr(ChoiceDialog, "fill", dawdle)
    async with opened(scenes.BUSY, LARGE) as stage:
        frames.clear()
        await stage.press("f9")
        assert [is_mark(update) for _screen, update in frames[:2]] == [True, False]


@pytest.mark.parametrize("late", [True, False], ids=["late", "soon"])
async def test_what_stays_on_its_screen_is_marked_where_it_is_painted_late(
    frames: list[Frame], monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    leave_time(monkeypatch, 0.0 if late else 60.0)
    async with opened(scenes.IN_CHAT, SMALL) as stage:
        frames.clear()
        await stage.press("alt+q")
        assert is_mark(frames[0][1]) is late
        assert len(frames) > 1, "what the key did"
        assert not is_marked(stage.app, frames)


async def test_what_is_done_to_the_whole_screen_is_marked_before_it_and_no_longer(frames: list[Frame]) -> None:
    async with opened(scenes.BUSY, LARGE) as stage:
        frames.clear()
        stage.app.perform("reader.switch")
        assert stage.app.reader is not None
        assert is_mark(frames[0][1])
        await stage.pilot.pause()
        assert not is_marked(stage.app, frames)
        frames.clear()
        stage.app.perform("reader.switch")
        assert is_mark(frames[0][1]), "whoever leaves the mode sees"
        await stage.pilot.pause()
        assert not is_marked(stage.app, frames)


async def test_another_theme_is_marked_before_it_and_no_longer(frames: list[Frame]) -> None:
    async with opened(scenes.BUSY, LARGE) as stage:
        frames.clear()
        stage.app.settle_theme("light")
        assert is_mark(frames[0][1])
        await stage.pilot.pause()
        assert not is_marked(stage.app, frames)
        frames.clear()
        stage.app.settle_theme("light")
        assert not frames, "it is the same"


async def test_a_screen_reader_is_not_bothered_with_a_mark(
    frames: list[Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catgem_tui.ui.mark._LASTING", 60.0)
    leave_time(monkeypatch, 0.0)
    async with opened(scenes.BUSY, LARGE, reader=True) as stage:
        frames.clear()
        await stage.press("f1")
        assert isinstance(stage.app.screen, HelpScreen)
        assert not any(is_mark(update) for _screen, update in frames)


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


@pytest.mark.parametrize(
    ("state", "place"),
    [(scenes.LOGGED_OUT, "login"), (scenes.BUSY, "desk"), (scenes.LISTENING, "floor"), (scenes.KEEPING, "keeping")],
)
async def test_a_place_is_entered_once(monkeypatch: pytest.MonkeyPatch, state: DeskState, place: str) -> None:
    entered: list[PlaceScreen] = []
    enter = PlaceScreen.on_mount

    def count(screen: PlaceScreen) -> None:
        entered.append(screen)
        enter(screen)

    monkeypatch.setattr(PlaceScreen, "on_mount", count)
    async with opened(state, LARGE) as stage:
        assert stage.app.place == place
        assert entered.count(stage.app.place_screen()) == 1
        assert stage.app.place_screen().drawable
