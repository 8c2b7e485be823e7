"""The citizen on a telephone line, and the calls to our own telephones that serve them."""

from dataclasses import dataclass, field
from enum import Enum, auto

from catgem_tui.protocol.enums import Monitoring


class Phase(Enum):
    IDLE = auto()
    """No citizen."""
    GREETING = auto()
    CHOOSING = auto()
    """In the menu: central doesn't know of the contact yet."""
    SERVING = auto()
    """Waiting for an advisor or with one."""
    SURVEY = auto()
    PARTING = auto()
    """The last words, then we hang up."""


@dataclass
class Leg:
    """A call to the telephone of one of us."""

    call: str
    person: str
    """Advisor's or coordinator's id."""
    token: str
    """What it was announced with."""
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
    recording: bool = False
    recordable: bool = True
    recording_paused: bool = False
    """While it is, silence is recorded."""
    held: bool = False
    serving: str = ""
    """The advisor who was joined."""
    advisors: dict[str, Leg] = field(default_factory=dict)
    coordinators: dict[str, Leg] = field(default_factory=dict)

    def leg(self, call: str) -> Leg | None:
        legs = (*self.advisors.values(), *self.coordinators.values())
        return next((leg for leg in legs if leg.call == call), None)

    def barged(self) -> bool:
        """Whether a coordinator speaks to the citizen."""
        return any(leg.confirmed and leg.mode is Monitoring.BARGE for leg in self.coordinators.values())

    def served_by(self) -> Leg | None:
        """The serving advisor's leg, if it is up."""
        leg = self.advisors.get(self.serving)
        return leg if leg and leg.confirmed else None
