"""The desk that stands in until the real one is loaded."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from catgem_tui import workstation
from catgem_tui.config.settings import Screen, Settings
from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.intents import Login
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import DeskState, Line
from catgem_tui.phone.remote import RemotePhone
from catgem_tui.terminal.capabilities import Capabilities
from catgem_tui.workstation import LateDesk

NOBODY = "http://127.0.0.1:9"


@asynccontextmanager
async def desk_at(folder: Path) -> AsyncIterator[Desk]:
    desk = Desk(NOBODY, folder, None, credentials=Credentials(NOBODY, choose=lambda: None))
    try:
        yield desk
    finally:
        await desk.close()


async def until(late: LateDesk, found: Callable[[DeskState], bool]) -> None:
    """Wait for a telling of such a state."""
    told: asyncio.Queue[DeskState] = asyncio.Queue()
    leave = late.subscribe(told.put_nowait)
    async with asyncio.timeout(10):
        while not found(await told.get()):
            pass
    leave()


async def test_what_is_wanted_before_the_desk_is_there_is_done_when_it_is(tmp_path: Path) -> None:
    late = LateDesk(NOBODY)
    assert (late.state.line, late.state.central) == (Line.LOGGED_OUT, NOBODY)
    late.do(Login(username="ana", password="una-clave-larga"))
    async with desk_at(tmp_path) as desk:
        await late.become(desk)
        await until(late, lambda state: any(notice.code == "central_unreachable" for notice in state.notices))
        assert late.state is desk.state


async def test_a_login_before_the_desk_is_there_is_said_to_go_on_and_is_the_one_that_counts(tmp_path: Path) -> None:
    late = LateDesk(NOBODY)
    heard: list[DeskState] = []
    late.subscribe(heard.append)
    late.do(Login(username="ana", password="una-clave-larga"))
    assert (late.state.line, heard) == (Line.LOGGING_IN, [late.state])
    async with desk_at(tmp_path) as desk:
        await late.become(desk)
        assert late.state.line is Line.LOGGING_IN


async def test_subscribers_of_before_and_after_hear_the_desk_until_they_leave(tmp_path: Path) -> None:
    late = LateDesk(NOBODY)
    heard: list[str] = []
    late.subscribe(lambda state: heard.append("before"))
    gone = late.subscribe(lambda state: heard.append("gone"))
    async with desk_at(tmp_path) as desk:
        await late.become(desk)
        late.subscribe(lambda state: heard.append("after"))
        gone()
        late.do(Login(username="ana", password="una-clave-larga"))
        await until(late, lambda state: bool(state.notices))
    assert set(heard) == {"before", "after"}


@pytest.mark.parametrize("wanted", [[], [Login(username="ana", password="x")]])
async def test_leaving_before_the_desk_is_there_is_no_trouble(wanted: list[Login]) -> None:
    late = LateDesk(NOBODY)
    for intent in wanted:
        late.do(intent)
    await late.close()
    assert late.state.user is None


async def test_a_lost_terminal_leaves_the_call_on_a_telephone_elsewhere_and_quitting_does_not(tmp_path: Path) -> None:
    for lost in (True, False):
        app = workstation._App(LateDesk(NOBODY), Settings(), user="", password="", available=False)
        app._elsewhere = RemotePhone(tmp_path)
        app.load_rest = nothing  # type: ignore[method-assign]
        async with app.run_test():
            (app.lose_terminal if lost else app.exit)()
        assert app._elsewhere.keep_calls is lost


async def nothing() -> None:
    """In the place of what is loaded after the first paint."""


@pytest.mark.parametrize(
    ("platform", "named", "ours"), [("linux", "", True), ("win32", "", False), ("linux", "x", False)]
)
def test_the_driver_is_textuals_own_on_windows_and_where_one_is_named(
    platform: str, named: str, ours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setenv("TEXTUAL_DRIVER", named)
    found = workstation._find_driver(Screen(), Capabilities(), remote=False)
    assert (found is not None) is ours
