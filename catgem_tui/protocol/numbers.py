"""What can be dialled as a telephone number."""

import re

SHORTEST, LONGEST = 3, 15
"""Digits of a number: short codes as 070 and 911; E.164 allows no more than fifteen."""
_BETWEEN = re.compile(r"[\s().\-\u2010-\u2015\u00a0]+")


def normalise(text: str) -> str:
    """The digits of one number without what stands between them, a leading ``+`` kept; empty where that is no number
    that can be dialled.

    Nothing else gets through, so the result can be put into a SIP address.
    """
    number = _BETWEEN.sub("", text.strip())
    bare = number.removeprefix("+")
    if not (bare.isascii() and bare.isdecimal() and SHORTEST <= len(bare) <= LONGEST):
        return ""
    return number
