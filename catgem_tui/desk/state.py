"""What one person at work sees: one immutable value, replaced by the reducers, drawn by the screen.

Instants are on central's clock; ``DeskState.now(local)`` turns this machine's clock into it.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from catgem_tui.desk.keeping import KeepingView
from catgem_tui.desk.sound import SoundView
from catgem_tui.directory.facet import Facet
from catgem_tui.phone.port import CallState, DigitsBy, Registered
from catgem_tui.protocol.editing import LoggedChange
from catgem_tui.protocol.enums import HELD_STATES, Channel, ContactState, Monitoring, Refusal
from catgem_tui.protocol.events import ContactShown
from catgem_tui.protocol.guarding import Blocked
from catgem_tui.protocol.model import (
    Advisor,
    CentreSettings,
    Colleague,
    Contact,
    HistoryItem,
    Message,
    QueueSummary,
    Record,
    User,
)


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
    AWAY = "away"
    """Its engine is on another computer and out of reach; calls go on there."""
    DOWN = "down"


class Severity(StrEnum):
    INFORMATION = "information"
    WARNING = "warning"
    ERROR = "error"


class Notice(Struct, frozen=True):
    """Something to tell the person, worded by the screen from ``code`` and ``args`` in their language.

    Codes: a ``Refusal`` value, or one of the desk's own: ``wrong_credentials``, ``too_many_attempts``,
    ``central_unreachable``, ``central_incompatible``, ``session_expired``, ``replaced``, ``phone_missing``,
    ``phone_restarted``, ``phone_away``, ``phone_stranger``, ``phone_version``, ``phone_taken``,
    ``outside_lost``, ``outside_there``, ``outside_not_allowed``, ``outside_malformed``, ``outside_no_numbers``,
    ``outside_in_call``, ``call_cut``, ``call_lost``, ``no_sound_device``, ``no_keyring``, ``outbox_unreadable``,
    ``outbox_shared`` (another workstation runs on the same data folder), ``disk_full``,
    ``outbox_busy`` (another program keeps the file of what is written locked), ``outbox_unwritable``,
    ``device_missing`` (a chosen sound device is not there), ``no_microphone``, ``loudspeaker_changed`` and
    ``microphone_changed`` (the system took another where nobody chose),
    ``offer_missed``, ``contact_withdrawn``, ``citizen_left`` (while it was offered), ``directory_failed``,
    ``no_address`` (a mail that does not say whom to answer), ``insecure`` (central is on another machine and without
    TLS), ``bad_address`` (what stands there for central is no address),
    ``report_answered`` (what this person reported as wrong was dealt with).

    Of sending: ``nowhere_to_send``, ``nothing_to_send``, ``retired_not_sent``, ``record_inserted``, ``record_sent``,
    ``record_shortened``, ``record_reported``.

    Of the registration at an exchange: ``line_password`` (there is none, or it was refused), ``line_address`` (the
    exchange does not know it), ``line_certificate``, ``line_settings``.

    Of keeping the directory: ``report_came`` (an advisor says that a record is wrong), ``expiring`` and
    ``several_expiring`` (agreements or other records near their end), ``change_published``, ``change_pending``,
    ``change_scheduled``, ``keeping_failed`` (central did not do what was asked), ``too_many_marked`` (more records than
    one change takes), ``exported``, ``export_failed`` (the file could not be written), ``export_stopped``,
    ``not_exported``; of what this person proposed ``proposal_published``, ``proposal_scheduled``, ``proposal_clashed``,
    ``proposal_rejected``.

    Of guarding: ``emergency_marked``, ``emergency_handed``, ``emergency_called`` (by somebody, for the floor roles),
    ``number_withheld``, ``block_too_long``, ``not_blocked``, ``caller_unblocked``.

    Of calling somebody: ``nothing_to_call`` (the record has no number), ``no_dial_rule`` (the settings do not say how a
    number is called), ``wrong_number`` (of a record), ``no_number``, ``letters_in_number``, ``other_exchange`` (a SIP
    address of somewhere else), ``no_telephone``, ``in_another_call``, ``called_full``, ``called_`` and
    why it was not reached (``NotReached``), ``direct_missed`` and ``direct_missed_number`` (a direct call that nobody
    took), ``phone_refused``, ``handed_on``, ``not_handed_on``, ``handing_untold``, ``left_to_call`` (a call of one's
    own, to somebody else; the last two where its other side does not tell how it went).

    Of asking colleagues: ``cannot_ask``, ``busy_to_ask``, ``busy_to_take`` (a chat or mail), ``no_phone_to_ask``,
    ``consult_left``, ``consult_`` and why they were not reached, ``question_over`` (whoever asked does so no more),
    ``question_ended`` (and this person had answered), ``came_back_`` and why (outside nobody took the call, an
    emergency included).

    Of answering by itself: ``answered_alone``.
    """

    id: int
    code: str
    severity: Severity
    args: Mapping[str, str | int | float] = {}
    field: str = ""
    contact: str = ""
    """The contact it is about, if any."""
    known: Contact | None = None
    """That contact as it was then: it may be somebody else's by now."""
    title: str = ""
    """Of the record it is about, if any."""


