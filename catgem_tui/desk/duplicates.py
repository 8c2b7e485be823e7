"""Which records look like one and the same thing."""

from collections.abc import Callable, Iterable

from rapidfuzz import fuzz

from catgem_tui.desk.keeping import Candidate
from catgem_tui.directory.fold import fold
from catgem_tui.protocol.model import Record

MOST = 20
FOUND = 30
"""Looked at of what each question finds."""
_LEAST = 0.45
_ALIKE = 0.6
"""Titles less alike than this say nothing."""
_DIGITS = 10
"""Of a Mexican telephone number."""

Find = Callable[[str, int], Iterable[Record]]


def find_duplicates(record: Record, find: Find) -> tuple[Candidate, ...]:
    """What the search finds by the record's title, telephone and e-mail, the most alike first. ``find`` is the search:
    a query and how many records are wanted."""
    found: dict[str, Record] = {}
    for query in (record.title, _number(record.phone), record.email):
        if query.strip():
            found |= {each.id: each for each in find(query, FOUND)}
    found.pop(record.id, None)
    rated = (rate(record, other) for other in found.values() if not other.retired)
    return tuple(sorted((each for each in rated if each.score >= _LEAST), key=lambda each: -each.score)[:MOST])


def find_namesakes(title: str, find: Find) -> tuple[Record, ...]:
    """What has a title like this one, the most alike first."""
    alike = [(_alike(title, each.title), each) for each in find(title, FOUND) if not each.retired]
    return tuple(each for much, each in sorted(alike, key=lambda pair: -pair[0]) if much >= _ALIKE)


def _alike(title: str, other: str) -> float:
    """How much two titles are alike, 0 to 1, whatever the order of their words."""
    return fuzz.token_sort_ratio(fold(title), fold(other)) / 100


def rate(record: Record, other: Record) -> Candidate:
    """How much two records are alike, 0 to 1, and in what."""
    title = _alike(record.title, other.title)
    same = {
        "title": title if title >= _ALIKE else 0.0,
        "phone": float(bool(_number(record.phone)) and _number(record.phone) == _number(other.phone)),
        "email": float(bool(record.email.strip()) and record.email.casefold() == other.email.casefold()),
    }
    score = 1 - (1 - 0.85 * same["title"]) * (1 - 0.5 * same["phone"]) * (1 - 0.5 * same["email"])
    if record.kind is not other.kind:
        score *= 0.8
    if record.municipality and other.municipality and fold(record.municipality) != fold(other.municipality):
        score *= 0.8
    return Candidate(other, score, tuple(field for field, alike in same.items() if alike))


def _number(phone: str) -> str:
    digits = "".join(character for character in phone if character.isdigit())
    return digits[-_DIGITS:] if len(digits) >= _DIGITS else digits
