"""Reading records for an index, many at a time: what thousands of them have in common is looked at once.

The words come out as ``tokens.tokens`` gives them for one record.
"""

from array import array
from collections.abc import Hashable, Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from catgem_tui.directory.described import KIND_NUMBERS, LEVEL_NUMBERS, day, joined, telephones
from catgem_tui.directory.fold import LONGEST_WORD, fold, word_pattern
from catgem_tui.directory.tokens import MOST_LETTERS, MOST_TOKENS, TEXTS, Field, is_agency
from catgem_tui.protocol.model import Record

BATCH = 8_000
"""Records that are read together."""
_MOST_NAMES = 65_535
_END = "\x1f"
"""Stands after a text, where many are taken apart together."""
_WORD_OR_END = word_pattern(_END)
_FIELDS = np.array([field for field, *_ in TEXTS], dtype=np.uint8)
_ACRONYM = [field for field, *_ in TEXTS].index(Field.ACRONYM)

ABOUT: dict[str, type[np.integer[Any]]] = {
    "kinds": np.uint8, "levels": np.uint8, "places": np.uint16, "agencies": np.uint16,
    "valid_from": np.uint16, "valid_until": np.uint16,
}  # fmt: skip
"""By document, as in ``Described``."""
COLUMNS: dict[str, type[np.integer[Any]]] = {"words": np.int32, "sizes": np.uint8, "shapes": np.int32, **ABOUT}
"""``words`` one document after the other; ``sizes`` how many there are in each."""

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Value = TypeVar("Value", bound=Hashable)


class Words(dict[str, int]):
    """The number of each word, in the order in which they are met. What is too long is its beginning."""

    def __init__(self) -> None:
        super().__init__({_END: -1})
        self.met: list[str] = []

    def __missing__(self, word: str) -> int:
        if len(word) > LONGEST_WORD:
            number = self[word[:LONGEST_WORD]]
        else:
            number = len(self.met)
            self.met.append(word)
        self[word] = number
        return number


