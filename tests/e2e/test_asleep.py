"""A laptop that sleeps, with the workstation and its engine on it: what the others see, and what is left on waking."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.config import settings as configuration
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.connection import SILENCE_SECONDS
from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Dial,
    EngineSettings,
    EngineStopped,
    Gate,
    Ready,
    Registered,
)
from catgem_tui.phone.standstill import WAKING_SECONDS
from catgem_tui.protocol.enums import ContactState, Role
from catgem_tui.protocol.events import AdvisorChanged, ContactChanged
from catgem_tui.protocol.model import Advisor
from catgem_tui.selftest.telephone import CitizenPhone
from tests.central_house import Desk, desk_of, eventually, hire, running_central
from tests.e2e.test_phone_registration import (
    as_user,
    hear_digit,
    start_phone_in,
    until_registered,
)
from tests.machines import CABLE, ip, move_house, two_machines
from tests.phone_set import Set, talk
from tests.registrar import start_registrar
from tests.sleepy_phone import SleepyPhone

pytestmark = pytest.mark.require_module("pjsua2")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0
ASLEEP = 11.0
"""Seconds: more than an engine waits for its client, and than central waits for a workstation's sign of life."""
YAWN = 0.5
"""How much later the one of the two wakes than the other."""
BACK = 5.0
"""Within so many seconds after waking everything is as it was."""
WORKER = """
import asyncio, json, sys
from pathlib import Path
from catgem_tui.desk.intents import AcceptOffer
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import EngineSettings
from tests.desk_house import desk_at, sit_down

def told(state):
    talks = [call.contact for call in state.phone.calls if call.media]
    return {"line": state.line.value, "phone": state.phone.status.value, "talks": talks}

async def main(url, folder):
    engine = EngineClient(EngineSettings(sound=False, user="ana"))
    async with desk_at(url, Path(folder), engine) as desk:
        await sit_down(desk, "ana")
        print(json.dumps({"engine": engine.pid}), flush=True)
        desk.do(AcceptOffer((await desk.wait_for(lambda s: s.offer is not None, 60)).offer.id))
        last = None
        while True:
            state = await desk.wait_for(lambda s: told(s) != last, 600)
            last = told(state)
            print(json.dumps({**last, "engine": engine.pid}), flush=True)

asyncio.run(main(*sys.argv[1:]))
"""
"""A workstation without a screen, which takes the first call and says how things stand whenever that changes."""


class Workstation:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        self._process, self._output = process, process.stdout
        self.engine = 0

    async def says(self, check: Callable[[dict[str, Any]], bool] = bool) -> dict[str, Any]:
        """The next that fits."""
        async with asyncio.timeout(PATIENCE):
            while not check(told := json.loads(await self._output.readline())):
                pass
        return dict(told)

    def fall_asleep(self) -> None:
        for process in (self.engine, self._process.pid):
            os.kill(process, signal.SIGSTOP)

    async def wake(self) -> None:
        """Its engine later than an engine may be silent otherwise."""
        os.kill(self._process.pid, signal.SIGCONT)
        await asyncio.sleep(SILENCE_SECONDS + YAWN)
        os.kill(self.engine, signal.SIGCONT)

    async def close(self) -> None:
        self._process.kill()
        await self._process.wait()


async def sit_at_laptop(stack: AsyncExitStack, central: str, folder: Path) -> Workstation:
    desk = Workstation(
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", WORKER, central, str(folder / "desk"), cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
    )
    stack.push_async_callback(desk.close)
    desk.engine = (await desk.says())["engine"]
    return desk


async def test_the_workstation_and_its_call_go_on_after_a_sleep(stack: AsyncExitStack, tmp_path: Path) -> None:
    voice = configuration.Voice(lines=1, port=0, survey=False)
    house = await stack.enter_async_context(running_central(tmp_path / "central", voice=voice, heartbeat=1.0))
    ana = (await hire(house, "ana")).id
    await hire(house, "berta", Role.COORDINATOR)
    desk = await sit_at_laptop(stack, house.url, tmp_path)
    citizen = await stack.enter_async_context(CitizenPhone(tmp_path))
    await citizen.dial(f"sip:catgem@{house.channels.sip()}")
    before = await desk.says(lambda told: bool(told["talks"]))
    assert (before["line"], before["phone"]) == ("online", "ready")
    async with desk_of(house, "berta") as colleague:
        await colleague.ready()
        desk.fall_asleep()
        await asyncio.sleep(ASLEEP)
        assert not changes(colleague, ana)[-1].connected
        woke = time.monotonic()
        await desk.wake()
        after = await desk.says(lambda told: told["line"] == "online")
        assert after == before
        assert time.monotonic() - woke < BACK
        await eventually(lambda: changes(colleague, ana)[-1].connected)
        states = {event.body.contact.state for event in colleague.events(ContactChanged)}
        assert states <= {ContactState.ACTIVE}, "nobody else was offered the citizen"


def changes(colleague: Desk, advisor: str) -> list[Advisor]:
    """What central told of somebody, in order."""
    told = [event.body.advisor for event in colleague.events(AdvisorChanged)]
    return [each for each in told if each.user.id == advisor]


