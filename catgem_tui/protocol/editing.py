"""How the directory is changed: what information managers send to central over HTTP, and what they get to see.

*Managers* are the roles that keep the directory; *readers* those and the floor roles.

| route | what | who |
|---|---|---|
| ``POST /directory/changes`` ChangeRequest → ChangeOutcome | change, create, retire, merge, import | managers |
| ``GET /directory/changes`` → ChangePage | the change log, newest first | readers; of one record everyone |
| ``GET /directory/changes/export?format=csv`` (``jsonl``) | the log as evidence, oldest first, streamed | readers |
| ``GET /directory/proposals/{id}`` → Proposal | what waits, beside what is | managers |
| ``POST /directory/proposals/{id}`` Decision → ChangeOutcome | approve, reject, withdraw | managers |
| ``GET /directory/work`` → Work | what waits for the information managers | managers |
| ``POST /directory/reports/{id}`` Answer → Report | deal with a report | managers |
| ``GET /directory/reports?since=INSTANT`` → [Report] | one's own answered since then, in that order | all |
| ``POST /directory/documents?name=NAME`` → Document | the body is the file | managers |
| ``GET /directory/documents/{sha256}`` | the file | readers |
| ``GET /directory/currency?days=N`` → Currency | how quickly changes reached everyone | readers |

The log is asked with ``record``, ``who``, ``text``, ``since``, ``until`` (instants), ``before`` (a number), ``limit``.
Its export holds no restricted values, and says in ``X-Total-Count`` how many lines it has.

Problems: ``malformed`` and ``bad_record`` (detail ``ID: FIELD: REASON``), ``support_required``, ``document_unknown``,
``not_found``, ``own_proposal`` (a second pair of eyes is somebody else's), ``wrong_state``, ``too_long``.
"""

from catgem_tui.protocol.enums import ChangeState
from catgem_tui.protocol.model import Record, Struct

MOST_RECORDS = 500
"""Records in one change at most; it is one transaction and the floor's writes wait for it."""
LONGEST_RECORD = 100_000
"""Bytes of a record as JSON."""
LARGEST_DOCUMENT = 20 << 20
"""Bytes."""


EXPORTED = "X-Total-Count"
"""The header of an exported log with the number of its lines."""
_LINE_ENDS = {"csv": b"\r\n", "jsonl": b"\n"}
"""RFC 4180, which lets a cell have line feeds of its own; JSON Lines."""


class LineCount:
    """How many lines of an exported log have come; ``form`` is its format. The row that names the columns is none."""

    def __init__(self, form: str) -> None:
        self._end = _LINE_ENDS[form]
        self._ended = 0
        self._head = 1 if form == "csv" else 0
        self._last = b""

    def take(self, piece: bytes) -> int:
        """So many with this piece, which may end anywhere."""
        text = self._last + piece
        self._ended += text.count(self._end) - self._last.count(self._end)
        self._last = text[-1:]
        return max(0, self._ended - self._head)


class Support(Struct, frozen=True, kw_only=True):
    """The document a change rests on: a reference, a stored file, or both."""

    reference: str = ""
    """As it is cited: ``Oficio 208C01/2026``."""
    document: str = ""
    """SHA-256 of a stored file, hex."""
    dated_at: float | None = None
    """When the document reached the centre, if that is known: from then on the currency is measured."""


class Document(Struct, frozen=True, kw_only=True):
    """A stored file."""

    sha256: str
    name: str
    media_type: str
    size: int
    received_at: float


class ChangeRequest(Struct, frozen=True, kw_only=True):
    """Records as they should be, all of them or none.

    Each carries the ``revision`` it was made from, 0 for a new one; one that has moved on since is a clash. With
    ``overwrite`` the revisions are not looked at (imports). Retiring sets ``retired``; merging two is one request that
    holds the one that stays and the other, ``retired`` and ``merged_into`` the first.
    """

    id: str
    """Client-made (UUIDv7); repeating a request returns what has become of it."""
    records: tuple[Record, ...]
    support: Support = Support()
    comment: str = ""
    publish_at: float | None = None
    """When it is to be published; None or past: now."""
    overwrite: bool = False


class Clash(Struct, frozen=True, kw_only=True):
    """A record that is no longer as the change took it to be."""

    record: str
    current: Record | None = None
    """As it now is; None when there is none, or the id of a new one is taken by a record of another revision."""
    who: str = ""
    """Name of who changed it last."""
    at: float = 0.0


class ChangeOutcome(Struct, frozen=True, kw_only=True):
    id: str
    state: ChangeState
    """``CLASHED``: nothing was kept, ``clashes`` says why."""
    changed: int = 0
    """Records that are new or different; unchanged ones are not counted and get no new revision."""
    cursor: int = 0
    """The directory's cursor after it."""
    clashes: tuple[Clash, ...] = ()


