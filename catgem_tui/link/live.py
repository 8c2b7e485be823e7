"""The live line: a websocket that drives a ``WorkstationSession``, comes back by itself and never raises."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from catgem_tui.link.address import Address, Failed
from catgem_tui.protocol.frames import MAX_FRAME
from catgem_tui.protocol.model import Struct
from catgem_tui.protocol.session import Closed, Incoming, Welcomed, WorkstationSession

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
OPEN_TIMEOUT = 5.0
CLOSE_TIMEOUT = 1.0
TURN = 0.002
"""Seconds of a flood after which it is the turn of the screen and of what is to be sent."""
TURNS = 8
"""Turns of the loop that those get then: a key takes about as many to be seen."""
FINAL = frozenset({"replaced", "version", "incompatible", "logged_out", "expired", "insecure"})
"""Reasons after which coming back by itself makes no sense."""

log = logging.getLogger(__name__)
GiveToken = Callable[[bool], Awaitable[str | Failed]]
"""Returns an access token; True asks for a new one because central would not have the last."""


class Listener(Protocol):
    """Who hears what the line brings. Called on the event loop; must not block or raise."""

    def line_brought(self, incoming: Incoming) -> None: ...

    def line_lost(self, reason: str, unanswered: tuple[str, ...]) -> None:
        """The connection is gone or could not be made. ``reason`` is a ``Closed`` or ``Failed`` code.

        ``unanswered``: ids of the commands sent on it and never answered. It is tried again unless ``reason`` is in
        ``FINAL``.
        """


def backoff(attempt: int, chance: float) -> float:
    """Seconds to wait before the ``attempt``-th try (from 0): 0.2 doubling to 5, of which half is left to chance."""
    full: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempt, 16))
    return full / 2 + chance * full / 2


class LiveLine:
    """Keeps one session connected until ``close``."""

    def __init__(
        self, address: Address, session: WorkstationSession, give_token: GiveToken, listener: Listener
    ) -> None:
        self._address = address
        self._session = session
        self._give_token = give_token
        self._listener = listener
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        self._flushed = asyncio.Event()
        self._flushed.set()
        self._welcomed = False

    def open(self) -> None:
        """Begin, or begin again after a final loss."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run(), name="live line")

    def hurry(self) -> None:
        """Try now instead of after the pause."""
        self._hurry.set()
        self.open()

    def send(self, command_id: str, body: Struct) -> bool:
        """Send a command now; False when the line is not up (nothing is kept)."""
        sent = self._session.send(command_id, body)
        if sent:
            self._flushed.clear()
            self._wake.set()
        return sent

    def acknowledge(self) -> None:
        """Something that had arrived is taken in now (``WorkstationSession.reached``)."""
        self._wake.set()

    async def close(self) -> None:
        """Leave for good, after what is queued has been sent."""
        task, self._task = self._task, None
        if task is None:
            return
        with contextlib.suppress(TimeoutError):
            # Not asyncio.timeout: before Python 3.11.3 it raises CancelledError in a task once cancelled.
            await asyncio.wait_for(self._flushed.wait(), CLOSE_TIMEOUT)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _run(self) -> None:
        attempt, renew = 0, False
        while True:
            self._hurry.clear()
            self._welcomed = False
            try:
                reason = await self._connect_once(renew)
            except Exception:
                # A proxy's or a certificate's surprise: nobody watches this task, and without it there is no line.
                log.exception("the live line met something unforeseen")
                reason = "unreachable"
            # A token that was just renewed and still is not wanted proves that asking again is useless.
            if reason == "unauthorized" and renew:
                reason = "expired"
            if reason in FINAL:
                self._task = None  # the listener may open again at once
            self._listener.line_lost(reason, self._session.disconnect())
            if reason in FINAL:
                return
            renew = reason == "unauthorized"
            attempt = 0 if self._welcomed else attempt + 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(backoff(attempt, random.random())):  # noqa: S311 - jitter
                    await self._hurry.wait()

    async def _connect_once(self, renew: bool) -> str:
        """One connection from its token to its end; returns why it ended."""
        await asyncio.to_thread(import_module, "websockets.asyncio.client")  # a tenth of a second not on the loop
        from websockets.asyncio.client import connect
        from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException

        token = await self._give_token(renew)
        if isinstance(token, Failed):
            return token.code
        try:
            connection = await connect(
                self._address.live,
                compression=None,
                max_size=MAX_FRAME,
                ping_interval=None,
                open_timeout=OPEN_TIMEOUT,
                close_timeout=CLOSE_TIMEOUT,
                proxy=None if self._address.local else True,
            )
        except InvalidURI:
            return "incompatible"
        except InvalidHandshake as error:
            log.info("central refused the live line: %s", error)
            return "unreachable"
        except (OSError, TimeoutError, WebSocketException) as error:
            log.info("no live line: %s", type(error).__name__)
            return "unreachable"
        try:
            return await self._talk(connection, token)
        finally:
            await connection.close()

    async def _talk(self, connection: "ClientConnection", token: str) -> str:
        self._session.connect(token)
        reading = asyncio.create_task(self._read(connection), name="live line reader")
        writing = asyncio.create_task(self._write(connection), name="live line writer")
        try:
            await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
            # The reader knows why; the writer only that it can no longer write.
            if not reading.done() and (ended := writing.result()) != "unreachable":
                return ended
            return await reading
        finally:
            for task in (reading, writing):
                task.cancel()
            await asyncio.gather(reading, writing, return_exceptions=True)
            self._flushed.set()

    async def _read(self, connection: "ClientConnection") -> str:
        from websockets.exceptions import ConnectionClosed

        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            while True:
                if loop.time() - begun > TURN:
                    for _ in range(TURNS):  # what has come already is received without a pause, however much it is
                        await asyncio.sleep(0)
                    begun = loop.time()
                for incoming in self._session.receive(await connection.recv()):
                    if isinstance(incoming, Closed):
                        return incoming.reason
                    self._welcomed = self._welcomed or isinstance(incoming, Welcomed)
                    self._listener.line_brought(incoming)
                self._wake.set()
        except ConnectionClosed:
            return "unreachable"

    async def _write(self, connection: "ClientConnection") -> str:
        from websockets.exceptions import ConnectionClosed

        loop = asyncio.get_running_loop()
        try:
            while True:
                self._wake.clear()
                for frame in self._session.frames_to_send():
                    await connection.send(frame)
                if not self._wake.is_set():
                    self._flushed.set()
                # Not wait_for: in Python 3.11 it can swallow a cancellation that comes together with the event.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(0.01, self._session.deadline - loop.time())):
                        await self._wake.wait()
                closed = self._session.tick()
                if closed is not None:
                    return closed.reason
        except ConnectionClosed:
            return "unreachable"
