"""Lending this computer's telephone to a workstation elsewhere, over a Unix socket that SSH forwards.

The engine is ours and outlives whoever drives it: a client whose connection breaks leaves its calls as they are, the
next is told of them. One at a time: who proves the secret takes the place of whoever was there. What a client may do
here is to telephone: it can neither read nor write this computer's files, and plays only our own sounds.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path

from catgem_tui.phone import port, secret, wire
from catgem_tui.phone.keeping import Book
from catgem_tui.phone.port import LevelsMeasured, Phone, PhoneError, PhoneEvent, QualityMeasured

_log = logging.getLogger(__name__)

PROVING_SECONDS = 10.0
BEAT_SECONDS = 1.0
SILENT_SECONDS = 15.0
"""A client silent for so long is gone, whatever its socket says."""
MOST_VOLATILE, MOST_WAITING = 64 * 1024, 4 * 1024 * 1024
"""Bytes not yet taken by a client: beyond the first, levels are left out; beyond the second, it is gone."""
MAX_STRANGERS = 8
"""Connections that have not proved anything yet."""
_VOLATILE = (LevelsMeasured, QualityMeasured)


class Relay:
    """``ring`` is the sound played for any that isn't beside it; ``tell`` hears ``came``, ``left`` and ``refused`` of
    those who connect."""

    def __init__(self, phone: Phone, path: Path, ring: Path, tell: Callable[[str], None]) -> None:
        self._phone = phone
        self._path = path
        self._ring = ring
        self._tell = tell
        self._secret = secret.new_secret()
        self._book: Book | None = None
        self._client: _Client | None = None
        self._server: asyncio.Server | None = None
        self._strangers = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> port.Ready:
        """Start the telephone and listen at the path, for the same user only (0600). Raises PhoneError, OSError."""
        ready = await self._phone.start()
        self._book = Book(ready)
        self._hold(asyncio.create_task(self._listen(), name="phone-relay"))
        mask = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._receive, self._path)
        finally:
            os.umask(mask)
        return ready

    def renew(self) -> bytes:
        """A new secret, the only one that counts from now on; who is here stays."""
        self._secret = secret.new_secret()
        return self._secret

    @property
    def calls(self) -> int:
        """Calls that go on."""
        return len(tuple(self._book.calls)) if self._book else 0

    async def close(self) -> None:
        """Never raises."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._phone.close()
        self._path.unlink(missing_ok=True)

    def _hold(self, task: "asyncio.Task[None]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _listen(self) -> None:
        async for event in self._phone.events():
            if self._book is not None:
                self._book.hear(event)
            if self._client is not None:
                self._client.send_event(event)

    # --- clients ---

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._hold(task)
        try:
            if await self._is_proved(reader, writer):
                await self._serve(reader, writer)
        except (OSError, wire.WireError, asyncio.IncompleteReadError) as error:
            _log.info("a client's connection ended: %s", error)
        except asyncio.CancelledError:
            _log.debug("closing while a client is here")
        finally:
            writer.close()

    async def _is_proved(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the caller knows the secret. Raises OSError, WireError, IncompleteReadError."""
        if self._strangers >= MAX_STRANGERS:
            return False
        self._strangers += 1
        challenge = secret.Challenge(version=wire.VERSION, nonce=secret.new_nonce())
        known = self._secret
        try:
            writer.write(wire.frame(secret.encode(challenge)))
            async with asyncio.timeout(PROVING_SECONDS):
                response = secret.decode(await wire.read_frame(reader, secret.LONGEST))
            writer.write(wire.frame(secret.encode(secret.accept(known, challenge, response))))
        except secret.NotProved:
            _log.warning("somebody without the secret was refused")
            self._tell("refused")
            writer.write(wire.frame(secret.encode(secret.Refused())))
            return False
        except TimeoutError:
            return False
        finally:
            self._strangers -= 1
        return True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Raises OSError, WireError."""
        assert self._book is not None  # noqa: S101
        client = _Client(reader, writer)
        hello = await client.next_message()
        if not isinstance(hello, wire.Hello):
            return
        if hello.version != wire.VERSION:
            client.send(wire.Failed(id=0, code="version", detail=f"{wire.VERSION} {hello.version}"))
            return
        former, self._client = self._client, client
        if former is not None:
            former.send(wire.Failed(id=0, code="replaced"))
            former.end()
        # In one go with becoming the client: what happens from now on it hears as an event.
        client.send_event(self._book.ready)
        if self._book.registration is not None:
            client.send_event(self._book.registration)
        self._tell("came")
        beating = asyncio.create_task(client.beat())
        try:
            await self._obey(client)
        finally:
            beating.cancel()
            if self._client is client:
                self._client = None
                self._tell("left")
                await self._fall_silent()

    async def _obey(self, client: "_Client") -> None:
        while True:
            match await client.next_message():
                case None:
                    return
                case wire.Bye():
                    for call in self._book.calls if self._book else ():
                        with contextlib.suppress(PhoneError):
                            await self._phone.do(port.HangUp(call=call))
                    return
                case wire.Do(id=number, command=command):
                    try:
                        await self._carry_out(client, command)
                    except PhoneError as error:
                        client.send(wire.Failed(id=number, code=error.code, detail=error.detail))
                    else:
                        client.send(wire.Done(id=number))
                case _:
                    pass

    async def _carry_out(self, client: "_Client", command: port.PhoneCommand) -> None:
        """Raises PhoneError."""
        assert self._book is not None  # noqa: S101
        book = self._book
        match command:
            case port.Record():
                raise PhoneError("no_such_file", "nothing is recorded here")
            case port.Play(path=path):
                own = self._ring.with_name(Path(path).name or self._ring.name)
                command = port.Play(
                    player=command.player,
                    path=str(own if own.is_file() else self._ring),
                    loop=command.loop,
                    to=command.to,
                )
            case port.Register() if command == book.account:
                # A workstation that comes back asks for what is so already; anew it would disturb the calls.
                if book.registration is not None:
                    client.send_event(book.registration)
                return
            case port.Dial():
                book.dial(command)
        try:
            await self._phone.do(command)
        except PhoneError:
            if isinstance(command, port.Dial):
                book.dial_failed(command.call)
            raise
        book.obey(command)

    async def _fall_silent(self) -> None:
        """Nobody is there to stop the ringing."""
        for player in tuple(self._book.players) if self._book else ():
            with contextlib.suppress(PhoneError):
                await self._phone.do(port.StopPlaying(player=player))
                if self._book is not None:
                    self._book.players.discard(player)


class _Client:
    """One workstation's connection, once it has proved itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._frames = wire.Frames()
        self._bodies: list[bytes] = []

    async def next_message(self) -> wire.ToEngine | None:
        """None once it is gone. Raises OSError, WireError."""
        while not self._bodies:
            try:
                async with asyncio.timeout(SILENT_SECONDS):
                    data = await self._reader.read(65536)
            except TimeoutError:
                return None
            if not data:
                return None
            self._bodies = self._frames.feed(data)
        return wire.unpack_to_engine(self._bodies.pop(0))

    def send_event(self, event: PhoneEvent) -> None:
        if not isinstance(event, _VOLATILE) or self._waiting() < MOST_VOLATILE:
            self.send(wire.Happened(event=event))

    def send(self, message: wire.ToClient) -> None:
        if self._waiting() > MOST_WAITING:
            self.end()
        elif not self._writer.is_closing():
            self._writer.write(wire.pack(message))

    async def beat(self) -> None:
        while True:
            self.send(wire.Beat())
            await asyncio.sleep(BEAT_SECONDS)

    def end(self) -> None:
        """What is written goes out still; nothing more is read."""
        self._writer.close()
        self._reader.feed_eof()

    def _waiting(self) -> int:
        return self._writer.transport.get_write_buffer_size()
