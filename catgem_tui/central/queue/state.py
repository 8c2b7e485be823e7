"""What the queue remembers, with its indices, and a journal by which any change can be taken back."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from catgem_tui.central.queue.capacity import open_channels
from catgem_tui.central.queue.folio import FIRST
from catgem_tui.central.queue.lines import LineKey, Lines, Place
from catgem_tui.central.queue.rules import QueueRules
from catgem_tui.central.queue.tally import Tally
from catgem_tui.protocol.enums import ENDED_STATES, HELD_STATES, AdvisorState, Channel, ContactState, Presence
from catgem_tui.protocol.events import CallExpected
from catgem_tui.protocol.guarding import Blocked
from catgem_tui.protocol.model import Advisor, Contact, Message, User


@dataclass(frozen=True, slots=True)
class Record:
    """A contact, and what only the queue needs to know of it."""

    contact: Contact
    serial: int
    """Arrivals counted."""
    messages: tuple[Message, ...] = ()
    reserved_for: str = ""
    """While queued: only this advisor may be offered it, until ``reserved_until``."""
    reserved_until: float | None = None
    expected: CallExpected | None = None
    """What its advisor's telephone was announced, until that call has come."""
    leg_token: str = ""
    """Of the call to its advisor's telephone that was asked for last."""
    monitors_expected: tuple[tuple[str, CallExpected], ...] = ()
    """The same for its coordinators' telephones, by user id."""
    monitor_tokens: tuple[tuple[str, str], ...] = ()
    """Of the calls to its coordinators' telephones that were asked for last, by user id."""
    party_token: str = ""
    """Of the call to whom its advisor consults, or to somebody outside it is being handed on to."""
    party_expected: CallExpected | None = None
    """What a consulted colleague's telephone was announced, until that call has come."""
    handed_out_by: str = ""
    """Who handed it on to somebody outside who has not answered yet: it returns to them if that fails."""
    served_by: str = ""
    """Who accepted it last: what they wrote just before it was taken from them is still theirs to save."""
    avoid: str = ""
    """Who gave it away: offered to them again only while nobody else on duty could ever take it."""
    forget_at: float | None = None
    """When an ended contact leaves the memory."""

    @property
    def holder(self) -> str | None:
        """Whose capacity it takes up."""
        return self.contact.advisor if self.contact.state in HELD_STATES else None

    @property
    def consulted(self) -> str | None:
        """The colleague who is asked about it, or rung for it."""
        call = self.contact.call
        return call.consultation.advisor or None if call and call.consultation else None

    @property
    def line(self) -> LineKey:
        """The line it waits in, or would wait in."""
        contact = self.contact
        return LineKey(contact.channel, contact.priority, contact.requirements, self.reserved_for, self.avoid)

    @property
    def place(self) -> Place:
        return Place(self.contact.arrived_at - self.contact.head_start, self.serial, self.contact.id)

    @property
    def deadline(self) -> float | None:
        """When something happens to it by itself."""
        match self.contact.state:
            case ContactState.OFFERED:
                return self.contact.offer_expires_at
            case ContactState.WRAP_UP:
                return self.contact.wrap_up_ends_at
            case ContactState.QUEUED:
                return self.reserved_until
            case ContactState.CLOSED | ContactState.ABANDONED:
                return self.forget_at
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Seat:
    """A person who works here, and what only the queue needs to know of them."""

    advisor: Advisor
    uri: str = ""
    """Where their telephone is, the anchor of one outside too; empty when there is none."""
    own_uri: str = ""
    """Where the telephone of their workstation is, which counts while they work with none outside."""
    engaged: bool = False
    """Whether they are in a call of their own making."""
    idle_since: float = 0.0
    """When they last finished a contact or became available."""
    lost_at: float | None = None
    """When the workstation's connection ended, while its contacts wait for it."""


def empty_seat(user: User, now: float = 0.0) -> Seat:
    return Seat(Advisor(user=user, presence=Presence.OFFLINE, state=AdvisorState.OFFLINE, since=now))


