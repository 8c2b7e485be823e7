"""An index built of many records at once holds of each what it would hold of it alone."""

import random
from collections.abc import Sequence

import numpy as np
import pytest

from catgem_tui.directory import reading
from catgem_tui.directory.described import telephones
from catgem_tui.directory.fold import words
from catgem_tui.directory.segment import Segment, build_segment, initial
from catgem_tui.directory.telephones import grams, letters, pack, unpack
from catgem_tui.directory.tokens import MOST_TOKENS, Field, tokens
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record


def record(title: str, **fields: object) -> Record:
    return Record(**{"id": title, "kind": RecordKind.OFFICE, "title": title, "revision": 1, **fields})


RECORDS = [
    record("Instituto de Salud", agency="Instituto de Salud", agency_acronym="I.S.E.M.", keywords=("salud", "clínica")),
    record("Clínica Ñandú", agency="Instituto de Salud", agency_acronym="I.S.E.M.", phone="722 555 0100"),
    record(""),
    record("", agency_acronym="SAT", extension="12 34"),
    record("de de de", post="De", unit="de", phone="sin número", extension="1"),
    record("Straße ½ – “Οδός”", municipality="Ateneo\x1fnorte", email="a.b.c@x.example", phone="5551234567 ext 99"),
    record("palabra" * 30, address="uno " * 200, text="dos " * 50, phone="7" * 50),
    record("🙂", requirements="x" * 9_000 + " nunca"),
]


def of_document(built: Segment, document: int) -> list[tuple[str, int]]:
    numbers, fields, _ = built.tokens(np.array([document]))
    return [(built.words.words[number], int(field)) for number, field in zip(numbers, fields, strict=True)]


def of_record(read: Record) -> list[tuple[str, int]]:
    met: list[str] = []

    def numbers_of(text: str, _shared: bool) -> Sequence[int]:
        first = len(met)
        met.extend(words(text))
        return range(first, len(met))

    numbers, fields = tokens(read, numbers_of)
    return [(met[number], field) for number, field in zip(numbers, fields, strict=True)]


@pytest.mark.parametrize("together", [1, 3, 1_000])
def test_the_words_of_each_record_are_its_own(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BATCH", together)
    built = build_segment(enumerate(RECORDS))
    for document, key in enumerate(built.keys.tolist()):
        expected = of_record(RECORDS[key])
        assert of_document(built, document) == expected
        assert len(expected) <= MOST_TOKENS
        assert built.title_sizes[document] == sum(field == Field.TITLE for _, field in expected)
        assert unpack(built.telephones[[document]]) == [telephones(RECORDS[key]).encode()]
        letters_met = {word[0] for word, _ in expected}
        assert built.initials[document] == sum(initial(letter) for letter in letters_met)
        assert built.document(key) == document
    assert built.document(len(RECORDS)) == built.document(-1) == -1


@pytest.mark.parametrize("together", [1, 1_000])
def test_the_documents_of_each_word_have_it(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BATCH", together)
    built = build_segment(enumerate(RECORDS))
    for number, word in enumerate(built.words.words):
        posted = built.postings[built.posting_starts[number] : built.posting_starts[number + 1]].tolist()
        having = [place for place in range(len(built)) if word in dict(of_document(built, place))]
        assert posted == having


def test_more_words_than_sixteen_bits_number() -> None:
    rng = random.Random(1)  # noqa: S311 - not for secrets
    count = (1 << 16) + 500
    titles = [f"{rng.randrange(10**9):09} {number}" for number in range(count)]
    built = build_segment(enumerate(record(title) for title in titles))
    assert len(built.words) > 1 << 16
    for document in (0, 1, 400, count // 2, count - 1):
        number = built.words.number(titles[built.keys[document]].split()[0])
        assert built.postings[built.posting_starts[number]] == document


def test_titles_are_in_the_order_of_their_words() -> None:
    titles = ["beta", "alfa beta", "alfa", "alfa beta gama delta omega", "alfa beta gama"]
    built = build_segment(enumerate(record(title) for title in titles))
    assert [titles[key] for key in built.keys] == sorted(titles)
    alfa = built.words.number("alfa")
    assert built.titles_begun(alfa, alfa + 1) == (0, 4)
    assert built.titles_begun(10**9, 10**9 + 1) == (5, 5)


def test_telephones_are_kept_in_half_the_room() -> None:
    numbers = ["7225550100", "", "5512345678 104", "0"]
    packed = pack(letters(numbers))
    assert packed.shape == (4, 7)
    assert unpack(packed) == [number.encode() for number in numbers]
    starts, having = grams(letters(numbers))
    found = {gram: having[starts[gram] : starts[gram + 1]].tolist() for gram in (7225, 100, 5555, 1234, 8104)}
    assert found == {7225: [0], 100: [0], 5555: [], 1234: [2], 8104: []}


def test_a_segment_of_nothing_can_be_asked() -> None:
    assert len(build_segment(())) == 0
    assert build_segment(()).document(1) == -1
