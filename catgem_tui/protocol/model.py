"""What the wire talks about.

Instants are seconds since the Unix epoch (UTC, float) on central's clock; a workstation learns the difference to its
own from ``Welcome.now``. Durations are seconds. Identifiers are strings: UUIDv7 where central or a client makes them.
"""

import msgspec

from catgem_tui.protocol.enums import (
    AdvisorState,
    Author,
    Channel,
    ContactState,
    Delivery,
    Monitoring,
    NotReached,
    Outcome,
    OutsideState,
    Presence,
    RecordKind,
    Role,
    Side,
)


class Struct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of everything on the wire: immutable, by keyword, unknown fields ignored (an older reader never breaks)."""


class User(Struct, frozen=True, kw_only=True):
    """A person who works here."""

    id: str
    username: str
    name: str
    role: Role
    skills: tuple[str, ...] = ()


class Citizen(Struct, frozen=True, kw_only=True):
    """Who contacts us, as far as we know; every field may be empty."""

    id: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""
    place: str = ""


class Consultation(Struct, frozen=True, kw_only=True):
    """Who is asked during a call, or being called for it."""

    advisor: str = ""
    """User id; empty for somebody outside."""
    number: str = ""
    name: str = ""
    connected: bool = False
    """False while their telephone rings."""
    side: Side = Side.CONSULTED
    since: float = 0.0


class SoundReport(Struct, frozen=True, kw_only=True):
    """How a call sounded at the advisor's telephone."""

    codec: str = ""
    seconds: float = 0.0
    mos: float = 0.0
    """Mean of the estimated opinion scores (ITU-T G.107), 1 to 4.5; 0: not measured."""
    worst_mos: float = 0.0
    round_trip_ms: float = 0.0
    """0 where the other side told of none before the call was over."""
    jitter_ms: float = 0.0
    loss: float = 0.0
    """Share of packets, 0 to 1."""
    underruns: int = 0
    """Times the loudspeaker had nothing to play."""
    overruns: int = 0
    """Times the microphone's sound came faster than it was taken, or not in time."""


class Call(Struct, frozen=True, kw_only=True):
    """The telephone side of a contact."""

    dialled: str = ""
    """The number the citizen called."""
    held: bool = False
    held_since: float | None = None
    recording: bool = False
    recording_paused: bool = False
    recording_paused_since: float | None = None
    recording_paused_for: str = ""
    """The protocol step it is paused for, if any."""
    consultation: Consultation | None = None
    not_reached: NotReached | None = None
    """Why whom its advisor called last, to consult or to hand it on, did not come; until somebody else is called."""
    sound: SoundReport | None = None
    advisor_leg: bool = False
    """Whether the advisor's telephone is connected to the line."""
    monitors: tuple[tuple[str, Monitoring], ...] = ()
    """Coordinators on the call: (user id, mode). Those who only listen are told to the floor roles only."""


class Contact(Struct, frozen=True, kw_only=True):
    """One request of one citizen on one channel, from arrival to disposition."""

    id: str
    folio: str
    """Short number to say over the telephone: six digits and a check digit, ``482-1051``."""
    channel: Channel
    queue: str
    state: ContactState
    arrived_at: float
    state_since: float
    citizen: Citizen = Citizen()
    subject: str = ""
    priority: int = 0
    requirements: tuple[str, ...] = ()
    """Skills an advisor must have to be offered this contact (languages are skills too)."""
    head_start: float = 0.0
    """Seconds of waiting it is credited with for having been handed back to the queue."""
    advisor: str | None = None
    """User id of who holds it: offered to, active with, in wrap-up with."""
    offer_expires_at: float | None = None
    accepted_at: float | None = None
    """First acceptance; the two-minute *response* clock starts here."""
    wrap_up_ends_at: float | None = None
    ended_at: float | None = None
    citizen_present: bool = True
    """False once the citizen hung up or left the chat page."""
    call: Call | None = None
    notes: str = ""
    notes_revision: int = 0
    steps: tuple[str, ...] = ()
    """Ids of the protocol steps checked so far."""
    draft: str = ""
    """The unsent mail, kept at central so that a crash of the workstation loses nothing."""
    disposition: str = ""
    outcome: Outcome | None = None
    survey: int | None = None
    """1 (worst) to 5 (best)."""
    messages: int = 0
    unread: int = 0
    """Citizen messages since the advisor last wrote."""
    waiting_since: float | None = None
    """When the oldest unanswered citizen message came, or the arrival while queued."""
    handed_by: str = ""
    """Name of who handed it on last."""
    emergency: bool = False
    """Marked as an emergency by its advisor."""
    warned: bool = False
    """The caller was warned for abuse."""


class MailHeaders(Struct, frozen=True, kw_only=True):
    """What a mail carries beyond its text (RFC 5322)."""

    subject: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    attachments: tuple[tuple[str, str, int], ...] = ()
    """(file name, media type, bytes)."""


class Message(Struct, frozen=True, kw_only=True):
    """One chat line or one mail."""

    id: str
    contact: str
    author: Author
    text: str
    sent_at: float
    name: str = ""
    delivery: Delivery = Delivery.SENT
    mail: MailHeaders | None = None


