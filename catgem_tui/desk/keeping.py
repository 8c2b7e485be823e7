"""What a person who keeps the directory has before them: drafts, work lists, the change log."""

from collections.abc import Mapping

from msgspec import Struct

from catgem_tui.desk.editing import BulkEdit, Conflict, Fault
from catgem_tui.protocol.editing import Currency, LoggedChange, Proposal, Work, WorkCounts
from catgem_tui.protocol.model import Record


class Draft(Struct, frozen=True):
    """A change being written. Kept on disk as it stands until central has it."""

    id: str
    """The record's."""
    base: Record
    """As it was taken from central; revision 0: a new one."""
    purpose: str = "change"
    """``change``, ``retire``, ``confirm``, ``merge`` or ``bulk``."""
    form: Mapping[str, str] = {}
    """The fields touched, and of the change itself: ``reference``, ``document`` (a path), ``dated``, ``comment``,
    ``publish``, ``answer`` (to the report), ``review`` (months until the next review)."""
    others: tuple[Record, ...] = ()
    """Records that change along with it: a merged one's duplicate, everything of a bulk edit."""
    edit: BulkEdit | None = None
    report: str = ""
    whole: bool = False
    """Whether ``base`` came from central, with its restricted fields."""
    stored: str = ""
    """SHA-256 of the document once central has it, and the path it was."""
    stored_path: str = ""
    request: str = ""
    """Id of the request on its way, or of one that may have arrived: the same content is sent under it again."""
    sending: str = ""
    """Empty, ``record``, ``document`` or ``change``: what is awaited before it is saved."""
    faults: tuple[Fault, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    theirs: str = ""
    """Who changed it meanwhile."""
    similar: tuple[Record, ...] = ()
    newer: bool = False
    """Somebody saved the record while it was open here."""

    @property
    def touched(self) -> bool:
        return bool(self.form) or self.purpose in {"merge", "bulk"}


class Transfer(Struct, frozen=True):
    """A file on its way."""

    what: str
    done: int = 0
    total: int = 0


class KeepingView(Struct, frozen=True):
    counts: WorkCounts | None = None
    work: Work = Work(counts=WorkCounts())
    problem: str = ""
    """Why the last thing fetched is not here."""
    drafts: Mapping[str, Draft] = {}
    open: str = ""
    """The draft whose form is shown."""
    editors: Mapping[str, tuple[str, ...]] = {}
    """Who has a record open, by record."""
    marks: Mapping[str, Record] = {}
    log: tuple[LoggedChange, ...] = ()
    log_wanted: tuple[tuple[str, str], ...] = ()
    log_more: bool = False
    log_waits: bool = False
    """Whether what is shown is still that of before."""
    currency: Currency | None = None
    proposal: Proposal | None = None
    transfer: Transfer | None = None
