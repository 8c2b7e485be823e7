"""The frames of the live websocket, and their codec.

JSON text, one frame a message, tagged by ``t``. Bodies of events and commands stay raw until their kind is known:
a receiver skips and acknowledges an event kind it doesn't know; central refuses an unknown command.
"""

from typing import Any, TypeVar

import msgspec

from catgem_tui.protocol.commands import COMMANDS
from catgem_tui.protocol.commands import kind_of as command_kind
from catgem_tui.protocol.enums import Refusal
from catgem_tui.protocol.events import EVENTS, SIGNALS
from catgem_tui.protocol.events import kind_of as event_kind
from catgem_tui.protocol.model import Struct

VERSION = 1
MAX_FRAME = 1 << 20
"""Bytes; longer frames are refused by both sides."""

# --- workstation to central ---


class Hello(Struct, frozen=True, kw_only=True, tag_field="t", tag="hello"):
    """First frame: who (access token) and where we were (last sequence number handled, by topic)."""

    token: str
    cursors: dict[str, int] = {}
    version: int = VERSION


class Command(Struct, frozen=True, kw_only=True, tag_field="t", tag="command"):
    id: str
    kind: str
    body: msgspec.Raw = msgspec.Raw(b"{}")


class Ack(Struct, frozen=True, kw_only=True, tag_field="t", tag="ack"):
    """Everything up to ``seq`` of ``topic`` is handled."""

    topic: str
    seq: int


class Ping(Struct, frozen=True, kw_only=True, tag_field="t", tag="ping"):
    """Either side may ask at any time; the other answers with Pong at once."""

    at: float


# --- central to workstation ---


class Welcome(Struct, frozen=True, kw_only=True, tag_field="t", tag="welcome"):
    """Answer to Hello."""

    version: int
    user: str
    now: float
    """Central's clock."""
    heartbeat: float
    """Seconds between pings; a side that hears nothing for three of them is dead."""


class Event(Struct, frozen=True, kw_only=True, tag_field="t", tag="event"):
    topic: str
    seq: int
    prev: int
    """Sequence number of the event sent before this one to this subscriber, or of the snapshot."""
    kind: str
    body: msgspec.Raw


class Signal(Struct, frozen=True, kw_only=True, tag_field="t", tag="signal"):
    kind: str
    body: msgspec.Raw


class Snapshot(Struct, frozen=True, kw_only=True, tag_field="t", tag="snapshot"):
    """The topic's whole visible state at ``cursor``; replaces what the workstation had."""

    topic: str
    cursor: int
    body: msgspec.Raw


class Refused(Struct, frozen=True, kw_only=True):
    """``code`` and what it is about; ``field`` names the command's field at fault."""

    code: Refusal
    args: dict[str, str | int | float] = {}
    field: str = ""


class Reply(Struct, frozen=True, kw_only=True, tag_field="t", tag="reply"):
    """The end of one command: done, unless ``refused`` says why not."""

    to: str
    refused: Refused | None = None


class Goodbye(Struct, frozen=True, kw_only=True, tag_field="t", tag="goodbye"):
    """Central closes the line: ``unauthorized``, ``replaced`` (logged in elsewhere), ``version``, ``stopping``."""

    reason: str


class Pong(Struct, frozen=True, kw_only=True, tag_field="t", tag="pong"):
    at: float


FromWorkstation = Hello | Command | Ack | Ping | Pong
FromCentral = Welcome | Event | Signal | Snapshot | Reply | Goodbye | Ping | Pong

_encoder = msgspec.json.Encoder()
_from_workstation: msgspec.json.Decoder[FromWorkstation] = msgspec.json.Decoder(FromWorkstation)
_from_central: msgspec.json.Decoder[FromCentral] = msgspec.json.Decoder(FromCentral)


class FrameError(ValueError):
    """A frame that is not of the protocol."""


def encode(frame: FromWorkstation | FromCentral) -> str:
    """The frame as JSON text."""
    return _encoder.encode(frame).decode()


def decode_from_workstation(data: str | bytes) -> FromWorkstation:
    """Raises FrameError, also for a frame longer than ``MAX_FRAME``."""
    if len(data) > MAX_FRAME:
        raise FrameError(f"a frame of {len(data)}")
    try:
        return _from_workstation.decode(data)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise FrameError(str(error)) from error


def decode_from_central(data: str | bytes) -> FromCentral:
    """Raises FrameError."""
    try:
        return _from_central.decode(data)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise FrameError(str(error)) from error


def raw(body: Struct) -> msgspec.Raw:
    """A body, encoded once, to go into any number of frames."""
    return msgspec.Raw(_encoder.encode(body))


def command_frame(command_id: str, body: Struct) -> Command:
    return Command(id=command_id, kind=command_kind(body), body=raw(body))


def signal_frame(body: Struct) -> Signal:
    return Signal(kind=event_kind(body), body=raw(body))


def command_body(frame: Command) -> Struct | None:
    """The command's body, or None for a kind this version doesn't know. Raises FrameError for a malformed body."""
    return _body(COMMANDS, frame.kind, frame.body)


def event_body(frame: Event) -> Struct | None:
    """The event's body, or None for a kind this version doesn't know. Raises FrameError for a malformed body."""
    return _body(EVENTS, frame.kind, frame.body)


def signal_body(frame: Signal) -> Struct | None:
    """The signal's body, or None for a kind this version doesn't know. Raises FrameError for a malformed body."""
    return _body(SIGNALS, frame.kind, frame.body)


T = TypeVar("T", bound=Struct)


def snapshot_body(frame: Snapshot, kind: type[T]) -> T:
    """Raises FrameError."""
    try:
        return msgspec.json.decode(frame.body, type=kind)
    except msgspec.MsgspecError as error:
        raise FrameError(str(error)) from error


def _body(registry: dict[str, Any], kind: str, body: msgspec.Raw) -> Struct | None:
    known = registry.get(kind)
    if known is None:
        return None
    try:
        decoded: Struct = msgspec.json.decode(body, type=known)
    except msgspec.MsgspecError as error:
        raise FrameError(f"{kind}: {error}") from error
    return decoded
