"""Which documents meet a slot, and how well; remembered, so that a further letter asks about the last word alone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from catgem_tui.directory.rank import Floats
from catgem_tui.directory.reading import spread_ranges
from catgem_tui.directory.recent import Recent
from catgem_tui.directory.segment import Segment, initial
from catgem_tui.directory.slots import Slot, rarity
from catgem_tui.directory.vocabulary import BEGINNING, BEGINNING_INSIDE, Expansion, Vocabulary

REMEMBERED = 12
"""Slots."""
MOST_REMEMBERED = 400_000
"""Documents of all remembered slots together; each takes twelve bytes."""
SMALL = 2_000
"""Documents of a word up to which it is quicker to copy their numbers than to go to each word by itself."""
CLEARED_AT_ONCE = 16
"""Of what share of the documents on it is quicker to clear all than those that were written."""
SURE = 0.8
"""A word that fits as well as this is taken for the one that was meant, and its rarity for the slot's."""

Documents = npt.NDArray[np.signedinteger[Any]]


@dataclass(slots=True)
class Met:
    """A slot as it is met by what there is."""

    qualities: Floats
    """By word: how well it fits."""
    rarity: float
    size: int
    """Postings of everything the slot may mean."""
    documents: Documents | None = None
    """Ascending, each once; found when they are first asked for."""
    fits: Floats | None = None
    """By place in ``documents``: how well the best word of each fits, wherever it stands."""


