"""The telephone whose engine is on another computer: ``catgem phone`` there, a forwarded socket here.

The engine outlives this client: when the way there is cut its calls go on, and the next ``Ready`` tells of them.
"""

import asyncio
import logging
from pathlib import Path

from catgem_tui.phone import secret, wire
from catgem_tui.phone.connection import CLOSE_SECONDS, ConnectedPhone, EngineConnection, backoff_seconds
from catgem_tui.phone.door import Door, find_doors
from catgem_tui.phone.launch import Streams, reach_engine
from catgem_tui.phone.port import EngineAway, EngineSettings, PhoneError, PhoneEvent, Ready

_log = logging.getLogger(__name__)

PROVING_SECONDS = 5.0
SILENCE_SECONDS = 6.0
"""A way over the network may stand still for a moment; SSH itself gives up no sooner."""
BEAT_SECONDS = 1.0


class RemotePhone(ConnectedPhone):
    """A ``Phone``. ``place`` is the socket that SSH forwards, or the folder of such sockets (see ``door``).

    ``start`` raises PhoneError ``away``, ``refused``, ``version``.
    """

    keep_calls = False
    """Whether closing leaves the calls as they are: this client was made to leave, and another one comes."""

    absence = "away"

    def __init__(self, place: Path) -> None:
        super().__init__()
        self._place = place
        self._early: list[PhoneEvent] | None = None
        """What came right behind a Ready that is not told yet."""

    async def _connect(self) -> tuple[EngineConnection, Ready]:
        reached = await self._reach()
        self._tell_early()
        return reached

    async def _part(self, engine: EngineConnection) -> None:
        await engine.close(0.0 if self.keep_calls else CLOSE_SECONDS, farewell=not self.keep_calls)

    async def _supervise(self, engine: EngineConnection) -> None:
        while True:
            reason = await engine.live()
            refusal = engine.refusal or PhoneError("away", reason)
            _log.warning("the telephone elsewhere is out of reach: %s", refusal)
            self._engine = None
            self._events.put_nowait(EngineAway(code=refusal.code, detail=refusal.detail))
            await engine.close(0.0, farewell=False)
            if refusal.code == "replaced":
                return
            engine = await self._return(refusal.code)

    async def _return(self, told: str) -> EngineConnection:
        """Try until it is there again. Why not is told when it is another reason than before."""
        attempt = 0
        while True:
            await asyncio.sleep(backoff_seconds(attempt))
            attempt += 1
            try:
                self._engine, ready = await self._reach()
            except PhoneError as error:
                if error.code != told:
                    told = error.code
                    self._events.put_nowait(EngineAway(code=error.code, detail=error.detail))
                continue
            self._events.put_nowait(ready)
            self._tell_early()
            return self._engine

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
