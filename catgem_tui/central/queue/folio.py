"""Folios: the short number of a contact that can be said over the telephone.

Six digits of a counter and a check digit by H. Michael Damm's method (Total anti-symmetrische Quasigruppen, Marburg
2004): every single wrong digit and every swap of neighbours is noticed.
"""

FIRST = 100_000
"""The counter begins here, so that no folio has leading zeros, and begins again here after 999,999."""
_LAST = 999_999

_QUASIGROUP = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def make_folio(counter: int) -> str:
    """``482105`` becomes ``482-105X``, X its check digit."""
    digits = f"{counter:06d}"
    return f"{digits[:3]}-{digits[3:]}{_interim(digits)}"


def is_folio(text: str) -> bool:
    """Whether the check digit is right; dashes and spaces don't matter."""
    digits = "".join(character for character in text if character not in "- ")
    return len(digits) == 7 and digits.isascii() and digits.isdigit() and _interim(digits) == 0


def following(counter: int) -> int:
    """The counter's next value."""
    return counter + 1 if FIRST <= counter < _LAST else FIRST


def _interim(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = _QUASIGROUP[interim][int(digit)]
    return interim
