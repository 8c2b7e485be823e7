"""Mails as contacts: in through the door, out through the postbox."""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from catgem_tui.central.mail.archive import MailArchive
from catgem_tui.central.mail.reading import ReadMail, read
from catgem_tui.central.mail.sending import Postbox, RelaySettings
from catgem_tui.central.mail.smtp import Door, DoorSettings
from catgem_tui.central.ports import (
    CitizenWrote,
    ContactArrived,
    Deliver,
    DeliveryChanged,
    Effect,
    Inbox,
    StorageFailed,
)
from catgem_tui.protocol.enums import Author, Channel, Refusal
from catgem_tui.protocol.frames import Refused
from catgem_tui.protocol.model import Citizen, Message

logger = logging.getLogger(__name__)

_AUTOMATIC_PRIORITY = -1
_PARSED_AT_ONCE = 2
_STORE_REFUSALS = frozenset({Refusal.STORAGE, Refusal.UNAVAILABLE})


@dataclass(frozen=True, kw_only=True)
class MailSettings:
    door: DoorSettings = field(default_factory=DoorSettings)
    relay: RelaySettings = field(default_factory=RelaySettings)
    text_limit: int = 50_000
    """Characters kept of one mail's text."""
    queue: str = ""
    """Where mails arrive; empty: the centre's first queue."""


class MailChannel:
    """The channel for citizens' mail. ``port`` is where the door listens once started."""

    channel = Channel.MAIL

    def __init__(
        self,
        archive: MailArchive,
        settings: MailSettings | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._archive = archive
        self._settings = settings or MailSettings()
        self._clock = clock
        self._inbox: Inbox | None = None
        self._door = Door(self._settings.door, self._receive)
        self._postbox = Postbox(self._settings.relay, self._report)
        # Its own threads: in the common pool a mail would wait behind whatever else blocks there.
        self._threads = ThreadPoolExecutor(_PARSED_AT_ONCE, thread_name_prefix="mail")
        self._storing = asyncio.Lock()
        """Two copies of one mail may come at once, and an answer together with what it answers."""

    @property
    def port(self) -> int:
        return self._door.port

    async def start(self, inbox: Inbox) -> None:
        """Opens the door and goes on sending what was pending. Raises PortTaken, StorageFailed."""
        pending = await self._archive.pending()
        self._inbox = inbox
        await self._door.open()
        self._postbox.add(pending)

    async def stop(self) -> None:
        await self._door.close()
        await self._postbox.close()
        self._threads.shutdown(wait=False)
        self._inbox = None

    async def perform(self, effect: Effect) -> None:
        if isinstance(effect, Deliver):
            self._postbox.add([effect.message])

    async def _receive(self, source: bytes, envelope_sender: str) -> None:
        """A whole mail. Returns once it is stored; raises StorageFailed when it could not be."""
        parse = partial(read, source, envelope_sender=envelope_sender, text_limit=self._settings.text_limit)
        mail = await asyncio.get_running_loop().run_in_executor(self._threads, parse)
        async with self._storing:
            await self._store(mail)

    async def _store(self, mail: ReadMail) -> None:
        inbox = self._inbox
        if inbox is None:
            raise StorageFailed("central is stopping")
        if await self._archive.has_message(mail.message):
            logger.info("mail %s came again", mail.message)
            return
        contact = await self._archive.find(mail.thread) if mail.thread else None
        if contact is not None and inbox.knows(contact):
            refused = await inbox.submit(CitizenWrote(message=self._message(mail, contact)))
            if refused is None:
                return
            _raise_if_store(refused)
        refused = await inbox.submit(
            ContactArrived(
                contact=mail.contact,
                channel=Channel.MAIL,
                queue=self._settings.queue,
                citizen=Citizen(name=mail.name, email=mail.address),
                subject=mail.headers.subject,
                priority=_AUTOMATIC_PRIORITY if mail.automatic else 0,
                first=self._message(mail, mail.contact),
            )
        )
        if refused is not None:
            raise StorageFailed(f"the mail was refused: {refused.code}")

    def _message(self, mail: ReadMail, contact: str) -> Message:
        return Message(
            id=mail.message,
            contact=contact,
            author=Author.CITIZEN,
            text=mail.text,
            sent_at=self._clock(),
            name=mail.name,
            mail=mail.headers,
        )

    async def _report(self, message: Message, error: str) -> bool:
        inbox = self._inbox
        if inbox is None:
            return False
        try:
            await inbox.submit(DeliveryChanged(contact=message.contact, message=message.id, error=error))
        except StorageFailed:
            logger.warning("the delivery of mail %s could not be stored yet", message.id)
            return False
        return True


def _raise_if_store(refused: Refused) -> None:
    if refused.code in _STORE_REFUSALS:
        raise StorageFailed(str(refused.code))
