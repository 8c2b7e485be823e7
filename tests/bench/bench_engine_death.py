"""From an engine's death to its being noticed, and to the next engine's being registered at a real exchange.

    python tests/bench/bench_engine_death.py [--count DEATHS]

Kills (SIGKILL), lets abort (SIGABRT, as a failed assertion does) and hangs (SIGSTOP) the engine of a telephone that is
registered at Kamailio and has a sound card, so often each. Prints one JSON object, times in milliseconds from the
signal: ``noticed_ms`` and ``registered_ms`` of ``kill``, ``abort`` and ``hang``.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.exchange import ExchangeAccount
from catgem_tui.desk.intents import GivePhonePassword
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import DeskState, PhoneStatus
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import EngineSettings, Registered
from tests.registrar import PASSWORD, Registrar, start_registrar
from tests.sound_card import everyones_card

PATIENCE = 30.0
DEATHS = {"kill": signal.SIGKILL, "abort": signal.SIGABRT, "hang": signal.SIGSTOP}


async def measure(folder: Path, count: int) -> dict[str, object]:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(everyones_card(folder))
        registrar = await start_registrar(stack, folder / "registrar")
        noticed: dict[str, list[float]] = {name: [] for name in DEATHS}
        registered: dict[str, list[float]] = {name: [] for name in DEATHS}
        for number in range(count):
            for name, death in DEATHS.items():
                told, again = await die(registrar, folder / f"{name}{number}", death)
                noticed[name].append(told)
                registered[name].append(again)
    return {
        "bench": "engine_death",
        **{
            name: {"noticed_ms": summarise(noticed[name]), "registered_ms": summarise(registered[name])}
            for name in DEATHS
        },
        "load": round(os.getloadavg()[0], 2),
    }


async def die(registrar: Registrar, folder: Path, death: int) -> tuple[float, float]:
    """A telephone of its own each time: one that dies often waits longer and longer before it starts again."""
    account = ExchangeAccount(f"127.0.0.1:{registrar.port}", "sip:ana@127.0.0.1")
    phone = EngineClient(EngineSettings())
    desk = Desk("http://127.0.0.1:9", folder, phone, exchange=account, credentials=Credentials("", lambda: None))
    await desk.start()
    try:
        desk.do(GivePhonePassword(PASSWORD))
        await desk.wait_for(is_registered, PATIENCE)
        assert phone.pid is not None
        assert desk.state.phone.sound
        os.kill(phone.pid, death)
        begun = time.perf_counter()
        told = await since(begun, desk, lambda s: s.phone.status is not PhoneStatus.READY)
        return told, await since(begun, desk, is_registered)
    finally:
        await desk.close()


def is_registered(state: DeskState) -> bool:
    return state.phone.registration.state is Registered.YES


async def since(begun: float, desk: Desk, check: Callable[[DeskState], bool]) -> float:
    await desk.wait_for(check, PATIENCE)
    return (time.perf_counter() - begun) * 1000


def summarise(values: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(values), 1), "max": round(max(values), 1)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10, help="deaths of each kind (%(default)s)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as where:
        print(json.dumps(asyncio.run(measure(Path(where), given.count))))
