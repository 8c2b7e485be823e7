"""A simulated citizen who writes an e-mail, by SMTP as any mail server would bring it."""

import asyncio
import logging
import smtplib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime
from random import Random
from typing import Any

from catgem_tui.citizens import phrases

logger = logging.getLogger(__name__)

_RETRIES = (1.0, 3.0, 9.0)
"""Pauses after which a refused-for-now mail is tried again."""
_HTML = 0.3
_WITH_ATTACHMENT = 0.15


@dataclass
class Mailer:
    """Writes one mail to ``recipient`` and brings it to ``host``:``port``."""

    host: str
    port: int
    recipient: str = "atencion@catgem.example"
    timeout: float = 30.0
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2), repr=False)
    """Few at a time: each blocks a thread of the pool that the rest of the process uses as well."""

    async def send(self, mail: EmailMessage) -> None:
        """Raises OSError, SMTPException (both are OSError) once the retries are used up."""
        for pause in (*_RETRIES, None):
            try:
                async with self._turn:
                    await asyncio.to_thread(self._send_once, mail)
            except smtplib.SMTPResponseException as error:
                if pause is None or error.smtp_code >= 500:
                    raise
            except OSError:
                if pause is None:
                    raise
            else:
                return
            await asyncio.sleep(pause or 0.0)

    def _send_once(self, mail: EmailMessage) -> None:
        sender = mail["From"].addresses[0].addr_spec
        with smtplib.SMTP(self.host, self.port, local_hostname="ejemplo.example", timeout=self.timeout) as server:
            server.sendmail(sender, [self.recipient], mail.as_bytes(policy=SMTP))

    def write(self, random: Random) -> EmailMessage:
        """A plausible mail from a made-up person."""
        person = phrases.make_person(random)
        enquiry = random.choice(phrases.ENQUIRIES)
        question = phrases.make_question(random, person, enquiry)
        follow_up = random.choice(enquiry.follow_ups).format(place=person.place)
        text = f"{question}\n\n{follow_up}\n\nQuedo al pendiente. Gracias.\n\n{person.name}\n{person.place}\n"
        user, _at, domain = person.email.partition("@")
        mail = EmailMessage()
        mail["From"] = Address(person.name, user, domain)
        mail["To"] = self.recipient
        mail["Subject"] = enquiry.subject
        mail["Date"] = format_datetime(localtime())
        mail["Message-ID"] = f"<{random.getrandbits(96):x}@{domain}>"
        if random.random() < _HTML:
            paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
            mail.set_content(f"<html><body>{paragraphs}</body></html>", subtype="html")
        else:
            mail.set_content(text)
        if random.random() < _WITH_ATTACHMENT:
            mail.add_attachment(
                b"%PDF-1.4\n%%EOF\n", maintype="application", subtype="pdf", filename="identificación.pdf"
            )
        return mail


def mail_visits(
    host: str, port: int, recipient: str = "atencion@catgem.example"
) -> Callable[[Random], Coroutine[Any, Any, None]]:
    """What the arrivals call for each citizen who comes by mail."""
    mailer = Mailer(host, port, recipient)

    def visit(random: Random) -> Coroutine[Any, Any, None]:
        return mailer.send(mailer.write(random))

    return visit
