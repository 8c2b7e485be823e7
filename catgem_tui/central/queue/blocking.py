"""The block list: which callers are refused, and until when."""

import re

from catgem_tui.central.queue.state import State

_NOT_DIALLED = re.compile(r"[\s().\-\u2010-\u2015\u00a0]")
_MEXICAN = re.compile(r"(?:(?:\+|00)?521?|01|044|045)?([2-9]\d{9})")
"""Ten digits, after the country code or what was dialled before them until 2019: 01, 044 and 045, and a 1 after +52
(Plan Técnico Fundamental de Numeración, Diario Oficial de la Federación, 11 May 2018)."""
_FOREIGN = re.compile(r"(?:\+|00)?([1-9]\d{10,14})|(?:\+|00)([1-9]\d{6,9})")
"""With its country code (E.164), whether or not a network lets the ``+`` through."""


def number_key(phone: str) -> str:
    """One caller's number however a network writes it: ``+52 1 722 555 0134`` is ``7225550134``, and ``001 722 555
    0134`` is ``+17225550134``, which is somebody else. Empty: withheld."""
    bare = _NOT_DIALLED.sub("", phone).lower()
    if not bare.isascii():
        return bare
    if mexican := _MEXICAN.fullmatch(bare):
        return mexican[1]
    if foreign := _FOREIGN.fullmatch(bare):
        return f"+{foreign[1] or foreign[2]}"
    return bare


def is_blocked(state: State, phone: str, now: float) -> bool:
    """Whether calls from this number are refused at ``now``."""
    found = state.blocked.get(number_key(phone))
    return found is not None and now < found.until
