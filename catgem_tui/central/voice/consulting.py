"""Somebody else on a line at an advisor's word: consulted, or outside and taking the citizen over.

There is one such party at a time. While it is called, the line counts the seconds; that it answered, went, or never
came is told to central unless central itself asked for its end.
"""

from collections.abc import Callable

from catgem_tui.central.ports import EndConsulting, HandOver, PartyChanged, SendOut, SetSide, StartConsulting
from catgem_tui.central.voice.legs import PARTY_TIMER, Legs
from catgem_tui.central.voice.outbox import Outbox
from catgem_tui.central.voice.signals import LineScript
from catgem_tui.central.voice.tape import Tape
from catgem_tui.central.voice.telephones import Telephones
from catgem_tui.central.voice.visit import Leg, Phase, Visit
from catgem_tui.phone.port import CallState, Play, StopPlaying
from catgem_tui.protocol.enums import NotReached, Side

RINGING = "ringing"
BESIDE = 1
"""Coordinators an engine has room for beside a citizen, an advisor and a party."""


class Consulting:
    """``wait`` lets the citizen wait for an advisor again; ``dismiss`` ends the citizen's call without a word."""

    def __init__(  # noqa: PLR0917
        self,
        out: Outbox,
        telephones: Telephones,
        legs: Legs,
        tape: Tape,
        script: LineScript,
        wait: Callable[[Visit], None],
        dismiss: Callable[[Visit], None],
    ) -> None:
        self._out = out
        self._telephones = telephones
        self._legs = legs
        self._tape = tape
        self._script = script
        self._wait = wait
        self._dismiss = dismiss

    # --- central's effects ---

    def start(self, visit: Visit, effect: StartConsulting) -> None:
        while len(visit.coordinators) > BESIDE:
            self._legs.drop_coordinator(visit, next(reversed(visit.coordinators)))
        self._legs.drop_party(visit)
        visit.side, visit.held = Side.CONSULTED, False
        leg = self._call(visit, effect.token, effect.seconds)
        if effect.number:
            self._legs.dial_outside(leg, self._address(effect.number))
        else:
            self._legs.dial(visit, leg, effect.uri)

    def set_side(self, visit: Visit, effect: SetSide) -> None:
        if visit.party:
            visit.side = effect.side

    def end(self, visit: Visit, _: EndConsulting) -> None:
        self._legs.drop_party(visit)
        visit.held = False

    def hand_over(self, visit: Visit, effect: HandOver) -> None:
        party = visit.party
        if party is None or not party.confirmed or party.token != effect.token:
            self._legs.drop_advisors(visit)
            self._come_back(visit, effect.token, None)
            return
        visit.party = None
        self._legs.drop_everyone(visit)
        if effect.advisor:
            party.person = visit.serving = effect.advisor
            visit.advisors[effect.advisor] = party
        else:
            visit.party, visit.side, visit.phase = party, Side.ALL, Phase.OUTSIDE
            self._out.clear_timer("announce")
            self._taken_over(visit, party)

    def send_out(self, visit: Visit, effect: SendOut) -> None:
        self._legs.drop_everyone(visit)
        visit.side, visit.phase = Side.ALL, Phase.OUTSIDE
        self._out.clear_timer("announce")
        leg = self._call(visit, effect.token, effect.seconds)
        self._legs.dial_outside(leg, self._address(effect.number))

    # --- the party's telephone ---

    def changed(self, visit: Visit, state: CallState) -> None:
        """It rings there, or was answered."""
        party = visit.party
        if party and state is CallState.RINGING:
            party.ringing = True
        elif party and state is CallState.CONFIRMED and not party.confirmed:
            party.confirmed = True
            self._out.clear_timer(PARTY_TIMER)
            if visit.phase is Phase.OUTSIDE:
                self._taken_over(visit, party)
            else:
                self._out.tell(PartyChanged(contact=visit.contact, token=party.token, connected=True))

    def lost(self, visit: Visit, why: NotReached) -> None:
        """It went by itself, or never came. Once the citizen is somebody else's, their call ends with it."""
        party = visit.party
        if party is None:
            return
        visit.party = None
        self._out.clear_timer(PARTY_TIMER)
        if visit.phase is not Phase.OUTSIDE:
            not_reached = None if party.confirmed else why
            self._out.tell(
                PartyChanged(contact=visit.contact, token=party.token, connected=False, not_reached=not_reached)
            )
        elif party.confirmed:
            visit.side = None
            self._dismiss(visit)
        else:
            self._come_back(visit, party.token, why)

    def unanswered(self, visit: Visit) -> None:
        """Their time is over."""
        if visit.party and not visit.party.confirmed:
            self._telephones.hang_up(visit.party.call)
            self.lost(visit, NotReached.UNANSWERED)

    # --- what follows from the state ---

    def settle(self, visit: Visit) -> None:
        """The advisor hears that it rings where they ask."""
        party = visit.party
        rings = visit.phase is Phase.SERVING and party is not None and party.ringing and not party.confirmed
        if rings and not visit.ringing:
            self._out.do(Play(player=RINGING, path=str(self._script.prompts.ringing), loop=True))
        elif visit.ringing and not rings:
            self._out.do(StopPlaying(player=RINGING))
            self._out.forget(RINGING)
        visit.ringing = rings

    # --- how ---

    def _call(self, visit: Visit, token: str, seconds: float) -> Leg:
        visit.party = Leg(call=self._telephones.name("party"), person="", token=token)
        self._out.set_timer(PARTY_TIMER, seconds)
        return visit.party

    def _address(self, number: str) -> str:
        return self._script.dial.replace("{number}", number)

    def _taken_over(self, visit: Visit, party: Leg) -> None:
        """The citizen is somebody else's for good; what they say to each other is not ours to keep."""
        self._tape.stop(visit)
        self._out.tell(PartyChanged(contact=visit.contact, token=party.token, connected=True))

    def _come_back(self, visit: Visit, token: str, not_reached: NotReached | None) -> None:
        visit.side = None
        self._wait(visit)
        self._out.tell(PartyChanged(contact=visit.contact, token=token, connected=False, not_reached=not_reached))
        self._tape.go_on(visit)
