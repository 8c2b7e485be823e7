"""Answers on their way out: to the relay, again and again until it takes them or says it never will.

At least once: a mail that the relay took just before central was killed is sent again, with the same Message-ID.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import Any, Literal

import aiosmtplib

from catgem_tui.central.plaintext import clean_line
from catgem_tui.protocol.model import Message

logger = logging.getLogger(__name__)

_STORE_AGAIN = 3.0
_LAST_WORDS = 5.0
"""Seconds that a stop leaves for what is being said to the relay."""
_AUTHENTICATION = 535


@dataclass(frozen=True, kw_only=True)
class RelaySettings:
    host: str = ""
    """Empty: there is no relay, and every answer fails as ``no_relay``."""
    port: int = 25
    security: Literal["plain", "starttls", "tls"] = "starttls"
    username: str = ""
    password: str = ""
    sender: str = ""
    """Who answers: ``Name <address>``. The name goes with that address, the address with messages that name none."""
    first_retry: float = 5.0
    longest_retry: float = 900.0
    """Seconds; the pause triples from the first to the longest."""
    give_up: float = 172_800.0
    """Seconds after which a mail has failed (two days)."""
    connections: int = 4
    timeout: float = 60.0


class CannotSend(Exception):
    """The mail will never go out. ``str()`` is the code for the screen, with the relay's words after it."""


class _Folding(EmailPolicy):
    """Mends what the standard folding does to two kinds of header."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name in {"In-Reply-To", "References"}:  # it would encode long Message-IDs, and break the thread
            return f"{name}: {self._ids(value)}\r\n".encode("ascii", "replace")
        folded: bytes = super().fold_binary(name, value)
        return folded.replace(b":\r\n ", b": ", 1)  # a first line without content puzzles old mail servers

    @staticmethod
    def _ids(value: Any) -> str:
        return "\r\n ".join(str(value).split())


_POLICY = _Folding(linesep="\r\n", cte_type="7bit", raise_on_defect=False)


def compose(message: Message, *, sender: str = "") -> tuple[str, tuple[str, ...], bytes]:
    """Envelope sender, recipients and the mail (RFC 5322, UTF-8). Raises CannotSend."""
    mail = message.mail
    if mail is None:
        raise CannotSend("not_a_mail")
    if not mail.to:
        raise CannotSend("no_recipient")
    own_name, own_address = parseaddr(sender)
    name, address = parseaddr(mail.sender or sender)
    if address == own_address:
        name = name or own_name
    composed = EmailMessage(policy=_POLICY)
    try:
        author = Address(display_name=clean_line(name, 100), addr_spec=address)
        recipients = [Address(addr_spec=parseaddr(to)[1]) for to in mail.to]
        if not all(person.domain for person in (author, *recipients)) or any("\n" in to for to in mail.to):
            raise CannotSend("bad_address")
        composed["From"] = author
        composed["To"] = recipients
        composed["Subject"] = clean_line(mail.subject, 900)
        composed["Date"] = format_datetime(datetime.fromtimestamp(message.sent_at, UTC))
        composed["Message-ID"] = clean_line(mail.message_id, 900)
        if mail.in_reply_to:
            composed["In-Reply-To"] = clean_line(mail.in_reply_to, 900)
        if mail.references:
            composed["References"] = clean_line(" ".join(mail.references), 20_000)
        composed.set_content(message.text, charset="utf-8", cte="quoted-printable")
        return author.addr_spec, tuple(person.addr_spec for person in recipients), composed.as_bytes()
    except (MessageError, ValueError, IndexError) as error:  # what the standard library says of unusable addresses
        raise CannotSend("bad_address") from error


Report = Callable[[Message, str], Awaitable[bool]]
"""Tell the actor how it ended: error code or empty. False when that could not be stored."""


class Postbox:
    """Mails waiting to be taken by the relay; each has its task."""

    def __init__(self, settings: RelaySettings, report: Report) -> None:
        self._settings = settings
        self._report = report
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._talking: set[str] = set()
        """Those the relay may have taken without the store knowing it yet."""
        self._slots = asyncio.Semaphore(settings.connections)

    def add(self, messages: Iterable[Message]) -> None:
        """Send them soon; one that is on its way already goes only once."""
        for message in messages:
            if message.id not in self._sending:
                task = asyncio.create_task(self._deliver(message), name=f"mail {message.id}")
                self._sending[message.id] = task

    async def close(self) -> None:
        """What is not sent yet stays pending in the store, and goes out after the next start."""
        for key, task in self._sending.items():
            if key not in self._talking:
                task.cancel()
        tasks = tuple(self._sending.values())
        if tasks:
            await asyncio.wait(tasks, timeout=_LAST_WORDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, message: Message) -> None:
        try:
            error = await self._send_until_taken(message)
            while not await self._report(message, error):  # noqa: ASYNC110 - the store's recovery is no event of ours
                await asyncio.sleep(_STORE_AGAIN)
        finally:
            self._talking.discard(message.id)
            self._sending.pop(message.id, None)

    async def _send_until_taken(self, message: Message) -> str:
        """Empty once the relay has it, or why it never will."""
        settings = self._settings
        pause = settings.first_retry
        try:
            if not settings.host:
                return "no_relay"
            sender, recipients, content = compose(message, sender=settings.sender)
            while True:
                async with self._slots:
                    self._talking.add(message.id)
                    problem = await self._try(sender, recipients, content)
                if problem is None:
                    return ""
                self._talking.discard(message.id)
                if time.time() - message.sent_at > settings.give_up:
                    return f"expired {problem}"
                logger.warning("mail %s waits for the relay: %s", message.id, problem)
                await asyncio.sleep(pause)
                pause = min(3 * pause, settings.longest_retry)
        except CannotSend as failure:
            return str(failure)

    async def _try(self, sender: str, recipients: tuple[str, ...], content: bytes) -> str | None:
        """None when the relay took it, else why it may do so later. Raises CannotSend when it never will."""
        settings = self._settings
        try:
            refused, _answer = await aiosmtplib.send(
                content,
                sender=sender,
                recipients=recipients,
                hostname=settings.host,
                port=settings.port,
                use_tls=settings.security == "tls",
                start_tls=settings.security == "starttls",
                username=settings.username or None,
                password=settings.password or None,
                timeout=settings.timeout,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _judge(min(error.recipients, key=lambda one: one.code))
        except aiosmtplib.SMTPResponseException as error:
            return _judge(error)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            return clean_line(f"{type(error).__name__}: {error}", 200)
        except ValueError as error:
            raise CannotSend("bad_address") from error
        if refused:
            some = "; ".join(f"{address} {answer.code} {answer.message}" for address, answer in refused.items())
            raise CannotSend(clean_line(f"rejected {some}", 300))
        return None


def _judge(error: aiosmtplib.SMTPResponseException) -> str:
    """What to wait for. Raises CannotSend for an answer that ends it, which a refused password of ours is not."""
    words = clean_line(f"{error.code} {error.message}", 300)
    if 500 <= error.code < 600 and error.code != _AUTHENTICATION:
        raise CannotSend(f"rejected {words}")
    return words
