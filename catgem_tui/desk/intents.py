"""What a person can want. The screen sends these, or a wire command of ``protocol.commands`` as it is, to ``Desk.do``.

Wire commands used directly: SetPresence, Park, Resume, EndContact, ExtendWrapUp, CloseContact, CheckStep, Transfer,
ReportRecord, Hold, Unhold, Consult, Swap, Conference, CompleteTransfer, EndConsult, Monitor, StopMonitoring, Reassign,
PauseRecording, ResumeRecording, CallEmergency, WarnCaller, BlockCaller, UnblockCaller. The others have an intent here
because the desk does more than send.
"""

from dataclasses import dataclass

from catgem_tui.desk.effects import Errand
from catgem_tui.desk.sound import SoundChoices
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record


@dataclass(frozen=True, slots=True)
class Login:
    """Raises nothing: the outcome is ``DeskState.line`` and a notice."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Logout:
    """Leave the queue, forget the tokens."""


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Try now instead of at the next attempt; take the seat back after ``replaced``."""


@dataclass(frozen=True, slots=True)
class GivePhonePassword:
    """The telephone's password at the exchange: kept in the keyring, and the telephone registers with it."""

    password: str


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """Take the offered contact: the telephone answers at once, central's record decides, the focus moves."""

    contact: str


@dataclass(frozen=True, slots=True)
class DeclineOffer:
    contact: str


@dataclass(frozen=True, slots=True)
class ShowBlocked:
    """Fetch the callers who are refused."""


@dataclass(frozen=True, slots=True)
class Focus:
    """Put a contact in the middle of the screen."""

    contact: str


@dataclass(frozen=True, slots=True)
class EditNotes:
    """The notes as they now stand; saved after a pause in the typing and before the contact closes."""

    contact: str
    text: str


@dataclass(frozen=True, slots=True)
class EditDraft:
    """The unsent text as it now stands; kept on this machine, a mail's at central too."""

    contact: str
    text: str


@dataclass(frozen=True, slots=True)
class Send:
    """Send the text to the citizen by the contact's channel, chat or mail; clears the draft."""

    contact: str
    text: str


@dataclass(frozen=True, slots=True)
class Search:
    query: str


@dataclass(frozen=True, slots=True)
class SetFetching:
    """Fetch the directory's copy no further for now, or go on where that was stopped."""

    on: bool


@dataclass(frozen=True, slots=True)
class CountFacets:
    """Count what each filter of the directory leaves."""


@dataclass(frozen=True, slots=True)
class SendRecord:
    """Give the citizen in the middle of the screen a record's words: at once in a chat where nothing is being written,
    into the draft otherwise."""

    record: str
    text: str
    at: int | None = None
    """The character of the draft before which it is put; None: at its end."""
    left_out: int = 0
    """Characters of the record that had no room in a message."""


@dataclass(frozen=True, slots=True)
class ShowLog:
    """The card of this record is open: follow the record and fetch its change log; an empty id is none."""

    record: str


@dataclass(frozen=True, slots=True)
class CallNumber:
    """Call somebody; a number that cannot be called, or not now, is said in a sentence."""

    number: str
    """As it is written; empty where there is none."""
    extension: str = ""
    name: str = ""
    """Who it is."""
    record: str = ""


@dataclass(frozen=True, slots=True)
class HangUpOutgoing:
    """End the call that this person made: of two, the one they speak in."""


@dataclass(frozen=True, slots=True)
class HoldOutgoing:
    """Have the call that this person made wait with music, or take it back; of two, speak in the other."""


@dataclass(frozen=True, slots=True)
class JoinOutgoing:
    """Let the two calls that this person made hear each other."""


@dataclass(frozen=True, slots=True)
class HandOnOutgoing:
    """Hand the call that this person made on to a number; with none, to the other call that they made."""

    number: str = ""
    extension: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class AnswerDirect:
    """Take the direct call that rings."""


@dataclass(frozen=True, slots=True)
class AnswerColleague:
    """Take the call by which a colleague asks about their contact."""

    contact: str


@dataclass(frozen=True, slots=True)
class LeaveColleague:
    """Do not take that call, or leave it."""

    contact: str


