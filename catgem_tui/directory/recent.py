"""The part of the index that changes: records put since the segment was made, and which of its documents are gone."""

import numpy as np
import numpy.typing as npt

from catgem_tui.directory.described import Described
from catgem_tui.directory.fold import words
from catgem_tui.directory.segment import Segment
from catgem_tui.directory.tokens import Field, tokens
from catgem_tui.directory.vocabulary import Vocabulary
from catgem_tui.protocol.model import Record

Numbers = npt.NDArray[np.int32]


class Recent:
    """Documents are numbered after the segment's."""

    def __init__(self, segment: Segment, vocabulary: Vocabulary) -> None:
        self._segment = segment
        self._vocabulary = vocabulary
        self._base = len(segment)
        self.keys: list[int] = []
        self.about: list[Described] = []
        self.words: list[Numbers] = []
        self.fields: list[npt.NDArray[np.uint8]] = []
        self.title_sizes: list[int] = []
        self.gone = np.zeros(self._base, dtype=bool)
        """By document, also of the recent ones; longer than there are."""
        self.gone_count = 0
        self._common: dict[str, list[int]] = {}
        """The words' numbers by text, of texts that many records have."""
        self._document: dict[int, int] = {}
        self._postings: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def put(self, key: int, record: Record) -> None:
        self.remove(key)
        document = self._base + len(self.keys)
        found, fields = tokens(record, self._numbers)
        for word in set(found):
            self._postings.setdefault(word, []).append(document)
        self.keys.append(key)
        self.about.append(Described.of(record))
        self.words.append(np.array(found, dtype=np.int32))
        self.fields.append(np.frombuffer(fields, dtype=np.uint8))
        self.title_sizes.append(min(fields.count(int(Field.TITLE)), 255))
        self._document[key] = document
        if document >= len(self.gone):
            self.gone = np.concatenate((self.gone, np.zeros(max(1024, len(self.keys)), dtype=bool)))

    def _numbers(self, text: str, common: bool) -> list[int]:
        found = self._common.get(text) if common else None
        if found is None:
            found = [self._vocabulary.add(word) for word in words(text)]
            if common:
                self._common[text] = found
        return found

    def document(self, key: int) -> int:
        """The document with this key, the segment's included, or -1."""
        document = self._document.get(key, -1)
        if document < 0:
            document = self._segment.document(key)
        return -1 if document < 0 or self.gone[document] else document

    def remove(self, key: int) -> None:
        document = self.document(key)
        if document >= 0:
            self._document.pop(key, None)
            self.gone[document] = True
            self.gone_count += 1

    def having(self, word: int) -> list[int]:
        """The recent documents that have a word, by its number; some may be gone."""
        return self._postings.get(word, [])

    def having_between(self, first: int, last: int) -> Numbers:
        """The recent documents that have any of these words; some more than once."""
        words = (word for word in self._postings if first <= word < last)
        return np.array([document for word in words for document in self._postings[word]], dtype=np.int32)

    def with_number(self, sought: str) -> list[tuple[int, bool]]:
        """The recent documents with these digits in a telephone number, and whether one ends so."""
        having = (
            (place, [n for n in about.telephones.split() if sought in n]) for place, about in enumerate(self.about)
        )
        return [(self._base + place, any(n.endswith(sought) for n in numbers)) for place, numbers in having if numbers]
