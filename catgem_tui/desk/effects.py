"""What the reducers want done; ``runtime`` does it and reports back with a happening."""

from dataclasses import dataclass

from catgem_tui.phone.port import PhoneCommand
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
    """Close the line and forget the tokens, here and at central."""


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
    """``notes`` or ``draft``."""
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
class FindRecords:
    query: str


@dataclass(frozen=True, slots=True)
class PullDirectory:
    """Catch up with the directory over HTTP."""


@dataclass(frozen=True, slots=True)
class CompareDirectory:
    """See whether the copy is still as central has it."""


@dataclass(frozen=True, slots=True)
class ChangeDirectory:
    record: Record
    seq: int


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
    | Later
    | FetchHistory
    | FetchLog
    | FindRecords
    | PullDirectory
    | CompareDirectory
    | ChangeDirectory
)
