"""What central tells a workstation.

*Events* carry a topic, a sequence number and the number of the event sent before it to this subscriber, so nothing
can be missed unseen. *Signals* are about this moment only (a counter, a typing citizen): the last one wins and a lost
one does no harm.
"""

from collections.abc import Callable
from typing import TypeVar

from catgem_tui.protocol.editing import ProposalSummary, Report, WorkCounts
from catgem_tui.protocol.enums import Monitoring
from catgem_tui.protocol.model import Advisor, CentreSettings, Colleague, Contact, Message, QueueSummary, Record, Struct

FLOOR = "floor"
"""Topic of advisors, contacts and messages; written by the queue's actor."""
DIRECTORY = "directory"
"""Topic of directory records; written by the directory's service."""

EVENTS: dict[str, type[Struct]] = {}
SIGNALS: dict[str, type[Struct]] = {}
_KINDS: dict[type[Struct], str] = {}

S = TypeVar("S", bound=Struct)


def _in(registry: dict[str, type[Struct]], kind: str) -> Callable[[type[S]], type[S]]:
    def register(cls: type[S]) -> type[S]:
        registry[kind] = cls
        _KINDS[cls] = kind
        return cls

    return register


def kind_of(body: Struct) -> str:
    """The wire name of an event's or signal's body. Raises KeyError for a struct that is neither."""
    return _KINDS[type(body)]


@_in(EVENTS, "contact.changed")
class ContactChanged(Struct, frozen=True, kw_only=True):
    """The contact as it now is. Sent to its advisor, to the one who just lost it, and to the floor roles."""

    contact: Contact


@_in(EVENTS, "message.added")
class MessageAdded(Struct, frozen=True, kw_only=True):
    """A new message, or a known one whose delivery changed."""

    message: Message


@_in(EVENTS, "advisor.changed")
class AdvisorChanged(Struct, frozen=True, kw_only=True):
    """An advisor as they now are. Sent to that advisor and to the floor roles."""

    advisor: Advisor


@_in(EVENTS, "call.expected")
class CallExpected(Struct, frozen=True, kw_only=True):
    """A line is about to call this telephone; it shows ``token`` in its X-Catgem-Token header. Used once."""

    contact: str
    token: str
    monitoring: Monitoring | None = None
    """Set when the called one is a coordinator joining; that call is answered without asking."""
    consulting: bool = False
    """Set when the called one is asked by a colleague; it rings as an offer does."""


@_in(EVENTS, "contact.shown")
class ContactShown(Struct, frozen=True, kw_only=True):
    """A contact that this person is consulted about, as it now is: to be read, not written. Sent again when it changes.

    Its call's telephone leg is announced by ``CallExpected`` with ``consulting``.
    """

    contact: Contact
    by: str
    """Name of who asks."""


@_in(EVENTS, "contact.hidden")
class ContactHidden(Struct, frozen=True, kw_only=True):
    """The consultation is over, and the contact did not become this person's."""

    contact: str


@_in(EVENTS, "record.changed")
class RecordChanged(Struct, frozen=True, kw_only=True):
    """A directory record as it now is, or its tombstone."""

    record: Record


@_in(SIGNALS, "queue.summary")
class QueueChanged(Struct, frozen=True, kw_only=True):
    summary: QueueSummary


@_in(SIGNALS, "floor.colleagues")
class ColleaguesChanged(Struct, frozen=True, kw_only=True):
    """Everybody who is on duty, without the reader."""

    colleagues: tuple[Colleague, ...] = ()


@_in(SIGNALS, "chat.typing")
class CitizenTyping(Struct, frozen=True, kw_only=True):
    contact: str


@_in(SIGNALS, "directory.editors")
class EditorsChanged(Struct, frozen=True, kw_only=True):
    """Who has a record open for editing. Sent to those who have."""

    record: str
    editors: tuple[str, ...] = ()
    """Their names, the first to open it first."""


@_in(SIGNALS, "directory.work")
class WorkChanged(Struct, frozen=True, kw_only=True):
    """How much waits for the information managers. Sent to them, when they connect and whenever it changes."""

    counts: WorkCounts


@_in(SIGNALS, "directory.currency")
class CurrencyChanged(Struct, frozen=True, kw_only=True):
    """Something was measured of how quickly changes are everywhere. Sent to the information managers, at most once a
    second; whoever looks at the figures asks for them."""


@_in(SIGNALS, "guard.blocked")
class BlockedChanged(Struct, frozen=True, kw_only=True):
    """A caller was blocked, or let in again. Sent to the floor roles; whoever looks at the list asks for it. That a
    block ends by itself is not told: the list says when."""


@_in(SIGNALS, "directory.answered")
class ReportAnswered(Struct, frozen=True, kw_only=True):
    """A report was dealt with. Sent to who made it, if they are connected; the others ask."""

    report: Report


@_in(SIGNALS, "directory.decided")
class ProposalDecided(Struct, frozen=True, kw_only=True):
    """Somebody approved or rejected a change, or its hour came and somebody else's had been quicker. Sent to who
    proposed it, if they are connected; what was rejected stays in their work list for a week."""

    proposal: ProposalSummary


class FloorSnapshot(Struct, frozen=True, kw_only=True):
    """Everything of the floor topic that this subscriber may see."""

    me: Advisor
    settings: CentreSettings
    contacts: tuple[Contact, ...] = ()
    messages: tuple[Message, ...] = ()
    advisors: tuple[Advisor, ...] = ()
    """For the floor roles: all of them."""
    expected: tuple[CallExpected, ...] = ()
    shown: tuple[ContactShown, ...] = ()
    colleagues: tuple[Colleague, ...] = ()
    summary: QueueSummary = QueueSummary()


class DirectorySnapshot(Struct, frozen=True, kw_only=True):
    """The directory topic has no snapshot on the socket: pull over HTTP from ``cursor`` on."""
