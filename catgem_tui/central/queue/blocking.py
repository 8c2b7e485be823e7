"""The block list: which callers are refused, and until when."""

import re

from catgem_tui.central.queue.state import State

_NOT_DIALLED = re.compile(r"[\s().-]")
NATIONAL = 10
"""Digits of a telephone number in Mexico, without its country code."""


def number_key(phone: str) -> str:
    """One caller's number however a network writes it: ``+52 722 555 0134`` is ``7225550134``. Empty: withheld."""
    bare = _NOT_DIALLED.sub("", phone).lower()
    digits = bare.removeprefix("+")
    return digits[-NATIONAL:] if digits.isdecimal() and len(digits) > NATIONAL else bare


def is_blocked(state: State, phone: str, now: float) -> bool:
    """Whether calls from this number are refused at ``now``."""
    found = state.blocked.get(number_key(phone))
    return found is not None and now < found.until
