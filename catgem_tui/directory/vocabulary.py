"""All words there are, a segment's and those that came since, and which of them a typed word may mean."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from catgem_tui.directory.fold import sound
from catgem_tui.directory.segment import Segment

EXACT = 1.0
BEGINNING = (0.88, 0.96)
"""Of a word that only begins so: the longer it goes on the less."""
BEGINNING_INSIDE = 0.8
"""The same for a word after which another was typed."""
SAME_SOUND = 0.85
NEAR = {1: 0.8, 2: 0.68, 3: 0.52}
"""By edits."""
NEAR_BEGINNING = {1: 0.72, 2: 0.58}
NEAR_SOUND = 0.7
SOUND_BEGINNING = 0.76
SHORT_PENALTY = 0.12
"""A short word that differs in a letter is more likely another word."""
MOST_NEAR = 160

Numbers = npt.NDArray[np.int32]
Qualities = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Expansion:
    """What a typed word may mean: words, each with how well it fits (0 to 1)."""

    typed: str
    open_end: bool
    numbers: Numbers
    """By ascending quality."""
    qualities: Qualities
    first: int = 0
    last: int = 0
    """The segment's words from ``first`` to before ``last`` begin with what was typed; the numbers may repeat some."""
    factor: float = 1.0

    @property
    def exact(self) -> bool:
        """Whether a word is just as it was typed."""
        return bool(len(self.qualities)) and bool(self.qualities[-1] >= self.factor)


