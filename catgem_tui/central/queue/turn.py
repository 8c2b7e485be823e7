"""One step while it is taken: what has changed so far, and at the end what to tell whom."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from msgspec.structs import replace as with_fields

from catgem_tui.central.ports import Effect
from catgem_tui.central.queue.outcome import Addressed, Outcome
from catgem_tui.central.queue.rules import QueueRules
from catgem_tui.central.queue.state import Record, Seat, State, people_of
from catgem_tui.protocol.enums import FLOOR_ROLES, AdvisorState, Author, ContactState, Presence, Refusal
from catgem_tui.protocol.events import (
    AdvisorChanged,
    CallExpected,
    ContactChanged,
    ContactHidden,
    ContactShown,
    MessageAdded,
)
from catgem_tui.protocol.frames import Refused
from catgem_tui.protocol.guarding import AuditEntry, Blocked
from catgem_tui.protocol.model import Advisor, Contact, Message, without_listeners


class NotDone(Exception):
    """A happening that is refused; whatever the step has done until then is taken back."""

    def __init__(self, code: Refusal, field: str = "", **args: str | int | float) -> None:
        super().__init__(code)
        self.refused = Refused(code=code, args=args, field=field)


class Turn:
    """Everything a rule needs to do its part of a step."""

    def __init__(self, state: State, now: float, new_token: Callable[[], str]) -> None:
        self.state = state
        self.rules: QueueRules = state.rules
        self.now = now
        self.new_token = new_token
        self.effects: list[Effect] = []
        self.announced: list[Addressed] = []
        self._audit: list[AuditEntry] = []
        self._blocks: dict[str, Blocked | None] = {}
        self._contacts_before: dict[str, Contact | None] = {}
        self._advisors_before: dict[str, Advisor] = {}
        self._messages: dict[str, Message] = {}

    # --- contacts ---

    def record(self, contact: str) -> Record:
        """Raises NotDone."""
        record = self.state.records.get(contact)
        if record is None:
            raise NotDone(Refusal.NOT_FOUND, "contact")
        return record

    def put(self, record: Record) -> Record:
        """Add or replace a contact. Whom it keeps busy, or no longer, is looked at again before the step ends."""
        old = self.state.records.get(record.contact.id)
        self._contacts_before.setdefault(record.contact.id, old.contact if old else None)
        self.state.put(record)
        for user in people_of(old) | people_of(record):
            self.touch(user)
        if old and old.holder and old.holder != record.holder and old.contact.state is not ContactState.OFFERED:
            self._begin_idling(old.holder)
        if old and old.consulted and old.consulted != record.consulted:
            self._begin_idling(old.consulted)
        return record

    def change(self, record: Record, **fields: Any) -> Record:
        """Replace fields of the contact itself; a new state begins now."""
        if fields.get("state", record.contact.state) is not record.contact.state:
            fields["state_since"] = self.now
        return self.put(replace(record, contact=with_fields(record.contact, **fields)))

    def change_call(self, record: Record, **fields: Any) -> Record:
        """Replace fields of a contact's telephone side."""
        assert record.contact.call is not None  # noqa: S101
        return self.change(record, call=with_fields(record.contact.call, **fields))

    def changed(self) -> Iterator[tuple[Contact | None, Record]]:
        """Every contact that was changed so far, as it was before the step and as it is."""
        for key, before in list(self._contacts_before.items()):
            yield before, self.state.records[key]

    # --- people ---

    def seat(self, user: str) -> Seat:
        """Raises NotDone."""
        seat = self.state.seats.get(user)
        if seat is None:
            raise NotDone(Refusal.NOT_FOUND, "advisor")
        return seat

    def touch(self, user: str) -> None:
        """Look at this person again before the step ends."""
        seat = self.state.seats.get(user)
        if seat is not None:
            self._advisors_before.setdefault(user, seat.advisor)

    def change_seat(self, seat: Seat, **fields: Any) -> Seat:
        """Replace fields of a seat."""
        self.touch(seat.advisor.user.id)
        changed = replace(seat, **fields)
        self.state.seat(changed)
        return changed

    def change_advisor(self, seat: Seat, **fields: Any) -> Seat:
        """Replace fields of the person as the wire shows them."""
        return self.change_seat(seat, advisor=with_fields(seat.advisor, **fields))

    def _begin_idling(self, user: str) -> None:
        seat = self.state.seats.get(user)
        if seat is not None:
            self.change_seat(seat, idle_since=self.now)

    def touched(self) -> list[str]:
        return list(self._advisors_before)

    # --- messages, effects and announcements ---

    def add_message(self, record: Record, message: Message) -> Record:
        """Append to the conversation."""
        self._messages[message.id] = message
        unread = record.contact.unread + 1 if message.author is Author.CITIZEN else 0
        waiting_since = None if unread == 0 else record.contact.waiting_since or self.now
        record = replace(record, messages=(*record.messages, message))
        return self.change(record, messages=record.contact.messages + 1, unread=unread, waiting_since=waiting_since)

    def replace_message(self, record: Record, message: Message) -> Record:
        """Put a message in the place of the one with its id."""
        self._messages[message.id] = message
        known = tuple(message if each.id == message.id else each for each in record.messages)
        return self.put(replace(record, messages=known))

    def perform(self, effect: Effect) -> None:
        self.effects.append(effect)

    def announce(self, user: str, expected: CallExpected) -> None:
        """Tell one telephone, and nobody else, that a line is about to call it."""
        self.announced.append(Addressed(expected, frozenset({user}), floor=False))

    def hide(self, user: str, contact: str) -> None:
        """Tell somebody that they are not consulted about a contact any more."""
        self.announced.append(Addressed(ContactHidden(contact=contact), frozenset({user}), floor=False))

    # --- what is kept of it for ever ---

    def log(
        self, kind: str, *, who: str, contact: str = "", phone: str = "", details: Mapping[str, str | float]
    ) -> None:
        """Put a line into the audit trail."""
        entry = AuditEntry(at=self.now, who=who, kind=kind, contact=contact, phone=phone, details=dict(details))
        self._audit.append(entry)

    def block(self, number: str, blocked: Blocked | None) -> None:
        """Put a number on the block list, or take it off."""
        self.state.block(number, blocked)
        self._blocks[number] = blocked

    # --- the end of the step ---

    def finish(self) -> Outcome:
        advisors = [self._settle(user, before) for user, before in self._advisors_before.items()]
        outcome = Outcome(effects=self.effects, next_folio=self.state.next_folio)
        outcome.advisors = [advisor for advisor in advisors if advisor is not None]
        outcome.messages = list(self._messages.values())
        outcome.audit, outcome.blocks = self._audit, self._blocks
        for key, before in self._contacts_before.items():
            contact = self.state.records[key].contact
            if contact != before:
                outcome.contacts.append(contact)
                outcome.events.extend(self._tell_contact(before, contact))
        outcome.events.extend(self._tell_message(message) for message in outcome.messages)
        outcome.events.extend(
            Addressed(AdvisorChanged(advisor=advisor), frozenset({advisor.user.id})) for advisor in outcome.advisors
        )
        outcome.events.extend(self.announced)
        return outcome

    def _settle(self, user: str, before: Advisor) -> Advisor | None:
        """Bring the wire's view of a person up to date; None when nothing in it has changed."""
        seat = self.state.seats[user]
        held = self.state.held_by(user)
        advisor = seat.advisor
        consulted = self.state.consulted_about(user)
        busy_with = [record.contact.state for record in held] + ([state_of_consulted(consulted)] if consulted else [])
        state = derive_state(advisor.presence, busy_with)
        same = (state, advisor.presence, advisor.reason) == (before.state, before.presence, before.reason)
        advisor = with_fields(
            advisor,
            state=state,
            since=before.since if same else self.now,
            contacts=tuple(record.contact.id for record in held),
            phone_ready=bool(seat.uri) and advisor.connected,
        )
        if advisor != seat.advisor:
            self.state.seat(replace(seat, advisor=advisor))
        return advisor if advisor != before else None

    def _tell_contact(self, before: Contact | None, contact: Contact) -> Iterator[Addressed]:
        audience = frozenset(user for user in (before and before.advisor, contact.advisor) if user)
        if has_monitors(contact) or (before is not None and has_monitors(before)):
            yield Addressed(ContactChanged(contact=contact))
            plain = without_listeners(contact)
            if before is None or plain != without_listeners(before):
                yield Addressed(ContactChanged(contact=plain), audience - self._floor(audience), floor=False)
        else:
            yield Addressed(ContactChanged(contact=contact), audience)
        shown = shown_to_consulted(self.state, self.state.records[contact.id])
        if shown is not None:
            yield Addressed(shown, frozenset({self.state.records[contact.id].consulted or ""}), floor=False)
        taker = contact.advisor
        if taker and contact.state is ContactState.OFFERED and (before is None or before.advisor != taker):
            for message in self.state.records[contact.id].messages:
                if message.id not in self._messages:
                    yield Addressed(MessageAdded(message=message), frozenset({taker}), floor=False)

    def _tell_message(self, message: Message) -> Addressed:
        advisor = self.state.records[message.contact].contact.advisor
        return Addressed(MessageAdded(message=message), frozenset({advisor} if advisor else ()))

    def _floor(self, users: frozenset[str]) -> frozenset[str]:
        return frozenset(user for user in users if is_floor(self.state, user))


