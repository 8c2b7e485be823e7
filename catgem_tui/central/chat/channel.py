"""Chats as contacts: from the citizens' sockets into the actor, and its effects back to their pages.

The channel keeps nothing that a restart could lose. The secret token that central gave the page yields the contact's
id, everything else is read from the store: so a page continues its chat against a central that was killed.
"""

import asyncio
import logging
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from catgem_tui.central.chat import frames
from catgem_tui.central.chat.archive import ChatArchive
from catgem_tui.central.chat.page import build_handlers
from catgem_tui.central.chat.visitor import Allowance, Visitor
from catgem_tui.central.plaintext import clean, clean_line
from catgem_tui.central.ports import (
    CitizenLeft,
    CitizenReturned,
    CitizenWrote,
    ContactArrived,
    Deliver,
    Effect,
    Finish,
    Inbox,
    Join,
    Requeue,
    StorageFailed,
    SurveyAnswered,
)
from catgem_tui.protocol.enums import Author, Channel, ContactState, Refusal
from catgem_tui.protocol.frames import Refused
from catgem_tui.protocol.model import Citizen, Contact, Message

logger = logging.getLogger(__name__)

_CHATS = uuid.UUID("b0f6d3f2-8a57-5a0b-9d8e-6b2a8f5c7e11")
_TOKEN_LENGTH = range(24, 65)
_TYPING_EVERY = 3.0
_RETRY = 3.0
"""Seconds after which a page should try again what could not be stored."""
_WAITING_STATES = frozenset({ContactState.QUEUED, ContactState.OFFERED})
_TALKING_STATES = frozenset({ContactState.ACTIVE, ContactState.PARKED})


def contact_of(token: str) -> str:
    """The id of the contact that this secret opens. The way back from the id to the secret is a search of 2^122."""
    return str(uuid.uuid5(_CHATS, token))


def message_of(contact: str, page_id: str) -> str:
    """The id of a citizen's message: the same for every repetition, another one in every other chat."""
    return str(uuid.uuid5(uuid.UUID(contact), page_id))


@dataclass(frozen=True, kw_only=True)
class ChatSettings:
    grace: float = 60.0
    """Seconds without a socket after which the citizen counts as gone."""
    max_length: int = 4_000
    """Characters in one message."""
    messages_per_minute: int = 30
    """In one chat, on average; half of them may come at once."""
    survey: bool = True
    """Whether pages ask for a score at the end."""
    open_chats: int = 500
    """Chats at a time, those within the grace included."""
    open_pages: int = 2_000
    """Sockets at a time, those of pages on which nothing was said yet included."""
    centre: str = "CATGEM"
    """The name citizens know, on the page."""
    privacy_url: str = ""
    """Address of the full privacy notice; empty: the page shows the short one alone."""
    queue: str = ""
    """Where chats arrive; empty: the centre's first queue."""


@dataclass(eq=False)
class _Chat:
    """One contact's pages. The lock orders its comings, goings and its first message."""

    allowance: Allowance
    """How often its citizen may write."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    visitors: set[Visitor] = field(default_factory=set)
    grace: asyncio.TimerHandle | None = None
    over: bool = False
    """The citizen's part has ended: nobody is missed any more."""

    def tell(self, frame: frames.ToPage, *, but: Visitor | None = None) -> None:
        for visitor in self.visitors:
            if visitor is not but:
                visitor.send(frame)


