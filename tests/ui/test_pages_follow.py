"""Pages are asked for anew when central tells that they are out of date, and drawn anew when time changes them."""

import time
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from catgem_tui.desk.effects import FetchCurrency
from catgem_tui.desk.intents import AskKeeping, ShowBlocked
from catgem_tui.desk.state import DeskState, Line
from catgem_tui.protocol.editing import LoggedChange
from catgem_tui.ui import evidence, figures
from catgem_tui.ui.due import next_on_page
from catgem_tui.ui.lines import plain
from tests.ui import evidence_scenes, guarding_scenes, scenes
from tests.ui.stage import Stage, opened

PAGES = pytest.mark.parametrize(
    ("state", "key", "asked"),
    [
        (evidence_scenes.CURRENCY, "alt+u", AskKeeping(FetchCurrency(7))),
        (guarding_scenes.BLOCKED, "b", ShowBlocked()),
    ],
    ids=["currency", "blocked"],
)


def told(state: DeskState) -> DeskState:
    """As it is once central has told that both pages are out of date."""
    guard = replace(state.guard, changed=state.guard.changed + 1)
    return replace(state, guard=guard, keeping=replace(state.keeping, measured=state.keeping.measured + 1))


@PAGES
async def test_a_page_is_asked_for_once_and_then_when_central_says_so(
    state: DeskState, key: str, asked: AskKeeping | ShowBlocked
) -> None:
    async with opened(state) as stage:
        await stage.press(key)
        assert stage.take_done() == [asked]
        await stage.put(replace(state, unsent=1))
        assert stage.take_done() == [], "nothing of it has changed"
        await stage.put(told(state))
        assert stage.take_done() == [asked]
        await stage.press("escape")
        await stage.until(lambda: len(stage.desk.callbacks) == 1)
        await stage.put(told(told(state)))
        assert stage.take_done() == [], "nobody looks at it"


@PAGES
async def test_what_changed_while_the_line_was_gone_is_asked_for_when_it_is_back(
    state: DeskState, key: str, asked: AskKeeping | ShowBlocked
) -> None:
    async with opened(state) as stage:
        await stage.press(key)
        stage.take_done()
        await stage.put(replace(state, line=Line.OFFLINE))
        assert stage.take_done() == [], "nobody could answer"
        await stage.put(state)
        assert stage.take_done() == [asked]


async def test_a_block_leaves_the_list_when_its_time_is_over() -> None:
    """No wider look than at the screen: the page has to wake by itself."""
    first, *others = guarding_scenes.BLOCKED.guard.blocked or ()
    soon = time.time() + 0.3
    state = replace(
        guarding_scenes.BLOCKED, guard=replace(scenes.FLOOR.guard, blocked=(replace(first, until=soon), *others))
    )
    async with opened(state) as stage:
        stage.app.clock = time.time
        await stage.press("b")
        await stage.until(lambda: "722 555 0134" not in stage.seen())
        assert time.time() >= soon


async def test_an_offer_counts_its_seconds_down_over_a_page() -> None:
    moment = time.time()
    offer = replace(scenes.OFFER, advisor=scenes.EVA.id, arrived_at=moment, offer_expires_at=moment + 20)
    async with opened(evidence_scenes.CURRENCY) as stage:
        stage.app.clock = time.time
        await stage.press("alt+u")
        await stage.put(replace(evidence_scenes.CURRENCY, contacts={offer.id: offer}))
        before = band(stage)
        await stage.until(lambda: band(stage) != before)


def band(stage: Stage) -> str:
    return "".join(plain(each) for each in stage.app.screen.band.drawn)  # type: ignore[attr-defined]


@pytest.fixture
def toluca(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Six hours behind UTC, where most of the day lies on another side of UTC's midnight."""
    monkeypatch.setenv("TZ", "America/Mexico_City")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_a_page_at_rest_wakes_with_the_day_of_this_place(toluca: None) -> None:
    noon = time.mktime((2026, 11, 24, 12, 0, 0, 0, 0, -1))
    assert next_on_page(evidence_scenes.CURRENCY, noon) == time.mktime((2026, 11, 25, 0, 0, 0, 0, 0, -1))
    assert next_on_page(evidence_scenes.CURRENCY, noon, (noon - 5, noon + 60, noon + 5)) == noon + 5
    assert figures.midnight(noon) == time.mktime((2026, 11, 24, 0, 0, 0, 0, 0, -1))


def test_what_was_yesterday_is_told_with_its_day_all_day_long(toluca: None) -> None:
    yesterday = time.mktime((2026, 11, 23, 20, 15, 0, 0, 0, -1))
    for hour, minute in ((0, 1), (12, 0), (17, 59), (23, 59)):
        now = time.mktime((2026, 11, 24, hour, minute, 0, 0, 0, -1))
        change = LoggedChange(number=1, at=yesterday, who="Irma", record="r", title="Módulo")
        row = evidence.log_row(change, figures.midnight(now), 80)
        assert plain(row.lines[0]).startswith("23 nov 20:15"), (hour, minute)
        today = evidence.log_row(replace(change, at=now), figures.midnight(now), 80)
        assert plain(today.lines[0]).startswith(f"{hour:02d}:{minute:02d}")