@dataclass(frozen=True, slots=True)
class SetAutoAnswer:
    """Have offered calls answered by themselves after so many seconds; 0: no more."""

    seconds: float


@dataclass(frozen=True, slots=True)
class SetMute:
    muted: bool


@dataclass(frozen=True, slots=True)
class SendDigits:
    """DTMF (0-9, A-D, * and #) into the call that this person made and speaks in, else into the focused contact's."""

    digits: str


@dataclass(frozen=True, slots=True)
class ShowSound:
    """Somebody looks at the choice of devices and at the levels, or no more."""

    shown: bool


@dataclass(frozen=True, slots=True)
class ChangeSound:
    """Use these devices and levels from now on, and remember them."""

    choices: SoundChoices


@dataclass(frozen=True, slots=True)
class TrySound:
    """Ring once; or record the microphone and play it back."""

    ring: bool = False


@dataclass(frozen=True, slots=True)
class Dismiss:
    notice: int


# --- keeping the directory ---


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """Edit a record: as the search has it, or by id from a work list. ``purpose``: change, retire or confirm."""

    record: Record
    purpose: str = "change"
    report: str = ""
    """The report that is answered by it."""


@dataclass(frozen=True, slots=True)
class NewDraft:
    kind: RecordKind


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """The same by id, for what only the work lists name."""

    record: str
    purpose: str = "change"
    report: str = ""


@dataclass(frozen=True, slots=True)
class MergeRecords:
    """Begin to make two records one: ``gone`` is retired into ``stays``."""

    stays: Record
    gone: Record


@dataclass(frozen=True, slots=True)
class SwapMerged:
    """The other of the two is to stay."""

    draft: str


@dataclass(frozen=True, slots=True)
class EditInBulk:
    """Begin one change to all of these."""

    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class DropFromBulk:
    """Leave these out of it."""

    draft: str
    records: frozenset[str]


@dataclass(frozen=True, slots=True)
class EditForm:
    """A field of the open draft as it now stands."""

    draft: str
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class ResolveConflict:
    draft: str
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class SaveDraft:
    draft: str


@dataclass(frozen=True, slots=True)
class LeaveDraft:
    """Close the form; what was typed is kept, or thrown away."""

    draft: str
    keep: bool


@dataclass(frozen=True, slots=True)
class ReturnToDraft:
    draft: str


@dataclass(frozen=True, slots=True)
class ToggleMark:
    record: Record


@dataclass(frozen=True, slots=True)
class ClearMarks:
    """None is chosen any more."""


@dataclass(frozen=True, slots=True)
class AskKeeping:
    """Fetch something of central or have it done: an errand of ``desk.effects``."""

    errand: Errand


@dataclass(frozen=True, slots=True)
class Examine:
    """Examine these parts of this workstation, unless that is going on."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopExamining:
    """What was found so far stays."""


@dataclass(frozen=True, slots=True)
class CancelErrand:
    """Stop the upload or the export that is under way."""


Intent = (
    Login
    | Logout
    | Reconnect
    | AcceptOffer
    | DeclineOffer
    | ShowBlocked
    | Focus
    | EditNotes
    | EditDraft
    | Send
    | Search
    | SetFetching
    | CountFacets
    | SendRecord
    | ShowLog
    | CallNumber
    | HangUpOutgoing
    | HoldOutgoing
    | JoinOutgoing
    | HandOnOutgoing
    | AnswerDirect
    | AnswerColleague
    | LeaveColleague
    | SetAutoAnswer
    | SetMute
    | GivePhonePassword
    | SendDigits
    | ShowSound
    | ChangeSound
    | TrySound
    | Dismiss
    | OpenDraft
    | NewDraft
    | OpenRecord
    | MergeRecords
    | SwapMerged
    | EditInBulk
    | DropFromBulk
    | EditForm
    | ResolveConflict
    | SaveDraft
    | LeaveDraft
    | ReturnToDraft
    | ToggleMark
    | ClearMarks
    | AskKeeping
    | CancelErrand
    | Examine
    | StopExamining
)
