"""A connection to an engine, from its handshake to its end, and a telephone that lives on such connections."""

import asyncio
import contextlib
import itertools
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable

from catgem_tui.phone import wire
from catgem_tui.phone.launch import EngineProcess, Streams
from catgem_tui.phone.port import EngineSettings, PhoneCommand, PhoneError, PhoneEvent, Ready
from catgem_tui.phone.standstill import WAKING_SECONDS, Standstill

_log = logging.getLogger(__name__)

START_SECONDS = 15.0
SILENCE_SECONDS = 0.9
"""An engine that shows no sign of life for so long is hung: it is to be noticed within a second."""
CLOSE_SECONDS = 0.75
BACKOFF_SECONDS = (0.0, 0.25, 0.5, 1.0, 2.0, 5.0)


class EngineConnection:
    """One engine, from its handshake to its end. ``silence``: seconds without a sign of life that mean it is gone."""

    refusal: PhoneError | None = None
    """Why it ended the connection, when it said so."""

    def __init__(
        self,
        streams: Streams,
        process: EngineProcess | None,
        emit: Callable[[PhoneEvent], None],
        *,
        silence: float = SILENCE_SECONDS,
        beat: float = wire.BEAT_SECONDS,
    ) -> None:
        self._silence, self._beat = silence, beat
        self._reader, self._writer = streams
        self.process = process
        self._emit = emit
        self._numbers = itertools.count(1)
        self._pending: dict[int, asyncio.Future[None]] = {}
        self._seen = asyncio.get_running_loop().time()
        self._ready: asyncio.Future[Ready] = asyncio.get_running_loop().create_future()
        self._reading = asyncio.create_task(self._read(), name="engine-reader")

    async def shake_hands(self, settings: EngineSettings) -> Ready:
        """Raises PhoneError."""
        self._send(wire.Hello(version=wire.VERSION, settings=settings))
        try:
            async with asyncio.timeout(START_SECONDS):
                # The reader's end settles the question either way.
                return await self._ready
        except TimeoutError:
            raise PhoneError("not_running", f"no answer in {START_SECONDS:.0f} seconds") from None

    async def do(self, command: PhoneCommand) -> None:
        """Raises PhoneError."""
        number = next(self._numbers)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending[number] = future
        try:
            self._send(wire.Do(id=number, command=command))
            await future
        finally:
            self._pending.pop(number, None)

    async def live(self) -> str:
        """Run until the engine's end; return its reason."""
        watching = asyncio.create_task(self._watch(), name="engine-watch")
        try:
            await asyncio.wait([self._reading, watching], return_when=asyncio.FIRST_COMPLETED)
            if self._reading.done():
                return await self._describe_end()
            return f"silent for {self._silence:g} s"
        finally:
            watching.cancel()

    async def close(self, seconds: float, *, farewell: bool = True) -> None:
        """Say good-bye (which ends its calls) unless it is to go on, and kill what doesn't leave. Never raises."""
        if farewell:
            self._send(wire.Bye())
        if self.process is None:
            await asyncio.wait([self._reading], timeout=seconds)
        else:
            await self.process.end(seconds)
        self._reading.cancel()
        self._writer.close()
        if self._ready.done() and not self._ready.cancelled():  # which it is where nobody answered in time
            self._ready.exception()
        for future in self._pending.values():
            if not future.done():
                future.set_exception(PhoneError("not_running", "the engine stopped"))

    def _send(self, message: wire.ToEngine) -> None:
        data = wire.pack(message)
        if not self._writer.is_closing():
            self._writer.write(data)

    async def _read(self) -> None:
        frames = wire.Frames()
        try:
            while data := await self._reader.read(65536):
                self._seen = asyncio.get_running_loop().time()
                for body in frames.feed(data):
                    self._take(wire.unpack_to_client(body))
        except (OSError, wire.WireError) as error:
            _log.warning("the engine's connection ended: %s", error)
        if not self._ready.done():
            code = "no_library" if await self._lacks_library() else "not_running"
            self._ready.set_exception(PhoneError(code, await self._describe_end()))

    def _take(self, message: wire.ToClient) -> None:
        match message:
            case wire.Done(id=number):
                future = self._pending.get(number)
                if future is not None and not future.done():
                    future.set_result(None)
            case wire.Failed(id=0, code=code, detail=detail):
                self.refusal = PhoneError(code, detail)
                if not self._ready.done():
                    self._ready.set_exception(self.refusal)
            case wire.Failed(id=number, code=code, detail=detail):
                future = self._pending.get(number)
                if future is not None and not future.done():
                    future.set_exception(PhoneError(code, detail))
            case wire.Happened(event=Ready() as ready) if not self._ready.done():
                self._ready.set_result(ready)
            case wire.Happened(event=event):
                self._emit(event)

    async def _watch(self) -> None:
        """Show the engine that we live, and end when it doesn't."""
        loop = asyncio.get_running_loop()
        standstill = Standstill()
        while True:
            await asyncio.sleep(max(0.0, min(self._beat, self._seen + self._silence - loop.time())))
            now = loop.time()
            if (stood := standstill.look()) > self._beat + self._silence / 2:
                # It was our own loop that stood still: what the engine sent meanwhile is yet to be read.
                self._seen = now + (WAKING_SECONDS if stood > WAKING_SECONDS else 0.0)
            if now - self._seen >= self._silence:
                return
            self._send(wire.Beat())

    async def _lacks_library(self) -> bool:
        return self.process is not None and await self.process.lacks_library(SILENCE_SECONDS)

    async def _describe_end(self) -> str:
        if self.process is None:
            return "the connection to the engine ended"
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                return await self.process.wait()
        except TimeoutError:
            return "the engine closed its connection"


class ConnectedPhone(ABC):
    """What a ``Phone`` on connections does whatever its engine: one supervisor renews the connection when it ends."""

    absence = "not_running"
    """``PhoneError``'s code of a command while there is no connection."""

    def __init__(self) -> None:
        self._engine: EngineConnection | None = None
        self._ready: Ready | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._closed = False
        self._events: asyncio.Queue[PhoneEvent | None] = asyncio.Queue()

    async def start(self) -> Ready:
        """Returns the same ``Ready`` when it runs already. Raises PhoneError."""
        if self._closed:
            raise PhoneError("not_running", "closed")
        if self._ready is None:
            self._engine, self._ready = await self._connect()
            self._supervisor = asyncio.create_task(self._supervise(self._engine), name="engine-supervisor")
        return self._ready

    async def do(self, command: PhoneCommand) -> None:
        """Raises PhoneError."""
        if self._engine is None:
            raise PhoneError(self.absence)
        await self._engine.do(command)

    async def events(self) -> AsyncIterator[PhoneEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._supervisor is not None:
            self._supervisor.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._supervisor
        engine, self._engine = self._engine, None
        if engine is not None:
            await self._part(engine)
        self._events.put_nowait(None)

    @abstractmethod
    async def _connect(self) -> tuple[EngineConnection, Ready]:
        """Raises PhoneError."""

    @abstractmethod
    async def _supervise(self, engine: EngineConnection) -> None:
        """Wait for the connection's end, tell of it and make another, for good."""

    async def _part(self, engine: EngineConnection) -> None:
        """Close the last connection."""
        await engine.close(CLOSE_SECONDS)


def backoff_seconds(attempt: int) -> float:
    """Before the attempt of this number, from 0."""
    return BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS) - 1)]
