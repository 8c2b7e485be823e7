"""What one person at work sees: one immutable value, replaced by the reducers, drawn by the screen.

Instants are on central's clock; ``DeskState.now(local)`` turns this machine's clock into it.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from catgem_tui.desk.keeping import KeepingView
from catgem_tui.directory.facet import Facet
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.editing import LoggedChange
from catgem_tui.protocol.enums import HELD_STATES, Channel, ContactState, Monitoring
from catgem_tui.protocol.guarding import Blocked
from catgem_tui.protocol.model import Advisor, CentreSettings, Contact, HistoryItem, Message, QueueSummary, Record, User


class Line(StrEnum):
    """The connection to central."""

    LOGGED_OUT = "logged_out"
    LOGGING_IN = "logging_in"
    CONNECTING = "connecting"
    ONLINE = "online"
    OFFLINE = "offline"
    """Lost; reconnecting by itself."""
    REPLACED = "replaced"
    """The same user logged in elsewhere; no reconnecting until asked."""


class PhoneStatus(StrEnum):
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    MISSING = "missing"
    """pjsua2 is not installed for this Python; everything but the telephone works."""
    DOWN = "down"


class Severity(StrEnum):
    INFORMATION = "information"
    WARNING = "warning"
    ERROR = "error"


class Notice(Struct, frozen=True):
    """Something to tell the person, worded by the screen from ``code`` and ``args`` in their language.

    Codes: a ``Refusal`` value, or one of the desk's own: ``wrong_credentials``, ``too_many_attempts``,
    ``central_unreachable``, ``central_incompatible``, ``session_expired``, ``replaced``, ``phone_missing``,
    ``phone_restarted``, ``call_lost``, ``no_sound_device``, ``no_keyring``, ``outbox_unreadable``, ``disk_full``,
    ``offer_missed``, ``contact_withdrawn``, ``directory_failed``, ``no_address`` (a mail that does not say whom to
    answer), ``insecure`` (central is on another machine and without TLS), ``bad_address`` (what stands there for
    central is no address), ``report_answered`` (what this person reported as wrong was dealt with).

    Of sending: ``nowhere_to_send``, ``nothing_to_send``, ``record_inserted``, ``record_sent``, ``record_shortened``,
    ``record_reported``.

    Of keeping the directory: ``report_came`` (an advisor says that a record is wrong), ``expiring`` and
    ``several_expiring`` (agreements or other records near their end), ``change_published``, ``change_pending``,
    ``change_scheduled``, ``keeping_failed`` (central did not do what was asked), ``too_many_marked`` (more records than
    one change takes), ``exported``, ``export_failed`` (the file could not be written), ``not_exported``.

    Of guarding: ``emergency_marked``, ``emergency_handed``, ``emergency_called`` (by somebody, for the floor roles),
    ``number_withheld``, ``block_too_long``, ``not_blocked``, ``caller_unblocked``.

    Of calling somebody: ``nothing_to_call`` (the record has no number), ``no_dial_rule`` (the settings do not say how a
    number is called), ``wrong_number``, ``no_telephone``, ``in_another_call``, ``called_busy``, ``called_unknown``,
    ``called_unanswered``, ``called_failed``.
    """

    id: int
    code: str
    severity: Severity
    args: Mapping[str, str | int | float] = {}
    field: str = ""
    contact: str = ""
    """The contact it is about, if any."""


class PhoneCall(Struct, frozen=True):
    """One call on this person's telephone."""

    id: str
    contact: str
    state: CallState
    since: float
    media: bool = False
    monitoring: Monitoring | None = None
    number: str = ""
    """Of a call that this person made: what was dialled; such a call has no contact."""
    name: str = ""
    """Who is called."""
    extension: str = ""
    """To be dialled once somebody has answered."""
    typed: str = ""
    """Digits sent into it so far."""


class Quality(Struct, frozen=True):
    codec: str
    round_trip_ms: float
    jitter_ms: float
    loss: float
    mos: float
    """Estimated opinion score, 1 to 4.5."""


class PhoneView(Struct, frozen=True):
    status: PhoneStatus = PhoneStatus.STARTING
    uri: str = ""
    sound: str = ""
    sound_problem: str = ""
    muted: bool = False
    calls: tuple[PhoneCall, ...] = ()
    microphone: float = 0.0
    loudspeaker: float = 0.0
    quality: Quality | None = None


class Notes(Struct, frozen=True):
    """The notes of a contact as typed here, which may be ahead of central."""

    text: str
    saved: bool


