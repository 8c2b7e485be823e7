"""The comparison of speech by which calls are judged tells what arrived from what did not."""

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from catgem_tui.citizens.voices import VOICES
from tests.speech import RATE, Samples, compare, read, say

VOICE, OTHER = VOICES[0], VOICES[1]


def write(path: Path, samples: Samples) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def with_gaps(samples: Samples) -> Samples:
    """A fifth of a second, of every two fifths."""
    return samples * (np.arange(len(samples)) // 1600 % 2)


def out_of_order(samples: Samples) -> Samples:
    """Each half second is said half a second later or sooner."""
    one, two, three, four, *rest = np.split(samples, 8)
    return np.concatenate([two, one, four, three, *rest])


def late_faint_and_noisy(samples: Samples) -> Samples:
    return samples[1234:] * 0.5 + noise(samples)[1234:] * 0.03


def noise(samples: Samples) -> Samples:
    return np.random.default_rng(1).normal(0, 0.1, len(samples))


@pytest.mark.parametrize(
    ("spoil", "least", "most"),
    [
        (np.copy, 1.0, 1.0),
        (late_faint_and_noisy, 0.95, 1.0),
        (with_gaps, 0.0, 0.5),
        (out_of_order, 0.0, 0.9),
        (noise, 0.0, 0.0),
        (np.zeros_like, 0.0, 0.0),
    ],
    ids=["unchanged", "late, faint and noisy", "gaps", "out of order", "noise", "silence"],
)
def test_what_arrived(tmp_path: Path, spoil: Callable[[Samples], Samples], least: float, most: float) -> None:
    said = read(say(tmp_path / "said.wav", VOICE, seconds=4.0))
    assert least <= compare(write(tmp_path / "heard.wav", spoil(said)), VOICE).arrived <= most


def test_another_voice_is_not_what_was_said(tmp_path: Path) -> None:
    assert compare(say(tmp_path / "said.wav", OTHER, seconds=4.0), VOICE).arrived < 0.1


def test_how_loud_it_arrived(tmp_path: Path) -> None:
    said = read(say(tmp_path / "said.wav", VOICE, seconds=4.0))
    assert compare(write(tmp_path / "heard.wav", said / 2), VOICE).decibels == pytest.approx(-6.0, abs=0.1)
