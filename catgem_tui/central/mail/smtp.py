"""The door for mail: an SMTP server on central's own loop, which says 250 only to what is on disk."""

import asyncio
import errno
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiosmtpd.smtp import SMTP, Envelope, Session

from catgem_tui.central.ports import PortTaken

logger = logging.getLogger(__name__)

Receive = Callable[[bytes, str], Awaitable[None]]
"""Takes a mail and its envelope sender; returns once it is on disk."""

TRY_LATER = "451 4.3.0 The mail could not be stored; please send it again later"


@dataclass(frozen=True, kw_only=True)
class DoorSettings:
    host: str = "127.0.0.1"
    port: int = 2525
    """0: any free one."""
    size_limit: int = 25 * 1024 * 1024
    """Bytes of one mail."""
    connections: int = 50
    idle: float = 300.0
    """Seconds of silence after which a sender is cut off (RFC 5321 4.5.3.2.7)."""
    name: str = "localhost"
    """Said in the greeting."""
    accepted: tuple[str, ...] = ()
    """Addresses and whole domains whose mail is ours; other mail is refused. Empty: all is ours. Nothing is relayed."""


class _Sender(SMTP):
    """One connection. Long lines are forgiven, a flood is not."""

    # RFC 5321 allows 1000 bytes; HTML from web forms comes on one line, and to refuse it loses a citizen's mail.
    line_length_limit = 512 * 1024

    def __init__(self, door: "Door", loop: asyncio.AbstractEventLoop) -> None:
        settings = door.settings
        super().__init__(
            door,
            data_size_limit=settings.size_limit,
            enable_SMTPUTF8=True,
            hostname=settings.name,
            ident="SMTP",
            timeout=settings.idle,
            loop=loop,
        )
        self._door = door
        self._received = 0
        self._turned_away = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport) and len(self._door.senders) >= self._door.settings.connections:
            self._turned_away = True
            transport.write(b"421 4.3.2 Too many connections; please try again later\r\n")
            transport.close()
            return
        self._door.senders.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._turned_away:
            self._door.senders.discard(self)
            super().connection_lost(error)

    def eof_received(self) -> bool | None:
        return None if self._turned_away else super().eof_received()

    def data_received(self, data: bytes) -> None:
        """Counts, because a mail beyond the limit is read to its end, and one endless line would be kept in memory."""
        if self._turned_away:
            return
        self._received += len(data)
        transport = self.transport
        if self._received > 4 * self._door.settings.size_limit and isinstance(transport, asyncio.WriteTransport):
            transport.write(b"552 5.3.4 The mail is far too large\r\n")
            transport.close()
            return
        super().data_received(data)

    async def smtp_MAIL(self, arg: str | None) -> None:
        self._received = 0
        await super().smtp_MAIL(arg)

    def hang_up(self) -> None:
        if self.transport is not None:
            self.transport.close()


class Door:
    """Listens from ``open`` to ``close``. The ``handle_…`` methods are aiosmtpd's hooks."""

    def __init__(self, settings: DoorSettings, receive: Receive) -> None:
        self.settings = settings
        self.senders: set[_Sender] = set()
        self._receive = receive
        self._server: asyncio.Server | None = None
        self._receiving: set[asyncio.Task[None]] = set()
        self._wanted = frozenset(name.lower() for name in settings.accepted)

    async def open(self) -> None:
        """Raises PortTaken."""
        loop = asyncio.get_running_loop()
        host, port = self.settings.host, self.settings.port
        try:
            self._server = await loop.create_server(lambda: _Sender(self, loop), host, port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken("SMTP", host, port) from error
            raise

    @property
    def port(self) -> int:
        """The port that is listened on."""
        if self._server is None or not self._server.sockets:
            return self.settings.port
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Mails whose end was read are still stored; their senders may miss the answer and will send them again."""
        if self._server is not None:
            self._server.close()
        if self._receiving:
            await asyncio.wait(self._receiving)
        for sender in tuple(self.senders):
            sender.hang_up()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        name = address.lower()
        if self._wanted and self._wanted.isdisjoint({name, name.rpartition("@")[2]}):
            return "550 5.1.1 No such address here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        # A task of its own: aiosmtpd cancels this one when the sender hangs up, maybe in the midst of a commit.
        task = asyncio.ensure_future(self._receive(content, (envelope.mail_from or "").strip("<>")))
        self._receiving.add(task)
        task.add_done_callback(self._settle)
        await asyncio.shield(task)
        return "250 2.0.0 OK, stored"

    async def handle_exception(self, error: Exception) -> str:
        """Whatever went wrong here is not the sender's fault: the mail must come again."""
        logger.warning("a mail could not be stored: %s", type(error).__name__, exc_info=error)
        return TRY_LATER

    def _settle(self, task: "asyncio.Task[None]") -> None:
        self._receiving.discard(task)
        if not task.cancelled():
            task.exception()  # reported by handle_exception; nobody else listens when the sender is gone
