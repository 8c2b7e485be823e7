"""The microphone's samples on their way to the bridge, which takes them by another clock. Pure.

They come in blocks by the microphone's clock and leave in blocks as long by the loudspeaker's. What waits in between
is delay, and when too little does there is a hole in what the other side hears. So what counts is the margin: how much
later the last sample of a block could have come. It shrinks and grows steadily where the two clocks differ (cards of
their own, by some ten millionths), and falls short at once where a thread was held up.
"""

from collections import deque
from dataclasses import dataclass

_WIDTH = 2
"""Bytes a sample."""
_NEVER = float("-inf")


@dataclass
class _Window:
    """``least`` of the margins that there were, and that there would have been for each number of samples left out."""

    begun: float
    least: list[float]


class ElasticBuffer:
    """As few samples as the unsteadiness of two threads allows.

    Where the margin is too small or larger than needed, one sample a block is added or left out, where its neighbours
    are so alike that nobody hears it; whole blocks only when several are to spare, and in a pause if there is one soon.
    ``put`` is for one thread, all else for one other. Times in seconds, of any clock that doesn't jump.
    """

    LONGEST = 12
    """Blocks."""
    KEEP, MOST_KEPT = 0.003, 0.04
    """Seconds of margin: where everything comes in time, and however late it comes."""
    HOLD = 120.0
    """Seconds in which half of the margin was enough, after which half is kept."""
    NEAR = 0.5
    """Of the margin that is kept: with less, samples are added."""
    WINDOW = 0.5
    WINDOWS = 4
    """So many must agree that there are samples to spare; one, where it is more than a block."""
    STEP = 16
    """Samples that are added or left out until the margin is judged anew."""
    PATIENCE = 2.0
    """Seconds to wait for a pause; the more blocks wait, the less."""
    QUIET = 400
    """The loudest sample of a pause."""
    APART = 0.1
    """Seconds; holes nearer to each other are one."""

    def __init__(self, block: int) -> None:
        """``block``: samples that are put and taken at a time."""
        self._block = block
        self._blocks: deque[tuple[float, bytes]] = deque()
        self._read = 0
        """Samples of the first block that were taken already."""
        self._put = self._taken = 0
        self._keep = self.KEEP
        self._hole_at = self._needed_at = _NEVER
        self._steady_from = _NEVER
        self._slips = 0
        """Samples yet to be left out; below zero, to be added."""
        self._spares = (self.STEP, block // 2, block, 2 * block)
        """Samples that might be left out."""
        self._window: _Window | None = None
        self._past: deque[list[float]] = deque(maxlen=self.WINDOWS)
        self._cut_from: float | None = None

    @property
    def waiting(self) -> int:
        """Samples."""
        return self._put - self._taken

    def settle(self, until: float) -> None:
        """What is missing up to then says nothing: threads begin, buffers fill."""
        self._steady_from = until

    def put(self, samples: bytes, now: float) -> bool:
        """A block; returns whether it is lost, because too many wait."""
        if self.waiting > self.LONGEST * self._block:
            return True
        self._blocks.append((now, samples))
        self._put += self._block
        return False

    def take(self, now: float) -> bytes | None:
        """The next block, of 16-bit samples; None when there is a hole."""
        if self.waiting < self._block:
            self._note_hole(now)
            return None
        margins = self._margins(now)
        if margins[0] < self.NEAR * self._keep:
            self._learn(margins[0], now)
            self._slips = min(self._slips, 0) or -self.STEP
            self._begin_anew()
        if not self._slips:
            self._judge(now, margins)
        slip = (self._slips > 0) - (self._slips < 0)
        if self.waiting < self._block + slip:
            slip = 0
        samples = self._pop(self._block + slip)
        if slip:
            self._slips -= slip
            samples = _without_one(samples) if slip > 0 else _with_one_more(samples)
        return self._cut(samples, now)

    def _margins(self, now: float) -> list[float]:
        """How much later the last sample of the next block could have come: as it is, and were so many samples before
        it left out."""
        last, margins = self._read + self._block - 1, []
        for spared in (0, *self._spares):
            place = (last + spared) // self._block
            margins.append(now - self._blocks[place][0] if place < len(self._blocks) else _NEVER)
        return margins

    def _judge(self, now: float, margins: list[float]) -> None:
        """Note what would have been enough, and decide at the end of each window."""
        window = self._window
        if window is None:
            self._window = _Window(now, margins)
            return
        window.least = list(map(min, window.least, margins))
        if now - window.begun < self.WINDOW:
            return
        self._window = None
        self._learn(window.least[0], now)
        self._past.append(window.least)
        enough = self._keep + self.NEAR * self.KEEP
        if window.least[-1] >= enough:
            if self._cut_from is None:
                self._cut_from = now
        elif len(self._past) == self.WINDOWS:
            found = zip((0, *self._spares), map(min, *self._past), strict=True)
            self._slips = max((spared for spared, margin in found if margin >= enough), default=0)
            if self._slips:
                self._begin_anew()

    def _learn(self, margin: float, now: float) -> None:
        """Keep as much as it just fell short of what it was, for as long as that happens again."""
        usual = max((least[0] for least in self._past), default=margin)
        needed = min(self.KEEP + usual - margin, self.MOST_KEPT)
        if needed > self.NEAR * self._keep:
            self._needed_at = now
        if needed > self._keep:
            self._keep = needed
        elif now - self._needed_at > self.HOLD:
            self._keep, self._needed_at = max(self.KEEP, self._keep / 2), now

    def _begin_anew(self) -> None:
        self._window, self._cut_from = None, None
        self._past.clear()

    def _cut(self, samples: bytes, now: float) -> bytes:
        """Leave a block out, if that is due and this is the moment."""
        if self._cut_from is None or self.waiting < self._block:
            return samples
        patience = self.PATIENCE * self._block / self.waiting
        if now - self._cut_from < patience and max(map(abs, memoryview(samples).cast("h"))) >= self.QUIET:
            return samples
        self._begin_anew()
        return self._pop(self._block)

    def _pop(self, count: int) -> bytes:
        self._taken += count
        if count == self._block and not self._read:
            return self._blocks.popleft()[1]
        pieces = []
        while count:
            samples = self._blocks[0][1]
            piece = samples[self._read * _WIDTH : (self._read + count) * _WIDTH]
            pieces.append(piece)
            found = len(piece) // _WIDTH
            count -= found
            self._read += found
            if self._read == self._block:
                self._blocks.popleft()
                self._read = 0
        return b"".join(pieces)

    def _note_hole(self, now: float) -> None:
        if now > self._steady_from and now - self._hole_at > self.APART:
            self._keep, self._needed_at = min(2 * self._keep, self.MOST_KEPT), now
        self._hole_at = now
        self._begin_anew()


def _smoothest(samples: memoryview) -> int:
    """Where a sample is most like the one after it."""
    return min(range(len(samples) - 1), key=lambda at: abs(samples[at + 1] - samples[at]))


def _without_one(samples: bytes) -> bytes:
    at = _smoothest(memoryview(samples).cast("h")) + 1
    return samples[: at * _WIDTH] + samples[(at + 1) * _WIDTH :]


def _with_one_more(samples: bytes) -> bytes:
    at = _smoothest(memoryview(samples).cast("h")) + 1
    return samples[: at * _WIDTH] + samples[(at - 1) * _WIDTH : at * _WIDTH] + samples[at * _WIDTH :]
