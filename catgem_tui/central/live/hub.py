"""Everybody who is connected: who gets which event, and the queue's knowledge of who is there."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Sequence

import msgspec

from catgem_tui.central.auth.roles import visible_contact, visible_record
from catgem_tui.central.directory.reach import Awaited, Reach
from catgem_tui.central.ports import AdvisorConnected, AdvisorLost, Inbox, StorageFailed
from catgem_tui.central.store.floor import LoggedEvent
from catgem_tui.protocol import events, frames
from catgem_tui.protocol.editing import WorkCounts
from catgem_tui.protocol.enums import FLOOR_ROLES, MANAGER_ROLES, Role
from catgem_tui.protocol.model import Colleague, QueueSummary, Record, Struct, User
from catgem_tui.protocol.session import CentralSession, Entry

logger = logging.getLogger(__name__)

ANNOUNCE_RETRY = 2.0
"""Seconds until the queue is told again that somebody came or went, after the store failed."""


class Line:
    """One workstation's connection, as the hub sees it: put something in, wake its sender."""

    def __init__(self, session: CentralSession, user: User, session_id: str, wake: asyncio.Event) -> None:
        self.session = session
        self.user = user
        self.session_id = session_id
        """Of the login whose token it showed."""
        self.wake = wake
        self.awaited = Awaited(user.name)
        """Publications of the directory that it has still to acknowledge."""

    @property
    def has_directory(self) -> bool:
        return events.DIRECTORY in self.session.acked

    def acknowledge(self, clock: Callable[[], float]) -> None:
        """The workstation has said something, perhaps how far it is."""
        self.awaited.acknowledge(self.session.acked.get(events.DIRECTORY, 0), clock)

    def close(self, reason: str) -> None:
        self.session.goodbye(reason)
        self.wake.set()