LASTING = frozenset({
    Refusal.TOO_LONG, Refusal.STORAGE,
    "wrong_credentials", "too_many_attempts", "central_unreachable", "central_incompatible", "session_expired",
    "insecure", "bad_address", "replaced", "outside_lost", "phone_away", "phone_stranger", "phone_version",
    "phone_taken", "phone_down", "phone_missing", "no_sound_device", "device_missing", "no_microphone",
    "line_password", "line_address", "line_certificate", "line_settings", "no_dial_rule",
    "no_keyring", "outbox_unreadable", "outbox_shared", "outbox_busy", "outbox_unwritable", "disk_full",
    "directory_failed", "no_address",
    "offer_missed", "direct_missed", "direct_missed_number", "emergency_called", "keeping_failed", "export_failed",
    "not_exported",
    "expiring", "several_expiring", "report_answered",
    "proposal_published", "proposal_scheduled", "proposal_clashed", "proposal_rejected",
})  # fmt: skip
"""Codes of notices that stay until they are cleared or over: they want something done, the trouble lasts, or they are
for somebody who may not be there just now. The others leave by themselves."""


class PhoneCall(Struct, frozen=True):
    """One call on this person's telephone."""

    id: str
    contact: str
    state: CallState
    since: float
    media: bool = False
    monitoring: Monitoring | None = None
    number: str = ""
    """Of a call that this person made: what was dialled; of a direct one, who calls. Such a call has no contact."""
    name: str = ""
    """Who is called, or calls."""
    incoming: bool = False
    """Whether it is a direct call: it came by the exchange, for this person and from no queue."""
    extension: str = ""
    """To be dialled once somebody has answered."""
    typed: str = ""
    """Digits sent into it so far."""
    held: bool = False
    """Whether this person has it wait, with music: of calls that they made; of a citizen's call central knows."""
    holds_us: bool = False
    consulting: bool = False
    """Whether a colleague asks by it about their contact."""
    handing: str = ""
    """To whom its other side is being handed on."""


class Quality(Struct, frozen=True):
    """None is what is not known yet."""

    codec: str
    round_trip_ms: float | None = None
    jitter_ms: float | None = None
    loss: float | None = None
    mos: float | None = None
    """Estimated opinion score, 1 to 4.5."""


class Registration(Struct, frozen=True):
    """Whether the telephone is registered at the exchange of the settings."""

    registrar: str = ""
    """Host of the exchange; empty: the settings ask for no registration."""
    state: Registered = Registered.NOT
    since: float = 0.0
    cause: str = ""
    """Of ``REFUSED``: ``password`` or ``address``; of ``UNREACHABLE``: ``certificate`` where it is not believed, else
    empty; of ``NOT``: ``settings`` where the engine does not take them."""
    password_wanted: bool = False
    """Whether only a password helps: there is none, or it was refused."""