class Advisor(Struct, frozen=True, kw_only=True):
    """A person on the floor, live."""

    user: User
    presence: Presence
    state: AdvisorState
    since: float
    reason: str = ""
    """Id of the pause reason while paused."""
    next_presence: Presence | None = None
    """Chosen during a contact, taken when the last one ends."""
    next_reason: str = ""
    contacts: tuple[str, ...] = ()
    phone_ready: bool = False
    connected: bool = False
    outside_phone: str = ""
    """The telephone outside they work with, as given; empty for none."""
    outside_state: OutsideState = OutsideState.NONE
    outside_muted: bool = False


class Colleague(Struct, frozen=True, kw_only=True):
    """An advisor as other advisors see them: whom one can ask or hand a contact to."""

    id: str
    name: str
    state: AdvisorState
    skills: tuple[str, ...] = ()
    phone_ready: bool = False


class Waiting(Struct, frozen=True, kw_only=True):
    """One contact in the line, as everyone may see it."""

    contact: str
    channel: Channel
    queue: str
    since: float
    late: bool = False


class QueueSummary(Struct, frozen=True, kw_only=True):
    """The universal queue at a glance."""

    calls: int = 0
    chats: int = 0
    mails: int = 0
    oldest_since: float | None = None
    next: tuple[Waiting, ...] = ()
    """The most urgent ones, most urgent first; ten at most."""
    service_level: float | None = None
    """Share of contacts answered within their target since midnight, 0 to 1; None before the first."""
    satisfaction: float | None = None
    """Mean survey answer since midnight scaled to 0 to 1; None before the first."""


class Option(Struct, frozen=True, kw_only=True):
    """A choice with its words: Spanish first, other languages by code."""

    id: str
    label: str
    labels: dict[str, str] = {}


class Step(Option, frozen=True, kw_only=True):
    """One step of the attention protocol."""

    script: str = ""
    """The words the advisor says."""
    scripts: dict[str, str] = {}
    sensitive: bool = False


class CentreSettings(Struct, frozen=True, kw_only=True):
    """What a desk needs to know of how this centre works."""

    name: str
    queues: tuple[Option, ...] = ()
    pause_reasons: tuple[Option, ...] = ()
    dispositions: tuple[Option, ...] = ()
    default_disposition: str = ""
    protocols: dict[str, tuple[Step, ...]] = {}
    """Steps by channel."""
    targets: dict[str, float] = {}
    """Seconds in which a contact should be answered, by channel."""
    wrap_up: dict[str, float] = {}
    wrap_up_extension: float = 60.0
    calls_out: bool = False
    """Whether the lines can call numbers outside."""
    emergency: str = ""
    """The number emergencies are handed on to; empty: none is configured."""
    pause_recording: str = "ask"
    """At a sensitive step: ``ask``, ``auto`` or ``off``; off: recordings are never paused."""
    warning: str = ""
    """What an advisor reads to an abusive caller, in Spanish."""
    warnings: dict[str, str] = {}
    """The same in other languages, by code."""
    longest_block: float = 86_400.0
    """Seconds for which an advisor may block a caller at most."""
    longest: dict[str, int] = {}
    """Characters of one message, by channel; without an entry it is not known."""


class Record(Struct, frozen=True, kw_only=True):
    """One entry of the directory, flat: what an advisor reads out or sends."""

    id: str
    kind: RecordKind
    title: str
    revision: int
    """The directory cursor at which it last changed."""
    level: str = ""
    """federal, state or municipal."""
    post: str = ""
    unit: str = ""
    agency: str = ""
    agency_acronym: str = ""
    municipality: str = ""
    address: str = ""
    phone: str = ""
    extension: str = ""
    email: str = ""
    hours: str = ""
    url: str = ""
    requirements: str = ""
    cost: str = ""
    text: str = ""
    """What an article or agreement says, or remarks."""
    keywords: tuple[str, ...] = ()
    responsible: str = ""
    support: str = ""
    """Reference of the supporting document."""
    confirmed_at: float | None = None
    review_at: float | None = None
    """When somebody has to look whether it is still true."""
    valid_from: float | None = None
    valid_until: float | None = None
    related: tuple[str, ...] = ()
    """Ids of records that belong to it."""
    merged_into: str = ""
    """Of a retired duplicate: the id of the record that stays."""
    extra: dict[str, str] = {}
    """Further fields by name, as they were imported; anybody may see them."""
    restricted: dict[str, str] = {}
    """Fields that only some roles may see; central removes them for the others."""
    retired: bool = False
    """A tombstone: the record is gone and the copy drops it."""


class HistoryItem(Struct, frozen=True, kw_only=True):
    """An earlier contact of the same citizen."""

    contact: str
    folio: str
    channel: Channel
    arrived_at: float
    subject: str = ""
    disposition: str = ""
    outcome: Outcome | None = None


def without_listeners(contact: Contact) -> Contact:
    """The contact as its advisor may see it: told is who speaks into the call, not who only listens."""
    if contact.call is None or not contact.call.monitors:
        return contact
    heard = tuple(each for each in contact.call.monitors if each[1] is not Monitoring.LISTEN)
    return msgspec.structs.replace(contact, call=msgspec.structs.replace(contact.call, monitors=heard))