class LoggedChange(Struct, frozen=True, kw_only=True):
    """A line of the change log: one record before and after. Restricted fields only for those who may see them."""

    number: int
    record: str
    at: float
    who: str
    """Name of the person, or of the program."""
    title: str = ""
    approved_by: str = ""
    support: Support = Support()
    comment: str = ""
    change: str = ""
    """Id of the request; the same for all records it changed."""
    before: Record | None = None
    after: Record | None = None
    digest: str = ""
    """SHA-256 over this line and the digest of the line before it, hex: a line cannot be altered unseen."""


class ChangePage(Struct, frozen=True, kw_only=True):
    items: tuple[LoggedChange, ...]
    more: bool = False
    """Ask again with ``before`` the last item's number."""


class ProposalSummary(Struct, frozen=True, kw_only=True):
    """A change that is not (or not yet) published."""

    id: str
    state: ChangeState
    who: str
    """Name."""
    at: float
    records: tuple[tuple[str, str], ...] = ()
    """(id, title) of the first ten."""
    count: int = 0
    support: Support = Support()
    comment: str = ""
    publish_at: float | None = None
    mine: bool = False
    """Whether the asking person made it."""
    decided_by: str = ""
    reason: str = ""


class Proposal(Struct, frozen=True, kw_only=True):
    summary: ProposalSummary
    records: tuple[Record, ...]
    """As they should be."""
    current: tuple[Record | None, ...]
    """As they now are, in the same order."""


class Decision(Struct, frozen=True, kw_only=True):
    verdict: str
    """``approve``, ``reject`` or ``withdraw``."""
    reason: str = ""


class Report(Struct, frozen=True, kw_only=True):
    """An advisor's "this is wrong"."""

    id: str
    record: str
    at: float
    who: str
    title: str = ""
    text: str = ""
    contact: str = ""
    folio: str = ""
    """Of the contact."""
    answer: str = ""
    closed_by: str = ""
    closed_at: float | None = None


class Answer(Struct, frozen=True, kw_only=True):
    """Ends a report: what was done."""

    text: str = ""


class Due(Struct, frozen=True, kw_only=True):
    """A record that needs somebody at an hour: a review, or its end."""

    record: str
    title: str
    at: float
    responsible: str = ""


class WorkCounts(Struct, frozen=True, kw_only=True):
    reports: int = 0
    due: int = 0
    """Reviews whose date has come."""
    expiring: int = 0
    """Agreements and other records whose validity ends soon or has ended."""
    pending: int = 0
    scheduled: int = 0
    clashed: int = 0
    """Changes that could not be published when they were approved or their hour had come."""


class Work(Struct, frozen=True, kw_only=True):
    """The lists behind the counts, the most urgent first, 500 of each at most."""

    counts: WorkCounts
    reports: tuple[Report, ...] = ()
    due: tuple[Due, ...] = ()
    expiring: tuple[Due, ...] = ()
    proposals: tuple[ProposalSummary, ...] = ()
    second_eyes: bool = False
    """Whether this centre has every change approved by somebody else."""
    support_required: bool = True


class Publication(Struct, frozen=True, kw_only=True):
    """One published change and how quickly it was everywhere."""

    change: str
    who: str
    published_at: float
    title: str = ""
    records: int = 1
    reference: str = ""
    document_at: float | None = None
    """When its document reached the centre."""
    workstations: int = 0
    """Connected when it was published."""
    confirmed: int = 0
    """Those of them that said they have it."""
    reached_at: float | None = None
    """When the last of them said so; None while one has not. Those who left meanwhile are not waited for."""
    last: str = ""
    """Name of who works at the one that said so last."""
    late: tuple[str, ...] = ()
    """Names of who works at those that have not said so after some seconds; the first 20."""


class Figures(Struct, frozen=True, kw_only=True):
    """Seconds; None where nothing was measured."""

    median: float | None = None
    p95: float | None = None
    max: float | None = None


class CurrencySpan(Struct, frozen=True, kw_only=True):
    """The publications of a day or of a week."""

    since: float
    """Its first instant."""
    count: int = 0
    document: Figures = Figures()
    """From document to publication."""
    reach: Figures = Figures()
    """From publication to the last workstation."""


class Currency(Struct, frozen=True, kw_only=True):
    """Seconds; None where nothing was measured."""

    publications: tuple[Publication, ...] = ()
    """Newest first, 200 at most."""
    count: int = 0
    document_median: float | None = None
    """From document to publication."""
    document_p95: float | None = None
    document_max: float | None = None
    reach_median: float | None = None
    """From publication to the last workstation."""
    reach_p95: float | None = None
    reach_max: float | None = None
    spans: tuple[CurrencySpan, ...] = ()
    """Days for as long as two weeks, otherwise weeks; the newest first, 14 at most."""
    slowest: tuple[Publication, ...] = ()
    """Those that took longest to the last workstation, those that never came there first; 20 at most."""
