"""What a record is found by: its words, each with the field it stands in, and its telephone numbers."""

import re
from collections.abc import Callable, Sequence
from enum import IntEnum

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

_OWN = frozenset({Field.TITLE, Field.EXTENSION, Field.EMAIL, Field.TEXT})
"""What hardly two records have in common."""
_READ: tuple[tuple[Field, Callable[[Record], str]], ...] = (
    (Field.TITLE, lambda record: record.title),
    (Field.ACRONYM, lambda record: record.agency_acronym),
    (Field.KEYWORD, lambda record: " ".join(record.keywords)),
    (Field.POST, lambda record: record.post),
    (Field.UNIT, lambda record: record.unit),
    (Field.PLACE, lambda record: record.municipality),
    (Field.AGENCY, lambda record: record.agency),
    (Field.EXTENSION, lambda record: record.extension),
    (Field.EMAIL, lambda record: record.email),
    (Field.TEXT, lambda record: f"{record.address} {record.requirements}"),
)


NumbersOf = Callable[[str, bool], Sequence[int]]
"""The numbers of a text's words; the flag says whether the same text stands in many records."""


def tokens(record: Record, numbers_of: NumbersOf) -> tuple[list[int], list[int]]:
    """The numbers of its words, the title's first and in their order, and their fields. No restricted field."""
    found: list[int] = []
    fields: list[int] = []
    for field, read in _READ:
        text = read(record)
        if text and not text.isspace():
            these = numbers_of(text[:_MOST_LETTERS], field not in _OWN)
            found += these
            # An agency is its acronym; the others only belong to it.
            of_title = field is Field.ACRONYM and record.agency == record.title
            fields += [Field.TITLE if of_title else field] * len(these)
    return found[:MOST_TOKENS], fields[:MOST_TOKENS]


def numbers(record: Record) -> str:
    """Its telephone numbers and extension, digits only, a space between two."""
    plain = record.phone.replace(" ", "")
    if plain.isdecimal() and plain.isascii():
        found = [plain]
    else:
        found = [digits(part) for part in _BETWEEN_NUMBERS.split(record.phone)]
    found.append(digits(record.extension))
    return " ".join(number for number in found if number)
