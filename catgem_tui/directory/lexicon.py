"""A sorted list of words (or of the sounds of words) in which the near ones of any word are found in a blink.

The words of a directory are few beside its records: 21 thousand for 120 thousand records. So searching forgives on
words, and only then looks at records.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

_LETTERS = 32
"""Classes of letters; the edge of a word is 0."""
_CLASS = bytes(
    1 + letter - ord("a")
    if ord("a") <= letter <= ord("z")
    else 27
    if chr(letter).isdigit()
    else 28 + "CG".find(chr(letter))
    if chr(letter) in "CG"
    else 31
    for letter in range(256)
)
MOST_CANDIDATES = 700
"""Words that are compared letter by letter with one sought."""

Numbers = npt.NDArray[np.int32]


def pairs(word: str) -> list[int]:
    """The pairs of neighbouring letters, edges included, as numbers below ``_LETTERS`` squared, each once."""
    letters = word.encode("latin-1", "replace").translate(_CLASS)
    return sorted({one * _LETTERS + other for one, other in zip(b"\0" + letters, letters + b"\0", strict=True)})


class Lexicon:
    """Words by number, in their order.

    ``starts`` (length ``_LETTERS`` squared + 1) and ``having`` say which words have a pair of letters.
    """

    def __init__(self, words: Sequence[str], starts: npt.NDArray[np.int64], having: Numbers) -> None:
        self.words = words
        self._starts = starts
        self._having = having

    @staticmethod
    def pairs_of(words: Sequence[str]) -> tuple[npt.NDArray[np.int64], Numbers]:
        """``starts`` and ``having`` for these words."""
        each = [pairs(word) for word in words]
        sizes = np.fromiter((len(found) for found in each), dtype=np.int64, count=len(each))
        of_pair = np.fromiter(chain.from_iterable(each), dtype=np.int32, count=int(sizes.sum()))
        of_word = np.repeat(np.arange(len(each), dtype=np.int32), sizes)
        order = np.argsort(of_pair, kind="stable")
        starts = np.zeros(_LETTERS * _LETTERS + 1, dtype=np.int64)
        np.cumsum(np.bincount(of_pair, minlength=_LETTERS * _LETTERS), out=starts[1:])
        return starts, of_word[order]

    def __len__(self) -> int:
        return len(self.words)

    def number(self, word: str) -> int:
        """Its number, or -1."""
        place = bisect_left(self.words, word)
        return place if place < len(self.words) and self.words[place] == word else -1

    def beginning(self, start: str) -> tuple[int, int]:
        """The numbers of the words that begin so: from the first to before the second."""
        first = bisect_left(self.words, start)
        return first, bisect_left(self.words, start + "\U0010ffff", lo=first)

    def near(self, word: str, edits: int, *, open_end: bool = False) -> tuple[Numbers, npt.NDArray[np.uint8]]:
        """Words at most so many edits away (optimal string alignment), and how many.

        ``open_end``: words whose beginning is that near.
        """
        candidates = self._candidates(word, edits, open_end=open_end)
        if not len(candidates):
            return candidates, np.empty(0, dtype=np.uint8)
        compared = [self.words[number] for number in candidates.tolist()]
        distances = _distances(word, compared, edits)
        if open_end:
            # A letter too few or too many moves the place up to which a beginning is compared.
            for size in range(max(1, len(word) - 1), len(word) + 2):
                np.minimum(distances, _distances(word, [other[:size] for other in compared], edits), out=distances)
        kept = distances <= edits
        return candidates[kept], distances[kept]

    def _candidates(self, word: str, edits: int, *, open_end: bool) -> Numbers:
        """The words that share most pairs of letters with it: no more than can be compared in time."""
        sought = pairs(word)
        if open_end:
            sought = [pair for pair in sought if pair % _LETTERS]  # where it ends is not known
        starts = self._starts
        found = [self._having[starts[pair] : starts[pair + 1]] for pair in sought]
        shared = np.bincount(np.concatenate(found), minlength=len(self.words)) if found else np.empty(0, dtype=np.int64)
        if not len(shared):
            return np.empty(0, dtype=np.int32)
        least = max(1, len(sought) - 3 * edits)
        how_many = np.bincount(shared)[::-1].cumsum()[::-1]  # words sharing at least n pairs
        while least + 1 < len(how_many) and how_many[least] > MOST_CANDIDATES:
            least += 1
        if least >= len(how_many):
            return np.empty(0, dtype=np.int32)
        return np.flatnonzero(shared >= least).astype(np.int32)


def _distances(word: str, others: Sequence[str], edits: int) -> npt.NDArray[np.uint8]:
    """Edits to each of the others; one more than ``edits`` where there are more."""
    found: npt.NDArray[np.uint8] = cdist([word], others, scorer=OSA.distance, score_cutoff=edits, dtype=np.uint8)[0]
    return found