class ChatChannel:
    """The channel for citizens' chats. ``typing`` is told the contact of a citizen who is writing, now and then.

    ``handlers`` are Litestar's, for anyone: ``/chat`` and below.
    """

    channel = Channel.CHAT

    def __init__(
        self,
        archive: ChatArchive,
        settings: ChatSettings | None = None,
        *,
        typing: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._archive = archive
        self._settings = settings or ChatSettings()
        self._typing = typing
        self._clock = clock
        self._inbox: Inbox | None = None
        self._chats: dict[str, _Chat] = {}
        self._pages: set[Visitor] = set()
        self._reports: set[asyncio.Task[None]] = set()
        self.handlers: list[Any] = build_handlers(
            self,
            centre=self._settings.centre,
            privacy_url=self._settings.privacy_url,
            max_length=self._settings.max_length,
        )

    # --- the channel's contract ---

    async def start(self, inbox: Inbox) -> None:
        """Citizens of open chats have the grace from now on to come back. Raises StorageFailed."""
        for contact in await self._archive.open_chats():
            chat = self._chat(contact)
            self._miss(contact, chat)
        self._inbox = inbox

    async def stop(self) -> None:
        """Pages are cut off and will look for central again; nobody is reported as gone."""
        self._inbox = None
        for chat in self._chats.values():
            self._found(chat)
        await asyncio.gather(*self._reports)
        self._chats.clear()
        for visitor in tuple(self._pages):
            visitor.close()

    async def perform(self, effect: Effect) -> None:
        match effect:
            case Deliver(message=message):
                line = _line(message)
                if line is not None:
                    self._tell(message.contact, frames.NewMessage(line=line))
            case Join(contact=contact, name=name):
                self._tell(contact, frames.Joined(name=name))
            case Requeue(contact=contact):
                self._tell(contact, frames.Waiting())
            case Finish(contact=contact, survey=survey):
                self._end(contact, survey=survey)
            case _:
                pass  # offers are the advisor's business; calls alone are held and monitored

    # --- a page's life, driven by the socket's handler ---

    def enter(self, visitor: Visitor) -> bool:
        """A page has opened its socket. False, and told so, when there are too many, or central is not ready."""
        if self._inbox is None:
            visitor.send(frames.Error(code="unavailable", retry=_RETRY))
            return False
        if len(self._pages) >= self._settings.open_pages:
            visitor.send(frames.Error(code="full"))
            return False
        self._pages.add(visitor)
        return True

    def leave(self, visitor: Visitor) -> None:
        """The page's socket is closed."""
        self._pages.discard(visitor)
        chat = self._chats.get(visitor.contact)
        if chat is None:
            return
        chat.visitors.discard(visitor)
        if not chat.visitors:
            if chat.over:
                del self._chats[visitor.contact]
            elif self._inbox is not None:
                self._miss(visitor.contact, chat)

    async def receive(self, visitor: Visitor, data: str) -> None:
        """One frame of the page. Every frame that can fail is answered."""
        if len(data) > frames.MAX_FRAME:
            visitor.send(frames.Error(code="too_long", limit=self._settings.max_length))
            return
        try:
            frame = frames.decode(data)
        except frames.FrameError:
            visitor.send(frames.Error(code="malformed"))
            return
        if isinstance(frame, frames.Ping):
            visitor.send(frames.Pong())
            return
        inbox = self._inbox
        about = frame.id if isinstance(frame, frames.Say) else ""
        if inbox is None:
            visitor.send(frames.Error(code="unavailable", id=about, retry=_RETRY))
            return
        if not visitor.contact and not isinstance(frame, frames.Start):
            visitor.send(frames.Error(code="not_started", id=about))
            return
        try:
            match frame:
                case frames.Start():
                    await self._start(inbox, visitor, frame)
                case frames.Say():
                    await self._say(inbox, visitor, frame)
                case frames.Typing():
                    self._type(inbox, visitor)
                case frames.Survey(score=score):
                    await self._survey(inbox, visitor, score)
                case frames.Bye():
                    await self._bye(inbox, visitor)
        except StorageFailed:
            logger.warning("the store cannot answer the chat channel")
            visitor.send(frames.Error(code="unavailable", id=about, retry=_RETRY))

    # --- frames ---

    async def _start(self, inbox: Inbox, visitor: Visitor, frame: frames.Start) -> None:
        if visitor.contact or (frame.token and not _is_token(frame.token)):
            visitor.send(frames.Error(code="malformed"))
            return
        token = frame.token or secrets.token_urlsafe(24)
        contact = contact_of(token)
        if frame.token:
            welcome, seen = await self._resume(inbox, visitor, contact, frame)
        else:
            welcome, seen = frames.Welcome(token=token, state="new"), frozenset()
        visitor.contact = contact
        visitor.consent = visitor.consent or frame.consent
        visitor.name = clean_line(frame.name, 100)
        visitor.email = clean_line(frame.email, 254)
        visitor.release(frames.welcome_in_parts(welcome), seen=seen)

    async def _resume(
        self, inbox: Inbox, visitor: Visitor, contact: str, frame: frames.Start
    ) -> tuple[frames.Welcome, frozenset[str]]:
        """What a returning page is told, and the ids of the messages in it."""
        chat = self._chat(contact)
        visitor.hold()
        chat.visitors.add(visitor)
        self._found(chat)
        try:
            async with chat.lock:
                record = await self._archive.contact(contact)
                if record is not None and not record.citizen_present and _state(record) != "ended":
                    await inbox.submit(CitizenReturned(contact=contact))
                    record = await self._archive.contact(contact) or record
                messages = await self._archive.messages(contact) if record is not None else []
                advisor = await self._archive.user_name(record.advisor) if record and record.advisor else ""
        except StorageFailed:
            visitor.drop_held()
            chat.visitors.discard(visitor)
            if not chat.visitors:
                self._miss(contact, chat)
            raise
        if record is None:
            chat.visitors.discard(visitor)
            self._forget_if_idle(contact, chat)
            return frames.Welcome(token=frame.token, state="new"), frozenset()
        visitor.consent = True
        lines = [line for message in messages if (line := _line(message)) is not None]
        seen = frozenset(line.id for line in lines)
        for number, line in enumerate(lines):
            if line.id == frame.after:
                lines = lines[number + 1 :]
                break
        state = _state(record)
        chat.over = state == "ended"
        welcome = frames.Welcome(
            token=frame.token,
            state=state,
            history=tuple(lines),
            folio=record.folio,
            advisor=advisor if state == "joined" else "",
            survey=state == "ended" and self._wants_survey(record),
        )
        return welcome, seen

    async def _say(self, inbox: Inbox, visitor: Visitor, frame: frames.Say) -> None:
        text = self._acceptable(visitor, frame)
        if not isinstance(text, str):
            visitor.send(text)
            return
        contact = visitor.contact
        message = Message(
            id=message_of(contact, frame.id),
            contact=contact,
            author=Author.CITIZEN,
            text=text,
            sent_at=self._clock(),
            name=visitor.name,
        )
        if contact not in self._chats and len(self._chats) >= self._settings.open_chats:
            visitor.send(frames.Error(code="full", id=frame.id))
            return
        chat = self._chat(contact)
        chat.visitors.add(visitor)
        if pause := chat.allowance.ask():
            visitor.send(frames.Error(code="too_fast", id=frame.id, retry=pause))
            return
        try:
            async with chat.lock:
                first = not inbox.knows(contact) and await self._archive.contact(contact) is None
                refused = await inbox.submit(
                    self._arrival(visitor, message) if first else CitizenWrote(message=message)
                )
        except StorageFailed:
            if not inbox.knows(contact):
                chat.visitors.discard(visitor)
                self._forget_if_idle(contact, chat)
            raise
        if refused is not None and not await self._is_stored(message):
            visitor.send(self._problem(refused, frame.id))
            return
        record = await self._archive.contact(contact) if first else None
        visitor.send(
            frames.Said(id=frame.id, message=message.id, at=message.sent_at, folio=record.folio if record else "")
        )
        if first and (record is None or _state(record) == "waiting"):
            chat.tell(frames.Waiting())
        line = _line(message)
        if line is not None:
            chat.tell(frames.NewMessage(line=line), but=visitor)

    def _acceptable(self, visitor: Visitor, frame: frames.Say) -> str | frames.Error:
        """The text as it is kept, or what is wrong with it."""
        limit = self._settings.max_length
        if not 0 < len(frame.id) <= 64:
            return frames.Error(code="malformed")
        if len(frame.text) > limit:
            return frames.Error(code="too_long", id=frame.id, limit=limit)
        if not visitor.consent:
            return frames.Error(code="consent_needed", id=frame.id)
        return clean(frame.text, limit) or frames.Error(code="empty", id=frame.id)

    def _arrival(self, visitor: Visitor, message: Message) -> ContactArrived:
        return ContactArrived(
            contact=message.contact,
            channel=Channel.CHAT,
            queue=self._settings.queue,
            citizen=Citizen(name=visitor.name, email=visitor.email),
            subject=clean_line(message.text, 80),
            first=message,
        )

    async def _is_stored(self, message: Message) -> bool:
        """Whether it took effect earlier, when its acknowledgement was lost."""
        return any(known.id == message.id for known in await self._archive.messages(message.contact))

    def _problem(self, refused: Refused, about: str) -> frames.Error:
        match refused.code:
            case Refusal.TOO_LONG:
                return frames.Error(code="too_long", id=about, limit=self._settings.max_length)
            case Refusal.STORAGE | Refusal.UNAVAILABLE:
                return frames.Error(code="unavailable", id=about, retry=_RETRY)
            case _:
                return frames.Error(code="ended", id=about)

    def _wants_survey(self, contact: Contact | None) -> bool:
        return (
            self._settings.survey and contact is not None and contact.accepted_at is not None and contact.survey is None
        )

    def _type(self, inbox: Inbox, visitor: Visitor) -> None:
        now = time.monotonic()
        if self._typing is None or now - visitor.typing_at < _TYPING_EVERY or not inbox.knows(visitor.contact):
            return
        visitor.typing_at = now
        self._typing(visitor.contact)

    async def _survey(self, inbox: Inbox, visitor: Visitor, score: int) -> None:
        if not 1 <= score <= 5:
            visitor.send(frames.Error(code="bad_score"))
            return
        refused = await inbox.submit(SurveyAnswered(contact=visitor.contact, score=score))
        if refused is not None:
            visitor.send(self._problem(refused, ""))
            return
        chat = self._chats.get(visitor.contact)
        visitor.send(frames.Surveyed(score=score))
        if chat is not None:
            chat.tell(frames.Surveyed(score=score), but=visitor)

    async def _bye(self, inbox: Inbox, visitor: Visitor) -> None:
        contact = visitor.contact
        chat = self._chats.get(contact)
        if chat is None:
            visitor.send(frames.Ended())
            return
        async with chat.lock:
            if not chat.over:
                await inbox.submit(CitizenLeft(contact=contact))
                chat.over = True
        record = await self._archive.contact(contact)
        chat.tell(frames.Ended(survey=self._wants_survey(record)))

    # --- coming and going ---

    def _chat(self, contact: str) -> _Chat:
        if contact not in self._chats:
            often = self._settings.messages_per_minute
            self._chats[contact] = _Chat(allowance=Allowance(rate=often / 60, burst=max(3.0, often / 2)))
        return self._chats[contact]

    def _miss(self, contact: str, chat: _Chat, *, after: float | None = None) -> None:
        self._found(chat)
        wait = self._settings.grace if after is None else after
        chat.grace = asyncio.get_running_loop().call_later(wait, self._give_up, contact, chat)

    def _found(self, chat: _Chat) -> None:
        if chat.grace is not None:
            chat.grace.cancel()
            chat.grace = None

    def _give_up(self, contact: str, chat: _Chat) -> None:
        chat.grace = None
        task = asyncio.create_task(self._report_gone(contact, chat), name=f"chat {contact} is left")
        self._reports.add(task)
        task.add_done_callback(self._reports.discard)

    async def _report_gone(self, contact: str, chat: _Chat) -> None:
        """A page that comes back meanwhile waits for the lock, and so reads what this has done."""
        async with chat.lock:
            inbox = self._inbox
            if inbox is None or chat.visitors:
                return
            try:
                await inbox.submit(CitizenLeft(contact=contact))
            except StorageFailed:
                if not chat.visitors:
                    self._miss(contact, chat, after=_RETRY)
                return
        self._forget_if_idle(contact, chat)

    def _forget_if_idle(self, contact: str, chat: _Chat) -> None:
        if not chat.visitors and self._chats.get(contact) is chat:
            self._found(chat)
            del self._chats[contact]

    def _tell(self, contact: str, frame: frames.ToPage) -> None:
        chat = self._chats.get(contact)
        if chat is not None:
            chat.tell(frame)

    def _end(self, contact: str, *, survey: bool) -> None:
        chat = self._chats.get(contact)
        if chat is None:
            return
        chat.over = True
        chat.tell(frames.Ended(survey=survey and self._settings.survey))
        self._forget_if_idle(contact, chat)


def _is_token(token: str) -> bool:
    return len(token) in _TOKEN_LENGTH and token.isascii() and token.replace("-", "").replace("_", "").isalnum()


def _state(contact: Contact) -> frames.State:
    if contact.state in _WAITING_STATES:
        return "waiting"
    return "joined" if contact.state in _TALKING_STATES else "ended"


def _line(message: Message) -> frames.Line | None:
    """The message as a citizen may see it; None for what is between central and its people."""
    if message.author is Author.SYSTEM:
        return None
    author: frames.Author = "citizen" if message.author is Author.CITIZEN else "advisor"
    return frames.Line(id=message.id, author=author, text=message.text, at=message.sent_at, name=message.name)
