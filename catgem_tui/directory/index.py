"""The search: forgiving on words, exact on telephones, quick with every key.

A typed word becomes a slot with everything it may mean (``slots``). The documents of those words are scored together,
no word being mandatory; the best few hundred are ranked by where and in which order the words stand (``rank``). Not for
more than one thread at a time: the score arrays are used again by every search.
"""

import time
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from catgem_tui.directory.described import DAY, KIND_NUMBERS, LEVEL_NUMBERS, Described
from catgem_tui.directory.matching import Documents, Matching, Met
from catgem_tui.directory.query import Query, parse
from catgem_tui.directory.rank import Floats, Tokens, score
from catgem_tui.directory.reading import spread_ranges
from catgem_tui.directory.recent import Recent
from catgem_tui.directory.rewriting import Synonyms
from catgem_tui.directory.segment import Segment, build_segment
from catgem_tui.directory.slots import Slot, make_slots
from catgem_tui.directory.telephones import GRAM, unpack
from catgem_tui.directory.vocabulary import Vocabulary
from catgem_tui.protocol.model import Record

MOST_RANKED = 200
BROAD = 40_000
"""Postings from which on a slot does not bring documents in where others do."""
READING = 80
"""Postings that are gone through in the time it takes to read one document's words."""
FAR_TOO_BROAD = 500_000
"""Postings from which on only the best documents brought in by others are read."""
FEW = 2_000
"""Documents that a far too broad slot is looked up in."""
WORTH_SHOWING = 0.62
"""Of the best one's score; what fits less is left out."""
_LEVELS = 10_000
TELLING = 4
"""Letters that a beginning needs to be looked up in every record that has it."""
USED = 0.003
"""What being used most is worth: less than what one word more or less does to a title of up to ten."""
OUT_OF_FORCE = 0.03
MEETS = 0.5
"""How well a word has to fit to be shown as the reason of a hit."""
_WITHIN = 0.82
"""How well digits fit somewhere in a telephone number, against its end."""


class Hit(NamedTuple):
    key: int
    score: float
    words: frozenset[str]
    """The folded words of the record that met what was typed."""
    whole: bool
    """Whether everything typed was met, and not only some of it."""


