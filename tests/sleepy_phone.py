"""A telephone whose client is a process of its own, so that it can be put to sleep together with its engine.

``python -m tests.sleepy_phone SETTINGS``: orders come on standard input and answers and events go to standard output,
a line of JSON each, as on the engine's socket.
"""

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from catgem_tui.phone import wire
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import EngineSettings, PhoneCommand, PhoneError, PhoneEvent, Ready

_ROOT = Path(__file__).resolve().parents[1]
_LONGEST = 1 << 20
_answers: msgspec.json.Decoder[wire.ToClient] = msgspec.json.Decoder(wire.ToClient)


class SleepyPhone:
    """A ``Phone``. ``within``: what runs it elsewhere, as ``ip netns exec NAME``."""

    def __init__(self, settings: EngineSettings, within: Sequence[str] = ()) -> None:
        self._settings, self._within = settings, within
        self._numbers = itertools.count(1)
        self._pending: dict[int, asyncio.Future[None]] = {}
        self._events: asyncio.Queue[PhoneEvent | None] = asyncio.Queue()

    async def start(self) -> Ready:
        self._process = await asyncio.create_subprocess_exec(
            *self._within, sys.executable, "-m", "tests.sleepy_phone", msgspec.json.encode(self._settings).decode(),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=_ROOT, limit=_LONGEST,
        )  # fmt: skip
        assert self._process.stdout is not None
        self._engine = int(await self._process.stdout.readline())
        self._reading = asyncio.create_task(self._read(self._process.stdout))
        ready = await self._events.get()
        assert isinstance(ready, Ready)
        return ready

    async def do(self, command: PhoneCommand) -> None:
        assert self._process.stdin is not None
        number = next(self._numbers)
        self._pending[number] = asyncio.get_running_loop().create_future()
        self._process.stdin.write(msgspec.json.encode(wire.Do(id=number, command=command)) + b"\n")
        await self._pending[number]

    async def events(self) -> AsyncIterator[PhoneEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    async def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._reading

    def fall_asleep(self) -> None:
        for process in (self._engine, self._process.pid):
            os.kill(process, signal.SIGSTOP)

    async def wake(self, seconds: float) -> None:
        """The engine first, and the client so much later."""
        os.kill(self._engine, signal.SIGCONT)
        await asyncio.sleep(seconds)
        os.kill(self._process.pid, signal.SIGCONT)

    async def _read(self, output: asyncio.StreamReader) -> None:
        while line := await output.readline():
            match _answers.decode(line):
                case wire.Done(id=number):
                    self._pending.pop(number).set_result(None)
                case wire.Failed(id=number, code=code, detail=detail):
                    self._pending.pop(number).set_exception(PhoneError(code, detail))
                case wire.Happened(event=event):
                    self._events.put_nowait(event)
        self._events.put_nowait(None)


async def _obey(phone: EngineClient) -> None:
    orders = asyncio.StreamReader(_LONGEST)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        order = msgspec.json.decode(line, type=wire.Do)
        try:
            await phone.do(order.command)
        except PhoneError as error:
            _say(wire.Failed(id=order.id, code=error.code, detail=error.detail))
        else:
            _say(wire.Done(id=order.id))


def _say(message: wire.ToClient) -> None:
    print(msgspec.json.encode(message).decode(), flush=True)


async def _main() -> None:
    phone = EngineClient(msgspec.json.decode(sys.argv[1], type=EngineSettings))
    ready = await phone.start()
    print(phone.pid, flush=True)
    _say(wire.Happened(event=ready))
    obeying = asyncio.create_task(_obey(phone))
    obeying.add_done_callback(lambda _: closing.append(asyncio.create_task(phone.close())))
    closing: list[asyncio.Task[None]] = []
    async for event in phone.events():
        _say(wire.Happened(event=event))


if __name__ == "__main__":
    asyncio.run(_main())