async def test_the_citizen_who_hung_up_meanwhile_is_not_talked_with_on_waking(
    stack: AsyncExitStack, tmp_path: Path
) -> None:
    voice = configuration.Voice(lines=1, port=0, survey=False)
    house = await stack.enter_async_context(running_central(tmp_path / "central", voice=voice, heartbeat=1.0))
    await hire(house, "ana")
    desk = await sit_at_laptop(stack, house.url, tmp_path)
    citizen = await stack.enter_async_context(CitizenPhone(tmp_path))
    await citizen.dial(f"sip:catgem@{house.channels.sip()}")
    await desk.says(lambda told: bool(told["talks"]))
    desk.fall_asleep()
    await citizen.hang_up()
    await asyncio.sleep(ASLEEP)
    woke = time.monotonic()
    await desk.wake()
    after = await desk.says(lambda told: told["line"] == "online" and not told["talks"])
    assert after["phone"] == "ready"
    assert after["engine"] == desk.engine, "the same one"
    assert time.monotonic() - woke < BACK


async def test_a_call_that_the_other_side_has_forgotten_is_over_on_waking(stack: AsyncExitStack) -> None:
    """Whoever was called died, or hung up while no packet came through: nothing of it ever arrives here."""
    settings = EngineSettings(gate=Gate.OPEN, sound=False)
    laptop, office = SleepyPhone(settings), EngineClient(settings)
    ana, berta = Set(laptop), Set(office)
    for each in (ana, berta):
        await each.start()
        stack.push_async_callback(each.stop)
    await talk(ana, berta)
    laptop.fall_asleep()
    assert office.pid is not None
    os.kill(office.pid, signal.SIGKILL)
    await berta.next(Ready)  # another one, at the same port
    await asyncio.sleep(WAKING_SECONDS + YAWN)
    woke = time.monotonic()
    await laptop.wake(YAWN)
    ended = await ana.state("out", CallState.ENDED)
    assert time.monotonic() - woke < BACK
    assert (ended.code, ended.by_us) == (481, False)


@dataclass
class Trip:
    """A registered laptop in a call, on a machine of its own (``here``) that a cable joins to the others."""

    here: str
    laptop: SleepyPhone
    ana: Set
    berta: Set
    call: str

    async def still_talks(self) -> None:
        await hear_digit(self.ana, self.call, self.berta, "out")
        await hear_digit(self.berta, "out", self.ana, self.call)
        assert not [event for event in self.ana.heard if isinstance(event, EngineStopped)]


@pytest.fixture(params=["udp", "tcp"])
async def trip(
    request: pytest.FixtureRequest, stack: AsyncExitStack, tmp_path: Path, cannot_run: Callable[[str], NoReturn]
) -> Trip:
    try:
        here, there = await stack.enter_async_context(two_machines())
    except OSError as error:
        cannot_run(f"leave to make network namespaces ({error})")
    registrar = await start_registrar(stack, tmp_path / "registrar", within=there)
    settings = EngineSettings(host="0.0.0.0", gate=Gate.OPEN, sound=False)  # noqa: S104 - what moves
    laptop = SleepyPhone(settings, within=("ip", "netns", "exec", here))
    ana, berta = Set(laptop), await start_phone_in(there, stack, tmp_path / "berta.sock")
    await ana.start()
    stack.push_async_callback(ana.stop)
    await ana.do(as_user("ana", registrar, request.param))
    await until_registered(ana)
    await berta.do(Dial(call="out", uri="sip:ana@10.77.0.2"))
    arrived = await ana.next(CallArrived)
    await ana.do(Answer(call=arrived.call))
    await berta.next(CallChanged, call="out", state=CallState.CONFIRMED, media=True)
    return Trip(here, laptop, ana, berta, arrived.call)


@pytest.mark.require_program("kamailio", "ip")
async def test_a_telephone_that_wakes_in_another_network_is_registered_and_its_call_goes_on(trip: Trip) -> None:
    trip.laptop.fall_asleep()
    await move_house(trip.here)
    await asyncio.sleep(ASLEEP)
    woke = time.monotonic()
    await trip.laptop.wake(YAWN)
    await until_registered(trip.ana, Registered.TRYING)
    await until_registered(trip.ana)
    assert time.monotonic() - woke < BACK
    await trip.still_talks()


@pytest.mark.require_program("kamailio", "ip")
async def test_a_telephone_that_wakes_before_its_network_is_registered_when_that_is_back(trip: Trip) -> None:
    trip.laptop.fall_asleep()
    await ip("-n", trip.here, "link", "set", CABLE, "down")
    await asyncio.sleep(WAKING_SECONDS + YAWN)
    await trip.laptop.wake(YAWN)
    await until_registered(trip.ana, Registered.UNREACHABLE)
    await asyncio.sleep(6.0)  # long enough for the pauses to grow
    await ip("-n", trip.here, "link", "set", CABLE, "up")
    back = time.monotonic()
    await until_registered(trip.ana)
    assert time.monotonic() - back < BACK
    await trip.still_talks()
