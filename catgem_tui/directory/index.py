"""Search in memory: every word of the query is the beginning of a word of the record, titles count most.

Where no record has every word, those that have the most of them are found: one misheard word doesn't empty the list.
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable

from catgem_tui.directory.fold import LITTLE_WORDS, words
from catgem_tui.protocol.model import Record

TITLE, NAME, PLACE, TEXT = 8, 5, 4, 1
WHOLE_WORD = 2
"""A whole word is worth this many times its beginning."""


class Index:
    """All current records, searchable. Records are put and removed one by one; not for more than one thread."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._records: dict[str, Record] = {}
        self._weights: dict[str, dict[str, int]] = {}
        """Word to the records that have it, with the best weight."""
        self._vocabulary: list[str] = []
        for record in records:
            if not record.retired:
                self._add(record)
        self._vocabulary = sorted(self._weights)

    def __len__(self) -> int:
        return len(self._records)

    def ids(self) -> frozenset[str]:
        return frozenset(self._records)

    def put(self, record: Record) -> None:
        """Add or replace a record; a retired one is removed. An older revision than the one here changes nothing."""
        known = self._records.get(record.id)
        if known is not None:
            if record.revision < known.revision:
                return
            self.remove(record.id)
        if record.retired:
            return
        for word in self._add(record):
            insort(self._vocabulary, word)

    def remove(self, record_id: str) -> None:
        record = self._records.pop(record_id, None)
        if record is None:
            return
        for word in weigh_words(record):
            having = self._weights[word]
            del having[record_id]
            if not having:
                del self._weights[word]
                del self._vocabulary[bisect_left(self._vocabulary, word)]

    def search(self, query: str, limit: int) -> list[Record]:
        """The best ``limit`` records, best first; nothing for an empty query."""
        asked = list(dict.fromkeys(words(query)))
        asked = [word for word in asked if word not in LITTLE_WORDS] or asked
        scores: Counter[str] = Counter()
        found: Counter[str] = Counter()
        for word in asked:
            for record_id, weight in self._matches(word).items():
                scores[record_id] += weight
                found[record_id] += 1
        most = max(found.values(), default=0)
        best = [record_id for record_id, count in found.items() if count == most]
        best.sort(key=lambda record_id: (-scores[record_id], self._order(record_id)))
        return [self._records[record_id] for record_id in best[:limit]]

    def _matches(self, beginning: str) -> dict[str, int]:
        """The records with a word of this beginning, with the best weight of such a word."""
        best: dict[str, int] = {}
        for position in range(bisect_left(self._vocabulary, beginning), len(self._vocabulary)):
            word = self._vocabulary[position]
            if not word.startswith(beginning):
                break
            factor = WHOLE_WORD if word == beginning else 1
            for record_id, weight in self._weights[word].items():
                if weight * factor > best.get(record_id, 0):
                    best[record_id] = weight * factor
        return best

    def _order(self, record_id: str) -> tuple[int, str, str]:
        title = self._records[record_id].title
        return (len(title), title, record_id)

    def _add(self, record: Record) -> list[str]:
        """Returns the words that were not known before."""
        self._records[record.id] = record
        fresh = []
        for word, weight in weigh_words(record).items():
            having = self._weights.get(word)
            if having is None:
                having = self._weights[word] = {}
                fresh.append(word)
            having[record.id] = weight
        return fresh


def weigh_words(record: Record) -> dict[str, int]:
    """The words a record is found by, each with the weight of the best field it stands in. No restricted field."""
    fields = (
        (TEXT, f"{record.address} {record.email} {record.extension} {record.requirements}"),
        (PLACE, record.municipality),
        (NAME, f"{record.post} {record.unit} {record.agency} {' '.join(record.keywords)}"),
        (TITLE, f"{record.title} {record.agency_acronym}"),
    )
    weights: dict[str, int] = {}
    for weight, text in fields:
        for word in words(text):
            weights[word] = weight
    digits = "".join(letter for letter in record.phone if letter.isdecimal())
    for start in {0, max(0, len(digits) - 7), max(0, len(digits) - 4)}:  # whole, without area code, the last four
        if digits[start:]:
            weights.setdefault(digits[start:], NAME)
    return weights
