"""Makes the sounds beside it. Run it to make the files anew.

``ring``: two soft notes twice, then quiet, to be played in a loop. ``music``: for whom this person has on hold, in a
loop. ``closed`` and ``open``: the microphone was closed or opened. ``alone``: a call is about to be answered by itself.
``unheard``: this person speaks while the microphone is closed.
"""

import math
import wave
from pathlib import Path

RATE = 8000
"""Samples a second."""
LOUDNESS = 0.22
Note = tuple[float, float]
"""(seconds from the start, hertz)."""
CHORDS = ((261.63, 329.63, 392.0), (220.0, 261.63, 329.63), (174.61, 220.0, 261.63), (196.0, 246.94, 293.66))
"""Of the music: C, A minor, F, G."""
BEAT = 0.5


def _music() -> tuple[Note, ...]:
    """Each chord broken over four beats."""
    order = (0, 1, 2, 1)
    return tuple(
        (4 * BEAT * bar + BEAT * beat, chord[note] * (1 if beat else 0.5))
        for bar, chord in enumerate(CHORDS)
        for beat, note in enumerate(order)
    )


SOUNDS: dict[str, tuple[tuple[Note, ...], float, float]] = {
    "ring": (((0.0, 587.33), (0.22, 739.99), (0.6, 587.33), (0.82, 739.99)), 3.0, 9.0),
    "music": (_music(), 4 * BEAT * len(CHORDS), 3.0),
    "closed": (((0.0, 587.33), (0.1, 392.0)), 0.35, 18.0),
    "open": (((0.0, 392.0), (0.1, 587.33)), 0.35, 18.0),
    "unheard": (((0.0, 293.66),), 0.5, 10.0),
    "alone": (((0.0, 880.0), (0.15, 880.0), (0.3, 1174.66)), 0.7, 14.0),
}
"""Notes, length in seconds, and how fast a note fades."""


def sound_at(instant: float, notes: tuple[Note, ...], decay: float) -> float:
    """The wave's value, -1 to 1: each note fades in within 10 ms and out by itself."""
    value = 0.0
    for begins, pitch in notes:
        age = instant - begins
        if 0 <= age < 8.1 / decay:
            envelope = min(1.0, age / 0.01) * math.exp(-decay * age)
            value += envelope * (math.sin(math.tau * pitch * age) + 0.3 * math.sin(2 * math.tau * pitch * age))
    return LOUDNESS * value


def make(path: Path, notes: tuple[Note, ...], length: float, decay: float) -> None:
    """Write a sound as 16-bit PCM, mono."""
    values = (sound_at(n / RATE, notes, decay) for n in range(int(length * RATE)))
    samples = (round(32767 * max(-1.0, min(1.0, value))) for value in values)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))


if __name__ == "__main__":
    for name, (notes, length, decay) in SOUNDS.items():
        make(Path(__file__).with_name(f"{name}.wav"), notes, length, decay)
