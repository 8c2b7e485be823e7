"""The citizen on a telephone line, and the calls to our own telephones that serve them."""

from dataclasses import dataclass, field
from enum import Enum, auto

from catgem_tui.protocol.enums import Monitoring, Side


class Phase(Enum):
    IDLE = auto()
    """No citizen."""
    GREETING = auto()
    CHOOSING = auto()
    """In the menu: central doesn't know of the contact yet."""
    SERVING = auto()
    """Waiting for an advisor or with one."""
    OUTSIDE = auto()
    """Handed on to somebody outside, who is being called or there; no advisor is on the line."""
    SURVEY = auto()
    PARTING = auto()
    """The last words, then we hang up."""


@dataclass
class Leg:
    """A call to the telephone of one of us, or of somebody outside."""

    call: str
    person: str
    """Advisor's or coordinator's id; empty for who is called at an advisor's word."""
    token: str
    """What it was announced with, or is told of by."""
    ringing: bool = False
    confirmed: bool = False
    mode: Monitoring = Monitoring.LISTEN
    """Of a coordinator."""


@dataclass
class Visit:
    """Everything about the citizen on the line; gone when they are."""

    contact: str
    call: str
    number: str
    name: str
    dialled: str
    phase: Phase = Phase.GREETING
    told: bool = False
    """Whether central has been told of the contact."""
    prompt: str = ""
    music: bool = False
    ringing: bool = False
    """Whether the ringing tone plays for the advisor."""
    recording: bool = False
    tape: str = ""
    """Path of the recording below the recordings' folder."""
    recordable: bool = True
    recording_paused: bool = False
    """While it is, silence is recorded."""
    held: bool = False
    serving: str = ""
    """The advisor who was joined."""
    advisors: dict[str, Leg] = field(default_factory=dict)
    coordinators: dict[str, Leg] = field(default_factory=dict)
    party: Leg | None = None
    """Who was called at the advisor's word."""
    side: Side | None = None
    """With whom the advisor speaks during a consultation."""

    def leg(self, call: str) -> Leg | None:
        legs = (*self.advisors.values(), *self.coordinators.values(), *((self.party,) if self.party else ()))
        return next((leg for leg in legs if leg.call == call), None)

    def barged(self) -> bool:
        """Whether a coordinator speaks to the citizen."""
        return any(leg.confirmed and leg.mode is Monitoring.BARGE for leg in self.coordinators.values())

    def served_by(self) -> Leg | None:
        """The serving advisor's leg, if it is up."""
        leg = self.advisors.get(self.serving)
        return leg if leg and leg.confirmed else None

    def keys_go_to(self, call: str) -> str:
        """Whose call hears the keys that are pressed on this one; empty for nobody's.

        An advisor presses them for whom they consult, who may be a machine with a menu, rather than for the citizen.
        """
        advisor = self.served_by()
        party = self.party.call if self.party and self.party.confirmed else ""
        if self.phase is Phase.OUTSIDE:
            return {self.call: party, party: self.call}.get(call, "")
        if self.phase is not Phase.SERVING or advisor is None:
            return ""
        with_party = self.side in {Side.CONSULTED, Side.ALL}
        with_citizen = not self.held and self.side is not Side.CONSULTED
        if call == advisor.call:
            return party if with_party else self.call if with_citizen else ""
        heard = (call == self.call and with_citizen) or (call == party and with_party)
        return advisor.call if heard else ""
