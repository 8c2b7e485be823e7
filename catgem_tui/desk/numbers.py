"""What of a record's telephone field can be dialled."""

import re
from typing import NamedTuple

from catgem_tui.protocol.numbers import normalise

MOST = 12
"""Choices that a record gives at most."""
_NUMBER = re.compile(r"(?<![\w.])\+?\(?\d[\d\s().\-\u2010-\u2015\u00a0]*")
_EXTENSION = re.compile(
    r"^[\s,;]*(?:ext(?:ensi[oó]n(?:es)?|s)?|x|#)\s*[.:]?\s*(\d{1,8}(?:\s*(?:[,/]|y|o)\s*\d{1,5}(?![\d\s]*\d))*)",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d{1,8}")


class Number(NamedTuple):
    """``digits`` as they are dialled, a leading ``+`` kept; ``extension`` is dialled once somebody has answered."""

    digits: str
    extension: str = ""


def numbers_of(phone: str, extension: str = "") -> tuple[Number, ...]:
    """Every number in a telephone field, with each of its extensions before it without; none where there is none.

    An extension in the text belongs to the number before it, those of the field ``extension`` to numbers without one.
    """
    found: list[Number] = []
    beside = _DIGITS.findall(extension)
    place = 0
    while match := _NUMBER.search(phone, place):
        place = match.end()
        digits = normalise(match[0])
        inside = _EXTENSION.match(phone[place:])
        if inside:
            place += inside.end()
        if digits:
            extensions = _DIGITS.findall(inside[1]) if inside else beside
            found += [*(Number(digits, each) for each in extensions), Number(digits)]
    return tuple(dict.fromkeys(found))[:MOST]