class Vocabulary:
    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._known = len(segment.words)
        self._sizes = np.fromiter(map(len, segment.words.words), dtype=np.uint8, count=self._known)
        self._new: dict[str, int] = {}
        self._new_words: list[str] = []
        """By number, from ``_known`` on."""
        self._new_sorted: list[str] = []
        self._new_sounds: dict[str, list[int]] = {}
        self._cache: dict[tuple[str, bool, bool], Expansion] = {}

    def __len__(self) -> int:
        return self._known + len(self._new_words)

    def word(self, number: int) -> str:
        return self._segment.words.words[number] if number < self._known else self._new_words[number - self._known]

    def find(self, word: str) -> int:
        """Its number, or -1."""
        number = self._segment.words.number(word)
        return number if number >= 0 else self._new.get(word, -1)

    def begins(self, start: str) -> bool:
        """Whether any word begins so."""
        first, last = self._segment.words.beginning(start)
        return last > first or bool(self._new_beginning(start))

    def having(self, number: int) -> int:
        """How many of the segment's documents have this word."""
        starts = self._segment.posting_starts
        return int(starts[number + 1] - starts[number]) if number < self._known else 0

    def add(self, word: str) -> int:
        """Its number, a new one if it is not known yet."""
        number = self.find(word)
        if number < 0:
            number = len(self)
            self._new[word] = number
            self._new_words.append(word)
            insort(self._new_sorted, word)
            self._new_sounds.setdefault(sound(word), []).append(number)
            self._cache.clear()
        return number

    def lengths(self, first: int, last: int) -> npt.NDArray[np.uint8]:
        """Letters of the segment's words in this range."""
        return self._sizes[first:last]

    def expand(self, word: str, *, open_end: bool, forgiving: bool = True) -> Expansion:
        """``open_end``: the word may go on. ``forgiving``: misspelt and misheard ones too."""
        key = (word, open_end, forgiving)
        known = self._cache.get(key)
        if known is None:
            if len(self._cache) > 2000:
                self._cache.clear()
            known = self._cache[key] = self._expand(word, open_end=open_end, forgiving=forgiving)
        return known

    def _expand(self, word: str, *, open_end: bool, forgiving: bool) -> Expansion:
        best: dict[int, float] = {}
        size = len(word)
        exact = self.find(word)
        first = last = 0
        begun = open_end or size >= 3
        if begun:
            first, last = self._segment.words.beginning(word)
            for other in self._new_beginning(word):
                self._better(best, [self._new[other]], beginning_quality(size, len(other), open_end=open_end))
        if forgiving and not word.isdigit() and size >= 3:
            self._by_sound(best, word, open_end=open_end, first=first, last=last)
            self._by_edits(best, word, open_end=open_end)
        if exact >= 0:
            best[exact] = EXACT
        chosen = sorted(best.items(), key=lambda pair: pair[1])[-MOST_NEAR:]
        return Expansion(
            word,
            open_end,
            np.array([number for number, _ in chosen], dtype=np.int32),
            np.array([quality for _, quality in chosen], dtype=np.float32),
            first,
            last,
        )

    def _by_sound(self, best: dict[int, float], word: str, *, open_end: bool, first: int, last: int) -> None:
        segment, key = self._segment, sound(word)
        if not key:
            return
        number = segment.sounds.number(key)
        if number >= 0:
            self._better(best, self._sounding(number), SAME_SOUND)
        self._better(best, self._new_sounds.get(key, ()), SAME_SOUND)
        size = len(key)
        if open_end and size >= 3:
            start, end = segment.sounds.beginning(key)
            for other in range(start, min(end, start + 200)):
                begun = [each for each in self._sounding(other) if not first <= each < last]
                self._better(best, begun, SOUND_BEGINNING)
        if size >= 4:
            numbers, distances = segment.sounds.near(key, 1 if size < 7 else 2)
            for other, distance in zip(numbers.tolist(), distances.tolist(), strict=True):
                if distance:
                    penalty = 0.1 * (distance - 1) + (SHORT_PENALTY if size < 5 else 0.0)
                    self._better(best, self._sounding(other), NEAR_SOUND - penalty)
            if open_end:
                numbers, distances = segment.sounds.near(key, 1, open_end=True)
                for other in numbers.tolist()[:200]:
                    self._better(best, self._sounding(other), NEAR_SOUND - 0.08)

    def _by_edits(self, best: dict[int, float], word: str, *, open_end: bool) -> None:
        size = len(word)
        edits = 1 if size < 5 else 2 if size < 9 else 3
        numbers, distances = self._segment.words.near(word, edits)
        for number, distance in zip(numbers.tolist(), distances.tolist(), strict=True):
            if distance:
                self._better(best, (number,), _near_quality(size, distance))
        if open_end and size >= 4:
            edits = 1 if size < 7 else 2
            numbers, distances = self._segment.words.near(word, edits, open_end=True)
            for number, distance in zip(numbers.tolist(), distances.tolist(), strict=True):
                if distance:
                    self._better(best, (number,), NEAR_BEGINNING[distance] - (SHORT_PENALTY if size < 5 else 0.0))
        if self._new_words:
            self._new_by_edits(best, word, edits=edits)

    def _new_by_edits(self, best: dict[int, float], word: str, *, edits: int) -> None:
        distances = cdist([word], self._new_words, scorer=OSA.distance, score_cutoff=edits, dtype=np.uint8)[0]
        for place in np.flatnonzero(distances <= edits).tolist():
            if distances[place]:
                self._better(best, (self._known + place,), _near_quality(len(word), int(distances[place])))

    def _sounding(self, number: int) -> list[int]:
        starts = self._segment.sounding_starts
        found: list[int] = self._segment.sounding[starts[number] : starts[number + 1]].tolist()
        return found

    def _new_beginning(self, start: str) -> list[str]:
        first = bisect_left(self._new_sorted, start)
        return self._new_sorted[first : bisect_left(self._new_sorted, start + "\U0010ffff", lo=first)]

    @staticmethod
    def _better(best: dict[int, float], numbers: Iterable[int], quality: float) -> None:
        for number in numbers:
            if quality > best.get(number, 0.0):
                best[number] = quality


def beginning_quality(typed: int, whole: int, *, open_end: bool) -> float:
    """Of a word of ``whole`` letters that begins with the ``typed`` ones."""
    least, most = BEGINNING
    return least + (most - least) * typed / max(whole, 1) - (0.0 if open_end else most - BEGINNING_INSIDE)


def _near_quality(size: int, edits: int) -> float:
    shortness = SHORT_PENALTY if size < 5 or (edits > 1 and size < 7) or (edits > 2 and size < 11) else 0.0
    return NEAR[edits] - shortness
