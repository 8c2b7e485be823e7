"""What a person who keeps the directory has before them: drafts, work lists, the change log."""

from collections.abc import Mapping

from msgspec import Struct

from catgem_tui.protocol.editing import Currency, LoggedChange, Proposal, Work, WorkCounts
from catgem_tui.protocol.model import Record


class Fault(Struct, frozen=True):
    """Why a field cannot be taken as it stands. ``code``: a sentence of the screen, with ``detail`` in it."""

    field: str
    code: str
    detail: str = ""


class Conflict(Struct, frozen=True):
    """A field that two people changed differently; the texts are as in a form."""

    field: str
    base: str
    mine: str
    theirs: str


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
    ``publish``, ``answer`` (to the report), ``review`` (months until the next review); of a bulk edit ``field``,
    ``operation``, ``find`` and ``value``."""
    others: tuple[Record, ...] = ()
    """Records that change along with it: a merged one's duplicate, everything of a bulk edit."""
    report: str = ""
    whole: bool = False
    """Whether the records came from central, with their restricted fields: no copy here has those."""
    clashed: Mapping[str, str] = {}
    """Of ``others``: those that were not as they had been thought to be when it was sent, and who had changed them."""
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


class Candidate(Struct, frozen=True):
    """A record that may be the same thing as another."""

    record: Record
    score: float
    """0 to 1."""
    why: tuple[str, ...] = ()
    """Fields in which they are alike."""


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
    """Records chosen for a change to all of them."""
    candidates: tuple[str, tuple[Candidate, ...] | None] = ("", None)
    """A record's id and what looks like its duplicates; None while they are looked for."""
    beside: Record | None = None
    """The record that a list's line is about."""
    log: tuple[LoggedChange, ...] = ()
    log_of: tuple[tuple[str, str], ...] = ()
    """What the lines were asked by."""
    log_wanted: tuple[tuple[str, str], ...] = ()
    log_more: bool = False
    log_waits: bool = False
    """Whether what is shown is still that of before."""
    published: int = 0
    """Revision of the last record that was heard to change."""
    currency: Currency | None = None
    measured: int = 0
    """Times that central told of newer figures than ``currency``'s."""
    proposal: Proposal | None = None
    transfer: Transfer | None = None
