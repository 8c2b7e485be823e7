"""What a record is found by: its words, each with the field it stands in, and its telephone numbers."""

import re
from collections.abc import Callable, Sequence
from enum import IntEnum
from operator import attrgetter

from catgem_tui.directory.fold import digits
from catgem_tui.protocol.model import Record

MOST_TOKENS = 128
"""Words of a record that count. A record of a hundred pages is found by its beginning."""
MOST_LETTERS = 8_000
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


def _keywords(record: Record) -> str:
    return " ".join(record.keywords)


TEXTS: tuple[tuple[Field, Callable[[Record], str], bool], ...] = (
    (Field.TITLE, attrgetter("title"), False),
    (Field.ACRONYM, attrgetter("agency_acronym"), True),
    (Field.KEYWORD, _keywords, True),
    (Field.POST, attrgetter("post"), True),
    (Field.UNIT, attrgetter("unit"), True),
    (Field.PLACE, attrgetter("municipality"), True),
    (Field.AGENCY, attrgetter("agency"), True),
    (Field.EXTENSION, attrgetter("extension"), False),
    (Field.EMAIL, attrgetter("email"), False),
    (Field.TEXT, attrgetter("address"), False),
    (Field.TEXT, attrgetter("requirements"), False),
    (Field.TEXT, attrgetter("text"), False),
)
"""Where words stand, in the order in which they come; the flag: whether the same text stands in many records. No
restricted field."""

NumbersOf = Callable[[str, bool], Sequence[int]]
"""The numbers of a text's words; the flag as in ``TEXTS``."""


def is_agency(record: Record) -> bool:
    """Whether its acronym is its own: an agency is its acronym, the others only belong to it."""
    return record.agency == record.title


def tokens(record: Record, numbers_of: NumbersOf) -> tuple[list[int], bytes]:
    """The numbers of its words, the title's first and in their order, and their fields."""
    found: list[int] = []
    fields = b""
    for field, read, shared in TEXTS:
        if text := read(record):
            these = numbers_of(text[:MOST_LETTERS], shared)
            found += these
            place = Field.TITLE if field is Field.ACRONYM and is_agency(record) else field
            fields += _BYTE[place] * len(these)
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
