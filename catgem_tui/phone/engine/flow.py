"""Whether sound flows: what the audio callbacks count, and when that is too much for short blocks. Pure.

A card takes and gives samples by its own clock. Measured against ours, the samples handed over run ahead by the same
amount as long as it is always served in time, but for the slow drift of two clocks. When it had to do without, it falls
behind for good: that is how an under- or overrun is known, whatever the buffers in between.
"""

from collections import deque

WINDOW_SECONDS = 0.25
SLIP_SECONDS = 0.006
"""Falling behind by less within a window is the drift and the unsteadiness of a busy machine."""
LATE_SECONDS = 0.004
"""A callback that comes later than the others by this uses up half of what the shortest blocks leave."""
SETTLING_SECONDS = 1.0
"""Buffers fill; what is lost until then is not counted."""


class Flow:
    """Samples that pass one way through a card. Times in seconds, of any clock that doesn't jump."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._passed = 0
        self._begun: float | None = None
        self._window_ends = 0.0
        self._best = float("-inf")
        self._bests: deque[float] = deque(maxlen=2)
        self._reference: float | None = None
        self._settled = False
        self.slips = 0
        """Times it fell behind."""
        self._late_at = 0.0

    def settle(self, now: float) -> None:
        """It begins now: forget what was."""
        self._passed = 0
        self._begun = now
        self._window_ends = now + SETTLING_SECONDS
        self._best = float("-inf")
        self._bests.clear()
        self._reference = None
        self._settled = False
        self._late_at = now

    def passed(self, samples: int, now: float) -> bool:
        """So many more were handed over by ``now``; returns whether it is found to have slipped."""
        if self._begun is None:
            self.settle(now)
        assert self._begun is not None  # noqa: S101
        self._passed += samples
        ahead = self._passed / self._rate - (now - self._begun)
        self._best = max(self._best, ahead)
        if self._reference is None or ahead < self._reference - LATE_SECONDS:
            self._late_at = now
        if now < self._window_ends:
            return False
        slipped = self._judge() if self._settled else False
        self._settled = True
        self._best = float("-inf")
        self._window_ends = now + WINDOW_SECONDS
        self.slips += slipped
        return slipped

    def in_time_for(self, now: float) -> float:
        """Seconds for which no callback was late, or since it began."""
        return now - self._late_at

    def _judge(self) -> bool:
        """The best of two windows counts: one in which every callback was a little late is no slip."""
        self._bests.append(self._best)
        recent = max(self._bests)
        slipped = self._reference is not None and recent < self._reference - SLIP_SECONDS
        self._reference = recent
        return slipped


class Strain:
    """Whether a machine keeps up: too much trouble within a moment, and it doesn't."""

    LIMIT = 3
    SECONDS = 1.5

    def __init__(self) -> None:
        self._troubles: deque[float] = deque(maxlen=self.LIMIT)

    def trouble(self, now: float, weight: int = 1) -> None:
        """A callback that came late weighs 1, a hole in the sound 2."""
        self._troubles.extend([now] * weight)

    def too_much(self, now: float) -> bool:
        return len(self._troubles) == self.LIMIT and now - self._troubles[0] < self.SECONDS
