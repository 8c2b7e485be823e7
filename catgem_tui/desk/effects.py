"""What the reducers want done; ``runtime`` does it and reports back with a happening."""

from dataclasses import dataclass

from catgem_tui.desk.sound import SoundChoices
from catgem_tui.phone.port import PhoneCommand
from catgem_tui.protocol.editing import ChangeRequest
from catgem_tui.protocol.model import Record, Struct


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Log in; ``LoggedIn`` or ``LoginFailed`` follows."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class OpenLine:
    """Keep the live line connected from now on; if it is waiting to try again, try now."""


@dataclass(frozen=True, slots=True)
class LeaveCentral:
    """Close the line and forget the tokens, here and at central. ``calls`` are hung up once the line is closed, so that
    what was sent over it comes first: nobody's microphone stays open behind the login."""

    calls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transmit:
    """Send a command; a durable one is on disk before it is on the wire and is repeated until it is answered."""

    id: str
    body: Struct


@dataclass(frozen=True, slots=True)
class RepeatOutbox:
    """Send everything in the outbox again, in order."""


@dataclass(frozen=True, slots=True)
class RepeatCommand:
    """Send one command of the outbox again."""

    id: str


@dataclass(frozen=True, slots=True)
class ForgetCommand:
    """A durable command was answered: take it out of the outbox."""

    id: str


@dataclass(frozen=True, slots=True)
class KeepText:
    """Keep what is being typed on disk, within a second."""

    contact: str
    field: str
    """``notes`` or ``draft``; of the directory ``record``, and ``contact`` is then the draft's id; ``told`` is what
    ``desk.reducers.expiry`` has told, ``dialled`` whom this person called."""
    text: str
    base: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class DropText:
    contact: str
    field: str


@dataclass(frozen=True, slots=True)
class Telephone:
    """Give the phone a command. Commands are carried out in order."""

    command: PhoneCommand


@dataclass(frozen=True, slots=True)
class RegisterPhone:
    """Register the telephone at the exchange of the settings: with this password, which is kept, or, where it is
    empty, with the one kept before; ``PhonePasswordMissing`` follows when there is none."""

    password: str = ""


@dataclass(frozen=True, slots=True)
class KeepSound:
    """Remember what was chosen of sound on this machine."""

    choices: SoundChoices


@dataclass(frozen=True, slots=True)
class Later:
    """Let ``event`` happen in ``seconds``; the same event asked for again starts the time anew."""

    seconds: float
    event: object


@dataclass(frozen=True, slots=True)
class FetchHistory:
    contact: str


@dataclass(frozen=True, slots=True)
class FetchLog:
    """A record's change log; ``LogFetched`` follows."""

    record: str


@dataclass(frozen=True, slots=True)
class ReadCard:
    """The record of the open card and those that it names, from the copy; ``CardRead`` follows."""

    record: str


@dataclass(frozen=True, slots=True)
class FindRecords:
    """``RecordsFound`` follows: before anything else where somebody typed it; else soon, once for many changes."""

    query: str
    typed: bool = False


@dataclass(frozen=True, slots=True)
class CountFacets:
    """``FacetsCounted`` follows."""


@dataclass(frozen=True, slots=True)
class PullDirectory:
    """Catch up with the directory over HTTP."""


@dataclass(frozen=True, slots=True)
class PauseDirectory:
    """Fetch nothing more of the directory until ``ResumeDirectory``; what has come stays."""


@dataclass(frozen=True, slots=True)
class ResumeDirectory:
    pass


@dataclass(frozen=True, slots=True)
class UseRecord:
    """A record was opened or sent: it is found before its equals from now on."""

    record: str


@dataclass(frozen=True, slots=True)
class CompareDirectory:
    """See whether the copy is still as central has it."""


@dataclass(frozen=True, slots=True)
class ChangeDirectory:
    record: Record
    seq: int


# --- errands at central for who keeps the directory; ``ErrandDone`` follows each ---


@dataclass(frozen=True, slots=True)
class FetchWork:
    """What waits for the information managers."""


@dataclass(frozen=True, slots=True)
class FetchRecord:
    """The record whole, for a draft."""

    record: str


@dataclass(frozen=True, slots=True)
class FetchRecords:
    """All the records of a draft whole, in any order; those that central no longer has are missing."""

    draft: str
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FetchChanges:
    wanted: tuple[tuple[str, str], ...] = ()
    before: int = 0


@dataclass(frozen=True, slots=True)
class FetchCurrency:
    days: int = 30


@dataclass(frozen=True, slots=True)
class FetchProposal:
    change: str


@dataclass(frozen=True, slots=True)
class Decide:
    change: str
    verdict: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AnswerReport:
    report: str
    text: str


@dataclass(frozen=True, slots=True)
class FetchAnswers:
    """What came of this person's reports since an instant."""

    since: float


@dataclass(frozen=True, slots=True)
class PostChange:
    draft: str
    request: ChangeRequest


@dataclass(frozen=True, slots=True)
class UploadDocument:
    draft: str
    path: str


@dataclass(frozen=True, slots=True)
class ExportLog:
    path: str
    wanted: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FindSimilar:
    """Records with a title like that of a new one."""

    draft: str
    title: str


@dataclass(frozen=True, slots=True)
class FindAll:
    """Everything that has all of a query's words, to be chosen."""

    query: str


@dataclass(frozen=True, slots=True)
class FindDuplicates:
    record: Record


@dataclass(frozen=True, slots=True)
class LookUp:
    """A record by its id: of this machine's copy, or else of central."""

    record: str


@dataclass(frozen=True, slots=True)
class FetchBlocked:
    """The callers who are refused."""


Errand = (
    FetchWork
    | FetchBlocked
    | FetchRecord
    | FetchRecords
    | FetchChanges
    | FetchCurrency
    | FetchProposal
    | Decide
    | AnswerReport
    | FetchAnswers
    | PostChange
    | UploadDocument
    | ExportLog
    | FindSimilar
    | FindAll
    | FindDuplicates
    | LookUp
)


@dataclass(frozen=True, slots=True)
class RunErrand:
    errand: Errand


@dataclass(frozen=True, slots=True)
class RunExamination:
    """``PartExamined`` follows for each part, and ``ExaminationOver``."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopExamination:
    """``ExaminationOver`` follows."""


@dataclass(frozen=True, slots=True)
class StopErrands:
    """Give up the upload or export under way."""


Effect = (
    Authenticate
    | OpenLine
    | LeaveCentral
    | Transmit
    | RepeatOutbox
    | RepeatCommand
    | ForgetCommand
    | KeepText
    | DropText
    | Telephone
    | RegisterPhone
    | KeepSound
    | Later
    | FetchHistory
    | FetchLog
    | FindRecords
    | ReadCard
    | CountFacets
    | PullDirectory
    | PauseDirectory
    | ResumeDirectory
    | CompareDirectory
    | UseRecord
    | ChangeDirectory
    | RunErrand
    | StopErrands
    | RunExamination
    | StopExamination
)
