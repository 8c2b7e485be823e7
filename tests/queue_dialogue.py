"""A floor in a test: speak to the queue, and hear what it answers.

``Dialogue`` does what central's actor does around the queue, with dictionaries for a store and a clock that only moves
when told. After every step it holds the queue to what must always be true.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import count

from catgem_tui.central.ports import (
    AdvisorCommand,
    AdvisorConnected,
    AdvisorLost,
    CitizenLeft,
    CitizenWrote,
    ContactArrived,
    Effect,
    Happening,
    LegChanged,
    Tick,
)
from catgem_tui.central.queue import Addressed, Outcome, QueueRules, UniversalQueue
from catgem_tui.protocol.commands import AcceptOffer, CloseContact, EndContact, SetPhone, SetPresence
from catgem_tui.protocol.enums import (
    ENDED_STATES,
    HELD_STATES,
    Author,
    Channel,
    ContactState,
    Presence,
    Refusal,
    Role,
    Side,
)
from catgem_tui.protocol.enums import Outcome as Ending
from catgem_tui.protocol.events import AdvisorChanged, CallExpected, ContactChanged, MessageAdded
from catgem_tui.protocol.guarding import Blocked
from catgem_tui.protocol.model import (
    Advisor,
    Call,
    Citizen,
    Contact,
    MailHeaders,
    Message,
    Option,
    QueueSummary,
    Step,
    Struct,
    User,
)

CALL, CHAT, MAIL = Channel.CALL, Channel.CHAT, Channel.MAIL
MORNING = 1_763_996_400.0
"""2025-11-24 09:00 in central Mexico."""


CENTRE = QueueRules(
    queues=(Option(id="general", label="General"), Option(id="migrants", label="Migrantes")),
    queue_requirements={"migrants": ("english",)},
    pause_reasons=(Option(id="break", label="Descanso"),),
    dispositions=tuple(
        Option(id=each, label=each) for each in ("information", "directory", "complaint", "not_classified")
    ),
    protocols={channel: tuple(Step(id=each, label=each) for each in ("greeting", "privacy")) for channel in Channel},
)


def user(name: str, role: Role = Role.ADVISOR, skills: Iterable[str] = ()) -> User:
    return User(id=name, username=name, name=name.title(), role=role, skills=tuple(skills))


def uri_of(name: str) -> str:
    return f"sip:{name}@127.0.0.1:5070"


class Dialogue:
    """One conversation with the queue. Names are ids: ``ana`` is both a user and her id."""

    def __init__(self, *users: User | str, rules: QueueRules | None = None) -> None:
        self.rules = rules or CENTRE
        self.users = [each if isinstance(each, User) else user(each) for each in users]
        self.now = MORNING
        self.queue = UniversalQueue(self.rules, self.users, new_token=self._new_token)
        self.contacts: dict[str, Contact] = {}
        self.advisors: dict[str, Advisor] = {}
        self.messages: dict[str, Message] = {}
        self.blocked: dict[str, Blocked] = {}
        self.next_folio = 0
        self.last = Outcome()
        self._tokens = count(1)
        self._ids = count(1)

    # --- speaking ---

    def hears(self, happening: Happening) -> "Dialogue":
        """One step of the queue, written to the store and kept."""
        outcome = self.queue.step(happening, self.now)
        self.write(outcome)
        self.queue.keep()
        self.last = outcome
        hold_to_promises(self)
        return self

    def arrives(self, contact: str, channel: Channel, **fields: object) -> "Dialogue":
        if channel is not CALL and "first" not in fields:
            mail = MailHeaders(subject="Licencia", sender="rosa@example.mx", message_id=f"<{contact}@example.mx>")
            fields["first"] = self.message(contact, f"{contact}-first", mail=mail if channel is MAIL else None)
        return self.hears(ContactArrived(contact=contact, channel=channel, **fields))  # type: ignore[arg-type]

    def says(self, advisor: str, body: Struct, id: str = "") -> "Dialogue":  # noqa: A002
        return self.hears(AdvisorCommand(advisor=advisor, id=id or f"command-{next(self._ids)}", body=body))

    def writes(self, contact: str, text: str = "hola", id: str = "") -> "Dialogue":  # noqa: A002
        return self.hears(CitizenWrote(message=self.message(contact, id or f"m{next(self._ids)}", text)))

    def leaves(self, contact: str) -> "Dialogue":
        return self.hears(CitizenLeft(contact=contact))

    def passes(self, seconds: float) -> "Dialogue":
        """Time goes by; the queue is woken exactly when it asked to be. ``last`` gathers what it did meanwhile."""
        until = self.now + seconds
        gathered = Outcome()
        while (deadline := self.queue.next_deadline()) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.hears(Tick())
            for name in ("contacts", "advisors", "messages", "events", "effects", "audit"):
                getattr(gathered, name).extend(getattr(self.last, name))
        self.now = until
        self.last = gathered
        return self

    # --- whole manners of the floor ---

    def comes(self, *names: str, phone: bool = True) -> "Dialogue":
        """Advisors connect, with a telephone, and are available; each a second after the one before."""
        for name in names:
            self.hears(AdvisorConnected(advisor=name))
            if phone:
                self.says(name, SetPhone(uri=uri_of(name)))
            self.says(name, SetPresence(presence=Presence.AVAILABLE))
            self.now += 1
        return self

    def vanishes(self, name: str) -> "Dialogue":
        return self.hears(AdvisorLost(advisor=name))

    def takes(self, name: str, contact: str) -> "Dialogue":
        """Accept, and for a call let the telephone join."""
        self.says(name, AcceptOffer(contact=contact))
        assert self.last.refused is None, self.last.refused
        if self.contacts[contact].channel is CALL:
            accepted = self.last
            self.leg(name, contact, connected=True)
            self.last = accepted
        return self

    def leg(self, name: str, contact: str, *, connected: bool) -> "Dialogue":
        return self.hears(LegChanged(contact=contact, advisor=name, connected=connected))

    def serves(self, name: str, contact: str) -> "Dialogue":
        """From acceptance to disposition."""
        self.takes(name, contact).says(name, EndContact(contact=contact))
        return self.says(name, CloseContact(contact=contact, disposition="information", outcome=Ending.RESOLVED))

    def restarts(self, seconds: float = 5.0) -> "Dialogue":
        """Central dies and comes back with what was stored; every workstation's connection is gone."""
        self.now += seconds
        self.queue, outcome = UniversalQueue.restore(
            self.rules,
            self.users,
            self.contacts.values(),
            self.messages.values(),
            self.advisors.values(),
            now=self.now,
            next_folio=self.next_folio,
            new_token=self._new_token,
            blocked=self.blocked,
        )
        self.write(outcome)
        self.queue.keep()
        self.last = outcome
        hold_to_promises(self)
        return self

    # --- hearing ---

    def expects(self, *effects: Effect) -> "Dialogue":
        """Exactly these effects, in this order."""
        assert self.last.effects == list(effects)
        return self

    def refuses(self, code: Refusal, field: str | None = None) -> "Dialogue":
        assert self.last.refused is not None, "it was done"
        assert self.last.refused.code is code
        assert field is None or self.last.refused.field == field
        return self

    def agrees(self) -> "Dialogue":
        assert self.last.refused is None, self.last.refused
        return self

    def stands(self, contact: str, state: ContactState, advisor: str | None = None) -> "Dialogue":
        stored = self.contacts[contact]
        assert (stored.state, stored.advisor) == (state, advisor)
        return self

    def told(self, name: str) -> list[Struct]:
        """Bodies of the last step's events that this user gets, with the floor roles' share."""
        return [event.body for event in self.last.events if self._reaches(event, name)]

    def expected(self, name: str) -> list[CallExpected]:
        return [body for body in self.told(name) if isinstance(body, CallExpected)]

    def summary(self) -> QueueSummary:
        return self.queue.summary(self.now)

    # --- the store ---

    def write(self, outcome: Outcome) -> None:
        self.contacts.update((contact.id, contact) for contact in outcome.contacts)
        self.advisors.update((advisor.user.id, advisor) for advisor in outcome.advisors)
        self.messages.update((message.id, message) for message in outcome.messages)
        for number, blocked in outcome.blocks.items():
            self.blocked.pop(number, None)
            self.blocked.update({number: blocked} if blocked else {})
        self.next_folio = outcome.next_folio

    def message(self, contact: str, id: str, text: str = "hola", mail: MailHeaders | None = None) -> Message:  # noqa: A002
        return Message(id=id, contact=contact, author=Author.CITIZEN, text=text, sent_at=self.now, mail=mail)

    def _reaches(self, event: Addressed, name: str) -> bool:
        floor = {Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR}
        role = next(each.role for each in self.users if each.id == name)
        return name in event.audience or (event.floor and role in floor)

    def _new_token(self) -> str:
        return f"token-{next(self._tokens)}"