Marks = tuple[tuple[int, int], ...]
"""Places in a text, each from a character to before another."""
Filter = Facet
"""A filter of the directory, as the screen may show it."""


class DirectoryView(Struct, frozen=True):
    """The local copy of the directory and the search in it."""

    records: int = 0
    syncing: bool = False
    progress: tuple[int, int] = (0, 0)
    """Bytes of the whole directory that are here, and of how many; (0, 0) while it is not being fetched."""
    problem: str = ""
    """As ``directory.sync.Directory.problem``."""
    query: str = ""
    answered: str = ""
    """The query that ``hits`` answer: that before, while the present one is being sought."""
    facets: tuple[Filter, ...] = ()
    """The filters there are, once somebody asked for them."""
    hits: tuple[Record, ...] = ()
    marks: tuple[Marks, ...] = ()
    """Of each hit: the places in its title that met what was typed."""
    reasons: tuple[tuple[str, str], ...] = ()
    """Of each hit: the field and the text that met it, where its title does not; empty strings where it does."""
    milliseconds: float = 0.0
    log_of: str = ""
    """Id of the record whose card is open."""
    card: Record | None = None
    """That record as it now is, also a retired one; None before it was looked up, or when nobody knows it any more."""
    gone: bool = False
    """Whether the copy has it no more."""
    near: Mapping[str, Record] = {}
    """By id: the records that it names, as far as the copy has them."""
    log: tuple[LoggedChange, ...] | None = None
    """Newest first; None while it is on its way, or when central was not reached (``log_missing``)."""
    log_missing: bool = False


LONGEST = {Channel.CHAT: 4_000, Channel.MAIL: 200_000, Channel.CALL: 0}
"""Characters of a message, where central does not say it."""


class GuardView(Struct, frozen=True):
    """Callers who are refused, for the floor roles."""

    blocked: tuple[Blocked, ...] | None = None
    """The last blocked first; None until they were fetched."""
    problem: str = ""
    """Why what was fetched last is not here."""


class DeskState(Struct, frozen=True):
    line: Line = Line.LOGGED_OUT
    central: str = ""
    """Base URL."""
    user: User | None = None
    clock_offset: float = 0.0
    """Central's clock minus this machine's, seconds."""
    settings: CentreSettings | None = None
    me: Advisor | None = None
    contacts: Mapping[str, Contact] = {}
    """Mine; for the floor roles, everyone's."""
    messages: Mapping[str, tuple[Message, ...]] = {}
    """By contact, oldest first; unsent ones of ours are there too, with delivery ``pending``."""
    notes: Mapping[str, Notes] = {}
    drafts: Mapping[str, str] = {}
    """Unsent text by contact: a chat line being typed or a mail."""
    history: Mapping[str, tuple[HistoryItem, ...]] = {}
    focus: str = ""
    """The contact in the middle of the screen."""
    summary: QueueSummary = QueueSummary()
    advisors: Mapping[str, Advisor] = {}
    """For the floor roles: by user id."""
    typing: frozenset[str] = frozenset()
    """Contacts whose citizen is writing."""
    phone: PhoneView = PhoneView()
    directory: DirectoryView = DirectoryView()
    keeping: KeepingView = KeepingView()
    guard: GuardView = GuardView()
    unsent: int = 0
    """Commands in the outbox that central has not confirmed."""
    secrets: str = "memory"
    """Where the refresh token and the outbox's key are kept: ``keyring`` or ``memory``."""
    notices: tuple[Notice, ...] = ()

    def now(self, local: float) -> float:
        """Central's clock, given this machine's (seconds since the epoch)."""
        return local + self.clock_offset

    def longest(self, channel: Channel) -> int:
        """Characters of one message that central takes."""
        known = self.settings.longest if self.settings else {}
        return known.get(channel.value, LONGEST[channel])

    @property
    def focused(self) -> Contact | None:
        return self.contacts.get(self.focus)

    @property
    def mine(self) -> tuple[Contact, ...]:
        """The contacts this person holds, offers last, longest held first."""
        if self.user is None:
            return ()
        me = self.user.id
        held = [c for c in self.contacts.values() if c.advisor == me and c.state in HELD_STATES]
        return tuple(sorted(held, key=lambda c: (c.state is ContactState.OFFERED, c.accepted_at or c.arrived_at)))

    @property
    def offer(self) -> Contact | None:
        """The contact offered to this person now."""
        return next((c for c in self.mine if c.state is ContactState.OFFERED), None)
