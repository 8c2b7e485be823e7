"""The sound files that are shipped."""

import struct
from dataclasses import astuple
from pathlib import Path

import pytest

from catgem_tui.central.voice.prompts import Prompts
from catgem_tui.citizens.voices import VOICES

PROMPTS = astuple(Prompts())
A_LAW = 6
"""Format tag of a WAV file (RFC 2361)."""


@pytest.mark.parametrize("path", [*PROMPTS, *VOICES], ids=lambda path: path.stem)
def test_every_file_is_a_law_mono_at_8_khz(path: Path) -> None:
    head = path.read_bytes()[:28]
    assert (head[:4], head[8:16]) == (b"RIFF", b"WAVEfmt ")
    form, channels, rate = struct.unpack_from("<HHI", head, 20)
    assert (form, channels, rate) == (A_LAW, 1, 8000)


def test_they_take_little_room_and_little_time() -> None:
    assert sum(path.stat().st_size for path in PROMPTS) < 600_000
    assert sum(path.stat().st_size for path in VOICES) < 300_000
    assert Prompts().greeting.stat().st_size < 8 * 8000
