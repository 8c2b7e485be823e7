"""Speech that one end of a call said and the other end heard: how much of it arrived, and how like itself.

What was heard is cut into spans of a quarter of a second. Each in which somebody speaks is looked for in what was said,
which is repeated over and over: the largest normalised cross-correlation tells how like itself it arrived (1.0 is
unchanged), and where it was found has to follow from where the span before was found.
"""

import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 8000
SPAN = RATE // 4
LIKE = 0.9
"""From so much correlation on a span counts as what was said: another voice, noise or music stays below 0.75."""
SLIP = RATE // 12
"""How far two spans that follow each other may be found from where they belong: a jitter buffer leaves out and adds."""
FAINT = 0.35
"""Share of the speech's usual loudness below which a span is a pause."""

Samples = NDArray[np.float64]


@dataclass(frozen=True)
class Likeness:
    spans: int = 0
    """In which somebody speaks."""
    arrived: float = 0.0
    """Share of them that are what was said, in its order."""
    correlation: float = 0.0
    """Median of all."""
    decibels: float = -99.0
    """How much louder than it was said it was heard."""


def say(path: Path, voice: Path, seconds: float = 60.0) -> Path:
    """Write an A-law WAV, over and over, as 16-bit WAV at 8 kHz."""
    one = _read_alaw(voice)
    samples = np.resize(one, int(seconds * RATE)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path


def raw(path: Path, voice: Path) -> Path:
    """Write the samples of an A-law WAV alone."""
    path.write_bytes(_find_samples(voice))
    return path


def compare(heard: Path, voice: Path, channel: int = 0) -> Likeness:
    """``heard`` is a 16-bit WAV of 8 or 16 kHz; ``voice`` what was said over and over, an A-law WAV."""
    said = _read_alaw(voice) / 32768
    ear = read(heard, channel)
    find = _seeker(said)
    found = [(start, *find(span)) for start, span in _spoken_spans(ear)]
    if not found:
        return Likeness()
    arrived = 0
    for index, (start, place, like, _) in enumerate(found):
        before = found[index - 1] if index else None
        expected = place if before is None else before[1] + start - before[0]
        off = (place - expected + len(said) // 2) % len(said) - len(said) // 2
        arrived += like >= LIKE and (before is None or before[2] < LIKE or abs(off) <= SLIP)
    likes = [like for _, _, like, _ in found]
    gains = [gain for _, _, like, gain in found if like >= LIKE]
    decibels = 20 * float(np.log10(np.median(gains))) if gains else -99.0
    return Likeness(len(found), arrived / len(found), float(np.median(likes)), decibels)


def read(path: Path, channel: int = 0) -> Samples:
    """One channel of a 16-bit WAV at ``RATE``, -1 to 1."""
    with wave.open(str(path), "rb") as file:
        count, rate = file.getnchannels(), file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")[channel::count] / 32768
    if rate == 2 * RATE:
        taps = np.arange(-32, 33)
        low = np.sinc(taps / 2) / 2 * np.hamming(65)
        samples = np.convolve(samples, low, "same")[::2]
    else:
        assert rate == RATE, f"{rate} Hz"
    return samples


def _spoken_spans(ear: Samples) -> list[tuple[int, Samples]]:
    cut = [(start, ear[start : start + SPAN]) for start in range(0, len(ear) - SPAN + 1, SPAN)]
    loud = [_loudness(span) for _, span in cut]
    usual = float(np.quantile(loud, 0.9)) if loud else 0.0
    return [one for one, volume in zip(cut, loud, strict=True) if volume > max(0.003, FAINT * usual)]


def _seeker(said: Samples) -> Callable[[Samples], tuple[int, float, float]]:
    """Tells of a span where in the speech it is, how like that it is, and how much louder."""
    twice = np.concatenate([said, said[:SPAN]])
    size = 1 << len(twice).bit_length()
    spectrum = np.fft.rfft(twice, size)
    energy = np.concatenate([[0.0], np.cumsum(twice**2)])
    here = np.sqrt(np.maximum(energy[SPAN:] - energy[:-SPAN], 1e-9))[: len(said)]

    def find(span: Samples) -> tuple[int, float, float]:
        there = float(np.sqrt(np.sum(span**2)))
        likes = np.fft.irfft(spectrum * np.conj(np.fft.rfft(span, size)), size)[: len(said)] / here / there
        place = int(np.argmax(likes))
        return place, float(likes[place]), there / float(here[place])

    return find


def _loudness(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0


def _read_alaw(path: Path) -> NDArray[np.int64]:
    """An A-law WAV (ITU-T G.711) as 16-bit samples."""
    coded = np.frombuffer(_find_samples(path), np.uint8) ^ 0x55
    step, exponent = (coded & 0x0F).astype(np.int64) << 4, (coded >> 4 & 0x07).astype(np.int64)
    size = np.where(exponent == 0, step + 8, (step + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(coded & 0x80, size, -size)


def _find_samples(path: Path) -> bytes:
    data = path.read_bytes()
    return data[data.index(b"data") + 8 :]
