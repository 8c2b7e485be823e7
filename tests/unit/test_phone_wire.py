"""The engine's socket: framing, and what breaks it."""

import hashlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catgem_tui.phone import secret, wire
from catgem_tui.phone.port import Dial, EngineSettings, Gate, LevelsMeasured, Ready


def test_messages_survive_the_wire_in_pieces() -> None:
    sent: list[wire.ToEngine] = [
        wire.Hello(version=wire.VERSION, settings=EngineSettings(gate=Gate.OPEN, codecs=("PCMA",))),
        wire.Do(id=7, command=Dial(call="ñ", uri="sip:a@h", headers={"X-A": "é"})),
        wire.Beat(),
        wire.Bye(),
    ]
    frames = wire.Frames()
    stream = b"".join(wire.pack(message) for message in sent)
    bodies = [body for byte in stream for body in frames.feed(bytes([byte]))]
    assert [wire.unpack_to_engine(body) for body in bodies] == sent


def test_answers_and_events_survive_the_wire() -> None:
    sent: list[wire.ToClient] = [
        wire.Done(id=1),
        wire.Failed(id=2, code="sip", detail="no"),
        wire.Happened(event=Ready(uri="sip:a@h")),
        wire.Happened(event=LevelsMeasured(microphone=0.5, loudspeaker=1)),
    ]
    bodies = wire.Frames().feed(b"".join(wire.pack(message) for message in sent))
    assert [wire.unpack_to_client(body) for body in bodies] == sent


@given(st.binary(max_size=200))
def test_garbage_is_an_error_and_never_another(data: bytes) -> None:
    try:
        for body in wire.Frames().feed(data):
            wire.unpack_to_engine(body)
    except wire.WireError:
        pass


def test_what_is_too_long_is_refused_both_ways() -> None:
    with pytest.raises(wire.WireError):
        wire.pack(wire.Failed(id=1, code="sip", detail="x" * wire.MAX_MESSAGE))
    with pytest.raises(wire.WireError):
        wire.Frames().feed((wire.MAX_MESSAGE + 1).to_bytes(4, "big"))


def digest(*messages: Any) -> str:
    """Of all that these types and those inside them are on the wire, their documentation apart."""
    unions, parts = msgspec.json.schema_components(messages)
    for part in parts.values():
        part.pop("description", None)
    return hashlib.sha256(msgspec.json.encode([unions, parts], order="sorted")).hexdigest()[:16]


def test_messages_of_another_shape_have_another_version() -> None:
    now = digest(wire.ToEngine, wire.ToClient, secret.Message)
    assert now == wire.SHAPES, f"raise wire.VERSION above {wire.VERSION}, and write there SHAPES = {now!r}"


class Said(msgspec.Struct, tag="said"):
    """Whatever."""

    number: int
    word: str = ""


@pytest.mark.parametrize(
    ("name", "tag", "fields"),
    [
        ("Told", "said", [("number", int), ("word", str, "")]),
        ("Said", "told", [("number", int), ("word", str, "")]),
        ("Said", "said", [("number", int)]),
        ("Said", "said", [("number", int), ("word", str, ""), ("more", str, "")]),
        ("Said", "said", [("digits", int), ("word", str, "")]),
        ("Said", "said", [("number", float), ("word", str, "")]),
        ("Said", "said", [("number", int), ("word", str, "none")]),
        ("Said", "said", [("number", int), ("word", str)]),
    ],
)
def test_any_change_of_shape_is_another_digest(name: str, tag: str, fields: list[tuple[Any, ...]]) -> None:
    same = msgspec.defstruct("Said", [("number", int), ("word", str, "")], tag="said")
    assert digest(same) == digest(Said), "documentation is no shape"
    assert digest(msgspec.defstruct(name, fields, tag=tag)) != digest(Said)
