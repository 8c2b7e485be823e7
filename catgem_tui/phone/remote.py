"""The telephone whose engine is on another computer: ``catgem phone`` there, a forwarded socket here.

The engine outlives this client: when the way there is cut its calls go on, and the next ``Ready`` tells of them.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path

from catgem_tui.phone import secret, wire
from catgem_tui.phone.client import BACKOFF_SECONDS, CLOSE_SECONDS, EngineConnection
from catgem_tui.phone.door import Door, find_doors
from catgem_tui.phone.launch import Streams, reach_engine
from catgem_tui.phone.port import EngineAway, EngineSettings, PhoneCommand, PhoneError, PhoneEvent, Ready

_log = logging.getLogger(__name__)

PROVING_SECONDS = 5.0
SILENCE_SECONDS = 6.0
"""A way over the network may stand still for a moment; SSH itself gives up no sooner."""
BEAT_SECONDS = 1.0


class RemotePhone:
    """A ``Phone``. ``place`` is the socket that SSH forwards, or the folder of such sockets (see ``door``).

    ``start`` raises PhoneError ``away``, ``refused``, ``version``.
    """

    keep_calls = False
    """Whether closing leaves the calls as they are: this client was made to leave, and another one comes."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._connection: EngineConnection | None = None
        self._ready: Ready | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._closed = False
        self._events: asyncio.Queue[PhoneEvent | None] = asyncio.Queue()
        self._early: list[PhoneEvent] | None = None
        """What came right behind a Ready that is not told yet."""

    async def start(self) -> Ready:
        if self._closed:
            raise PhoneError("not_running", "closed")
        if self._ready is None:
            self._connection, self._ready = await self._reach()
            self._tell_early()
            self._supervisor = asyncio.create_task(self._supervise(self._connection), name="phone-elsewhere")
        return self._ready

    async def do(self, command: PhoneCommand) -> None:
        """Raises PhoneError."""
        if self._connection is None:
            raise PhoneError("away")
        await self._connection.do(command)

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
        connection, self._connection = self._connection, None
        if connection is not None:
            seconds = 0.0 if self.keep_calls else CLOSE_SECONDS
            await connection.close(seconds, farewell=not self.keep_calls)
        self._events.put_nowait(None)

    async def _supervise(self, connection: EngineConnection) -> None:
        while True:
            reason = await connection.live()
            refusal = connection.refusal or PhoneError("away", reason)
            _log.warning("the telephone elsewhere is out of reach: %s", refusal)
            self._connection = None
            self._events.put_nowait(EngineAway(code=refusal.code, detail=refusal.detail))
            await connection.close(0.0, farewell=False)
            if refusal.code == "replaced":
                return
            connection = await self._return(refusal.code)

    async def _return(self, told: str) -> EngineConnection:
        """Try until it is there again. Why not is told when it is another reason than before."""
        attempt = 0
        while True:
            await asyncio.sleep(BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS) - 1)])
            attempt += 1
            try:
                self._connection, ready = await self._reach()
            except PhoneError as error:
                if error.code != told:
                    told = error.code
                    self._events.put_nowait(EngineAway(code=error.code, detail=error.detail))
                continue
            self._events.put_nowait(ready)
            self._tell_early()
            return self._connection

    def _emit(self, event: PhoneEvent) -> None:
        if self._early is None:
            self._events.put_nowait(event)
        else:
            self._early.append(event)

    def _tell_early(self) -> None:
        early, self._early = self._early or [], None
        for event in early:
            self._events.put_nowait(event)

    async def _reach(self) -> tuple[EngineConnection, Ready]:
        """Raises PhoneError."""
        last = PhoneError("away", str(self._place))
        for door in find_doors(self._place):
            try:
                streams = await self._pass(door)
            except PhoneError as error:
                _log.info("%s: %s", door.socket, error)
                if error.code != "not_running":
                    last = error
                continue
            self._early = []
            connection = EngineConnection(streams, None, self._emit, silence=SILENCE_SECONDS, beat=BEAT_SECONDS)
            try:
                return connection, await connection.shake_hands(EngineSettings())
            except PhoneError as error:
                await connection.close(0.0, farewell=False)
                last = PhoneError("away" if error.code == "not_running" else error.code, error.detail)
            except BaseException:
                await connection.close(0.0, farewell=False)
                raise
        raise last

    async def _pass(self, door: Door) -> Streams:
        """Raises PhoneError ``not_running`` (nobody there), ``refused``, ``version``."""
        reader, writer = await reach_engine(door.socket)
        try:
            async with asyncio.timeout(PROVING_SECONDS):
                await _prove(reader, writer, door.secret)
        except BaseException as error:
            writer.close()
            if isinstance(error, secret.NotProved):
                raise PhoneError("refused") from error
            if isinstance(error, OSError | TimeoutError | asyncio.IncompleteReadError | wire.WireError):
                raise PhoneError("not_running", str(error)) from error
            raise
        return reader, writer


async def _prove(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, known: bytes) -> None:
    """Show each other that both know the secret. Raises as ``_hear``, and PhoneError ``refused``, ``version``."""
    challenge = await _hear(reader)
    if not isinstance(challenge, secret.Challenge):
        raise PhoneError("refused")
    if challenge.version != wire.VERSION:
        raise PhoneError("version", f"{challenge.version} {wire.VERSION}")
    response = secret.answer(known, challenge)
    writer.write(wire.frame(secret.encode(response)))
    accepted = await _hear(reader)
    if not isinstance(accepted, secret.Accepted):
        raise PhoneError("refused")
    secret.check(known, challenge, response, accepted)


async def _hear(reader: asyncio.StreamReader) -> secret.Message:
    """Raises NotProved, WireError, OSError, IncompleteReadError."""
    return secret.decode(await wire.read_frame(reader, secret.LONGEST))