def is_floor(state: State, user: str) -> bool:
    """Whether this user sees the whole floor."""
    seat = state.seats.get(user)
    return seat is not None and seat.advisor.user.role in FLOOR_ROLES


def has_monitors(contact: Contact) -> bool:
    return contact.call is not None and bool(contact.call.monitors)


def shown_to_consulted(state: State, record: Record) -> ContactShown | None:
    """What a colleague who is asked about a contact sees of it; None when none is."""
    seat = state.seats.get(record.contact.advisor or "")
    if not record.consulted or seat is None:
        return None
    return ContactShown(contact=without_listeners(record.contact), by=seat.advisor.user.name)


def state_of_consulted(record: Record) -> ContactState:
    """What being asked about a contact counts as: an offer while the telephone rings, then a contact in hand."""
    call = record.contact.call
    connected = call is not None and call.consultation is not None and call.consultation.connected
    return ContactState.ACTIVE if connected else ContactState.OFFERED


def derive_state(presence: Presence, held: list[ContactState]) -> AdvisorState:
    """What an advisor is doing.

    An open offer comes first; that they are away or don't respond comes before what they still hold; a parked contact
    alone keeps nobody busy.
    """
    if ContactState.OFFERED in held:
        return AdvisorState.OFFERED
    if presence in (Presence.OFFLINE, Presence.NOT_RESPONDING):
        return AdvisorState(presence.value)
    if ContactState.ACTIVE in held:
        return AdvisorState.BUSY
    if ContactState.WRAP_UP in held:
        return AdvisorState.WRAP_UP
    return AdvisorState(presence.value)
