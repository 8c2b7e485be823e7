"""Long work on the screen: how far it is, in a bar and in words, and how it is stopped and gone on with."""

import pytest
from msgspec.structs import replace

from catgem_tui.desk.intents import CancelErrand, SetFetching
from catgem_tui.desk.keeping import Transfer
from catgem_tui.desk.state import DeskState, DirectoryView
from catgem_tui.ui import actions, gauge
from catgem_tui.ui.glyphs import plain
from catgem_tui.ui.lines import plain as line_words
from catgem_tui.ui.reader import facts, news
from tests.ui import evidence_scenes, scenes
from tests.ui.stage import LARGE, MIDDLE, SMALL, Stage, opened

SIZES = pytest.mark.parametrize("size", [SMALL, MIDDLE, LARGE], ids=["80x24", "100x30", "160x45"])
FETCHING = DirectoryView(syncing=True, stage="fetching", progress=(430, 1_000), complete=False)
FILLING = replace(FETCHING, stage="filling", progress=(90_000, 120_000))
STOPPED = replace(FETCHING, syncing=False, stage="fetching", problem="paused")
HERE = DirectoryView(records=120_000)


def with_directory(directory: DirectoryView) -> DeskState:
    return replace(scenes.IDLE, directory=directory)


@pytest.mark.parametrize(
    ("done", "total", "drawn"),
    [(0, 100, "░░░░░░░░░░"), (9, 100, "░░░░░░░░░░"), (10, 100, "█░░░░░░░░░"), (99, 100, "█████████░"),
     (100, 100, "██████████"), (120, 100, "██████████"), (2**60, 2**61, "█████░░░░░")],
)  # fmt: skip
def test_the_bar_grows_by_whole_cells_and_is_full_with_the_last_byte_only(done: int, total: int, drawn: str) -> None:
    assert gauge.bar(done, total) == drawn
    assert len(set(plain(drawn, latin=False))) == len(set(drawn)), "in ASCII the two parts look alike"


def test_what_is_not_known_of_how_much_has_no_bar() -> None:
    assert gauge.measure(12_000, 0) == ""
    assert gauge.fetching(HERE) == ""


@SIZES
async def test_the_first_copy_is_measured_stopped_and_gone_on_with(size: tuple[int, int]) -> None:
    async with opened(with_directory(FETCHING), size) as stage:
        await stage.press("ctrl+f")
        assert "trayéndose ████░░░░░░ 43 %" in stage.seen()
        assert "El directorio todavía no está completo" in found(stage)
        await choose(stage, "dejar de traer")
        assert stage.take_done()[-1] == SetFetching(on=False)
        await stage.put(with_directory(STOPPED))
        assert "detenido ████░░░░░░ 43 %" in stage.seen()
        assert "«Traer directorio», entre las acciones, lo sigue trayendo" in found(stage)
        await choose(stage, "traer directorio")
        assert stage.take_done()[-1] == SetFetching(on=True)
        await stage.put(with_directory(FILLING))
        assert "acomodándose ███████░░░ 75 %" in stage.seen()
        await stage.put(with_directory(HERE))
        assert "completo" not in stage.seen()
        assert "120,000 registros" in stage.seen()


def found(stage: Stage) -> str:
    """What stands in the list of what was found."""
    return " ".join(words.strip() for words in map(line_words, stage.screen.directory.hits.drawn))


async def choose(stage: Stage, action: str) -> None:
    await stage.press("ctrl+p")
    await stage.write(action)
    await stage.press("enter")


async def test_a_search_in_what_is_here_says_that_there_may_be_more() -> None:
    some = replace(scenes.BUSY.directory, complete=False, syncing=True)
    async with opened(replace(scenes.BUSY, directory=some), LARGE) as stage:
        assert "puede haber más" in found(stage)
        assert stage.screen.directory.hits.cursor == some.hits[0].id, "the sentence is no hit"
    async with opened(scenes.BUSY, LARGE) as stage:
        assert "puede haber más" not in found(stage)


@pytest.mark.parametrize(("directory", "can"), [(FETCHING, True), (FILLING, True), (STOPPED, True), (HERE, False)])
def test_fetching_is_switched_only_while_there_is_some(directory: DirectoryView, can: bool) -> None:
    offered = {action.id for action in actions.at_hand(with_directory(directory), "desk")}
    assert ("directory.fetch" in offered) is can


async def test_an_export_is_stopped_from_its_page() -> None:
    state = replace(
        evidence_scenes.LOG, keeping=replace(evidence_scenes.LOG.keeping, transfer=Transfer("log.csv", 48_000, 120_000))
    )
    async with opened(state) as stage:
        await stage.press("alt+h")
        assert "escribiéndose… ████░░░░░░ 40 % · ^P «Detener archivo» la detiene" in stage.seen()
        stage.take_done()
        await choose(stage, "detener archivo")
        assert CancelErrand() in stage.take_done()
        idle = replace(state.keeping, transfer=None)
        assert "transfer.stop" not in {each.id for each in actions.at_hand(replace(state, keeping=idle), "log")}


def told(before: DirectoryView, after: DirectoryView) -> list[str]:
    """What a screen reader hears of it."""
    heard = news.changes(with_directory(before), with_directory(after), None)  # type: ignore[arg-type]  # no offer
    assert {each.topic for each in heard} <= {"copy"}, "a later one takes the place of the one before"
    return [each.words for each in heard]


def test_screen_readers_hear_quarters_and_the_end_and_no_bar() -> None:
    assert told(HERE, FETCHING) == ["Se está trayendo el directorio: 25 %."]
    assert told(FETCHING, replace(FETCHING, progress=(440, 1_000))) == []
    assert told(FETCHING, replace(FETCHING, progress=(500, 1_000))) == ["Se está trayendo el directorio: 50 %."]
    assert told(FETCHING, STOPPED) == ["Se dejó de traer el directorio: está aquí el 25 %."]
    assert told(HERE, replace(FETCHING, progress=(0, 1_000))) == [], (
        "a copy that comes at once is said to be here, no more"
    )
    assert told(FETCHING, FILLING) == []
    assert told(FILLING, HERE) == ["El directorio está completo: 120,000 registros."]
    assert facts.directory(HERE) == ""


async def test_in_screen_reader_mode_the_search_says_it_and_where_one_is_too() -> None:
    async with opened(with_directory(STOPPED), reader=True) as stage:
        await stage.press("ctrl+f")
        assert "El directorio no está completo" in found(stage)
        assert "█" not in stage.seen()
        await choose(stage, "dónde estoy")
        assert "Se dejó de traer el directorio: está aquí el 25 %." in stage.seen()
