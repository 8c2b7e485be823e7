"""Where the centre's outgoing mail arrives during a check."""

import asyncio
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP as SMTP_POLICY

from aiosmtpd.smtp import SMTP, Envelope, Session


class MailSink:
    """A real SMTP server on loopback that keeps what it gets."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self._news = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> "MailSink":
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, enable_SMTPUTF8=True), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server:
            self._server.close()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the mail."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        async with self._news:
            self.received.append(BytesParser(_class=EmailMessage, policy=SMTP_POLICY).parsebytes(raw))
            self._news.notify_all()
        return "250 OK"

    async def wait_for(self, in_reply_to: str, within: float = 15) -> EmailMessage:
        """The first mail that answers this Message-ID. Raises TimeoutError."""
        async with asyncio.timeout(within), self._news:
            while True:
                for mail in self.received:
                    if str(mail["In-Reply-To"] or "").strip() == in_reply_to:
                        return mail
                await self._news.wait()
