"""Whether sound flows: what the audio callbacks count, and when that is too much for short blocks. Pure.

A card takes and gives samples by its own clock. Measured against ours, the samples handed over run ahead by the same
amount as long as it is always served in time, but for the slow drift of two clocks. When it had to do without, it falls
behind for good: that is how an under- or overrun is known, whatever the buffers in between.
"""

from collections import deque

WINDOW_SECONDS = 0.25
SLIP_SECONDS = 0.006
"""Falling behind by less within a window is the drift and the unsteadiness of a busy machine."""
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

    def settle(self, now: float) -> None:
        """It begins now: forget what was."""
        self._passed = 0
        self._begun = now
        self._window_ends = now + SETTLING_SECONDS
        self._best = float("-inf")
        self._bests.clear()
        self._reference = None
        self._settled = False

    def passed(self, samples: int, now: float) -> bool:
        """So many more were handed over by ``now``; returns whether it is found to have slipped."""
        if self._begun is None:
            self.settle(now)
        assert self._begun is not None  # noqa: S101
        self._passed += samples
        self._best = max(self._best, self._passed / self._rate - (now - self._begun))
        if now < self._window_ends:
            return False
        slipped = self._judge() if self._settled else False
        self._settled = True
        self._best = float("-inf")
        self._window_ends = now + WINDOW_SECONDS
        self.slips += slipped
        return slipped

    def _judge(self) -> bool:
        """The best of two windows counts: one in which every callback was a little late is no slip."""
        self._bests.append(self._best)
        recent = max(self._bests)
        slipped = self._reference is not None and recent < self._reference - SLIP_SECONDS
        self._reference = recent
        return slipped


class Queue:
    """Blocks of the microphone on their way to the bridge: as few as the unsteadiness of two threads allows.

    A block that isn't there when the bridge wants it is a hole in what the other side hears, and one more waits from
    then on. One that was not needed for a while is left out again, in a pause of the voice if there is one: the more
    there are to spare, the sooner. Where that proves too few, the next attempt to get below comes much later.
    """

    LONGEST = 12
    """Blocks."""
    FIRST_REST, LONGEST_REST = 2.0, 120.0
    """Seconds without need until a block is left out."""
    PATIENCE = 2.0
    """Seconds to wait for a pause."""
    SOON = 10.0
    """A hole so many seconds after a block was left out says that it was needed."""
    QUIET = 400
    """The loudest sample of a pause."""

    def __init__(self) -> None:
        self._blocks: deque[bytes] = deque()
        self._rest = self.FIRST_REST
        self._since: float | None = None
        self._spare = 0
        """The fewest that waited beyond need since then."""
        self._needed = 1
        """So many to spare have proved to be needed; one is always suspected to be."""
        self._cut_at = float("-inf")
        self._cut_from = 0

    @property
    def waiting(self) -> int:
        return len(self._blocks)

    def put(self, block: bytes) -> bool:
        """Returns whether one is lost, because too many wait."""
        self._blocks.append(block)
        if len(self._blocks) <= self.LONGEST:
            return False
        self._blocks.popleft()
        return True

    def take(self, now: float) -> bytes | None:
        """The next one; None when there is a hole."""
        if not self._blocks:
            if now - self._cut_at < self.SOON:
                self._rest = min(4 * self._rest, self.LONGEST_REST)
                self._needed = max(self._needed, self._cut_from)
                self._cut_at = float("-inf")
            self._since = None
            return None
        block = self._blocks.popleft()
        spare = len(self._blocks)
        if not spare:
            self._since = None
        elif self._since is None:
            self._since, self._spare = now, spare
        else:
            self._spare = min(self._spare, spare)
            if self._may_cut(block, now - self._since):
                self._since, self._cut_at, self._cut_from = None, now, self._spare
                block = self._blocks.popleft()
        return block

    def _may_cut(self, block: bytes, spare_for: float) -> bool:
        """Whether there was always one more than needed, for long enough."""
        rest = self._rest if self._spare <= self._needed else self.FIRST_REST / self._spare
        if spare_for < rest:
            return False
        return spare_for > rest + self.PATIENCE / self._spare or max(map(abs, memoryview(block).cast("h"))) < self.QUIET


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
