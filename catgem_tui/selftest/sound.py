"""Tones to send and to find again: how a check knows who hears whom.

The detector is Goertzel's algorithm (G. Goertzel, 1958) over windows of 50 ms, so it also says *when* a tone was
there. Strength is a share of full scale.
"""

from __future__ import annotations

import array
import math
import wave
from dataclasses import dataclass
from pathlib import Path

WINDOW = 0.05
"""Seconds."""


def write_tone(path: Path, hertz: float, seconds: float = 4.0, rate: int = 16000, level: float = 0.4) -> None:
    """A mono 16-bit WAV file of one sine."""
    scale = level * 32767
    samples = array.array(
        "h", (int(scale * math.sin(2 * math.pi * hertz * i / rate)) for i in range(int(seconds * rate)))
    )
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.tobytes())


@dataclass(frozen=True, slots=True)
class Recording:
    """A 16-bit WAV file taken apart: one array of samples per channel."""

    rate: int
    channels: tuple[array.array[int], ...]

    @classmethod
    def read(cls, path: Path) -> Recording:
        """Raises OSError, wave.Error or EOFError for a file that can't be played."""
        with wave.open(str(path), "rb") as file:
            count = file.getnchannels()
            samples = array.array("h", file.readframes(file.getnframes()))
            return cls(rate=file.getframerate(), channels=tuple(samples[i::count] for i in range(count)))

    @property
    def seconds(self) -> float:
        return len(self.channels[0]) / self.rate

    def strength(self, hertz: float, channel: int = 0, start: float = 0.0, end: float | None = None) -> float:
        """How strong the tone is in the strongest second between ``start`` and ``end``, 0 to 1."""
        windows = self._windows(hertz, channel, start, end)
        span = round(1.0 / WINDOW)
        if not windows:
            return 0.0
        if len(windows) <= span:
            return sum(windows) / len(windows)
        total = sum(windows[:span])
        best = total
        for i in range(span, len(windows)):
            total += windows[i] - windows[i - span]
            best = max(best, total)
        return best / span

    def loudness(self, channel: int = 0, start: float = 0.0, end: float | None = None) -> float:
        """Root mean square between ``start`` and ``end``, 0 to 1."""
        samples = self._cut(channel, start, end)
        if not samples:
            return 0.0
        return math.sqrt(sum(s * s for s in samples) / len(samples)) / 32768

    def _cut(self, channel: int, start: float, end: float | None) -> array.array[int]:
        stop = None if end is None else int(end * self.rate)
        return self.channels[channel][int(start * self.rate) : stop]

    def _windows(self, hertz: float, channel: int, start: float, end: float | None) -> list[float]:
        samples = self._cut(channel, start, end)
        size = int(WINDOW * self.rate)
        return [_goertzel(samples[i : i + size], hertz, self.rate) for i in range(0, len(samples) - size + 1, size)]


def _goertzel(samples: array.array[int], hertz: float, rate: int) -> float:
    coefficient = 2 * math.cos(2 * math.pi * hertz / rate)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + coefficient * last - before
    power = last * last + before * before - coefficient * last * before
    return math.sqrt(max(power, 0.0)) * 2 / len(samples) / 32768
