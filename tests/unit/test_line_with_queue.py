"""A line and the queue together, without I/O: whatever anybody does while news is still on its way between them, both
end up with the same idea of who is on the line, and no telephone is left behind."""

from collections import deque
from random import Random

import pytest

from catgem_tui.central.ports import Effect, Happening
from catgem_tui.central.voice.signals import Input, TimerFired
from catgem_tui.central.voice.visit import Phase, Visit
from catgem_tui.phone.port import CallArrived, EngineStopped, HangUp, PlayEnded
from catgem_tui.protocol.commands import (
    AcceptOffer,
    CloseContact,
    CompleteTransfer,
    Conference,
    Consult,
    DeclineOffer,
    EndConsult,
    EndContact,
    Hold,
    Monitor,
    SetPhone,
    SetPresence,
    StopMonitoring,
    Swap,
    Transfer,
    Unhold,
)
from catgem_tui.protocol.enums import ContactState, Monitoring, Outcome, Presence, Role, Side
from catgem_tui.protocol.model import Contact, Struct
from tests.queue_dialogue import CENTRE, Dialogue, uri_of, user
from tests.voice_floor import Floor, confirmed, ended, ringing

CITIZEN, CONTACT, OUTSIDE = "in-1", "contact-1", "7225550199"
ADVISORS = ("ana", "luis", "eva")
WITH_US = {ContactState.QUEUED, ContactState.OFFERED, ContactState.ACTIVE}
OVER = {ContactState.WRAP_UP, ContactState.CLOSED, ContactState.ABANDONED}