def rosa() -> Citizen:
    return Citizen(name="Rosa", email="rosa@example.mx")


def hold_to_promises(floor: Dialogue) -> None:
    """What is true after every step, whatever happened."""
    last = floor.last
    if last.refused is not None:
        assert not (last.contacts or last.advisors or last.messages or last.events or last.effects or last.audit)
        assert not last.blocks
    held = Counter[tuple[str, Channel]]()
    offers = Counter[str]()
    by_advisor: dict[str, set[str]] = {}
    for contact in floor.contacts.values():
        _hold_contact(floor, contact)
        if contact.state in HELD_STATES:
            assert contact.advisor is not None
            held[contact.advisor, contact.channel] += 1
            offers[contact.advisor] += contact.state is ContactState.OFFERED
            by_advisor.setdefault(contact.advisor, set()).add(contact.id)
    assert all(number <= floor.rules.channels[channel].capacity for (_, channel), number in held.items())
    assert all(number <= 1 for number in offers.values())
    for name, advisor in floor.advisors.items():
        assert set(advisor.contacts) == by_advisor.get(name, set())
        assert advisor == floor.queue.advisor(name)
    _hold_lines(floor)
    _hold_events(last)


def _hold_contact(floor: Dialogue, contact: Contact) -> None:
    state = contact.state
    in_memory = floor.queue.contact(contact.id)
    assert in_memory == contact or (in_memory is None and state in ENDED_STATES)
    assert floor.queue.knows(contact.id) is (state not in ENDED_STATES)
    assert (contact.offer_expires_at is not None) is (state is ContactState.OFFERED)
    assert (contact.wrap_up_ends_at is not None) is (state is ContactState.WRAP_UP)
    assert (contact.ended_at is not None) is (state in ENDED_STATES)
    assert (contact.call is not None) is (contact.channel is CALL)
    if state in (ContactState.QUEUED, ContactState.ABANDONED):
        assert contact.advisor is None
    if contact.call is not None and state not in (ContactState.OFFERED, ContactState.ACTIVE):
        assert not contact.call.advisor_leg
        assert not contact.call.held
        assert not contact.call.recording_paused
        assert not contact.call.recording_paused
        assert not contact.call.monitors
        assert contact.call.consultation is None
    if contact.call is not None and contact.call.consultation is not None:
        _hold_consultation(floor, contact, contact.call)


