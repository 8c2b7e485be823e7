"""What a simulated citizen makes of what they hear: hold music, the chime before the survey, or neither.

The shipped prompts carry two signs for this: a steady drone under everything that is said or played to who waits, and
two tones before the survey's question. The detector is Goertzel's algorithm (G. Goertzel, 1958).
"""

import array
import math
from collections import deque
from dataclasses import dataclass

WINDOW_SECONDS = 0.1
DRONE_SECONDS = 0.8
"""How much of the recent past decides whether there is music."""
CHIME_SECONDS = 0.6


@dataclass(frozen=True, kw_only=True)
class Signs:
    """Hertz, and the least strength (share of full scale) at which a tone counts."""

    drone: float = 220.0
    drone_strength: float = 0.03
    chime: tuple[float, float] = (1480.0, 1109.0)
    chime_strength: float = 0.12


class Hearing:
    """Feed it samples in order and ask what they were. No I/O."""

    def __init__(self, rate: int, signs: Signs | None = None) -> None:
        self._rate = rate
        self._signs = signs or Signs()
        self._size = int(rate * WINDOW_SECONDS)
        self._rest: array.array[int] = array.array("h")
        self._drone: deque[bool] = deque(maxlen=round(DRONE_SECONDS / WINDOW_SECONDS))
        self._chime: deque[tuple[bool, bool]] = deque(maxlen=round(CHIME_SECONDS / WINDOW_SECONDS))
        self.asked = False
        """Whether the survey's chime has been heard."""

    @property
    def music(self) -> bool:
        """Whether hold music was heard just now: most of the recent past had the drone."""
        return sum(self._drone) * 4 >= len(self._drone) * 3 > 0

    def feed(self, samples: "array.array[int]") -> None:
        """16-bit samples of one channel."""
        self._rest.extend(samples)
        while len(self._rest) >= self._size:
            self._judge(self._rest[: self._size])
            del self._rest[: self._size]

    def _judge(self, window: "array.array[int]") -> None:
        signs = self._signs
        self._drone.append(strength(window, signs.drone, self._rate) >= signs.drone_strength)
        first, second = (strength(window, tone, self._rate) >= signs.chime_strength for tone in signs.chime)
        self._chime.append((first, second))
        rising = [index for index, (tone, _) in enumerate(self._chime) if tone]
        self.asked = self.asked or bool(rising and any(tone for _, tone in list(self._chime)[rising[0] + 1 :]))


def strength(samples: "array.array[int]", hertz: float, rate: int) -> float:
    """Amplitude of a tone in the samples, 0 to 1."""
    coefficient = 2 * math.cos(2 * math.pi * hertz / rate)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + coefficient * last - before
    power = last * last + before * before - coefficient * last * before
    return math.sqrt(max(power, 0.0)) * 2 / len(samples) / 32768
