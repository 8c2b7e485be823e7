"""Why a record was found: where in its title, or else in which field, the words stand that met what was typed."""

import re
from collections.abc import Collection

from catgem_tui.directory.fold import digits, fold
from catgem_tui.protocol.model import Record

_FIELDS = (
    "agency_acronym", "keywords", "post", "unit", "municipality", "agency", "extension", "email", "address",
    "requirements", "text",
)  # fmt: skip
_LONGEST = 8_000
"""Characters of a field that are looked at."""
_BEFORE, _AFTER = 20, 40
_WORD = re.compile(r"\b(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?|[^\W_]+")
"""A word, or an acronym with its dots, which is one: what the index takes for a word."""


def highlight(text: str, met: Collection[str]) -> tuple[tuple[int, int], ...]:
    """The places (from, to) of the words whose folded form is among ``met``."""
    if not met:
        return ()
    return tuple(found.span() for found in _WORD.finditer(text) if fold(found[0]).replace(".", "") in met)


def reason(record: Record, met: Collection[str], numbers: Collection[str] = ()) -> tuple[str, str]:
    """The field and the text by which a record was found whose title tells nothing of it; empty where that does.

    ``met`` are the folded words of the record that met what was typed, ``numbers`` the digits of telephones typed.
    """
    if highlight(record.title, met):
        return "", ""
    for field in ("phone", "extension") if numbers else ():
        text = getattr(record, field)
        if any(number in digits(text[:_LONGEST]) for number in numbers):
            return field, _around(text, 0, len(text))
    for field in _FIELDS:
        value = getattr(record, field)
        for text in value if isinstance(value, tuple) else (value,):
            if text and (places := highlight(text[:_LONGEST], met)):
                return field, _around(text, *places[0])
    return "", ""


def _around(text: str, start: int, end: int) -> str:
    """The found word with a little of what stands about it, on one line; other words are there whole or not at all."""
    first, last = max(0, start - _BEFORE), min(len(text), end + _AFTER)
    last = min(last, first + _BEFORE + _AFTER + 60)
    if first:
        first = text.find(" ", first - 1, start) + 1 or first
    if last < len(text) and (space := text.rfind(" ", end, last + 1)) > 0:
        last = space
    begin, finish = "…" if first else "", "…" if last < len(text) else ""
    return f"{begin}{' '.join(text[first:last].split())}{finish}"
