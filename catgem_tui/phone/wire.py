"""What crosses the engine's socket: uint32 big-endian length, then msgpack.

The client opens with ``Hello``; the engine answers with the event ``Ready`` or with ``Failed`` of id 0. Every ``Do``
is answered by ``Done`` or ``Failed`` of its id, events come in between, and both sides send ``Beat``.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import msgspec

from catgem_tui.phone.port import EngineSettings, PhoneCommand, PhoneEvent, Struct

if TYPE_CHECKING:
    import asyncio  # at run time it costs the engine memory for nothing

VERSION = 1
SHAPES = "3ccceacff4ad39d8"
"""Digest of all that can be said at this version: the names, fields, types and defaults of every message. Where it is
another now, ``tests/unit/test_phone_wire.py`` fails and names it: raise ``VERSION``, then write the new digest here. A
telephone that speaks another version says so; one that misunderstands does not."""
MAX_MESSAGE = 1024 * 1024
BEAT_SECONDS = 0.2
"""How often either side shows that it lives."""

_LENGTH = struct.Struct(">I")


class WireError(Exception):
    """The other side broke the protocol; the connection cannot go on."""


class Hello(Struct, frozen=True, kw_only=True, tag="hello"):
    version: int
    settings: EngineSettings


class Do(Struct, frozen=True, kw_only=True, tag="do"):
    id: int
    command: PhoneCommand


class Beat(Struct, frozen=True, kw_only=True, tag="beat"):
    """Sent by the loop that does the work, so that a hung one is noticed."""


class Bye(Struct, frozen=True, kw_only=True, tag="bye"):
    """End every call, then exit."""


class Done(Struct, frozen=True, kw_only=True, tag="done"):
    id: int


class Failed(Struct, frozen=True, kw_only=True, tag="failed"):
    """``code`` and ``detail`` as in ``PhoneError``; id 0 refuses the handshake."""

    id: int
    code: str
    detail: str = ""


class Happened(Struct, frozen=True, kw_only=True, tag="happened"):
    event: PhoneEvent


ToEngine = Hello | Do | Beat | Bye
ToClient = Done | Failed | Happened | Beat

_encoder = msgspec.msgpack.Encoder()


def pack(message: ToEngine | ToClient) -> bytes:
    """Encode one message with its length. Raises WireError when it is too long."""
    body = _encoder.encode(message)
    if len(body) > MAX_MESSAGE:
        raise WireError(f"a message of {len(body)} bytes")
    return frame(body)


def frame(body: bytes) -> bytes:
    """A message's body with its length before it."""
    return _LENGTH.pack(len(body)) + body


async def read_frame(reader: asyncio.StreamReader, longest: int) -> bytes:
    """One message's body and no byte more. Raises WireError, OSError, asyncio.IncompleteReadError."""
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    if length > longest:
        raise WireError(f"a message of {length} bytes")
    return await reader.readexactly(length)


class Frames:
    """Cuts a stream of bytes into message bodies. No I/O."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Add what arrived; return the bodies completed by it. Raises WireError."""
        self._buffer += data
        bodies: list[bytes] = []
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if length > MAX_MESSAGE:
                raise WireError(f"a message of {length} bytes")
            end = _LENGTH.size + length
            if len(self._buffer) < end:
                break
            bodies.append(bytes(self._buffer[_LENGTH.size : end]))
            del self._buffer[:end]
        return bodies


_to_engine: msgspec.msgpack.Decoder[ToEngine] = msgspec.msgpack.Decoder(ToEngine)
_to_client: msgspec.msgpack.Decoder[ToClient] = msgspec.msgpack.Decoder(ToClient)


def unpack_to_engine(body: bytes) -> ToEngine:
    """Raises WireError."""
    try:
        return _to_engine.decode(body)
    except msgspec.MsgspecError as error:
        raise WireError(str(error)) from error


def unpack_to_client(body: bytes) -> ToClient:
    """Raises WireError."""
    try:
        return _to_client.decode(body)
    except msgspec.MsgspecError as error:
        raise WireError(str(error)) from error
