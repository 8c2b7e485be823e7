"""What a record is found by: its words, each with the field it stands in, and its telephone numbers."""

import re
from collections.abc import Callable, Sequence
from enum import IntEnum
from operator import attrgetter

from catgem_tui.directory.fold import digits
from catgem_tui.protocol.model import Record

MOST_TOKENS = 128
"""Words of a record that count. A record of a hundred pages is found by its beginning."""
_MOST_LETTERS = 8_000
"""Characters of one field that are looked at."""
_BETWEEN_NUMBERS = re.compile(r"[^\d\s().+-]+")


class Field(IntEnum):
    """Where a word stands, the weightiest first."""

    TITLE = 0
    ACRONYM = 1
    KEYWORD = 2
    POST = 3
    UNIT = 4
    PLACE = 5
    AGENCY = 6
    EXTENSION = 7
    EMAIL = 8
    TEXT = 9


WEIGHTS = {
    Field.TITLE: 1.0,
    Field.ACRONYM: 1.0,
    Field.KEYWORD: 0.97,
    Field.POST: 0.95,
    Field.UNIT: 0.95,
    Field.PLACE: 0.95,
    Field.AGENCY: 0.94,
    Field.EXTENSION: 0.93,
    Field.EMAIL: 0.89,
    Field.TEXT: 0.87,
}
"""So near to one another that an exact word in the least field is worth more than a misspelt one in the title."""

_BYTE = [bytes((field,)) for field in Field]
_SHARED: tuple[tuple[Field, Callable[[Record], str]], ...] = (
    (Field.POST, attrgetter("post")),
    (Field.UNIT, attrgetter("unit")),
    (Field.PLACE, attrgetter("municipality")),
    (Field.AGENCY, attrgetter("agency")),
)
"""What many records have in common, after the title, the acronym and the keywords."""
_OWN: tuple[tuple[Field, Callable[[Record], str]], ...] = (
    (Field.EXTENSION, attrgetter("extension")),
    (Field.EMAIL, attrgetter("email")),
    (Field.TEXT, attrgetter("address")),
    (Field.TEXT, attrgetter("requirements")),
    (Field.TEXT, attrgetter("text")),
)

NumbersOf = Callable[[str, bool], Sequence[int]]
"""The numbers of a text's words; the flag says whether the same text stands in many records."""


def tokens(record: Record, numbers_of: NumbersOf) -> tuple[list[int], bytes]:
    """The numbers of its words, the title's first and in their order, and their fields. No restricted field."""
    found = [*numbers_of(record.title[:_MOST_LETTERS], False)]
    fields = _BYTE[Field.TITLE] * len(found)
    if acronym := record.agency_acronym:
        these = numbers_of(acronym[:_MOST_LETTERS], True)
        found += these
        # An agency is its acronym; the others only belong to it.
        fields += _BYTE[Field.TITLE if record.agency == record.title else Field.ACRONYM] * len(these)
    if record.keywords:
        these = numbers_of(" ".join(record.keywords)[:_MOST_LETTERS], True)
        found += these
        fields += _BYTE[Field.KEYWORD] * len(these)
    for table, shared in ((_SHARED, True), (_OWN, False)):
        for field, read in table:
            if text := read(record):
                these = numbers_of(text[:_MOST_LETTERS], shared)
                found += these
                fields += _BYTE[field] * len(these)
    return found[:MOST_TOKENS], fields[:MOST_TOKENS]


def numbers(record: Record) -> str:
    """Its telephone numbers and extension, digits only, a space between two."""
    plain = record.phone.replace(" ", "")
    if plain.isdecimal() and plain.isascii():
        found = [plain]
    else:
        found = [digits(part) for part in _BETWEEN_NUMBERS.split(record.phone)]
    if record.extension:
        found.append(digits(record.extension))
    return " ".join(number for number in found if number)
