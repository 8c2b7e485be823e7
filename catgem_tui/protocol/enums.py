"""The closed vocabularies of the wire.

A receiver that meets a value it doesn't know fails to decode that one frame; so values are added, never renamed.
"""

from enum import StrEnum


class Channel(StrEnum):
    """How a citizen reaches the centre."""

    CALL = "call"
    CHAT = "chat"
    MAIL = "mail"


class Role(StrEnum):
    """What a person may do; central enforces it on every route and command."""

    ADVISOR = "advisor"
    COORDINATOR = "coordinator"
    INFORMATION_MANAGER = "information_manager"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


#: Roles that see the whole floor: every advisor and every contact.
FLOOR_ROLES = frozenset({Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR})
#: Roles that keep the directory.
MANAGER_ROLES = frozenset({Role.INFORMATION_MANAGER, Role.ADMINISTRATOR})
#: Roles that see the restricted fields of directory records.
RESTRICTED_READERS = FLOOR_ROLES | MANAGER_ROLES


class ContactState(StrEnum):
    """Where a contact stands between arrival and disposition."""

    QUEUED = "queued"
    OFFERED = "offered"
    ACTIVE = "active"
    PARKED = "parked"
    WRAP_UP = "wrap_up"
    CLOSED = "closed"
    ABANDONED = "abandoned"


#: States in which an advisor holds the contact and its place in their capacity.
HELD_STATES = frozenset({ContactState.OFFERED, ContactState.ACTIVE, ContactState.PARKED, ContactState.WRAP_UP})
#: States that end a contact for good.
ENDED_STATES = frozenset({ContactState.CLOSED, ContactState.ABANDONED})


class Presence(StrEnum):
    """What an advisor has declared, or central has decided after an offer went unanswered."""

    OFFLINE = "offline"
    AVAILABLE = "available"
    PAUSED = "paused"
    NOT_RESPONDING = "not_responding"


class AdvisorState(StrEnum):
    """What an advisor is doing: the presence, refined by the contacts they hold."""

    OFFLINE = "offline"
    AVAILABLE = "available"
    PAUSED = "paused"
    NOT_RESPONDING = "not_responding"
    OFFERED = "offered"
    BUSY = "busy"
    WRAP_UP = "wrap_up"


class Author(StrEnum):
    """Who wrote a message."""

    CITIZEN = "citizen"
    ADVISOR = "advisor"
    SYSTEM = "system"


class Delivery(StrEnum):
    """How far an outgoing message has come."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


class CallLeg(StrEnum):
    """The parties of a telephone call."""

    CITIZEN = "citizen"
    ADVISOR = "advisor"
    COORDINATOR = "coordinator"


class Side(StrEnum):
    """With whom an advisor speaks during a consultation; who is not spoken with waits with music."""

    CITIZEN = "citizen"
    CONSULTED = "consulted"
    ALL = "all"
    """A conference."""


class NotReached(StrEnum):
    """Why somebody who was called did not come to the telephone."""

    BUSY = "busy"
    UNKNOWN = "unknown"
    """There is no such number."""
    UNANSWERED = "unanswered"
    DECLINED = "declined"
    FAILED = "failed"

    @classmethod
    def by_answer(cls, code: int) -> "NotReached":
        """By what SIP answered (RFC 3261, 21)."""
        return _ANSWERS.get(code, cls.FAILED)


_ANSWERS = {
    **dict.fromkeys((486, 600), NotReached.BUSY),
    **dict.fromkeys((404, 410, 484, 604), NotReached.UNKNOWN),
    **dict.fromkeys((408, 480, 487), NotReached.UNANSWERED),
    603: NotReached.DECLINED,
}


class OutsideState(StrEnum):
    """An advisor's telephone outside that central keeps on the line."""

    NONE = "none"
    CALLING = "calling"
    ON_THE_LINE = "on_the_line"
    LOST = "lost"
    """It hung up, did not answer or cannot be reached; central does not call again by itself."""


class Monitoring(StrEnum):
    """How a coordinator takes part in an advisor's call."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"


class Outcome(StrEnum):
    """How a contact ended."""

    RESOLVED = "resolved"
    REFERRED = "referred"
    UNRESOLVED = "unresolved"
    DROPPED = "dropped"


class RecordKind(StrEnum):
    """What a directory record describes."""

    PERSON = "person"
    UNIT = "unit"
    PROCEDURE = "procedure"
    OFFICE = "office"
    NUMBER = "number"
    ARTICLE = "article"
    """Orientation agreed with another agency; its words are in ``text``."""
    AGREEMENT = "agreement"
    """With an agency: ``related`` are its articles, ``valid_until`` its end."""
    SYNONYM = "synonym"
    """No entry but help for the search: who types ``title`` also means each of ``keywords``."""
    OTHER = "other"
    """A kind that this version does not know: found and shown, never written."""

    @classmethod
    def _missing_(cls, value: object) -> "RecordKind":
        """A newer central's kind must not strand an older workstation."""
        return cls.OTHER


class ChangeState(StrEnum):
    """What became of a change to the directory."""

    PUBLISHED = "published"
    PENDING = "pending"
    """Waits for a second pair of eyes."""
    SCHEDULED = "scheduled"
    """Approved, if that is needed; published at its hour."""
    CLASHED = "clashed"
    """A record was changed by somebody else since; nothing of the change is published."""
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Refusal(StrEnum):
    """Why central did not carry out a command; worded where it is shown, in the reader's language."""

    UNKNOWN_COMMAND = "unknown_command"
    MALFORMED = "malformed"
    NOT_ALLOWED = "not_allowed"
    NOT_FOUND = "not_found"
    WRONG_STATE = "wrong_state"
    OFFER_EXPIRED = "offer_expired"
    NOT_YOURS = "not_yours"
    NO_CAPACITY = "no_capacity"
    NO_SUCH_TARGET = "no_such_target"
    NO_PHONE = "no_phone"
    STALE = "stale"
    TOO_LONG = "too_long"
    CHANNEL_MISMATCH = "channel_mismatch"
    NO_OUTSIDE = "no_outside"
    """The centre's lines cannot call numbers outside."""
    NOT_WARNED = "not_warned"
    """A caller is blocked only after a warning."""
    UNAVAILABLE = "unavailable"
    STORAGE = "storage"
