"""Makes ``ring.wav``: two soft notes twice, then quiet, to be played in a loop. Run it to make the file anew."""

import math
import wave
from pathlib import Path

RATE = 8000
"""Samples a second."""
NOTES = ((0.0, 587.33), (0.22, 739.99), (0.6, 587.33), (0.82, 739.99))
"""(seconds from the start, hertz)."""
LENGTH = 3.0
DECAY = 9.0
LOUDNESS = 0.22


def sound_at(instant: float) -> float:
    """The wave's value, -1 to 1: each note fades in within 10 ms and out by itself."""
    value = 0.0
    for begins, pitch in NOTES:
        age = instant - begins
        if 0 <= age < 0.9:
            envelope = min(1.0, age / 0.01) * math.exp(-DECAY * age)
            value += envelope * (math.sin(math.tau * pitch * age) + 0.3 * math.sin(2 * math.tau * pitch * age))
    return LOUDNESS * value


def make_ring(path: Path) -> None:
    """Write the sound as 16-bit PCM, mono."""
    samples = (round(32767 * sound_at(n / RATE)) for n in range(int(LENGTH * RATE)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))


if __name__ == "__main__":
    make_ring(Path(__file__).with_name("ring.wav"))