class Index:
    """``usage`` is what is used how much, by key, 0 to 1."""

    def __init__(self, segment: Segment | None = None, synonyms: Synonyms | None = None) -> None:
        self.segment = build_segment(()) if segment is None else segment
        self.synonyms = synonyms or Synonyms()
        self.usage: Mapping[int, float] = {}
        self._vocabulary = Vocabulary(self.segment)
        self._recent = Recent(self.segment, self._vocabulary)
        self._base = len(self.segment)
        self._matching = Matching(self.segment, self._vocabulary, self._recent)
        self._total = np.zeros(self._matching.room, dtype=np.float32)

    def __len__(self) -> int:
        return self._base + len(self._recent) - self._recent.gone_count

    @property
    def changes(self) -> int:
        """How much has changed since the segment was made."""
        return len(self._recent) + self._recent.gone_count

    @property
    def recent(self) -> Recent:
        """What came since the segment was made, to be read only."""
        return self._recent

    def put(self, key: int, record: Record) -> None:
        """Add or replace a record; a retired one is removed."""
        if record.retired:
            self.remove(key)
            return
        self._recent.put(key, record)
        self._forget()

    def remove(self, key: int) -> None:
        self._recent.remove(key)
        self._forget()

    def search(self, text: str, limit: int) -> list[Hit]:
        """The best ``limit`` records, best first; nothing for nothing typed."""
        query = parse(text)
        if query.empty or limit <= 0:
            return []
        slots = make_slots(query, self._vocabulary, self.synonyms)
        met = [self._matching.meet(slot) for slot in slots]
        as_words = [self._as_word(number) for number in query.numbers]
        numbered: list[tuple[Documents, Documents]] = []
        for number, slot, each in zip(query.numbers, as_words, map(self._matching.meet, as_words), strict=True):
            having, ending = self._with_number(number)
            numbered.append((self._matching.together([having, self._matching.find(slot, each)[0]]), ending))
        weights = [slot.weight * each.rarity for slot, each in zip(slots, met, strict=True)] + [1.0] * len(numbered)
        documents = self._find(query, slots, met, weights, numbered, most=max(MOST_RANKED, limit))
        if not len(documents):
            return []
        tokens = self._tokens(documents)
        qualities = [each.qualities for each in met]
        fitting = [
            np.maximum(
                self._fits_of_number(documents, found, number), tokens.best(self._matching.meet(slot).qualities)[0]
            )
            for (found, _ending), number, slot in zip(numbered, query.numbers, as_words, strict=True)
        ]
        scores = score(tokens, qualities, weights, fitting)
        return self._order(documents, tokens, scores, qualities, fitting, limit=limit)

    def _forget(self) -> None:
        self._matching.forget()
        if self._matching.room > len(self._total):
            self._total = np.zeros(self._matching.room, dtype=np.float32)

    # --- documents ---

    def _find(
        self,
        query: Query,
        slots: list[Slot],
        met: list[Met],
        weights: list[float],
        numbered: list[tuple[Documents, Documents]],
        *,
        most: int,
    ) -> Documents:
        """The documents worth ranking, about ``most``."""
        total, together = self._total, self._matching.together
        found = [having for having, _ending in numbered]
        for having, ending in numbered:
            total[having] += np.float32(_WITHIN)
            total[ending] += np.float32(1.0 - _WITHIN)
        broad = [place for place, each in enumerate(met) if each.size > BROAD and each.documents is None]
        for place in set(range(len(slots))).difference(broad):
            found.append(self._add(slots[place], met[place], weights[place]))
        touched = documents = found[0] if len(found) == 1 else together(found)
        for place in sorted(broad, key=lambda place: met[place].size):
            if len(documents) and met[place].size < READING * len(documents):
                fits = self._matching.fits_at(slots[place], met[place], documents)
                total[documents] += np.float32(weights[place]) * fits
            elif len(documents):
                if met[place].size >= FAR_TOO_BROAD:
                    documents = self._highest(documents, total[documents], FEW)
                best, _places = self._tokens(documents).best(met[place].qualities)
                total[documents] += np.float32(weights[place]) * best
            elif not query.filtered and len(slots[place].meanings[0].typed) < TELLING:
                touched = documents = self._begun(slots[place])
                total[documents] = 1.0
            else:
                touched = documents = self._add(slots[place], met[place], weights[place])
        if not slots and not numbered:
            documents = np.arange(self._base + len(self._recent))
        kept = documents[~self._recent.gone[documents]] if self._recent.gone_count else documents
        if query.filtered:
            kept = kept[self._passing(query, kept)]
        if len(kept) > most:
            kept = self._best(kept, most)
        total[touched] = 0.0
        return kept

    def _add(self, slot: Slot, met: Met, weight: float) -> Documents:
        documents, fits = self._matching.find(slot, met)
        self._total[documents] += np.float32(weight) * fits
        return documents

    def _begun(self, slot: Slot) -> Documents:
        """For a beginning that very many have: the records whose title begins so, and those that are used."""
        segment = self.segment
        found = []
        for meaning in slot.meanings:
            for first, last in ((meaning.first, meaning.last), *((number, number + 1) for number in meaning.numbers)):
                start, end = segment.titles_begun(first, last)
                found.append(np.arange(start, min(end, start + 20 * MOST_RANKED)))
            for number in meaning.numbers[meaning.numbers < len(segment.words)].tolist():
                start = int(segment.posting_starts[number])
                having = min(int(segment.posting_starts[number + 1]) - start, 20 * MOST_RANKED)
                found.append(segment.postings[start : start + having].astype(np.int64))
        found.append(np.array(list(self._used_documents()), dtype=np.int64))
        return self._matching.together(found)

    def _best(self, documents: Documents, most: int) -> Documents:
        """So many with the highest totals; short titles and what is used go before their equals."""
        values = self._total[documents] - np.float32(0.0005) * self._title_sizes(documents)
        used = self._used_documents()
        if used:
            values[np.isin(documents, np.fromiter(used, dtype=np.int64))] += np.float32(USED)
        return self._highest(documents, values, most)

    @staticmethod
    def _highest(documents: Documents, values: Floats, most: int) -> Documents:
        """So many of the documents at most, those with the highest values."""
        if len(documents) <= most:
            return documents
        # Counting levels: most values are equal to many others, which numpy's partition takes very long over.
        levels = (values * np.float32(_LEVELS / max(float(values.max()), 1e-6))).astype(np.int32).clip(0)
        at_least = np.bincount(levels)[::-1].cumsum()[::-1]
        level = int(np.searchsorted(-at_least, -most))
        taken = np.flatnonzero(levels >= level)
        tied = np.flatnonzero(levels == level - 1)[: most - len(taken)]
        return documents[np.concatenate((taken, tied))]

    def _used_documents(self) -> dict[int, float]:
        found = {self._recent.document(key): share for key, share in self.usage.items()}
        found.pop(-1, None)
        return found

    def _tokens(self, documents: Documents) -> Tokens:
        """``documents`` need not be sorted."""
        old = documents < self._base
        if old.all():
            return Tokens(*self.segment.tokens(documents))
        words, fields, sizes = self.segment.tokens(documents[old])
        recent = (documents[~old] - self._base).tolist()
        words = np.concatenate([words, *(self._recent.words[place] for place in recent)])
        fields = np.concatenate([fields, *(self._recent.fields[place] for place in recent)])
        sizes = np.concatenate((sizes, np.array([len(self._recent.words[place]) for place in recent])))
        # The old ones stand before the recent ones now; back into the documents' order.
        rank = np.argsort(np.argsort(~old, kind="stable"))
        picked = spread_ranges((np.cumsum(sizes) - sizes)[rank], sizes[rank])
        return Tokens(words[picked], fields[picked], sizes[rank])

    # --- telephones ---

    def _as_word(self, number: str) -> Slot:
        """Digits may also stand in a name: "Oficialía 0777"."""
        return Slot([self._vocabulary.expand(number, open_end=False, forgiving=False)])

    def _with_number(self, number: str) -> tuple[Documents, Documents]:
        """The documents with these digits in a telephone number, and those of them with a number that ends so."""
        starts, having = self.segment.gram_starts, self.segment.gram_docs
        grams = sorted(
            {int(number[place : place + GRAM]) for place in range(len(number) - GRAM + 1)},
            key=lambda gram: starts[gram + 1] - starts[gram],
        )
        found = having[starts[grams[0]] : starts[grams[0] + 1]]
        for gram in grams[1:]:
            if len(found) < 2 * MOST_RANKED:
                break
            found = np.intersect1d(found, having[starts[gram] : starts[gram + 1]], assume_unique=True)
        sought, at_end = number.encode(), f"{number} ".encode()
        found = found[: 50 * MOST_RANKED]
        having_all = zip(found.tolist(), unpack(self.segment.telephones[found]), strict=True)
        kept = [(document, at_end in telephones + b" ") for document, telephones in having_all if sought in telephones]
        kept += self._recent.with_number(number)
        documents = np.array([document for document, _ends in kept], dtype=np.int64)
        return documents, documents[np.array([ends for _document, ends in kept], dtype=np.bool_)]

    def _fits_of_number(self, documents: Documents, found: Documents, number: str) -> Floats:
        met = np.zeros(len(documents), dtype=np.float32)
        for place in np.flatnonzero(np.isin(documents, found)).tolist():
            document = int(documents[place])
            if document < self._base:
                telephones = unpack(self.segment.telephones[document : document + 1])[0].decode()
            else:
                telephones = self._recent.about[document - self._base].telephones
            met[place] = max((_fit_of_number(number, each) for each in telephones.split()), default=0.0)
        return met

    # --- filters ---

    def _passing(self, query: Query, documents: Documents) -> npt.NDArray[np.bool_]:
        passing = np.ones(len(documents), dtype=bool)
        segment, old = self.segment, documents < self._base
        these = documents[old]
        if query.kind:
            passing[old] &= segment.kinds[these] == KIND_NUMBERS[query.kind]
        if query.level:
            passing[old] &= segment.levels[these] == LEVEL_NUMBERS[query.level]
        if query.where:
            places = np.array([name.startswith(query.where) for name in segment.place_names])
            agencies = np.array([name.startswith(query.where) for name in segment.agency_names])
            passing[old] &= places[segment.places[these]] | agencies[segment.agencies[these]]
        for place in np.flatnonzero(~old).tolist():
            passing[place] = _passes(query, self._recent.about[int(documents[place]) - self._base])
        return passing

    # --- the end ---

    def _order(
        self,
        documents: Documents,
        tokens: Tokens,
        scores: Floats,
        qualities: list[Floats],
        fitting: list[Floats],
        *,
        limit: int,
    ) -> list[Hit]:
        used = self._used_documents()
        for place, document in enumerate(documents.tolist() if used else ()):
            scores[place] += USED * used.get(document, 0.0)
        scores -= np.float32(OUT_OF_FORCE) * self._out_of_force(documents)
        order = np.lexsort((documents, self._title_sizes(documents), -scores.round(4)))[:limit]
        order = order[scores[order] >= np.float32(WORTH_SHOWING) * scores[order[0]]]
        shown = tokens.of(order)
        reasons = self._met_words(shown, qualities)
        whole = shown.meet_all(qualities, MEETS)
        for met in fitting:
            whole &= met[order] > 0
        return [
            Hit(self._key(int(documents[place])), float(scores[place]), words, every)
            for place, words, every in zip(order.tolist(), reasons, whole.tolist(), strict=True)
        ]

    def _out_of_force(self, documents: Documents) -> Floats:
        today = int(time.time() // DAY)
        old = documents < self._base
        out = np.zeros(len(documents), dtype=np.float32)
        start, end = self.segment.valid_from[documents[old]], self.segment.valid_until[documents[old]]
        out[old] = (start > today) | ((end > 0) & (end < today))
        for place in np.flatnonzero(~old).tolist():
            about = self._recent.about[int(documents[place]) - self._base]
            out[place] = about.valid_from > today or 0 < about.valid_until < today
        return out

    def _title_sizes(self, documents: Documents) -> npt.NDArray[np.uint8]:
        old = documents < self._base
        if old.all():
            return self.segment.title_sizes[documents]
        sizes = np.empty(len(documents), dtype=np.uint8)
        sizes[old] = self.segment.title_sizes[documents[old]]
        for place in np.flatnonzero(~old).tolist():
            sizes[place] = self._recent.title_sizes[int(documents[place]) - self._base]
        return sizes

    def _key(self, document: int) -> int:
        return int(self.segment.keys[document]) if document < self._base else self._recent.keys[document - self._base]

    def _met_words(self, tokens: Tokens, qualities: list[Floats]) -> list[frozenset[str]]:
        """The words by which each document was found."""
        if not qualities:
            return [frozenset()] * len(tokens.sizes)
        words = tokens.words
        met = np.flatnonzero(np.maximum.reduce([quality[words] for quality in qualities]) > MEETS)
        ends = np.searchsorted(met, np.cumsum(tokens.sizes)).tolist()
        named = [self._vocabulary.word(number) for number in words[met].tolist()]
        return [frozenset(named[start:end]) for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def _fit_of_number(sought: str, number: str) -> float:
    if sought == number:
        return 1.0
    if number.endswith(sought):
        return 0.98  # people say the last four digits; the first ones are everybody's
    return (0.88 if number.startswith(sought) else _WITHIN) if sought in number else 0.0


def _passes(query: Query, about: Described) -> bool:
    return (
        (not query.kind or about.kind == KIND_NUMBERS[query.kind])
        and (not query.level or about.level == LEVEL_NUMBERS[query.level])
        and (not query.where or about.place.startswith(query.where) or about.agency.startswith(query.where))
    )