class PhoneView(Struct, frozen=True):
    status: PhoneStatus = PhoneStatus.STARTING
    uri: str = ""
    sound: str = ""
    sound_problem: str = ""
    muted: bool = False
    unheard: bool = False
    """Whether this person speaks in a call while the microphone is closed."""
    joined: bool = False
    """Whether the two calls that this person made hear each other too."""
    dial: str = ""
    """The SIP address of a number, with ``{number}`` in its place; empty: numbers cannot be called from here."""
    digits: DigitsBy = DigitsBy.RFC_4733
    """How digits travel."""
    auto_answer: float = 0.0
    """Seconds after which a call that is offered is answered by itself; 0: this person answers."""
    auto_usual: float = 3.0
    """The same, when it is switched on."""
    calls: tuple[PhoneCall, ...] = ()
    microphone: float = 0.0
    loudspeaker: float = 0.0
    quality: Quality | None = None
    registration: Registration = Registration()
    card: SoundView = SoundView()


class Dialled(Struct, frozen=True):
    """Somebody whom this person called by a number."""

    number: str
    """As it was dialled: digits, or a SIP address."""
    extension: str = ""
    name: str = ""
    at: float = 0.0


class Notes(Struct, frozen=True):
    """The notes of a contact as typed here, which may be ahead of central."""

    text: str
    saved: bool


Marks = tuple[tuple[int, int], ...]
"""Places in a text, each from a character to before another."""
Filter = Facet
"""A filter of the directory, as the screen may show it."""


PAUSED = "paused"
"""The directory's problem while its fetching is stopped by this person."""


MOST_HITS = 50
"""Records that a search shows at most, the best of what there is."""


class DirectoryView(Struct, frozen=True):
    """The local copy of the directory and the search in it."""

    records: int = 0
    syncing: bool = False
    progress: tuple[int, int] = (0, 0)
    """How much of the whole directory is here, and of how much; (0, 0) while all of it is not being fetched."""
    stage: str = ""
    """Of the progress, as ``directory.pulling.Progress.stage``."""
    complete: bool = True
    """Whether the copy holds everything that there was at some time, as far as is known."""
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
    changed: int = 0
    """Times that central told of another list."""


class Finding(Struct, frozen=True):
    """What the examination of a part says."""

    level: str
    """``ok``, ``warning`` or ``fault``."""
    sentence: str
    """In the person's language."""
    remedy: str = ""


class Examination(Struct, frozen=True):
    """Of this workstation, as the person asked for it."""

    going: tuple[str, ...] = ()
    """Parts (``doctor.rounds``) of which nothing is known yet."""
    found: Mapping[str, tuple[Finding, ...]] = {}
    """By part, as far as it was examined."""
    failed: bool = False
    """Whether it could not be examined; the log says why."""


class DeskState(Struct, frozen=True):
    line: Line = Line.LOGGED_OUT
    central: str = ""
    """Base URL."""
    practice: bool = False
    """Whether central is one for practice, with simulated citizens."""
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
    colleagues: tuple[Colleague, ...] = ()
    """Everybody else who is on duty."""
    shown: Mapping[str, ContactShown] = {}
    """Contacts of others that this person is asked about, by id; to be read."""
    answered: frozenset[str] = frozenset()
    """Those of them whose call this person has taken."""
    sides: Mapping[str, float] = {}
    """By contact that somebody is asked about: since when one speaks with whom one speaks now, where that was seen."""
    answering: tuple[str, float] = ("", 0.0)
    """The offer that is about to be answered by itself, and when."""
    dialled: tuple[Dialled, ...] = ()
    """Whom this person called, newest first."""
    phone: PhoneView = PhoneView()
    directory: DirectoryView = DirectoryView()
    keeping: KeepingView = KeepingView()
    guard: GuardView = GuardView()
    examination: Examination = Examination()
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

    def unsent_text(self, contact: Contact) -> str:
        """What is written in a chat or a mail and not sent: here, or before at another workstation."""
        return self.drafts.get(contact.id, contact.draft)

    @property
    def focused(self) -> Contact | None:
        """The contact in the middle: of those held, or one of a colleague who asks about it."""
        shown = self.shown.get(self.focus)
        return self.contacts.get(self.focus) or (shown.contact if shown else None)

    @property
    def asked(self) -> ContactShown | None:
        """The contact that a colleague calls about, until this person has answered."""
        return next((each for each in self.shown.values() if each.contact.id not in self.answered), None)

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
