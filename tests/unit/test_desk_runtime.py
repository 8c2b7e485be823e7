"""The desk at work, without a central: telephone, directory, subscribers; nothing blocks and nothing raises."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from catgem_tui.desk.intents import AcceptOffer, EditNotes, Login, Logout, Reconnect, Search, Send, SetMute
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import DeskState, Line, PhoneStatus
from catgem_tui.directory.store import Store
from catgem_tui.phone import port
from catgem_tui.phone.fake import FakePhone
from catgem_tui.phone.port import EngineSettings, PhoneError, Ready
from catgem_tui.protocol.commands import Hold, SetPresence
from catgem_tui.protocol.enums import Presence, RecordKind
from catgem_tui.protocol.model import Record

PATIENCE = 20.0
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def phone() -> FakePhone:
    return FakePhone(EngineSettings())


@pytest.fixture
async def desk(tmp_path: Path, phone: FakePhone) -> AsyncIterator[Desk]:
    desk = Desk(NOWHERE, tmp_path / "desk", phone)
    await desk.start()
    yield desk
    await desk.close()


async def test_the_telephone_comes_goes_and_comes_back(desk: Desk, phone: FakePhone) -> None:
    state = await desk.wait_for(lambda s: s.phone.status is PhoneStatus.READY, PATIENCE)
    assert (state.phone.uri, state.phone.sound) == ("sip:catgem@127.0.0.1:15060", "fake")
    phone.die()
    await desk.wait_for(lambda s: s.phone.status is PhoneStatus.RESTARTING, PATIENCE)
    state = await desk.wait_for(lambda s: s.phone.status is PhoneStatus.READY, PATIENCE)
    assert "phone_restarted" in [n.code for n in state.notices]
    desk.do(SetMute(True))
    async with asyncio.timeout(PATIENCE):
        while not phone.muted:  # noqa: ASYNC110 - the fake keeps its books silently
            await asyncio.sleep(0.01)


async def test_no_telephone_and_no_keyring_are_said(tmp_path: Path) -> None:
    desk = Desk(NOWHERE, tmp_path, None)
    await desk.start()
    state = await desk.wait_for(lambda s: len(s.notices) >= 2, PATIENCE)
    assert {n.code for n in state.notices} == {"phone_missing", "no_keyring"}
    assert (state.phone.status, state.secrets) == (PhoneStatus.MISSING, "memory")
    await desk.close()


async def test_an_engine_that_cannot_start_is_down(tmp_path: Path) -> None:
    class Stuck(FakePhone):
        async def start(self) -> Ready:
            raise PhoneError("port_taken")

    desk = Desk(NOWHERE, tmp_path, Stuck())
    await desk.start()
    await desk.wait_for(lambda s: s.phone.status is PhoneStatus.DOWN, PATIENCE)
    await desk.close()


@pytest.mark.parametrize(
    ("central", "code"),
    [("http://central.example", "insecure"), ("::::", "bad_address"), (NOWHERE, "central_unreachable")],
)
async def test_a_central_that_cannot_be_reached_is_a_sentence(tmp_path: Path, central: str, code: str) -> None:
    desk = Desk(central, tmp_path, None)
    await desk.start()
    desk.do(Login("ana", "secreta"))
    assert desk.state.line is Line.LOGGING_IN
    state = await desk.wait_for(lambda s: code in [n.code for n in s.notices], PATIENCE)
    assert state.line is Line.LOGGED_OUT
    await desk.close()


async def test_whatever_is_wanted_at_whatever_moment_nothing_is_raised(tmp_path: Path, phone: FakePhone) -> None:
    desk = Desk(NOWHERE, tmp_path, phone)
    wishes = [
        AcceptOffer("x"), Send("x", "hola"), EditNotes("x", "y"), Logout(), Reconnect(), Hold(contact="x"),
        SetPresence(presence=Presence.AVAILABLE),
    ]  # fmt: skip
    for wish in wishes:
        desk.do(wish)
    await desk.start()
    for wish in wishes:
        desk.do(wish)
    assert desk.state.contacts == {}
    await desk.close()
    for wish in wishes:
        desk.do(wish)
    await desk.close()


async def test_a_burst_is_told_as_one_and_always_the_latest(desk: Desk, phone: FakePhone) -> None:
    await desk.wait_for(lambda s: s.phone.status is PhoneStatus.READY, PATIENCE)
    told: list[DeskState] = []
    unsubscribe = desk.subscribe(told.append)
    for number in range(1000):
        phone.emit(port.LevelsMeasured(microphone=number / 1000, loudspeaker=0.0))
    await desk.wait_for(lambda s: s.phone.microphone == 0.999 and bool(told) and told[-1] is s, PATIENCE)
    assert len(told) < 50
    unsubscribe()
    unsubscribe()


async def test_a_subscriber_that_fails_disturbs_nobody(desk: Desk) -> None:
    def fail(state: DeskState) -> None:
        raise ZeroDivisionError

    desk.subscribe(fail)
    await desk.wait_for(lambda s: s.phone.status is PhoneStatus.READY, PATIENCE)


async def test_waiting_in_vain_ends(desk: Desk) -> None:
    with pytest.raises(TimeoutError):
        await desk.wait_for(lambda s: False, 0.05)


async def test_the_directory_is_searched_with_no_central(tmp_path: Path) -> None:
    store = Store(tmp_path / "directory.sqlite")
    record = Record(id="r", kind=RecordKind.OFFICE, title="Oficialía del Registro Civil", revision=3)
    place = await store.open()
    await store.put([(1, record)], place._replace(cursor=3, complete=True))
    await store.close()
    desk = Desk(NOWHERE, tmp_path, None)
    await desk.start()
    await desk.wait_for(lambda s: s.directory.records == 1, PATIENCE)
    for query in ("r", "re", "reg"):
        desk.do(Search(query))
    state = await desk.wait_for(lambda s: bool(s.directory.hits), PATIENCE)
    assert (state.directory.query, state.directory.hits) == ("reg", (record,))
    desk.do(Search(""))
    assert desk.state.directory.hits == ()
    await desk.close()


async def test_nothing_on_the_loop_takes_long(tmp_path: Path, phone: FakePhone) -> None:
    """The screen shares this loop: what is slow (libraries, disk, keyring) goes on beside it."""
    longest = 0.0
    running = True

    async def watch() -> None:
        nonlocal longest
        while running:
            begun = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - begun)

    watching = asyncio.create_task(watch())
    desk = Desk(NOWHERE, tmp_path, phone)
    await desk.start()
    desk.do(Login("ana", "secreta"))
    await desk.wait_for(lambda s: "central_unreachable" in [n.code for n in s.notices], PATIENCE)
    running = False
    await watching
    await desk.close()
    assert longest < 0.5  # a loaded machine; here it is milliseconds


async def test_the_workstation_loads_without_what_comes_after_the_first_paint() -> None:
    heavy = "httpx,websockets,keyring,cryptography,numpy,catgem_tui.desk.runtime"
    code = f"import sys, catgem_tui.workstation; print([m for m in '{heavy}'.split(',') if m in sys.modules])"
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    output, _ = await child.communicate()
    assert output.decode().strip() == "[]"