class State:
    """Records and seats by id. Change them through ``put``, ``drop`` and ``seat`` only: the indices follow."""

    def __init__(self, rules: QueueRules, users: Iterable[User], tally: Tally) -> None:
        self.rules = rules
        self.records: dict[str, Record] = {}
        self.seats: dict[str, Seat] = {user.id: empty_seat(user) for user in users}
        self.lines = Lines()
        self.room: dict[Channel, set[str]] = {channel: set() for channel in Channel}
        """By channel: who could be offered a contact of it now, skills aside."""
        self._held: dict[str, set[str]] = {}
        self._consulted: dict[str, str] = {}
        self._deadlines: list[tuple[float, str, str]] = []
        """A heap of (instant, "contact" or "seat", id); entries that no longer hold are skipped."""
        self._journal: list[tuple[str, str, object]] = []
        self.blocked: dict[str, Blocked] = {}
        """Callers who are refused, by number."""
        self.tally = tally
        self.next_folio = FIRST
        self.serial = 0

    # --- reading ---

    def held_by(self, user: str) -> list[Record]:
        """Offered, active, parked and in wrap-up, in the order of their arrival."""
        return sorted((self.records[contact] for contact in self._held.get(user, ())), key=lambda record: record.serial)

    def consulted_about(self, user: str) -> Record | None:
        """The contact that a colleague asks this person about, or rings them for."""
        contact = self._consulted.get(user)
        return self.records[contact] if contact else None

    def is_occupied(self, user: str) -> bool:
        """Whether there is something to be finished before this person can be away."""
        return bool(self._held.get(user)) or user in self._consulted

    def has_room(self, user: str, channel: Channel) -> bool:
        return user in self.room[channel]

    # --- changing ---

    def put(self, record: Record) -> None:
        """Add or replace a contact."""
        key = record.contact.id
        self._journal.append(("contact", key, self.records.get(key)))
        self._set_record(key, record)

    def drop(self, key: str) -> None:
        """Forget a contact."""
        self._journal.append(("contact", key, self.records[key]))
        self._set_record(key, None)

    def seat(self, seat: Seat) -> None:
        """Add or replace a person."""
        key = seat.advisor.user.id
        self._journal.append(("seat", key, self.seats.get(key)))
        self._set_seat(key, seat)

    def block(self, number: str, blocked: Blocked | None) -> None:
        """Put a number on the block list, or take it off."""
        self._journal.append(("block", number, self.blocked.get(number)))
        self._set_block(number, blocked)

    def _set_block(self, number: str, blocked: Blocked | None) -> None:
        if blocked is None:
            self.blocked.pop(number, None)
        else:
            self.blocked[number] = blocked

    def count(self, tally: Tally) -> None:
        self._journal.append(("tally", "", self.tally))
        self.tally = tally

    def number(self, next_folio: int) -> int:
        """Set the folio counter on; returns the new contact's serial."""
        self._journal.append(("numbers", "", (self.next_folio, self.serial)))
        self.next_folio = next_folio
        self.serial += 1
        return self.serial

    # --- taking back ---

    def mark(self) -> int:
        """A point to return to."""
        return len(self._journal)

    def keep(self) -> None:
        """There is no way back before this point."""
        self._journal.clear()

    def take_back(self, mark: int = 0) -> None:
        """Be again as at ``mark``, or as at the last ``keep``."""
        while len(self._journal) > mark:
            kind, key, old = self._journal.pop()
            if kind == "contact":
                assert old is None or isinstance(old, Record)  # noqa: S101
                self._set_record(key, old)
            elif kind == "seat":
                assert old is None or isinstance(old, Seat)  # noqa: S101
                self._set_seat(key, old)
            elif kind == "block":
                assert old is None or isinstance(old, Blocked)  # noqa: S101
                self._set_block(key, old)
            elif kind == "tally":
                assert isinstance(old, Tally)  # noqa: S101
                self.tally = old
            else:
                assert isinstance(old, tuple)  # noqa: S101
                self.next_folio, self.serial = old

    # --- deadlines ---

    def next_deadline(self) -> float | None:
        heap = self._deadlines
        while heap and self._deadline_of(heap[0][1], heap[0][2]) != heap[0][0]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def due(self, now: float) -> tuple[str, str] | None:
        """("contact" or "seat", id) of what is most overdue."""
        deadline = self.next_deadline()
        if deadline is None or deadline > now:
            return None
        return self._deadlines[0][1:]

    def _deadline_of(self, kind: str, key: str) -> float | None:
        if kind == "contact":
            record = self.records.get(key)
            return record.deadline if record else None
        seat = self.seats.get(key)
        return None if seat is None or seat.lost_at is None else seat.lost_at + self.rules.grace

    # --- indices ---

    def _set_record(self, key: str, new: Record | None) -> None:
        old = self.records.get(key)
        if old is not None:
            if old.contact.state is ContactState.QUEUED:
                self.lines.remove(old.line, old.place)
            if old.holder:
                self._held[old.holder].discard(key)
            if old.consulted:
                del self._consulted[old.consulted]
        if new is None:
            self.records.pop(key, None)
        else:
            self.records[key] = new
            if new.contact.state is ContactState.QUEUED:
                self.lines.add(new.line, new.place)
            if new.holder:
                self._held.setdefault(new.holder, set()).add(key)
            if new.consulted:
                self._consulted[new.consulted] = key
            if new.deadline is not None and (old is None or old.deadline != new.deadline):
                heapq.heappush(self._deadlines, (new.deadline, "contact", key))
        for user in people_of(old) | people_of(new):
            self._find_room(user)

    def _set_seat(self, key: str, seat: Seat | None) -> None:
        if seat is None:
            self.seats.pop(key, None)
        else:
            self.seats[key] = seat
            deadline = self._deadline_of("seat", key)
            if deadline is not None:
                heapq.heappush(self._deadlines, (deadline, "seat", key))
        self._find_room(key)

    def _find_room(self, user: str) -> None:
        seat = self.seats.get(user)
        held = [self.records[contact].contact for contact in self._held.get(user, ())]
        free = seat is not None and user not in self._consulted
        reachable = seat is not None and bool(seat.uri) and not seat.engaged
        open_now = open_channels(self.rules, seat.advisor, reachable, held) if seat and free else frozenset()
        for channel, users in self.room.items():
            if channel in open_now:
                users.add(user)
            else:
                users.discard(user)


def people_of(record: Record | None) -> set[str]:
    """Whom a contact keeps busy."""
    return {user for user in (record.holder, record.consulted) if user} if record else set()


def is_open(contact: Contact) -> bool:
    return contact.state not in ENDED_STATES
