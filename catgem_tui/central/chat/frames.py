"""The frames between a citizen's page and central, over ``WS /chat/socket``.

JSON text, one frame a message, tagged by ``t``. The page opens with ``start``; central answers ``welcome`` and from
then on both talk freely. A chat begins with the first ``say``: a page that is only looked at leaves no trace.

| page | central | |
|---|---|---|
| ``start`` | ``history`` …, ``welcome`` | the chat so far, from a cursor, in as many frames as it takes |
| ``say`` | ``said`` or ``error`` with the same ``id`` | acknowledged once it is on disk; repeat it until it is |
| ``typing`` | | |
| ``survey`` | ``surveyed`` or ``error`` | |
| ``bye`` | ``ended`` | the citizen leaves for good |
| ``ping`` | ``pong`` | so that the page notices a dead line |
| | ``message``, ``waiting``, ``joined``, ``ended`` | as they happen |
"""

from typing import Literal

import msgspec

MAX_FRAME = 2 * 1024 * 1024
"""Characters of one frame that are looked at. A longer one is answered ``too_long`` without its ``id``; the web server
may have a limit of its own, above which it closes the line."""

HISTORY_ROOM = 64 * 1024
"""Bytes of history in one frame, where its lines allow it: web sockets take 1 MiB as a rule, a long chat has more."""

SILENCE = 90.0
"""Seconds without any frame after which central takes a page for dead. The page says ``ping`` every 20, but a browser
lets a page in the background speak only once a minute."""

Author = Literal["citizen", "advisor"]
State = Literal["new", "waiting", "joined", "ended"]
"""Nothing said yet; in the line; with an advisor; over."""


class Frame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="t"):
    """Base: immutable, by keyword, unknown fields ignored."""


# --- page to central ---


class Start(Frame, frozen=True, kw_only=True, tag="start"):
    """First frame. Without ``token`` a new chat; with it the same one again, messages after ``after`` only."""

    token: str = ""
    after: str = ""
    """Id of the last message the page has."""
    consent: bool = False
    """The privacy notice was accepted; wanted before the first ``say``."""
    name: str = ""
    email: str = ""


class Say(Frame, frozen=True, kw_only=True, tag="say"):
    """``id`` is the page's own, unique in this chat, 64 characters at most. Repeating it changes nothing."""

    id: str
    text: str


class Typing(Frame, frozen=True, kw_only=True, tag="typing"):
    pass


class Survey(Frame, frozen=True, kw_only=True, tag="survey"):
    score: int
    """1 (worst) to 5 (best)."""


class Bye(Frame, frozen=True, kw_only=True, tag="bye"):
    pass


class Ping(Frame, frozen=True, kw_only=True, tag="ping"):
    pass


# --- central to page ---


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message as the page shows it."""

    id: str
    author: Author
    text: str
    at: float
    """Seconds since the epoch, UTC."""
    name: str = ""


class History(Frame, frozen=True, kw_only=True, tag="history"):
    """An earlier part of a long chat; the ``welcome`` that follows has its end."""

    lines: tuple[Line, ...]


class Welcome(Frame, frozen=True, kw_only=True, tag="welcome"):
    token: str
    """The secret that opens this chat again; the page keeps it, central doesn't."""
    state: State
    history: tuple[Line, ...] = ()
    folio: str = ""
    advisor: str = ""
    """Name, when the state is ``joined``."""
    survey: bool = False
    """Whether an answer is wanted; only when ended."""


class Said(Frame, frozen=True, kw_only=True, tag="said"):
    """The citizen's message ``id`` is on disk, known as ``message`` in the history."""

    id: str
    message: str
    at: float
    folio: str = ""


class NewMessage(Frame, frozen=True, kw_only=True, tag="message"):
    line: Line


class Waiting(Frame, frozen=True, kw_only=True, tag="waiting"):
    """In the line, for the first time or again. No promise of place or time is made."""


class Joined(Frame, frozen=True, kw_only=True, tag="joined"):
    name: str


class Ended(Frame, frozen=True, kw_only=True, tag="ended"):
    survey: bool = False
    """Whether the page should ask for a score."""


class Surveyed(Frame, frozen=True, kw_only=True, tag="surveyed"):
    score: int


class Pong(Frame, frozen=True, kw_only=True, tag="pong"):
    pass


Code = Literal[
    "malformed",
    "not_started",
    "consent_needed",
    "too_long",
    "empty",
    "too_fast",
    "full",
    "ended",
    "unavailable",
    "bad_score",
]


class Error(Frame, frozen=True, kw_only=True, tag="error"):
    """Why a frame was not carried out. The chat goes on.

    ``too_fast`` and ``unavailable`` mean: repeat the same frame after ``retry`` seconds. The others are final.
    """

    code: Code
    id: str = ""
    """Of the ``say`` it is about, when it is about one."""
    limit: int = 0
    """``too_long``: characters allowed."""
    retry: float = 0.0


FromPage = Start | Say | Typing | Survey | Bye | Ping
ToPage = History | Welcome | Said | NewMessage | Waiting | Joined | Ended | Surveyed | Pong | Error

_encoder = msgspec.json.Encoder()
_from_page: msgspec.json.Decoder[FromPage] = msgspec.json.Decoder(FromPage)


class FrameError(ValueError):
    """A frame that is not of this protocol."""


def encode(frame: ToPage) -> str:
    """The frame as JSON text."""
    return _encoder.encode(frame).decode()


def welcome_in_parts(welcome: Welcome) -> tuple[ToPage, ...]:
    """The welcome with as much history as one frame has room for, after the frames that carry what is older."""
    parts: list[list[Line]] = [[]]
    room = HISTORY_ROOM
    for line in welcome.history:
        size = len(_encoder.encode(line)) + 1
        if size > room and parts[-1]:
            parts.append([])
            room = HISTORY_ROOM
        room -= size
        parts[-1].append(line)
    *earlier, last = (tuple(part) for part in parts)
    return (*(History(lines=lines) for lines in earlier), msgspec.structs.replace(welcome, history=last))


def decode(data: str) -> FromPage:
    """Raises FrameError."""
    try:
        return _from_page.decode(data)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise FrameError(str(error)) from error
