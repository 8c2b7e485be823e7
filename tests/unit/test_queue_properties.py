"""Whatever happens, in whatever order, the queue keeps its promises (``hold_to_promises``, after every step)."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from catgem_tui.central.ports import (
    AdvisorConnected,
    AdvisorLost,
    CitizenLeft,
    CitizenReturned,
    ContactArrived,
    DeliveryChanged,
    DeliveryFailed,
    Happening,
    LegChanged,
    LineLost,
    MonitorLeft,
    PartyChanged,
    RecordingStarted,
    SurveyAnswered,
    Tick,
)
from catgem_tui.central.queue.state import State
from catgem_tui.protocol.commands import (
    AcceptOffer,
    BlockCaller,
    CallEmergency,
    CheckStep,
    CloseContact,
    CompleteTransfer,
    Conference,
    Consult,
    DeclineOffer,
    EndConsult,
    EndContact,
    ExtendWrapUp,
    Hold,
    Monitor,
    Park,
    PauseRecording,
    Reassign,
    Resume,
    ResumeRecording,
    SaveDraft,
    SaveNotes,
    SendChat,
    SendMail,
    SetPhone,
    SetPresence,
    StopMonitoring,
    Swap,
    Transfer,
    UnblockCaller,
    Unhold,
    WarnCaller,
)
from catgem_tui.protocol.enums import ENDED_STATES, Channel, ContactState, Monitoring, Outcome, Presence, Role
from catgem_tui.protocol.model import Citizen, Step, Struct
from tests.queue_dialogue import CENTRE, Dialogue, uri_of, user

PEOPLE = (
    user("ana"),
    user("luis"),
    user("eva", skills=("english",)),
    user("carmen", Role.COORDINATOR, skills=("english",)),
    user("ines", Role.INFORMATION_MANAGER),
)
SERVING = ("ana", "luis", "eva", "carmen")
SENSITIVE = (Step(id="greeting", label="greeting"), Step(id="privacy", label="privacy", sensitive=True))
RULES = replace(
    CENTRE,
    remember=600.0,
    dial="sip:{number}@192.0.2.10",
    emergency="911",
    pause_recording="auto",
    protocols=dict.fromkeys(Channel, SENSITIVE),
)
IN_HAND = {ContactState.OFFERED, ContactState.ACTIVE, ContactState.PARKED, ContactState.WRAP_UP, ContactState.CLOSED}
"""Whatever comes back from one of these, from a wrap-up when nobody outside answers, stands before all who wait."""
OUTSIDE = "7225550199"

names = st.sampled_from([person.id for person in PEOPLE])
servers = st.sampled_from(SERVING)
picks = st.integers(min_value=0, max_value=40)
queues = st.sampled_from(["", "general", "migrants", "mars"])
destinations = st.one_of(
    st.tuples(st.sampled_from([*SERVING, "nobody"]), st.just("")), st.tuples(st.just(""), queues), st.just(("ana", "x"))
)


class Floor(RuleBasedStateMachine):
    """Citizens and staff do as they please. Contacts are picked by number, modulo how many there have been."""

    def __init__(self) -> None:
        super().__init__()
        self.floor = Dialogue(*PEOPLE, rules=RULES)
        self.ids: list[str] = []

    @initialize(names=st.sets(servers, min_size=1))
    def open(self, names: set[str]) -> None:
        self.floor.comes(*sorted(names))

    # --- what people do ---

    @rule(
        channel=st.sampled_from(Channel),
        priority=st.sampled_from([0, 0, 0, 1]),
        requirements=st.sampled_from([(), (), ("english",)]),
        queue=queues,
    )
    def arrive(self, channel: Channel, priority: int, requirements: tuple[str, ...], queue: str) -> None:
        contact = f"c{len(self.ids)}"
        self.ids.append(contact)
        room = {name: self._rank(name) for name in self._state.room[channel]}
        fields: dict[str, Any] = {
            "citizen": Citizen(phone=f"722{len(self.ids):07d}"),
            "priority": priority,
            "requirements": requirements,
            "queue": queue,
        }
        self._watched(lambda: self.floor.arrives(contact, channel, **fields))
        taker = self.floor.contacts[contact].advisor
        if taker is not None:
            needed = set(self.floor.contacts[contact].requirements)
            able = [name for name in room if needed <= set(self._state.seats[name].advisor.user.skills)]
            assert room[taker] == min(room[name] for name in able), "not the longest idle"

    @rule(name=servers, phone=st.booleans())
    def come(self, name: str, phone: bool) -> None:
        self._hear(AdvisorConnected(advisor=name))
        self._say(name, SetPhone(uri=uri_of(name) if phone else ""))
        self._say(name, SetPresence(presence=Presence.AVAILABLE))

    @rule(connected=st.booleans())
    def accept_what_is_offered(self, connected: bool) -> None:
        for contact in list(self.floor.contacts.values()):
            if contact.advisor is not None and contact.state is ContactState.OFFERED:
                self._say(contact.advisor, AcceptOffer(contact=contact.id))
                if connected and contact.channel is Channel.CALL:
                    self._hear(LegChanged(contact=contact.id, advisor=contact.advisor, connected=True))

    @rule(name=names, presence=st.sampled_from(Presence), reason=st.sampled_from(["", "break", "siesta"]))
    def declare(self, name: str, presence: Presence, reason: str) -> None:
        self._say(name, SetPresence(presence=presence, reason=reason))

    @rule(name=names, happening=st.sampled_from([AdvisorConnected, AdvisorLost]))
    def come_or_go(self, name: str, happening: type[AdvisorConnected | AdvisorLost]) -> None:
        self._hear(happening(advisor=name))

    @rule(seconds=st.sampled_from([0.0, 0.5, 3.0, 10.0, 20.0, 45.0, 200.0, 1000.0]))
    def wait(self, seconds: float) -> None:
        before = self._places()
        self.floor.passes(seconds)
        if seconds <= 0.5:
            self._hold_front(before)

    @rule(pick=picks, command=st.integers(0, 18), to=destinations, channel=st.sampled_from(Channel))
    def work(self, pick: int, command: int, to: tuple[str, str], channel: Channel) -> None:
        """An advisor does something with a contact in hand."""
        in_hand = [c.id for c in self.floor.contacts.values() if c.advisor and c.state not in ENDED_STATES]
        of_channel = [contact for contact in in_hand if self.floor.contacts[contact].channel is channel]
        contacts = of_channel or in_hand
        if contacts:
            contact = contacts[pick % len(contacts)]
            self._say(str(self.floor.contacts[contact].advisor), self._body(contact, command, to))

    @rule(name=names, pick=picks, command=st.integers(0, 31), to=destinations)
    def meddle(self, name: str, pick: int, command: int, to: tuple[str, str]) -> None:
        """Anyone does anything with any contact."""
        contact = self._contact(pick)
        if contact is not None:
            self._say(name, self._body(contact, command, to))

    @rule(pick=picks, command=st.integers(20, 24), to=destinations)
    def supervise(self, pick: int, command: int, to: tuple[str, str]) -> None:
        """The coordinator does something with a contact that has not ended."""
        contacts = [contact.id for contact in self.floor.contacts.values() if contact.state not in ENDED_STATES]
        if contacts:
            self._say("carmen", self._body(contacts[pick % len(contacts)], command, to))

    @rule(pick=picks, command=st.integers(25, 31), to=destinations, answered=st.booleans())
    def consult(self, pick: int, command: int, to: tuple[str, str], answered: bool) -> None:
        """An advisor asks somebody, or does something with who was asked; and the line calls them."""
        contacts = [c for c in self.floor.contacts.values() if c.state is ContactState.ACTIVE and c.call is not None]
        if contacts:
            contact = contacts[pick % len(contacts)]
            self._say(str(contact.advisor), self._body(contact.id, command, to))
        self.party(pick, answered)

    @rule(pick=picks, connected=st.booleans())
    def party(self, pick: int, connected: bool) -> None:
        """Whom a line was told to call answers, or does not, or hangs up."""
        called = [record for record in self._state.records.values() if record.party_token]
        if called:
            record = called[pick % len(called)]
            happening = PartyChanged(contact=record.contact.id, token=record.party_token, connected=connected)
            self._hear(happening)

    @rule(pick=picks, name=names, command=st.integers(0, 7), owner=st.booleans())
    def guard(self, pick: int, name: str, command: int, owner: bool) -> None:
        """Recordings rest and go on, callers are warned, blocked and let in again, emergencies handed on."""
        held = [contact.id for contact in self.floor.contacts.values() if contact.advisor]
        if not held:
            return
        contact = self.floor.contacts[held[pick % len(held)]]
        bodies: tuple[Struct, ...] = (
            PauseRecording(contact=contact.id),
            PauseRecording(contact=contact.id, step="privacy"),
            ResumeRecording(contact=contact.id),
            CheckStep(contact=contact.id, step="privacy", done=pick % 2 == 0),
            WarnCaller(contact=contact.id),
            BlockCaller(contact=contact.id, until=self.floor.now + 600.0, reason="ofensas"),
            UnblockCaller(number=contact.citizen.phone),
            CallEmergency(contact=contact.id),
        )
        self._say(str(contact.advisor) if owner else name, bodies[command])

    def _body(self, contact: str, command: int, to: tuple[str, str]) -> Struct:
        advisor, queue = to
        bodies: tuple[Struct, ...] = (
            AcceptOffer(contact=contact),
            DeclineOffer(contact=contact),
            Park(contact=contact),
            Resume(contact=contact),
            EndContact(contact=contact),
            ExtendWrapUp(contact=contact),
            CloseContact(contact=contact, disposition="directory", outcome=Outcome.RESOLVED),
            SaveNotes(contact=contact, text="notas", revision=self.floor.contacts[contact].notes_revision + 1),
            CheckStep(contact=contact, step="greeting"),
            Transfer(contact=contact, advisor=advisor, queue=queue),
            Transfer(contact=contact, advisor=advisor, queue=queue),
            SendChat(contact=contact, text="hola"),
            SendMail(contact=contact, text="hola"),
            SaveDraft(contact=contact, text="hola"),
            Hold(contact=contact),
            Unhold(contact=contact),
            SetPhone(uri=""),
            SetPhone(uri="sip:moved@127.0.0.2:5070"),
            SetPhone(uri="sip:moved@127.0.0.3:5070"),
            AcceptOffer(contact=contact),
            Monitor(contact=contact, mode=Monitoring.LISTEN),
            Monitor(contact=contact, mode=Monitoring.BARGE),
            StopMonitoring(contact=contact),
            Reassign(contact=contact, advisor=advisor, queue=queue),
            Reassign(contact=contact, advisor=advisor or "ana"),
            Consult(contact=contact, advisor=advisor or "luis"),
            Consult(contact=contact, number=OUTSIDE),
            Swap(contact=contact),
            Conference(contact=contact),
            CompleteTransfer(contact=contact),
            EndConsult(contact=contact),
            Transfer(contact=contact, number=OUTSIDE),
        )
        return bodies[command]

    @rule(pick=picks, owner=st.booleans(), name=names, kind=st.integers(0, 11))
    def channel_happening(self, pick: int, owner: bool, name: str, kind: int) -> None:
        contact = self._contact(pick)
        if contact is None:
            return
        if owner:
            contact = next((c.id for c in self.floor.contacts.values() if c.state is ContactState.ACTIVE), contact)
        holder = self.floor.contacts[contact].advisor
        advisor = holder if owner and holder else name
        happenings: tuple[Happening, ...] = (
            CitizenLeft(contact=contact),
            CitizenReturned(contact=contact),
            LegChanged(contact=contact, advisor=advisor, connected=True),
            LegChanged(contact=contact, advisor=advisor, connected=True),
            LegChanged(contact=contact, advisor=advisor, connected=False),
            DeliveryFailed(contact=contact, advisor=advisor, reason="486"),
            LineLost(contact=contact),
            MonitorLeft(contact=contact, coordinator=advisor),
            RecordingStarted(contact=contact, path="x.wav"),
            SurveyAnswered(contact=contact, score=3),
            DeliveryChanged(contact=contact, message="m"),
            ContactArrived(contact=contact, channel=Channel.CHAT),
        )
        self._hear(happenings[kind])

    @rule(pick=picks)
    def write(self, pick: int) -> None:
        contact = self._contact(pick)
        if contact is not None:
            self._watched(lambda: self.floor.writes(contact))

    @rule()
    def restart(self) -> None:
        # Central restarts from what it was given: the contacts its memory would have let go are not among them.
        self.floor.restarts()
        self.floor.passes(0)

    @rule(name=names, pick=picks)
    def fail_to_write(self, name: str, pick: int) -> None:
        """A full disk: three steps are taken back, and the queue is as if they had never been."""
        before = _fingerprint(self._state)
        queue, now = self.floor.queue, self.floor.now + 30
        queue.step(ContactArrived(contact="never", channel=Channel.CALL), now)
        queue.step(AdvisorLost(advisor=name), now)
        queue.step(Tick(), now + 60)
        contact = self._contact(pick)
        if contact is not None:
            queue.step(CitizenLeft(contact=contact), now + 61)
        queue.discard()
        queue._now = self.floor.now
        assert _fingerprint(self._state) == before

    # --- what must be true ---

    @invariant()
    def a_contact_is_never_forgotten(self) -> None:
        assert set(self.floor.contacts) == set(self.ids)

    @invariant()
    def no_deadline_is_missed(self) -> None:
        deadline = self.floor.queue.next_deadline()
        open_offers = [c.offer_expires_at for c in self.floor.contacts.values() if c.offer_expires_at is not None]
        assert all(deadline is not None and deadline <= expires for expires in open_offers)

    def teardown(self) -> None:
        """Given time and people, everyone is served."""
        floor = self.floor
        for name in SERVING:
            floor.hears(AdvisorConnected(advisor=name)).says(name, SetPhone(uri=uri_of(name)))
        for _ in range(3 * len(self.ids) + 3):
            for name in SERVING:
                floor.says(name, SetPresence(presence=Presence.AVAILABLE))
            for contact in list(floor.contacts.values()):
                if contact.state is ContactState.OFFERED:
                    floor.says(str(contact.advisor), AcceptOffer(contact=contact.id))
                elif contact.state in (ContactState.ACTIVE, ContactState.PARKED):
                    floor.says(str(contact.advisor), EndContact(contact=contact.id))
                elif contact.state is ContactState.WRAP_UP:
                    closing = CloseContact(contact=contact.id, disposition="directory", outcome=Outcome.RESOLVED)
                    floor.says(str(contact.advisor), closing)
            floor.passes(11)
        assert all(contact.state in ENDED_STATES for contact in floor.contacts.values())

    # --- how ---

    @property
    def _state(self) -> State:
        return self.floor.queue._state

    def _contact(self, pick: int) -> str | None:
        return self.ids[-1 - pick % len(self.ids)] if self.ids else None

    def _rank(self, name: str) -> tuple[int, float]:
        held = self._state.held_by(name)
        active = sum(record.contact.state is ContactState.ACTIVE for record in held)
        return active, self._state.seats[name].idle_since

    def _hear(self, happening: Happening) -> None:
        self._watched(lambda: self.floor.hears(happening))

    def _say(self, name: str, body: Struct) -> None:
        self._watched(lambda: self.floor.says(name, body))

    def _watched(self, step: Any) -> None:
        before = self._places()
        step()
        self._hold_front(before)

    def _places(self) -> dict[str, ContactState]:
        return {contact.id: contact.state for contact in self.floor.contacts.values()}

    def _hold_front(self, before: dict[str, ContactState]) -> None:
        """Whoever was handed back stands before everybody who went on waiting."""
        for key, line in self._state.lines.view().items():
            returned = [before.get(place.contact) in IN_HAND for place in line]
            assert returned == sorted(returned, reverse=True), (key, line)


def _fingerprint(state: State) -> object:
    return (
        dict(state.records),
        dict(state.seats),
        {key: list(line) for key, line in state.lines.view().items()},
        {channel: set(users) for channel, users in state.room.items()},
        state.next_deadline(),
        state.tally,
        state.next_folio,
        state.serial,
    )


class TestFloor(Floor.TestCase):
    settings = settings(
        max_examples=60,
        stateful_step_count=60,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


@pytest.mark.parametrize("seed", range(15))
def test_a_busy_day(seed: int) -> None:  # noqa: PLR0912 - one branch for each thing that happens
    """The same floor with the odds of a busy one: Hypothesis rarely stays long with contacts in hand."""
    chance = Random(seed)  # noqa: S311 - a repeatable day, no secret
    floor = Floor()
    floor.open(set(SERVING[: 1 + seed % 4]))
    for _ in range(300):
        to = chance.choice(
            [*((name, "") for name in (*SERVING, "nobody")), ("", "general"), ("", "migrants"), ("", "")]
        )
        pick = chance.randrange(40)
        match chance.choices(range(13), weights=[20, 20, 45, 8, 6, 6, 14, 6, 10, 1, 2, 25, 6])[0]:
            case 0:
                skills = chance.choice([(), (), ("english",)])
                floor.arrive(chance.choice(list(Channel)), chance.choice([0, 0, 1]), skills, "general")
            case 1:
                floor.accept_what_is_offered(connected=chance.random() < 0.8)
            case 2:
                floor.work(pick, chance.randrange(19), to, chance.choice(list(Channel)))
            case 3:
                floor.supervise(pick, chance.randrange(20, 25), to)
            case 4:
                floor.meddle(chance.choice(PEOPLE).id, pick, chance.randrange(32), to)
            case 5:
                floor.channel_happening(pick, owner=True, name="ana", kind=chance.randrange(12))
            case 6:
                floor.come(chance.choice(SERVING), phone=chance.random() < 0.9)
            case 7:
                floor.come_or_go(chance.choice(SERVING), chance.choice([AdvisorConnected, AdvisorLost]))
            case 8:
                floor.wait(chance.choice([0.5, 3.0, 10.0, 20.0, 70.0]))
            case 9:
                floor.restart()
            case 11:
                floor.consult(pick, chance.randrange(25, 32), to, chance.random() < 0.7)
            case 12:
                floor.party(pick, chance.random() < 0.4)
            case _:
                floor.fail_to_write("ana", pick)
    floor.teardown()
