"""Which filters there are, and how many records each leaves: counted over the whole index, beside the screen.

The index knows a municipality or an agency by its folded name alone; what people call it is read from one record of it.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from catgem_tui.directory.described import KIND_NUMBERS, LEVEL_NUMBERS, Described
from catgem_tui.directory.facet import Facet
from catgem_tui.directory.fold import words
from catgem_tui.directory.index import Index
from catgem_tui.directory.query import KIND_WORDS, LEVEL_WORDS
from catgem_tui.directory.segment import Segment
from catgem_tui.protocol.model import Record

MOST = 1_000
"""Municipalities and as many agencies, those with the most records."""
SLICE = 40
"""Records read for their names in one turn of the loop: a millisecond or two."""
_LAST = "\U0010ffff"

Read = Callable[[Sequence[int]], Mapping[int, Record]]


@dataclass(frozen=True, slots=True)
class _Named:
    """A folded name, how many records pass it as a filter, and the key of one that has it."""

    field: str
    name: str
    count: int
    key: int


class Facets:
    """Counts for one copy; remembers what things are called."""

    def __init__(self) -> None:
        self._called: dict[tuple[str, str], str] = {}

    async def count(self, index: Index, read: Read) -> tuple[Facet, ...]:
        """Kinds and levels, then municipalities and agencies with the most records first.

        ``read`` gives records by key on the caller's thread. May raise what it raises.
        """
        recent, base = index.recent, len(index.segment)
        kept = ~recent.gone[:base]
        came = [
            (key, about)
            for place, (key, about) in enumerate(zip(recent.keys, recent.about, strict=True))
            if not recent.gone[base + place]
        ]
        sorts, named = await asyncio.to_thread(_count, index.segment, kept, came)
        unknown = [each for each in named if (each.field, each.name) not in self._called]
        for start in range(0, len(unknown), SLICE):
            some = unknown[start : start + SLICE]
            records = read([each.key for each in some])
            for each in some:
                if each.key in records:
                    self._called[each.field, each.name] = _called(each.field, records[each.key])
            await asyncio.sleep(0)  # the screen's turn
        places = [
            Facet(each.field, f"@{each.name}", self._called.get((each.field, each.name), each.name), each.count)
            for each in named
        ]
        return (*sorts, *places)


def _called(field: str, record: Record) -> str:
    if field == "municipality":
        return record.municipality
    return ", ".join(filter(None, (record.agency_acronym, record.agency)))


def _count(
    segment: Segment, kept: npt.NDArray[np.bool_], came: Sequence[tuple[int, Described]]
) -> tuple[list[Facet], list[_Named]]:
    sorts = []
    for field, typed_words, numbers, column in (
        ("kind", KIND_WORDS, KIND_NUMBERS, segment.kinds),
        ("level", LEVEL_WORDS, LEVEL_NUMBERS, segment.levels),
    ):
        counts = np.bincount(column[kept], minlength=len(numbers))
        for _key, about in came:
            counts[getattr(about, field)] += 1
        for name, typed in typed_words.items():
            if count := int(counts[numbers[name]]):  # type: ignore[index]
                sorts.append(Facet(field, f":{typed[0]}", str(name), count))
    return sorts, _count_places(segment, kept, came)


def _count_places(segment: Segment, kept: npt.NDArray[np.bool_], came: Sequence[tuple[int, Described]]) -> list[_Named]:
    """A filter passes what begins with it, in the municipality or in the agency: so does its count."""
    sides = [
        _Side(segment.place_names, segment.places[kept], [about.place for _key, about in came]),
        _Side(segment.agency_names, segment.agencies[kept], [about.agency for _key, about in came]),
    ]
    keys = np.concatenate((segment.keys[kept], np.array([key for key, _about in came], dtype=np.int64)))
    codes = sides[0].ranks * len(sides[1].names) + sides[1].ranks
    pairs, sizes = np.unique(codes, return_counts=True)
    of_pairs = np.divmod(pairs, len(sides[1].names))
    named = []
    for field, side in zip(("municipality", "agency"), sides, strict=True):
        for name, document in side.largest().items():
            first, second = (
                (ranks >= begin) & (ranks < end)
                for ranks, (begin, end) in zip(of_pairs, (each.beginning(name) for each in sides), strict=True)
            )
            named.append(_Named(field, name, int(sizes[first | second].sum()), int(keys[document])))
    return sorted(named, key=lambda each: -each.count)


class _Side:
    """The municipality or the agency of each document; ``ranks`` are places in the sorted ``names``."""

    def __init__(self, known: Sequence[str], numbers: npt.NDArray[np.uint16], came: Sequence[str]) -> None:
        self.names = sorted({*known, *came})
        places = {name: place for place, name in enumerate(self.names)}
        of_known = np.array([places[name] for name in known], dtype=np.int64)
        self.ranks = np.concatenate((of_known[numbers], np.array([places[name] for name in came], dtype=np.int64)))

    def largest(self) -> dict[str, int]:
        """Of the names with the most records: the name as a filter takes it, and the first document that has it."""
        ranks, first, counts = np.unique(self.ranks, return_index=True, return_counts=True)
        found: dict[str, int] = {}
        for place in np.argsort(-counts, kind="stable").tolist():
            name = "".join(words(self.names[int(ranks[place])]))  # a very long one is cut, as the typed one is
            if name:
                found.setdefault(name, int(first[place]))
            if len(found) == MOST:
                break
        return found

    def beginning(self, name: str) -> tuple[int, int]:
        """The ranks of the names that begin so: from, and before."""
        return bisect_left(self.names, name), bisect_left(self.names, name + _LAST)