class Reading:
    """Columns of what was read, a document for each record."""

    def __init__(self) -> None:
        self.known = Words()
        self.place_numbers: dict[str, int] = {"": 0}
        self.agency_numbers: dict[str, int] = {"": 0}
        self.shapes: dict[bytes, int] = {}
        """The numbers of the ways in which a document's words stand in fields: how many in each."""
        self.keys = array("q")
        self.telephones: list[str] = []
        self._columns = {name: [np.empty(0, dtype=kind)] for name, kind in COLUMNS.items()}

    def read(self, records: Iterable[tuple[int, Record]]) -> None:
        coming = iter(records)
        while batch := list(islice(coming, BATCH)):
            self.keys.extend(key for key, _ in batch)
            self._read([record for _, record in batch])

    def column(self, name: str) -> npt.NDArray[Any]:
        """One of ``COLUMNS``; once, it isn't kept."""
        return np.concatenate(self._columns.pop(name))

    def shape_fields(self) -> tuple[Bytes, Longs]:
        """The fields of the words of each shape, one after the other, and how many there are in each shape."""
        width = len(_FIELDS) + 1
        rows = np.array(list(self.shapes), dtype=f"S{width}").view(np.uint8).reshape(len(self.shapes), width)
        fields = np.tile(_FIELDS, (len(rows), 1))
        fields[rows[:, -1] > 1, _ACRONYM] = Field.TITLE
        counts = rows[:, :-1].astype(np.int64)
        return np.repeat(fields.ravel(), counts.ravel()), counts.sum(axis=1)

    def _read(self, records: list[Record]) -> None:
        self._take_words(records)
        self.telephones += map(telephones, records)
        self._take("kinds", [KIND_NUMBERS[record.kind] for record in records])
        self._take("levels", [LEVEL_NUMBERS.get(record.level, 0) for record in records])
        self._take("places", _named(self.place_numbers, [record.municipality for record in records]))
        agencies = [record.agency_acronym or record.agency for record in records]
        self._take("agencies", _named(self.agency_numbers, agencies))
        self._take("valid_from", [day(record.valid_from) for record in records])
        self._take("valid_until", [day(record.valid_until) for record in records])

    def _take(self, name: str, column: Sequence[int] | npt.NDArray[Any]) -> None:
        self._columns[name].append(np.asarray(column, dtype=COLUMNS[name]))

    def _take_words(self, records: list[Record]) -> None:
        read = [self._numbers([of(record) for record in records]) for _, of, _ in TEXTS]
        sizes = np.stack([column[1] for column in read], axis=1)
        first = np.concatenate(([0], np.cumsum(sizes)))
        found = np.empty(first[-1], dtype=np.int32)
        for place, (numbers, counts) in enumerate(read):
            found[spread_ranges(first[place : -1 : len(TEXTS)], counts)] = numbers
        whole = sizes.sum(axis=1)
        if whole.max() > MOST_TOKENS:
            ordinal = np.arange(len(found)) - np.repeat(first[: -1 : len(TEXTS)], whole)
            found = found[ordinal < MOST_TOKENS]
            sizes = np.diff(np.minimum(sizes.cumsum(axis=1), MOST_TOKENS), axis=1, prepend=0)
        self._take("words", found)
        self._take("sizes", sizes.sum(axis=1))
        self._take("shapes", self._shapes_of(sizes, records))

    def _shapes_of(self, sizes: Longs, records: list[Record]) -> Longs:
        rows = np.empty((len(sizes), sizes.shape[1] + 1), dtype=np.uint8)
        rows[:, :-1] = sizes
        rows[:, -1] = [1 + is_agency(record) for record in records]
        different, which = _different(rows.view(f"S{rows.shape[1]}").ravel().tolist())
        known = self.shapes
        return np.array([known.setdefault(row, len(known)) for row in different], dtype=np.int64)[which]

    def _numbers(self, texts: list[str]) -> tuple[Ints, Longs]:
        """The numbers of the words of each text, one text after the other, and how many there are in each."""
        different, which = _different(texts)
        shortened = [text[:MOST_LETTERS] for text in different]
        whole = _END.join(shortened)
        if whole.count(_END) >= len(shortened):
            whole = _END.join(text.replace(_END, " ") for text in shortened)
        found = _WORD_OR_END.findall(fold(whole))
        numbers = np.fromiter(map(self.known.__getitem__, found), dtype=np.int32, count=len(found))
        ends = np.flatnonzero(numbers < 0)
        sizes = np.diff(ends, prepend=-1, append=len(numbers)) - 1
        numbers = numbers[numbers >= 0]
        starts = np.cumsum(sizes) - sizes
        return numbers[spread_ranges(starts[which], sizes[which])], sizes[which]


def _named(known: dict[str, int], names: list[str]) -> Longs:
    """By the number of a place or agency, whichever way it is written; a new one is added to those that are known."""

    def numbered(name: str) -> int:
        written = joined(name)
        return known.setdefault(written, len(known)) if len(known) < _MOST_NAMES else known.get(written, 0)

    different, which = _different(names)
    return np.array([numbered(name) for name in different], dtype=np.int64)[which]


def _different(values: Sequence[Value]) -> tuple[list[Value], Longs]:
    """Each value once, and for each of them all which of these it is."""
    places = {value: place for place, value in enumerate(dict.fromkeys(values))}
    return list(places), np.fromiter(map(places.__getitem__, values), dtype=np.int64, count=len(values))


def spread_ranges(starts: npt.NDArray[Any], sizes: npt.NDArray[Any]) -> Longs:
    """The numbers of several ranges one after the other: ``[5, 9], [2, 1]`` are 5, 6, 9."""
    if not len(sizes):
        return np.empty(0, dtype=np.int64)
    ends = np.cumsum(sizes, dtype=np.int64)
    steps = np.repeat(starts - (ends - sizes), sizes)
    steps += np.arange(ends[-1])
    return steps
