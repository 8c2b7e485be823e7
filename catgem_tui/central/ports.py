"""What passes between central's actor, its channels and its pure queue.

Channels (voice, chat, mail) put *happenings* into the actor's inbox and perform the *effects* it hands back. The actor
writes what changed, with the events that tell of it, in one transaction, and only then performs effects and replies.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from catgem_tui.protocol.enums import Channel, Monitoring
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
    | RecordingStarted
    | SurveyAnswered
    | DeliveryChanged
    | AdvisorConnected
    | AdvisorLost
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
    """Voice: call the coordinator's telephone and join it in ``mode``; if it is joined already, change the mode."""

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


Effect = (
    Offer | Withdraw | Join | Requeue | SetHold | PauseRecording | Finish | Deliver | StartMonitoring | EndMonitoring
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