def _hold_consultation(floor: Dialogue, contact: Contact, call: Call) -> None:
    """Of an active call, with its advisor there; who is asked holds no call and is offered nothing."""
    consultation = call.consultation
    assert consultation is not None
    assert contact.state is ContactState.ACTIVE
    assert call.advisor_leg
    assert call.held is (consultation.side is Side.CONSULTED)
    assert consultation.connected or consultation.side is Side.CONSULTED
    assert bool(consultation.advisor) != bool(consultation.number)
    if consultation.advisor:
        asked = floor.queue._state.consulted_about(consultation.advisor)
        assert asked is not None
        assert asked.contact == contact
        assert consultation.advisor != contact.advisor
        held = [record.contact for record in floor.queue._state.held_by(consultation.advisor)]
        assert all(each.channel is not CALL and each.state is not ContactState.OFFERED for each in held)


def _hold_lines(floor: Dialogue) -> None:
    """Every queued contact stands in exactly one line, in its order; nobody free is left without an offer."""
    state = floor.queue._state
    standing = [place.contact for line in state.lines.view().values() for place in line]
    queued = [contact.id for contact in floor.contacts.values() if contact.state is ContactState.QUEUED]
    assert sorted(standing) == sorted(queued)
    for key, line in state.lines.view().items():
        assert line == sorted(line)
        for place in line:
            contact = floor.contacts[place.contact]
            assert (key.channel, key.priority, key.requirements) == (
                contact.channel,
                contact.priority,
                contact.requirements,
            )
        if not key.reserved_for:
            free = [
                name
                for name in state.room[key.channel]
                if set(key.requirements) <= set(state.seats[name].advisor.user.skills)
            ]
            if free == [key.avoid] and _others_on_duty(floor, key.avoid):
                continue
            assert not free, f"{line[0].contact} waits although {free} could take it"
    summary = floor.summary()
    assert summary.calls + summary.chats + summary.mails == len(queued)


def _others_on_duty(floor: Dialogue, name: str) -> bool:
    return any(
        seat.advisor.presence is Presence.AVAILABLE and seat.advisor.connected
        for user, seat in floor.queue._state.seats.items()
        if user != name
    )


def _hold_events(outcome: Outcome) -> None:
    """Everything written is told; nobody but the telephone's owner learns a token."""
    bodies = [event.body for event in outcome.events]
    told = {body.contact.id for body in bodies if isinstance(body, ContactChanged)}
    assert told == {contact.id for contact in outcome.contacts}
    known = [body.advisor for body in bodies if isinstance(body, AdvisorChanged)]
    assert known == outcome.advisors
    added = {body.message.id for body in bodies if isinstance(body, MessageAdded)}
    assert added >= {message.id for message in outcome.messages}
    for event in outcome.events:
        if isinstance(event.body, CallExpected):
            assert not event.floor
            assert len(event.audience) == 1
