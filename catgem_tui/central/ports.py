"""What passes between central's actor, its channels and its pure queue.

Channels (voice, chat, mail) put *happenings* into the actor's inbox and perform the *effects* it hands back. The actor
writes what changed, with the events that tell of it, in one transaction, and only then performs effects and replies.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from catgem_tui.protocol.enums import Channel, Monitoring, NotReached, OutsideState, Side
from catgem_tui.protocol.frames import Refused
from catgem_tui.protocol.model import Citizen, Message, Struct

# --- happenings: from the channels and the sockets into the actor ---


@dataclass(frozen=True, kw_only=True)
class ContactArrived:
    """A citizen is here. ``contact`` is the id the channel chose (UUIDv7)."""

    contact: str
    channel: Channel
    queue: str = ""
    """Empty: the centre's first queue."""
    citizen: Citizen = field(default_factory=Citizen)
    subject: str = ""
    dialled: str = ""
    priority: int = 0
    requirements: tuple[str, ...] = ()
    first: Message | None = None
    """The mail, or the chat's first line."""


@dataclass(frozen=True, kw_only=True)
class CitizenLeft:
    """The citizen hung up or closed the page for good."""

    contact: str


@dataclass(frozen=True, kw_only=True)
class CitizenReturned:
    """The citizen's page is back on the same chat."""

    contact: str


@dataclass(frozen=True, kw_only=True)
class CitizenWrote:
    """A chat line, or a further mail in the contact's thread. A message id seen before changes nothing."""

    message: Message


@dataclass(frozen=True, kw_only=True)
class LegChanged:
    """The advisor's telephone joined the call, or left it; a coordinator's joined it."""

    contact: str
    advisor: str
    connected: bool
    token: str = ""
    """Of the effect by which that telephone was called; empty: the one central last gave."""


@dataclass(frozen=True, kw_only=True)
class DeliveryFailed:
    """The advisor's telephone could not be reached for an offered call."""

    contact: str
    advisor: str
    reason: str
    token: str = ""
    """As in LegChanged."""


@dataclass(frozen=True, kw_only=True)
class LineLost:
    """The engine of this call's line died: the citizen's call is gone."""

    contact: str


@dataclass(frozen=True, kw_only=True)
class MonitorLeft:
    """A coordinator's telephone left the call."""

    contact: str
    coordinator: str
    token: str = ""
    """As in LegChanged."""


@dataclass(frozen=True, kw_only=True)
class PartyChanged:
    """Whom the line called at an advisor's word, a colleague or somebody outside, answered; or went, or never came."""

    contact: str
    token: str
    """Of the effect by which they were called."""
    connected: bool
    not_reached: NotReached | None = None
    """Of who never came."""


@dataclass(frozen=True, kw_only=True)
class RecordingStarted:
    contact: str
    path: str
    """Relative to the recordings' folder."""


@dataclass(frozen=True, kw_only=True)
class SurveyAnswered:
    contact: str
    score: int
    """1 to 5."""


@dataclass(frozen=True, kw_only=True)
class DeliveryChanged:
    """An outgoing mail was sent, or finally failed (``error`` says why)."""

    contact: str
    message: str
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class AdvisorConnected:
    """A workstation of this user said hello."""

    advisor: str


@dataclass(frozen=True, kw_only=True)
class AdvisorLost:
    """The workstation's connection ended."""

    advisor: str


@dataclass(frozen=True, kw_only=True)
class OutsideChanged:
    """What became of an advisor's telephone outside. ``uri``: where lines call them while it is on the line."""

    advisor: str
    state: OutsideState
    uri: str = ""


@dataclass(frozen=True, kw_only=True)
class AdvisorCommand:
    """A decoded command of the wire, with the sender."""

    advisor: str
    id: str
    body: Struct


@dataclass(frozen=True, kw_only=True)
class Tick:
    """Time has passed: look at deadlines."""


Happening = (
    ContactArrived
    | CitizenLeft
    | CitizenReturned
    | CitizenWrote
    | LegChanged
    | DeliveryFailed
    | LineLost
    | MonitorLeft
    | PartyChanged
    | RecordingStarted
    | SurveyAnswered
    | DeliveryChanged
    | AdvisorConnected
    | AdvisorLost
    | OutsideChanged
    | AdvisorCommand
    | Tick
)


# --- effects: from the actor to the channels, after the commit ---


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Voice: call the advisor's telephone; its ringing is the offer. Chat, mail: tell the citizen nothing yet."""

    contact: str
    channel: Channel
    advisor: str
    uri: str = ""
    token: str = ""


@dataclass(frozen=True, kw_only=True)
class Withdraw:
    """The offer is over: stop ringing that telephone."""

    contact: str
    channel: Channel
    advisor: str


@dataclass(frozen=True, kw_only=True)
class Join:
    """The advisor has the contact. Voice: let both hear each other and record. Chat: greet with the advisor's name."""

    contact: str
    channel: Channel
    advisor: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Requeue:
    """The citizen waits again. Voice: drop the advisor's leg, play music."""

    contact: str
    channel: Channel


@dataclass(frozen=True, kw_only=True)
class SetHold:
    contact: str
    channel: Channel
    held: bool


