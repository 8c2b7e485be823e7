"""What the index keeps of a record beside its words."""

from dataclasses import dataclass

from catgem_tui.directory.fold import words
from catgem_tui.directory.tokens import numbers
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record

DAY = 86_400.0
LEVELS = ("", "federal", "state", "municipal")
KIND_NUMBERS = {kind: number for number, kind in enumerate(RecordKind)}
LEVEL_NUMBERS = {level: number for number, level in enumerate(LEVELS)}
LONGEST_NUMBER = 32
"""Characters of all a record's telephone numbers together."""


@dataclass(frozen=True, slots=True)
class Described:
    """One record; the segment has the same in columns."""

    kind: int
    level: int
    place: str
    agency: str
    valid_from: int
    valid_until: int
    """Days since the epoch; 0: none."""
    telephones: str

    @classmethod
    def of(cls, record: Record) -> "Described":
        return cls(
            KIND_NUMBERS[record.kind],
            LEVEL_NUMBERS.get(record.level, 0),
            joined(record.municipality),
            joined(record.agency_acronym or record.agency),
            day(record.valid_from),
            day(record.valid_until),
            telephones(record),
        )


def joined(name: str) -> str:
    """A name without spaces, accents and case."""
    return "".join(words(name))


def day(instant: float | None) -> int:
    """Days since the epoch; 0: none."""
    return max(0, min(int(instant // DAY), 65_535)) if instant else 0


def telephones(record: Record) -> str:
    return numbers(record)[:LONGEST_NUMBER]
