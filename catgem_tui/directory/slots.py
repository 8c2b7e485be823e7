"""From typed words to slots: what is sought, each with everything it may mean."""

from dataclasses import dataclass, replace
from math import log

import numpy as np

from catgem_tui.directory.query import Query
from catgem_tui.directory.rewriting import FILLING_WORDS, LITTLE_WORDS, SHORT_FORMS, Synonyms
from catgem_tui.directory.vocabulary import Expansion, Vocabulary

ALIAS = 0.92
"""Of what a word stands for, beside what it is."""
JOINED = 0.9
"""Of words written together or apart."""
SHORTEST_PART = 3
FILLING_WEIGHT = 0.2


@dataclass(slots=True)
class Slot:
    """One thing sought. ``meanings`` are alternatives; ``weight`` its share before rarity counts."""

    meanings: list[Expansion]
    weight: float = 1.0


def make_slots(query: Query, vocabulary: Vocabulary, synonyms: Synonyms) -> list[Slot]:
    """In the order in which they were typed."""
    telling = [word for word in query.words if word not in LITTLE_WORDS]
    sought = telling or list(query.words)
    growing = query.open_end and bool(sought) and sought[-1] == query.words[-1]
    slots: list[Slot] = []
    places: list[list[Slot]] = []
    """The slots of each word: two where it was taken apart."""
    for place, word in enumerate(sought):
        made = _of_word(word, vocabulary, open_end=growing and place == len(sought) - 1)
        filling = word in FILLING_WORDS and any(other not in FILLING_WORDS for other in sought)
        for slot in made:
            slot.weight *= FILLING_WEIGHT if filling else 1.0
        places.append(made)
        slots += made
    if query.open_end and query.words and not growing:
        growing_word = vocabulary.expand(query.words[-1], open_end=True, forgiving=False)
        slots.append(Slot([growing_word], FILLING_WEIGHT))
    _join(sought, places, vocabulary, growing=growing)
    _add_synonyms(sought, places, vocabulary, synonyms)
    return slots


def _of_word(word: str, vocabulary: Vocabulary, *, open_end: bool) -> list[Slot]:
    expansion = vocabulary.expand(word, open_end=open_end)
    apart = None if expansion.exact else _take_apart(word, vocabulary, expansion, open_end=open_end)
    if apart is not None:
        left, right = apart
        return [
            Slot([scaled(vocabulary.expand(left, open_end=False, forgiving=False), JOINED)]),
            Slot([scaled(vocabulary.expand(right, open_end=open_end, forgiving=False), JOINED)]),
        ]
    meanings = [expansion]
    for whole in SHORT_FORMS.get(word, ()):
        meanings.append(scaled(vocabulary.expand(whole, open_end=False, forgiving=False), ALIAS))
    return [Slot(meanings)]


def _take_apart(word: str, vocabulary: Vocabulary, found: Expansion, *, open_end: bool) -> tuple[str, str] | None:
    """The two words that were written together, when nothing near is written like the whole."""
    if len(word) < 2 * SHORTEST_PART or found.last > found.first:
        return None
    if len(found.qualities) and found.qualities[-1] >= 0.75:
        return None
    best: tuple[str, str] | None = None
    for cut in range(SHORTEST_PART - 1, len(word) - SHORTEST_PART + 1):
        left, right = word[:cut], word[cut:]
        if cut < SHORTEST_PART and left not in LITTLE_WORDS:
            continue
        whole = vocabulary.find(right) >= 0
        if vocabulary.find(left) < 0 or not (whole or (open_end and vocabulary.begins(right))):
            continue
        if best is None or min(map(len, (left, right))) > min(map(len, best)):
            best = left, right
    return best


def _join(sought: list[str], places: list[list[Slot]], vocabulary: Vocabulary, *, growing: bool) -> None:
    for place in range(len(sought) - 1):
        together = sought[place] + sought[place + 1]
        last = growing and place == len(sought) - 2
        expansion = vocabulary.expand(together, open_end=last and len(together) > 4, forgiving=False)
        if expansion.exact or expansion.last > expansion.first:
            for slot in (*places[place], *places[place + 1]):
                slot.meanings.append(scaled(expansion, JOINED))


def _add_synonyms(sought: list[str], places: list[list[Slot]], vocabulary: Vocabulary, synonyms: Synonyms) -> None:
    for size in range(1, min(synonyms.longest, len(sought)) + 1):
        for place in range(len(sought) - size + 1):
            for other in synonyms.of(tuple(sought[place : place + size])):
                known = [word for word in other if vocabulary.find(word) >= 0]
                if not known:
                    continue
                # One word stands for the whole term: the one that fewest records have.
                telling = min(known, key=lambda word: vocabulary.having(vocabulary.find(word)))
                meaning = scaled(vocabulary.expand(telling, open_end=False, forgiving=False), ALIAS)
                for covered in places[place : place + size]:
                    for slot in covered:
                        slot.meanings.append(meaning)


def scaled(meaning: Expansion, factor: float) -> Expansion:
    """The same meaning, trusted less."""
    return replace(meaning, qualities=meaning.qualities * np.float32(factor), factor=meaning.factor * factor)


def rarity(having: int, of: int) -> float:
    """What a word tells that ``having`` of ``of`` documents have: 1 for a single one, little for a word of all."""
    return max(0.12, log((1 + of) / (1 + having)) / log(1 + of)) if of else 1.0