class Hub:
    """Publishing only fills the lines' bounded buffers: a slow reader never slows the others."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._summary = QueueSummary()
        self._colleagues: tuple[Colleague, ...] = ()
        self._work: WorkCounts | None = None
        self._inbox: Inbox | None = None
        self._told: dict[str, Line | str | None] = {}
        """The line the queue knows of, by user; None: it knows that there is none; ``?``: an answer is outstanding."""
        self._announcing: dict[str, asyncio.Task[None]] = {}

    def serve(self, inbox: Inbox) -> None:
        """Whom to tell of comings and goings."""
        self._inbox = inbox

    # --- coming and going ---

    async def join(self, line: Line) -> None:
        """The line replaces an earlier one of the same user. Returns once the queue knows, or could not be told yet."""
        earlier = self._lines.get(line.user.id)
        self._lines[line.user.id] = line
        if earlier is not None:
            earlier.close("replaced")
        line.session.signal(events.QueueChanged(summary=self._summary))
        line.session.signal(_colleagues_for(line.user, self._colleagues))
        if self._work is not None and line.user.role in MANAGER_ROLES:
            line.session.signal(events.WorkChanged(counts=self._work))
        await self._announce(line.user.id)

    async def leave(self, line: Line) -> None:
        line.awaited.lose()
        if self._lines.get(line.user.id) is line:
            del self._lines[line.user.id]
            await self._announce(line.user.id)

    def end_session(self, session_id: str) -> None:
        """The session has logged out: end its line, if it has one."""
        for line in self._lines.values():
            if line.session_id == session_id:
                line.close("unauthorized")

    async def close(self) -> None:
        """Say goodbye to everyone; the queue is not told, it finds out at the next start."""
        for task in self._announcing.values():
            task.cancel()
        self._inbox = None
        for line in list(self._lines.values()):
            line.close("stopping")

    async def _announce(self, user: str) -> None:
        """Tell the queue whether this user is there. Returns after the first try; the others go on by themselves."""
        running = self._announcing.get(user)
        if running is not None:
            running.cancel()
            await asyncio.wait([running])
        tried = asyncio.Event()
        self._announcing[user] = task = asyncio.create_task(self._tell(user, tried))
        task.add_done_callback(lambda _: tried.set())
        await tried.wait()

    async def _tell(self, user: str, tried: asyncio.Event) -> None:
        while self._inbox is not None and self._told.get(user) is not (line := self._lines.get(user)):
            self._told[user] = "?"
            try:
                await self._inbox.submit(AdvisorConnected(advisor=user) if line else AdvisorLost(advisor=user))
                self._told[user] = line
            except StorageFailed:
                tried.set()
                await asyncio.sleep(ANNOUNCE_RETRY)

    # --- telling ---

    def publish(self, logged: Sequence[LoggedEvent]) -> None:
        """Committed events of the floor topic, in order."""
        for event in logged:
            for line in self._lines.values():
                entry = visible_entry(event, line.user)
                if entry is not None:
                    line.session.event(events.FLOOR, entry)
                    line.wake.set()

    def publish_records(self, records: Sequence[Record]) -> None:
        """Committed changes of the directory, in order."""
        for record in records:
            by_role: dict[Role, Entry] = {}
            for line in self._lines.values():
                role = line.user.role
                if role not in by_role:
                    by_role[role] = record_entry(record, role)
                line.session.event(events.DIRECTORY, by_role[role])
                line.wake.set()

    def summarize(self, summary: QueueSummary) -> None:
        self._summary = summary
        self.signal(events.QueueChanged(summary=summary), self._lines)

    def show_colleagues(self, colleagues: tuple[Colleague, ...]) -> None:
        """Everybody who is on duty, to everybody but themselves, now and when they connect."""
        self._colleagues = colleagues
        for line in self._lines.values():
            line.session.signal(_colleagues_for(line.user, colleagues))
            line.wake.set()

    def follow(self, revision: int) -> Reach:
        """How far the directory's revision comes, which has just been published, on the lines that are here now.

        A workstation that has not said where its copy is has none yet: what it fetches holds the change, and nobody
        reads there what was true before.
        """
        lines = [line for line in self._lines.values() if line.has_directory]
        reach = Reach(revision, len(lines))
        for line in lines:
            line.awaited.add(reach)
        return reach

    def show_work(self, counts: WorkCounts) -> None:
        """To those who keep the directory, now and when they connect."""
        self._work = counts
        self._signal_roles(events.WorkChanged(counts=counts), MANAGER_ROLES)

    def currency_changed(self) -> None:
        """The store has newer figures of how quickly changes are everywhere."""
        self._signal_roles(events.CurrencyChanged(), MANAGER_ROLES)

    def blocked_changed(self) -> None:
        """The block list is another, and on disk."""
        self._signal_roles(events.BlockedChanged(), FLOOR_ROLES)

    def _signal_roles(self, body: Struct, roles: Collection[Role]) -> None:
        self.signal(body, [line.user.id for line in self._lines.values() if line.user.role in roles])

    def signal(self, body: Struct, users: Iterable[str], key: str = "") -> None:
        """Something about this moment, to those of the users who are connected."""
        for user in users:
            line = self._lines.get(user)
            if line is not None:
                line.session.signal(body, key)
                line.wake.set()


def _colleagues_for(user: User, colleagues: tuple[Colleague, ...]) -> events.ColleaguesChanged:
    return events.ColleaguesChanged(colleagues=tuple(each for each in colleagues if each.id != user.id))


def visible_entry(event: LoggedEvent, user: User) -> Entry | None:
    """The event as this user may see it, or None when it is not for them."""
    if not (user.id in event.readers or (event.floor and user.role in FLOOR_ROLES)):
        return None
    body = event.body
    if event.kind == "contact.changed" and b'"monitors"' in body:
        contact = msgspec.json.decode(body, type=events.ContactChanged).contact
        body = msgspec.json.encode(events.ContactChanged(contact=visible_contact(contact, user.role)))
    return Entry(event.seq, event.kind, msgspec.Raw(body))


def record_entry(record: Record, role: Role) -> Entry:
    """The directory's event as this role may see it."""
    body = events.RecordChanged(record=visible_record(record, role))
    return Entry(record.revision, events.kind_of(body), frames.raw(body))