class House:
    """Effects and happenings wait in a queue each until somebody delivers them; so do hung up calls' last words."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)  # noqa: S311 - a repeatable day, no secret
        rules = CENTRE.__class__(
            queues=CENTRE.queues,
            dispositions=CENTRE.dispositions,
            pause_reasons=CENTRE.pause_reasons,
            dial="sip:{number}@192.0.2.10",
        )
        people = [*(user(name) for name in ADVISORS), user("carmen", Role.COORDINATOR)]
        self.queue = Dialogue(*people, rules=rules).comes(*ADVISORS, "carmen")
        self.queue.says("carmen", SetPresence(presence=Presence.PAUSED))
        self.line = Floor(dial="sip:{number}@192.0.2.10")
        self.to_queue: deque[Happening] = deque()
        self.to_line: deque[Effect] = deque()
        self.hung_up: deque[str] = deque()
        self.tell_line(CallArrived(call=CITIZEN, caller="7225550134", dialled="070"), confirmed(CITIZEN))

    @property
    def contact(self) -> Contact | None:
        return self.queue.contacts.get(CONTACT)

    @property
    def visit(self) -> Visit | None:
        return self.line.line._visit

    # --- what is on its way ---

    def tell_line(self, *events: Input) -> None:
        told, did = len(self.line.told), len(self.line.did)
        self.line.happens(*events)
        self.to_queue.extend(self.line.told[told:])
        self.hung_up.extend(each.call for each in self.line.did[did:] if isinstance(each, HangUp))

    def tell_queue(self, happening: Happening) -> None:
        self.queue.hears(happening)
        self.to_line.extend(self.queue.last.effects)

    def deliver(self, which: int) -> None:
        if which == 0 and self.to_queue:
            self.tell_queue(self.to_queue.popleft())
        elif which == 1 and self.to_line:
            self.tell_line(self.to_line.popleft())
        elif which == 2 and self.hung_up:
            self.ends(self.hung_up.popleft())

    def ends(self, call: str) -> None:
        if call in self.line.calls:
            self.tell_line(ended(call))

    def settles(self) -> None:
        while self.to_queue or self.to_line or self.hung_up:
            for which in range(3):
                self.deliver(which)

    # --- what people and telephones do ---

    def says(self, name: str, body: Struct) -> None:
        self.queue.says(name, body)
        self.to_line.extend(self.queue.last.effects)

    def somebody_says(self) -> None:
        contact = self.contact
        if contact is None:
            return
        consultation = contact.call.consultation if contact.call else None
        pick = self.chance.choice
        owner = contact.advisor or pick(ADVISORS)
        name = pick([owner, owner, owner, consultation.advisor if consultation and consultation.advisor else owner])
        body = pick(
            [
                *[AcceptOffer(contact=CONTACT)] * 6,
                *[Consult(contact=CONTACT, advisor=pick(ADVISORS))] * 4,
                *[Consult(contact=CONTACT, number=OUTSIDE)] * 3,
                *[Swap(contact=CONTACT), Conference(contact=CONTACT), EndConsult(contact=CONTACT)] * 3,
                *[CompleteTransfer(contact=CONTACT)] * 3,
                Transfer(contact=CONTACT, number=OUTSIDE),
                Transfer(contact=CONTACT, advisor=pick(ADVISORS)),
                Transfer(contact=CONTACT, queue="general"),
                *[Hold(contact=CONTACT), Unhold(contact=CONTACT), DeclineOffer(contact=CONTACT)],
                EndContact(contact=CONTACT),
                CloseContact(contact=CONTACT, disposition="directory", outcome=Outcome.RESOLVED),
                SetPhone(uri=""),
            ]
        )
        self.says(name, body)

    def somebody_listens(self) -> None:
        modes = [Monitor(contact=CONTACT, mode=mode) for mode in Monitoring]
        self.says("carmen", self.chance.choice([*modes, StopMonitoring(contact=CONTACT)]))

    def somebody_is_back(self) -> None:
        name = self.chance.choice(ADVISORS)
        self.says(name, SetPhone(uri=uri_of(name)))
        self.says(name, SetPresence(presence=Presence.AVAILABLE))

    def a_telephone_acts(self) -> None:
        calls = sorted(self.line.calls - {CITIZEN})
        if calls:
            call = self.chance.choice(calls)
            act = self.chance.choices([ringing, confirmed, ended], weights=[3, 6, 2])[0]
            self.tell_line(act(call))

    def time_goes_by(self) -> None:
        """A prompt ends, or one of the line's timers fires."""
        if self.visit and self.visit.prompt and self.chance.random() < 0.7:
            self.tell_line(PlayEnded(player=self.visit.prompt))
        elif self.line.timers:
            name = self.chance.choice(sorted(self.line.timers))
            del self.line.timers[name]
            self.tell_line(TimerFired(name=name))

    def goes_on(self) -> None:
        match self.chance.choices(range(8), weights=[60, 14, 20, 3, 4, 2, 3, 0.3])[0]:
            case 0:
                self.deliver(self.chance.randrange(3))
            case 1:
                self.somebody_says()
            case 2:
                self.a_telephone_acts()
            case 3:
                self.time_goes_by()
            case 4:
                self.somebody_is_back()
            case 5:
                self.somebody_listens()
            case 6:
                self.queue.passes(self.chance.choice([0.1, 1.0, 5.0, 25.0]))
                self.to_line.extend(self.queue.last.effects)
            case _:
                self.chance.choice([lambda: self.ends(CITIZEN), lambda: self.tell_line(EngineStopped(reason="x"))])()

    # --- what must be true when nothing is on its way ---

    def holds(self) -> None:
        contact, visit = self.contact, self.visit
        assert contact is not None
        if visit is None:
            assert contact.state in OVER
            assert not contact.citizen_present
            assert not self.line.calls
            return
        legs = [*visit.advisors.values(), *visit.coordinators.values(), *([visit.party] if visit.party else [])]
        assert self.line.calls == {CITIZEN, *(leg.call for leg in legs)}, "a telephone is left behind, or missing"
        if visit.phase in {Phase.SURVEY, Phase.PARTING}:
            assert contact.state in OVER
            assert not legs
        elif visit.phase is Phase.OUTSIDE:
            assert contact.state in OVER
            assert visit.party in legs
            assert not visit.advisors
            if visit.party is not None and not visit.prompt:
                assert self.speak(CITIZEN, visit.party.call) is visit.party.confirmed
        else:
            assert contact.state in WITH_US
            self._holds_with_us(contact, visit)

    def _holds_with_us(self, contact: Contact, visit: Visit) -> None:
        call = contact.call
        assert call is not None
        assert set(visit.advisors) == ({contact.advisor} if contact.advisor else set())
        assert set(visit.coordinators) == set(dict(call.monitors))
        consultation = call.consultation
        assert (visit.party is None) is (consultation is None)
        if contact.state is not ContactState.ACTIVE:
            assert consultation is None
            return
        leg = visit.advisors[contact.advisor or ""]
        assert visit.serving == contact.advisor
        assert leg.confirmed is call.advisor_leg
        if visit.phase is Phase.SERVING and not visit.prompt:
            assert self.speak(CITIZEN, leg.call) is (call.advisor_leg and not call.held)
        if consultation is not None and visit.party is not None:
            assert (visit.side, visit.party.confirmed) == (consultation.side, consultation.connected)
            with_party = consultation.connected and consultation.side in {Side.CONSULTED, Side.ALL}
            assert self.speak(leg.call, visit.party.call) is with_party

    def speak(self, one: str, other: str) -> bool:
        both = {(one, other) in self.line.wires, (other, one) in self.line.wires}
        assert len(both) == 1, "one hears the other and is not heard"
        return both.pop()


@pytest.mark.parametrize("seed", range(60))
def test_they_agree_in_the_end(seed: int) -> None:
    house = House(seed)
    house.settles()
    for _ in range(12):
        for _ in range(house.chance.randrange(1, 40)):
            house.goes_on()
        house.settles()
        house.holds()
        if house.visit is None:
            break
