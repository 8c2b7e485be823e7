"""The order of what was found: how well each slot is met, where, in which order, and how much of the title is met."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from catgem_tui.directory.reading import spread_ranges
from catgem_tui.directory.tokens import WEIGHTS

FIELD_WEIGHTS = np.array([WEIGHTS[field] for field in sorted(WEIGHTS)], dtype=np.float32)
COVERAGE = 0.05
"""What a title all of whose words were sought is worth."""
ORDER = 0.02
"""What slots in the order of typing are worth."""
TITLE = 0
_PLACE_BITS = 20

Floats = npt.NDArray[np.float32]


class Tokens:
    """The words of some documents, one document after the other."""

    def __init__(
        self, words: npt.NDArray[np.integer[Any]], fields: npt.NDArray[np.uint8], sizes: npt.NDArray[np.int64]
    ) -> None:
        self.words = words
        self.fields = fields
        self.sizes = sizes
        self.starts = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int64) if len(sizes) else sizes
        self.filled = sizes > 0
        self._weights = FIELD_WEIGHTS[fields]

    def of(self, places: npt.NDArray[np.int64]) -> "Tokens":
        """The words of some of these documents, in this order."""
        sizes = self.sizes[places]
        picked = spread_ranges(self.starts[places], sizes)
        return Tokens(self.words[picked], self.fields[picked], sizes)

    def meet_all(self, qualities: Sequence[Floats], least: float) -> npt.NDArray[np.bool_]:
        """By document: whether every slot is met by one of its words at least so well."""
        whole = np.ones(len(self.sizes), dtype=bool)
        for quality in qualities:
            best = np.zeros(len(self.sizes), dtype=np.float32)
            if len(self.words):
                best[self.filled] = np.maximum.reduceat(quality[self.words], self.starts[self.filled])
            whole &= best >= np.float32(least)
        return whole

    def best(self, qualities: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
        """By document: how well its best word fits, by the quality of every word there is, and where it stands."""
        fits = qualities[self.words] * self._weights
        best = np.zeros(len(self.sizes), dtype=np.float32)
        places = np.zeros(len(self.sizes), dtype=np.int64)
        if not len(fits):
            return best, places
        last = (1 << _PLACE_BITS) - 1
        # Of equal ones the first counts: the place is turned round and put below the quality.
        ranked = ((fits * 10_000).astype(np.int64) << _PLACE_BITS) | (last - np.arange(len(fits), dtype=np.int64))
        found = np.maximum.reduceat(ranked, self.starts[self.filled])
        best[self.filled] = (found >> _PLACE_BITS) / np.float32(10_000)
        places[self.filled] = last - (found & last)
        return best, places

    def covered(self, qualities: Sequence[Floats]) -> Floats:
        """By document: the share of its title's words that some slot meets."""
        in_title = self.fields == TITLE
        met = np.zeros(len(self.words), dtype=bool)
        for quality in qualities:
            met |= quality[self.words] > 0.5
        share = np.zeros(len(self.sizes), dtype=np.float32)
        if len(self.words):
            starts = self.starts[self.filled]
            sizes = np.add.reduceat(in_title.astype(np.int32), starts)
            hits = np.add.reduceat((met & in_title).astype(np.int32), starts)
            share[self.filled] = hits / np.maximum(sizes, 1)
        return share


def score(tokens: Tokens, qualities: Sequence[Floats], weights: Sequence[float], extra: Sequence[Floats]) -> Floats:
    """By document, 0 to about 1.07. ``extra`` are slots already met by document (telephone numbers)."""
    total = np.zeros(len(tokens.sizes), dtype=np.float32)
    ordered = np.zeros(len(tokens.sizes), dtype=np.float32)
    before: npt.NDArray[np.int64] | None = None
    for quality, weight in zip(qualities, weights, strict=False):
        best, places = tokens.best(quality)
        total += np.float32(weight) * best
        if before is not None:
            ordered += (places > before) & (best > 0)
        before = places
    for met, weight in zip(extra, weights[len(qualities) :], strict=True):
        total += np.float32(weight) * met
    whole = sum(weights)
    total /= np.float32(whole or 1.0)
    if len(qualities) > 1:
        total += np.float32(ORDER / (len(qualities) - 1)) * ordered
    if qualities:
        total += np.float32(COVERAGE) * tokens.covered(qualities)
    return total
