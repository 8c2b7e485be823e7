"""Central's actor and store in memory: as much of them as the citizens' channels see."""

import asyncio
from collections.abc import Callable, Sequence
from time import time

import msgspec

from catgem_tui.central.ports import (
    CitizenLeft,
    CitizenReturned,
    CitizenWrote,
    ContactArrived,
    ContactChannel,
    Deliver,
    DeliveryChanged,
    Finish,
    Happening,
    Join,
    StorageFailed,
    SurveyAnswered,
)
from catgem_tui.protocol.enums import Author, ContactState, Delivery, Refusal
from catgem_tui.protocol.frames import Refused
from catgem_tui.protocol.model import Contact, MailHeaders, Message

OPEN = {ContactState.QUEUED, ContactState.OFFERED, ContactState.ACTIVE, ContactState.PARKED}


class Floor:
    """Inbox, ChatArchive and MailArchive at once; ``happened`` tells what came in, ``broken`` breaks the disk."""

    def __init__(self) -> None:
        self.contacts: dict[str, Contact] = {}
        self.said: dict[str, Message] = {}
        self.happened: list[Happening] = []
        self.broken = False
        self.committing = 0
        self.failed = 0
        """How often the broken disk was felt."""
        self.delay = 0.0
        """Seconds that a commit takes."""
        self._news = asyncio.Event()

    # --- Inbox ---

    async def submit(self, happening: Happening) -> Refused | None:
        self.committing += 1
        self._tell()
        await asyncio.sleep(self.delay)
        self.committing -= 1
        if self.broken:
            self.failed += 1
            self._tell()
            raise StorageFailed("disk full")
        refused = self._apply(happening)
        if refused is None:
            self.happened.append(happening)
        self._tell()
        return refused

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def knows(self, contact: str) -> bool:
        return contact in self.contacts and self.contacts[contact].state in OPEN

    def _apply(self, happening: Happening) -> Refused | None:
        match happening:
            case ContactArrived(contact=contact):
                assert contact not in self.contacts, "the same contact arrived twice"
                now = time()
                self.contacts[contact] = Contact(
                    id=contact,
                    folio=f"{len(self.contacts) + 1:03}-0000",
                    channel=happening.channel,
                    queue=happening.queue or "general",
                    state=ContactState.QUEUED,
                    arrived_at=now,
                    state_since=now,
                    citizen=happening.citizen,
                    subject=happening.subject,
                    priority=happening.priority,
                )
                if happening.first is not None:
                    self.said[happening.first.id] = happening.first
            case CitizenWrote(message=message):
                if not self.knows(message.contact):
                    return Refused(code=Refusal.WRONG_STATE)
                self.said.setdefault(message.id, message)
            case CitizenLeft(contact=contact):
                return self._mark(contact, present=False)
            case CitizenReturned(contact=contact):
                return self._mark(contact, present=True)
            case SurveyAnswered(contact=contact, score=score):
                self.change(contact, survey=score)
            case DeliveryChanged(message=message, error=error):
                state = Delivery.FAILED if error else Delivery.SENT
                if message in self.said:
                    self.said[message] = msgspec.structs.replace(self.said[message], delivery=state)
        return None

    def _mark(self, contact: str, *, present: bool) -> Refused | None:
        if not self.knows(contact):
            return Refused(code=Refusal.NOT_FOUND)
        self.change(contact, citizen_present=present)
        return None

    # --- archives ---

    def _read(self) -> None:
        if self.broken:
            raise StorageFailed("disk full")

    async def contact(self, contact: str) -> Contact | None:
        self._read()
        return self.contacts.get(contact)

    async def messages(self, contact: str) -> list[Message]:
        self._read()
        return [message for message in self.said.values() if message.contact == contact]

    async def user_name(self, user: str) -> str:
        return user.title()

    async def open_chats(self) -> list[str]:
        return [contact.id for contact in self.contacts.values() if contact.state in OPEN]

    async def has_message(self, message: str) -> bool:
        self._read()
        return message in self.said

    async def find(self, message_ids: Sequence[str]) -> str | None:
        self._read()
        found = [m.contact for m in self.said.values() if m.mail is not None and m.mail.message_id in message_ids]
        return next((contact for contact in found if self.knows(contact)), found[0] if found else None)

    async def pending(self) -> list[Message]:
        return [message for message in self.said.values() if message.delivery is Delivery.PENDING]

    # --- what the tests do and await ---

    def change(self, contact: str, **fields: object) -> None:
        self.contacts[contact] = msgspec.structs.replace(self.contacts[contact], **fields)

    async def until(self, condition: Callable[[], object], *, seconds: float = 20.0) -> None:
        """Wait until something submitted has made it true."""
        async with asyncio.timeout(seconds):
            while not condition():
                await self._news.wait()

    def of(self, kind: type) -> list[Happening]:
        return [happening for happening in self.happened if isinstance(happening, kind)]

    async def join(self, channel: ContactChannel, contact: str, advisor: str) -> None:
        self.change(contact, state=ContactState.ACTIVE, advisor=advisor, accepted_at=time())
        await channel.perform(Join(contact=contact, channel=channel.channel, advisor=advisor, name=advisor.title()))

    async def write(self, channel: ContactChannel, contact: str, text: str, mail: MailHeaders | None = None) -> Message:
        message = Message(
            id=f"{contact}/{len(self.said)}",
            contact=contact,
            author=Author.ADVISOR,
            name=(self.contacts[contact].advisor or "").title(),
            text=text,
            sent_at=time(),
            delivery=Delivery.SENT if mail is None else Delivery.PENDING,
            mail=mail,
        )
        self.said[message.id] = message
        await channel.perform(Deliver(channel=channel.channel, message=message))
        return message

    async def finish(self, channel: ContactChannel, contact: str) -> None:
        self.change(contact, state=ContactState.WRAP_UP)
        await channel.perform(Finish(contact=contact, channel=channel.channel))
