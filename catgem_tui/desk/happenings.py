"""What the reducers hear besides intents, commands, the line's news (``protocol.session``) and the phone's events."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catgem_tui.desk.effects import Errand, KeepText
from catgem_tui.desk.state import Finding, Marks
from catgem_tui.directory.facet import Facet
from catgem_tui.phone.port import PhoneCommand
from catgem_tui.protocol.editing import LoggedChange
from catgem_tui.protocol.model import HistoryItem, Record, Struct, User


@dataclass(frozen=True, slots=True)
class Prepared:
    """The workstation's own things are open."""

    secrets: str
    """``keyring`` or ``memory``."""
    resuming: bool
    """Whether an earlier session is being taken up again."""


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Central knows us. With what earlier processes of ours left undone for this user, oldest first."""

    user: User
    commands: tuple[tuple[str, Struct], ...] = ()
    texts: tuple[KeepText, ...] = ()


@dataclass(frozen=True, slots=True)
class LoginFailed:
    """``code`` is a ``link.Failed`` code; ``retrying`` when it is tried again without being asked."""

    code: str
    retrying: bool = False


@dataclass(frozen=True, slots=True)
class LineLost:
    reason: str
    unanswered: tuple[str, ...]
    final: bool
    """Not tried again by itself."""


@dataclass(frozen=True, slots=True)
class OutboxFailed:
    """``outbox_unreadable``, ``outbox_shared``, ``disk_full``, ``outbox_busy`` or ``outbox_unwritable``; an empty code:
    it works again, and everything that was owed to it is written."""

    code: str


@dataclass(frozen=True, slots=True)
class PhoneFailed:
    """A phone command was not carried out."""

    command: PhoneCommand
    code: str


@dataclass(frozen=True, slots=True)
class PhoneUnavailable:
    """There is no engine: ``no_library``, or the PhoneError code it did not start with."""

    code: str


@dataclass(frozen=True, slots=True)
class PhonePasswordMissing:
    """The telephone cannot register: no password of it is kept."""


@dataclass(frozen=True, slots=True)
class HistoryFetched:
    contact: str
    items: tuple[HistoryItem, ...]


@dataclass(frozen=True, slots=True)
class LogFetched:
    record: str
    items: tuple[LoggedChange, ...] | None
    """None: central was not reached."""


@dataclass(frozen=True, slots=True)
class CardRead:
    record: str
    known: Record | None
    """None: the copy does not have it."""
    near: Mapping[str, Record]
    """By id: those it names."""


@dataclass(frozen=True, slots=True)
class FacetsCounted:
    facets: tuple[Facet, ...]


@dataclass(frozen=True, slots=True)
class PartExamined:
    part: str
    found: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ExaminationOver:
    """It came to its end, or was stopped."""

    failed: bool = False


@dataclass(frozen=True, slots=True)
class DirectoryChanged:
    records: int
    syncing: bool
    problem: str
    progress: tuple[int, int] = (0, 0)
    stage: str = ""
    complete: bool = True
    """These three as in ``DirectoryView``."""


@dataclass(frozen=True, slots=True)
class ComparisonDue:
    """The line has been up for a while."""


@dataclass(frozen=True, slots=True)
class RecordsFound:
    query: str
    hits: tuple[Record, ...]
    marks: tuple[Marks, ...]
    """Of each hit: what of its title met the query."""
    milliseconds: float
    reasons: tuple[tuple[str, str], ...] = ()
    """Of each hit: the field and the text that met it, where its title does not."""


@dataclass(frozen=True, slots=True)
class ErrandDone:
    """``result`` is what the errand's call of ``link.editing`` returns; ``failure`` a ``link.Failed`` code instead."""

    errand: Errand
    result: Any = None
    failure: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ErrandProgress:
    errand: Errand
    done: int
    total: int
    """Bytes; 0: nobody knows."""


# --- timers ---


@dataclass(frozen=True, slots=True)
class WorkDue:
    """The work lists have changed at central."""


@dataclass(frozen=True, slots=True)
class NoticeOver:
    """It has been told for long enough."""

    notice: int


@dataclass(frozen=True, slots=True)
class NotesDue:
    contact: str


@dataclass(frozen=True, slots=True)
class DraftDue:
    contact: str


@dataclass(frozen=True, slots=True)
class TypingOver:
    contact: str


@dataclass(frozen=True, slots=True)
class CallLeft:
    """A while ago the other side hung up."""

    contact: str


@dataclass(frozen=True, slots=True)
class CallOver:
    """A while ago central said that a call is over, or no longer this person's."""

    contact: str


@dataclass(frozen=True, slots=True)
class ExtensionDue:
    """A moment ago a call that this person made was answered."""

    call: str


@dataclass(frozen=True, slots=True)
class AutoAnswerDue:
    """An offer has stood for as long as this person lets it stand."""

    contact: str


@dataclass(frozen=True, slots=True)
class RepeatDue:
    command: str
