"""The pages of those who keep the directory, by keyboard alone: the change log, and how quickly changes spread."""

from datetime import datetime

import pytest
from msgspec.structs import replace

from catgem_tui.desk.effects import ExportLog, FetchChanges, FetchCurrency
from catgem_tui.desk.intents import AskKeeping
from catgem_tui.desk.keeping import Transfer
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.editing import CurrencySpan
from catgem_tui.ui import wording
from catgem_tui.ui.evidence import duration
from catgem_tui.ui.lines import plain, width_of
from catgem_tui.ui.screens.currency import CurrencyScreen
from catgem_tui.ui.screens.dialogs import ScrolledLines
from catgem_tui.ui.screens.log import LogCard, LogScreen
from tests.ui import evidence_scenes, scenes
from tests.ui.stage import LARGE, SMALL, Stage, opened

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x45"])


def asked(stage: Stage) -> list[FetchChanges]:
    """What central was asked since the last time."""
    done = [it.errand for it in stage.take_done() if isinstance(it, AskKeeping)]
    return [errand for errand in done if isinstance(errand, FetchChanges)]


def with_keeping(state: DeskState, **changes: object) -> DeskState:
    return replace(state, keeping=replace(state.keeping, **changes))


async def test_the_lists_open_the_pages_that_are_named_below_them() -> None:
    async with opened(evidence_scenes.LOG) as stage:
        await stage.press("alt+l", "end", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, CurrencyScreen))
        await stage.press("escape", "up", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, LogScreen))


@SIZES
async def test_the_log_is_searched_by_words_person_and_dates(size: tuple[int, int]) -> None:
    async with opened(evidence_scenes.LOG, size) as stage:
        await stage.press("alt+h")
        assert isinstance(stage.app.screen, LogScreen)
        assert asked(stage) == [FetchChanges(())]
        await stage.write("oficio 52")
        await stage.until(lambda: bool(stage.desk.done))
        assert asked(stage) == [FetchChanges((("text", "oficio 52"),))], "once, not with each key"
        await stage.press("tab")
        await stage.write("eva")
        await stage.press("tab")
        await stage.write("31/02/2026")
        await stage.until(lambda: "dd/mm/aaaa" in stage.seen())
        assert all("since" not in dict(errand.wanted) for errand in asked(stage))
        await stage.press(*["backspace"] * 10)
        await stage.write("01/11/2026")
        await stage.press("tab")
        await stage.write("02/11/2026")
        await stage.until(lambda: any("until" in str(it) for it in stage.desk.done))
        wanted = dict(asked(stage)[-1].wanted)
        assert (wanted["text"], wanted["who"]) == ("oficio 52", "eva")
        assert datetime.fromtimestamp(float(wanted["since"])) == datetime(2026, 11, 1)
        assert datetime.fromtimestamp(float(wanted["until"])) == datetime(2026, 11, 3), "the whole day is included"


@SIZES
async def test_a_line_opens_with_what_was_and_what_is_told_apart_by_signs(size: tuple[int, int]) -> None:
    async with opened(evidence_scenes.LOG, size) as stage:
        await stage.press("alt+h", "down", "enter")
        assert isinstance(stage.app.screen, LogCard)
        seen = stage.seen()
        assert "− 7225550199" in seen
        assert "+ 7225550100" in seen
        for words in ("Oficio 52/2026", "El anterior ya no existe.", "Luis Peña", f"{52:064x}"[-12:]):
            assert words in seen
        await stage.press("escape")
        assert isinstance(stage.app.screen, LogScreen)
        seen = stage.seen()
        for deed in ("cambio", "baja", "fusión", "alta"):
            assert deed in seen
        await stage.press("escape", "escape")
        assert stage.app.screen is stage.app.keeping_screen


async def test_of_a_long_line_what_closes_it_stays_in_sight_and_the_last_letters_too() -> None:
    before = evidence_scenes.LINES[0].before
    longer = replace(before, text="\n".join(f"{number}" + "x" * 90 for number in range(1, 30)))
    log = (evidence_scenes.changed(52, before, longer),)
    async with opened(with_keeping(evidence_scenes.LOG, log=log, log_more=False), SMALL) as stage:
        await stage.press("alt+h", "down", "enter")
        assert isinstance(stage.app.screen, LogCard)
        assert "Esc regresa" in stage.seen()
        card = stage.app.screen.query_one("#log-card", ScrolledLines)
        await stage.until(lambda: card.show_vertical_scrollbar and card.made_for == card.text_width)
        assert max(map(width_of, card.drawn)) <= card.cells


async def test_the_end_of_the_list_fetches_more_and_one_record_can_be_followed() -> None:
    async with opened(evidence_scenes.LOG) as stage:
        await stage.press("alt+h", "down")
        asked(stage)
        await stage.press("end")
        assert asked(stage) == [FetchChanges((), 49)]
        await stage.press("alt+r")
        assert asked(stage) == [FetchChanges((("record", "r4"),))]
        assert "solo r4" in stage.seen()
        await stage.press("alt+r")
        assert asked(stage) == [FetchChanges(())]
        await stage.put(with_keeping(evidence_scenes.LOG, log=(), log_more=False))
        assert "Ningún cambio coincide." in stage.seen()
        await stage.press("enter", "alt+r", "end")
        assert isinstance(stage.app.screen, LogScreen)
        await stage.put(with_keeping(evidence_scenes.LOG, problem="unreachable"))
        assert wording.list_problem("unreachable")[:30] in stage.seen()