@dataclass(frozen=True, kw_only=True)
class PauseRecording:
    """Voice: record silence from now on, or what is said again; the recording's time goes on."""

    contact: str
    channel: Channel
    paused: bool


@dataclass(frozen=True, kw_only=True)
class Finish:
    """The advisor's part is over. Voice: drop the advisor, ask the survey, hang up. Chat: survey on the page."""

    contact: str
    channel: Channel
    survey: bool = True


@dataclass(frozen=True, kw_only=True)
class Deliver:
    """Give the advisor's message to the citizen. Mail: ``message.mail`` is complete, Message-ID included."""

    channel: Channel
    message: Message


@dataclass(frozen=True, kw_only=True)
class StartMonitoring:
    """Voice: call the coordinator's telephone and join it in ``mode``; if it is joined already, change the mode.

    Without a ``token`` only the latter.
    """

    contact: str
    channel: Channel
    coordinator: str
    mode: Monitoring
    uri: str
    token: str


@dataclass(frozen=True, kw_only=True)
class EndMonitoring:
    contact: str
    channel: Channel
    coordinator: str


@dataclass(frozen=True, kw_only=True)
class StartConsulting:
    """Voice: music for the citizen, and call somebody for the advisor: a colleague's telephone at ``uri``, or a number.

    ``PartyChanged`` tells how it goes; who has not answered after ``seconds`` never came.
    """

    contact: str
    channel: Channel
    token: str
    seconds: float
    uri: str = ""
    number: str = ""
    """Digits, with a leading ``+`` or without; set when there is no ``uri``."""


@dataclass(frozen=True, kw_only=True)
class SetSide:
    """With whom the advisor speaks from now on during a consultation; whoever is left out has music."""

    contact: str
    channel: Channel
    side: Side


@dataclass(frozen=True, kw_only=True)
class EndConsulting:
    """Let who was consulted go; advisor and citizen hear each other. Everything else that ends an advisor's part, as
    ``Requeue`` and ``Finish``, ends a consultation too."""

    contact: str
    channel: Channel


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """Drop the advisor: citizen and consulted go on with each other. ``advisor`` is who was consulted, whose contact it
    now is; empty: somebody outside, and the line hangs up one when the other does. ``PartyChanged`` tells when they are
    not there any more."""

    contact: str
    channel: Channel
    token: str
    advisor: str = ""


@dataclass(frozen=True, kw_only=True)
class SendOut:
    """Drop the advisor and call a number for the citizen, who has music meanwhile; then they go on with each other.

    Answered or not, ``PartyChanged`` tells; who has not answered after ``seconds`` never came, and the citizen waits.
    """

    contact: str
    channel: Channel
    token: str
    number: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class CallOutside:
    """Voice: call an advisor's telephone outside and keep it on the line, in the place of an earlier one."""

    channel: Channel
    advisor: str
    uri: str


@dataclass(frozen=True, kw_only=True)
class LeaveOutside:
    """Voice: let an advisor's telephone outside go."""

    channel: Channel
    advisor: str


@dataclass(frozen=True, kw_only=True)
class MuteOutside:
    """Voice: let nobody hear an advisor's telephone outside, or everybody again."""

    channel: Channel
    advisor: str
    muted: bool


Effect = (
    Offer
    | Withdraw
    | Join
    | Requeue
    | SetHold
    | PauseRecording
    | Finish
    | Deliver
    | StartMonitoring
    | EndMonitoring
    | StartConsulting
    | SetSide
    | EndConsulting
    | HandOver
    | SendOut
    | CallOutside
    | LeaveOutside
    | MuteOutside
)


class Inbox(Protocol):
    """The actor, seen from the channels and the sockets."""

    async def submit(self, happening: Happening) -> Refused | None:
        """Returns once the happening's consequences are on disk; ``Refused`` when it was not carried out.

        Raises StorageFailed when they could not be written (then nothing has happened).
        """
        ...

    def knows(self, contact: str) -> bool:
        """Whether this contact exists and has not ended."""
        ...


class StorageFailed(Exception):
    """The store could not write: full disk, locked file. Nothing of the happening was kept."""


class ContactChannel(Protocol):
    """A channel: voice, chat or mail."""

    channel: Channel

    async def start(self, inbox: Inbox) -> None:
        """Begin to accept citizens. Raises PortTaken."""
        ...

    async def perform(self, effect: Effect) -> None:
        """Carry one effect out, soon: slow work goes into the channel's own tasks. Never raises."""
        ...

    async def stop(self) -> None: ...


class PortTaken(Exception):
    """A configured port is in use by another program."""

    def __init__(self, service: str, host: str, port: int) -> None:
        super().__init__(f"{service}: {host}:{port} is taken")
        self.service, self.host, self.port = service, host, port


@dataclass(frozen=True, kw_only=True)
class DataFolder:
    """Where a central keeps everything."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "central.sqlite"

    @property
    def recordings(self) -> Path:
        return self.root / "recordings"

    @property
    def documents(self) -> Path:
        """What changes to the directory rest on."""
        return self.root / "documents"

    @property
    def copies(self) -> Path:
        """Of the directory, for workstations."""
        return self.root / "copies"

    @property
    def lock(self) -> Path:
        return self.root / "central.lock"
