"""From the command ``Answer`` to the SIP 200 OK on the wire, seen by a raw UDP caller; the engine has a sound card.

Prints JSON: milliseconds, and the ratio to an empty command's round trip through the same socket in the same run.
Run: ``python tests/bench/bench_answer.py [--count CALLS]``.
"""

import argparse
import asyncio
import json
import re
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import Answer, CallArrived, CallChanged, CallState, EngineSettings, Gate, Mute, PhoneEvent
from tests.sound_card import everyones_card

PATIENCE = 5.0
OFFER = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
)


class Caller:
    """The least of a SIP telephone: it invites, notes when the 200 came, acknowledges and says good-bye."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        host, _, port = uri.rpartition("@")[2].partition(":")
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect((host, int(port)))
        self._socket.setblocking(False)
        self._here = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._answered: asyncio.Future[tuple[float, str]] | None = None
        asyncio.get_running_loop().add_reader(self._socket, self._read)

    def invite(self, number: int) -> None:
        self._answered = asyncio.get_running_loop().create_future()
        contact = f"Contact: <sip:bench@{self._here}>\r\nContent-Type: application/sdp\r\n"
        self._send("INVITE", number, 1, f"<{self._uri}>", extra=contact, body=OFFER)

    async def finish(self, number: int) -> float:
        """Wait for the 200, end the call, and return when the 200 came."""
        assert self._answered is not None
        at, to = await asyncio.wait_for(self._answered, PATIENCE)
        self._send("ACK", number, 1, to)
        self._send("BYE", number, 2, to)
        return at

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def _read(self) -> None:
        now = time.perf_counter()
        message = self._socket.recv(65536).decode(errors="replace")
        is_answer = message.startswith("SIP/2.0 200") and "1 INVITE" in message
        if is_answer and self._answered is not None and not self._answered.done():
            to = re.search(r"^To:\s*(.*)\r$", message, re.MULTILINE)
            self._answered.set_result((now, to.group(1) if to else ""))

    def _send(self, method: str, number: int, sequence: int, to: str, *, extra: str = "", body: str = "") -> None:
        head = (
            f"{method} {self._uri} SIP/2.0\r\nVia: SIP/2.0/UDP {self._here};branch=z9hG4bK{method}{number}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:bench@{self._here}>;tag={number}\r\nTo: {to}\r\n"
            f"Call-ID: {number}@bench\r\nCSeq: {sequence} {method}\r\n{extra}Content-Length: {len(body)}\r\n\r\n"
        )
        self._socket.send((head + body).encode())


async def measure(folder: Path, calls: int) -> dict[str, object]:
    """Answer so many calls, one after the other."""
    async with everyones_card(folder):
        return await answer(EngineClient(EngineSettings(gate=Gate.OPEN, trusted=("127.0.0.1",))), calls)


async def answer(phone: EngineClient, calls: int) -> dict[str, object]:
    ready = await phone.start()
    assert not ready.sound_problem
    events = phone.events()
    caller = Caller(ready.uri)
    answers: list[float] = []
    empty: list[float] = []
    try:
        for number in range(calls):
            # No line gets more calls than this; whoever is not trusted is kept out for less.
            await asyncio.sleep(0.05)
            caller.invite(number)
            arrived = await find(events, lambda event: isinstance(event, CallArrived))
            assert isinstance(arrived, CallArrived)
            started = time.perf_counter()
            await phone.do(Mute(muted=False))
            empty.append((time.perf_counter() - started) * 1000)
            started = time.perf_counter()
            await phone.do(Answer(call=arrived.call, sound=True))
            answers.append((await caller.finish(number) - started) * 1000)
            await find(events, lambda event: isinstance(event, CallChanged) and event.state is CallState.ENDED)
    finally:
        caller.close()
        await phone.close()
    median = statistics.median(answers)
    return {
        "bench": "answer",
        "calls": calls,
        "answer_to_200_ms": summarise(answers),
        "empty_command_ms": summarise(empty),
        "ratio": round(median / statistics.median(empty), 2),
    }


async def find(events: AsyncIterator[PhoneEvent], matches: Callable[[PhoneEvent], bool]) -> PhoneEvent:
    async with asyncio.timeout(PATIENCE):
        async for event in events:
            if matches(event):
                return event
    raise EOFError("the telephone was closed")


def summarise(values: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 3),
        "p99": round(sorted(values)[len(values) * 99 // 100], 3),
        "max": round(max(values), 3),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="calls to answer (%(default)s)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as where:
        print(json.dumps(asyncio.run(measure(Path(where), given.count))))