async def test_a_change_published_meanwhile_is_asked_for_and_the_cursor_stays() -> None:
    async with opened(evidence_scenes.LOG) as stage:
        await stage.press("alt+h", "down", "down")
        under = stage.app.screen.rows.cursor
        stage.take_done()
        await stage.put(with_keeping(evidence_scenes.LOG, published=900))
        await stage.until(lambda: bool(stage.desk.done))
        assert asked(stage) == [FetchChanges(())]
        first = evidence_scenes.LOG.keeping.log[0]
        newer = replace(first, number=first.number + 1)
        await stage.put(with_keeping(evidence_scenes.LOG, published=900, log=(newer, *evidence_scenes.LOG.keeping.log)))
        assert stage.app.screen.rows.rows[0].key == str(newer.number)
        assert stage.app.screen.rows.cursor == under
        assert asked(stage) == []


async def test_what_is_shown_is_exported_into_a_file_that_is_named() -> None:
    async with opened(evidence_scenes.LOG, LARGE) as stage:
        await stage.press("alt+h")
        await stage.write("toluca")
        await stage.press("ctrl+s")
        assert ".csv" in stage.seen()
        stage.take_done()
        await stage.press(*["backspace"] * 4)
        await stage.write(".jsonl")
        await stage.press("enter")
        (export,) = [it.errand for it in stage.take_done() if isinstance(it, AskKeeping) and "Export" in str(it)]
        assert isinstance(export, ExportLog)
        assert export.path.endswith(".jsonl")
        assert export.wanted == (("text", "toluca"),)
        await stage.put(with_keeping(evidence_scenes.LOG, transfer=Transfer(export.path, 48_000, 120_000)))
        assert "escribiéndose… ████░░░░░░ 40 %" in stage.seen()
        await stage.press("ctrl+s", "escape")
        assert not [it for it in stage.take_done() if "Export" in str(it)]


@SIZES
async def test_how_quickly_changes_are_everywhere_and_who_still_waits(size: tuple[int, int]) -> None:
    async with opened(evidence_scenes.CURRENCY, size) as stage:
        await stage.press("alt+u")
        assert isinstance(stage.app.screen, CurrencyScreen)
        assert AskKeeping(FetchCurrency(7)) in stage.take_done()
        seen = stage.seen()
        for words in (
            "27 min",
            "3.6 h",
            "41 ms",
            "65 s",
            "! 50 de 52",
            "Raúl Ortega, Patricia Salinas",
            "Jorge Camacho",
        ):
            assert words in seen, words
        await stage.press("alt+p")
        assert AskKeeping(FetchCurrency(30)) in stage.take_done()
        await stage.put(with_keeping(evidence_scenes.CURRENCY, currency=None, problem="unreachable"))
        assert wording.list_problem("unreachable")[:30] in stage.seen()
        await stage.press("escape")
        assert stage.app.screen is stage.app.keeping_screen


async def test_three_months_of_currency_leave_room_for_the_slowest_and_the_keys() -> None:
    known = evidence_scenes.CURRENCY.keeping.currency
    assert known is not None
    weeks = tuple(CurrencySpan(since=evidence_scenes.NOW - week * 7 * evidence_scenes.DAY) for week in range(14))
    state = with_keeping(evidence_scenes.CURRENCY, currency=replace(known, spans=weeks))
    async with opened(state, SMALL) as stage:
        await stage.press("alt+u", "alt+p", "alt+p")
        page = stage.app.screen
        assert isinstance(page, CurrencyScreen)
        last = plain(page.table.drawn[-1])[:17].rstrip()
        await stage.until(lambda: page.table.show_vertical_scrollbar)
        assert page.max_scroll_y == 0 and "Jorge Camacho" in stage.seen() and "Alt+P" in stage.seen()
        assert last not in stage.seen()
        await stage.press("shift+tab", "end")
        await stage.until(lambda: last in stage.seen())


@pytest.mark.parametrize("page", ["alt+h", "alt+u"])
async def test_keys_of_other_places_do_no_harm_over_a_page(page: str) -> None:
    async with opened(evidence_scenes.LOG) as stage:
        await stage.press(page)
        stage.take_done()
        await stage.press("alt+e", "alt+n", "alt+v", "alt+l", "alt+d", "f3", "ctrl+f")
        assert type(stage.app.screen) in {LogScreen, CurrencyScreen}
        assert [it for it in stage.take_done() if not isinstance(it, AskKeeping)] == []
        await stage.press("ctrl+o")
        assert stage.app.place == "desk"
        await stage.press("ctrl+o")
        assert stage.app.screen is stage.app.keeping_screen


async def test_only_those_who_keep_the_directory_have_the_pages() -> None:
    async with opened(scenes.IDLE) as stage:
        await stage.press("alt+h", "alt+u")
        assert stage.app.screen is stage.app.desk_screen


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(None, "—"), (0.0, "0 ms"), (0.04, "40 ms"), (0.31, "0.3 s"), (9.94, "9.9 s"), (9.96, "10 s"), (125, "2 min"),
     (9000, "2.5 h"), (400_000, "5 d")],
)  # fmt: skip
def test_durations_have_few_figures(seconds: float | None, told: str) -> None:
    assert duration(seconds) == told