class Matching:
    """For one segment and what came since. ``forget`` whenever that changes."""

    def __init__(self, segment: Segment, vocabulary: Vocabulary, recent: Recent) -> None:
        self._segment = segment
        self._vocabulary = vocabulary
        self._recent = recent
        self._base = len(segment)
        self._known: dict[tuple[object, ...], Met] = {}
        self._fits = np.zeros(0, dtype=np.float32)
        self._mark = np.zeros(0, dtype=bool)
        self.make_room()

    def forget(self) -> None:
        self._known.clear()
        if self._base + len(self._recent) > len(self._mark):
            self.make_room()

    def make_room(self) -> None:
        """Arrays for every document there is and some more."""
        size = self._base + 2 * len(self._recent) + 1024
        self._fits = np.zeros(size, dtype=np.float32)
        self._mark = np.zeros(size, dtype=bool)

    @property
    def room(self) -> int:
        return len(self._mark)

    def meet(self, slot: Slot) -> Met:
        """How the slot is met, without its documents yet."""
        key = tuple((meaning.typed, meaning.open_end, meaning.factor, meaning.last) for meaning in slot.meanings)
        met = self._known.pop(key, None)
        if met is None:
            met = Met(self._qualities(slot.meanings), self._rarity(slot.meanings), self._size(slot.meanings))
        self._known[key] = met
        while len(self._known) > 1 and (len(self._known) > REMEMBERED or self._held() > MOST_REMEMBERED):
            del self._known[next(iter(self._known))]
        return met

    def _held(self) -> int:
        return sum(len(met.documents) for met in self._known.values() if met.documents is not None)

    def find(self, slot: Slot, met: Met) -> tuple[Documents, Floats]:
        """The documents that meet the slot, and how well."""
        if met.documents is None or met.fits is None:
            met.documents, met.fits = self._scatter(slot.meanings, met.qualities)
        return met.documents, met.fits

    def together(self, found: Iterable[Documents]) -> Documents:
        """All of these documents, each once, ascending."""
        mark = self._mark
        for documents in found:
            mark[documents] = True
        together = np.flatnonzero(mark)
        mark[together] = False
        return together

    def _qualities(self, meanings: list[Expansion]) -> Floats:
        qualities = np.zeros(len(self._vocabulary), dtype=np.float32)
        for meaning in meanings:
            if meaning.last > meaning.first:
                least, most = BEGINNING
                sizes = self._vocabulary.lengths(meaning.first, meaning.last)
                begun = np.float32(least) + np.float32((most - least) * len(meaning.typed)) / np.maximum(sizes, 1)
                if not meaning.open_end:
                    begun -= np.float32(most - BEGINNING_INSIDE)
                span = qualities[meaning.first : meaning.last]
                np.maximum(span, begun * np.float32(meaning.factor), out=span)
            if len(meaning.numbers):
                qualities[meaning.numbers] = np.maximum(qualities[meaning.numbers], meaning.qualities)
        return qualities

    def _rarity(self, meanings: list[Expansion]) -> float:
        """By how few documents have what fits best."""
        of = self._base + len(self._recent)
        best = max((float(meaning.qualities[-1]) for meaning in meanings if len(meaning.qualities)), default=0.0)
        having = 0
        for meaning in meanings:
            fitting = meaning.numbers[meaning.qualities >= best - 0.05]
            having += sum(self._having(number) for number in fitting.tolist())
        if best < SURE:
            having += sum(self._posted(meaning) for meaning in meanings)
        return rarity(min(having, of), of)

    def _size(self, meanings: list[Expansion]) -> int:
        return sum(self._posted(meaning) + sum(map(self._having, meaning.numbers.tolist())) for meaning in meanings)

    def _having(self, word: int) -> int:
        return self._vocabulary.having(word) + len(self._recent.having(word))

    def _posted(self, meaning: Expansion) -> int:
        starts = self._segment.posting_starts
        return int(starts[meaning.last] - starts[meaning.first]) if meaning.last > meaning.first else 0

    def fits_at(self, slot: Slot, met: Met, documents: Documents) -> Floats:
        """How well each of these documents meets the slot: quicker than ``find`` where very many others do too."""
        touched = self._write_fits(slot.meanings, met.qualities, within=documents)
        fitting = self._fits[documents]
        if sum(map(len, touched)) > len(self._fits) // CLEARED_AT_ONCE:
            self._fits.fill(0.0)
        else:
            for others in touched:
                self._fits[others] = 0.0
        return fitting

    def _scatter(self, meanings: list[Expansion], qualities: Floats) -> tuple[Documents, Floats]:
        documents = self.together(self._write_fits(meanings, qualities))
        fitting = self._fits[documents]
        self._fits[documents] = 0.0
        return documents, fitting

    def _begun(self, meaning: Expansion, within: Documents | None) -> Documents:
        """The segment's documents with a word that begins so; some more than once."""
        segment, starts = self._segment, self._segment.posting_starts
        letter = initial(meaning.typed) if len(meaning.typed) == 1 else 0
        if within is None or not letter:
            return segment.postings[starts[meaning.first] : starts[meaning.last]]
        old = within[within < self._base]
        return old[segment.initials[old] & np.uint32(letter) > 0]

    def _write_fits(
        self, meanings: list[Expansion], qualities: Floats, *, within: Documents | None = None
    ) -> list[Documents]:
        """Write into ``_fits`` how well each document fits; returns where, some of them more than once.

        ``within``: only these are asked about.
        """
        segment, starts, fits = self._segment, self._segment.posting_starts, self._fits
        found: list[Documents] = []
        for meaning in meanings:
            if meaning.last > meaning.first:
                begun = self._begun(meaning, within)
                fits[begun] = np.float32(BEGINNING[0] * meaning.factor)
                found.append(begun)
                if len(self._recent):
                    found += self._begun_recently(meaning)
        numbers = np.unique(np.concatenate([meaning.numbers for meaning in meanings]))
        numbers = numbers[np.argsort(qualities[numbers], kind="stable")]
        known = numbers[numbers < len(segment.words)]
        first, last = starts[known], starts[known + 1]
        # The best fitting word is written last: of what is written twice at once, numpy keeps the last too.
        for few, part in _parts(last - first):
            if few:
                sizes = last[part] - first[part]
                having = segment.postings[spread_ranges(first[part], sizes)]
                fits[having] = np.repeat(qualities[known[part]], sizes)
            else:
                having = segment.postings[first[part.start] : last[part.start]]
                fits[having] = qualities[known[part.start]]
            found.append(having)
        if len(self._recent):
            found += self._had_recently(numbers, qualities)
        return found

    def _had_recently(self, numbers: npt.NDArray[np.int32], qualities: Floats) -> list[Documents]:
        found = []
        for number in numbers.tolist():
            if having := self._recent.having(number):
                self._fits[having] = qualities[number]
                found.append(np.array(having, dtype=np.int32))
        return found

    def _begun_recently(self, meaning: Expansion) -> list[Documents]:
        recent = self._recent.having_between(meaning.first, meaning.last)
        if len(recent):
            self._fits[recent] = np.float32(BEGINNING[0] * meaning.factor)
        return [recent]


def _parts(sizes: npt.NDArray[np.int64]) -> Iterator[tuple[bool, slice]]:
    """Ranges of neighbouring small ones (true), which are best taken together, and every large one by itself."""
    begin = 0
    for large in (*np.flatnonzero(sizes > SMALL).tolist(), len(sizes)):
        if large > begin:
            yield True, slice(begin, large)
        if large < len(sizes):
            yield False, slice(large, large + 1)
        begin = large + 1
