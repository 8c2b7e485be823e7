"""How long a citizen's chat message takes to the advisor's screen state, and the answer back. Prints JSON.

    python tests/bench/bench_chat_latency.py [--count MESSAGES]

A real central in a process of its own; the citizen's socket and the desk share this process and its clock. The way
includes central's commit to disk. ``ratio`` is the median from citizen to desk against ``echo``, a bare websocket's
round trip inside this process, measured before. ``pause`` seconds lie between two messages: none waits for another.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from catgem_tui.desk.intents import AcceptOffer, Send
from catgem_tui.desk.runtime import Desk
from catgem_tui.protocol.enums import ContactState
from tests.desk_house import PATIENCE, CentralProcess, Citizen, desk_at, sit_down
from tests.ports import free_port

PAUSE = 0.25
"""Central takes five frames a second from one page; what is measured is a conversation, not that limit."""


def summarize(milliseconds: list[float]) -> dict[str, float]:
    ordered = sorted(milliseconds)
    return {
        "messages": len(ordered),
        "median_ms": round(statistics.median(ordered), 2),
        "p99_ms": round(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)], 2),
        "worst_ms": round(ordered[-1], 2),
    }


async def measure_inbound(desk: Desk, citizen: Citizen, contact: str, count: int) -> list[float]:
    taken = []
    for number in range(count):
        text = f"pregunta {number}"
        begun = time.perf_counter()
        await citizen.say(text)
        await desk.wait_for(lambda s, text=text: s.messages[contact][-1].text == text, PATIENCE)  # type: ignore[misc]
        taken.append((time.perf_counter() - begun) * 1000)
        await citizen.until(lambda number=number: len(citizen.acknowledged) >= number + 2)  # type: ignore[misc]
        await asyncio.sleep(PAUSE)
    return taken


async def measure_outbound(desk: Desk, citizen: Citizen, contact: str, count: int) -> list[float]:
    taken = []
    for number in range(count):
        heard = len(citizen.heard)
        begun = time.perf_counter()
        desk.do(Send(contact, f"respuesta {number}"))
        await citizen.until(lambda heard=heard: len(citizen.heard) > heard)  # type: ignore[misc]
        taken.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(PAUSE)
    return taken


async def measure_echo(count: int) -> list[float]:
    """The same library, one socket, nothing behind it."""

    async def echo(connection: ServerConnection) -> None:
        async for text in connection:
            await connection.send(text)

    taken = []
    async with serve(echo, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}", proxy=None) as client:
            for number in range(count):
                await asyncio.sleep(0.05)
                begun = time.perf_counter()
                await client.send(f"pregunta {number}")
                await client.recv()
                taken.append((time.perf_counter() - begun) * 1000)
    return taken


async def run(count: int) -> None:
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    with tempfile.TemporaryDirectory() as folder:
        central = CentralProcess(Path(folder) / "central", free_port())
        await central.hire("ana")
        await central.start()
        try:
            async with desk_at(central.url, Path(folder) / "desk") as desk, Citizen(central.url) as citizen:
                await sit_down(desk, "ana")
                await citizen.say("hola")
                offered = (await desk.wait_for(lambda s: s.offer is not None, PATIENCE)).offer
                assert offered is not None
                desk.do(AcceptOffer(offered.id))
                await desk.wait_for(
                    lambda s: offered.id in s.contacts and s.contacts[offered.id].state is ContactState.ACTIVE, PATIENCE
                )
                echo = summarize(await measure_echo(max(count, 20)))
                inbound = summarize(await measure_inbound(desk, citizen, offered.id, count))
                result = {
                    "bench": "chat_latency",
                    "pause_s": PAUSE,
                    "citizen_to_desk": inbound,
                    "desk_to_citizen": summarize(await measure_outbound(desk, citizen, offered.id, count)),
                    "echo": echo,
                    "ratio": round(inbound["median_ms"] / echo["median_ms"], 2),
                    "load": round(os.getloadavg()[0], 2),
                }
        finally:
            await central.kill()
    print(json.dumps(result))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=120, help="messages each way (%(default)s)")
    asyncio.run(run(parser.parse_args().count))
