"""The keypad's keys, told from those above the letters where the terminal tells them apart.

Two ways: the keypad's application mode (DECKPAM: VT100 and all that follow; xterm's ctlseqs, “VT220-Style Function
Keys”; console_codes(4)), and the keyboard protocol of kitty, in which they have numbers of their own. In application
mode most terminals go on sending digits while Num Lock is on; it is switched on only where that is known to be
otherwise, and where what the old VT keypad sends for its uppermost keys is not taken for F1 to F4.
"""

import re
from enum import Enum

TOLD = {f"kp_{digit}": digit for digit in "0123456789"} | {
    "kp_decimal": ".", "kp_divide": "/", "kp_multiply": "*", "kp_subtract": "-", "kp_add": "+", "kp_enter": "\r",
}  # fmt: skip
"""The keys, and the character that each is where nobody tells them apart."""
_DIGITS = dict(zip("pqrstuvwxy", (f"kp_{digit}" for digit in "0123456789"), strict=True))
_IN_XTERM = _DIGITS | {
    "n": "kp_decimal", "o": "kp_divide", "j": "kp_multiply", "m": "kp_subtract", "k": "kp_add", "M": "kp_enter",
}  # fmt: skip
_ON_A_CONSOLE = _DIGITS | {
    "n": "kp_decimal", "P": "", "Q": "kp_divide", "R": "kp_multiply", "S": "kp_subtract", "l": "kp_add",
    "M": "kp_enter",
}  # fmt: skip
"""By the VT100's places: P is Num Lock itself, and F1 to F4 are sent otherwise."""
_KITTY = re.compile(r"\x1b\[(\d+)(?:;(\d*)[\d:]*)?(?:;[\d:]*)?u")
_KITTY_FIRST = 57399
_LOCKS = 0b1100_0000
"""Caps Lock and Num Lock among its modifiers, which change nothing."""


class Keypad(Enum):
    """How a terminal sends the keypad in application mode."""

    UNTOLD = 0
    """As digits, or nobody knows."""
    XTERM = 1
    CONSOLE = 2
    """Linux's, and PuTTY under its own name."""


_FINALS = {Keypad.XTERM: _IN_XTERM, Keypad.CONSOLE: _ON_A_CONSOLE, Keypad.UNTOLD: {}}


def switch(keypad: Keypad, *, on: bool) -> str:
    """What switches the application mode on or off; xterm's Num Lock goes before it unless that is switched off too."""
    if keypad is Keypad.UNTOLD:
        return ""
    mode = "\x1b=" if on else "\x1b>"
    return mode + ("\x1b[?1035l" if on else "\x1b[?1035h") if keypad is Keypad.XTERM else mode


def sequences(keypad: Keypad) -> dict[str, str]:
    """What the keys send in application mode; the name is empty for one that does nothing."""
    return {f"\x1bO{final}": key for final, key in _FINALS[keypad].items()}


def find_key(sequence: str, keypad: Keypad) -> str | None:
    """The keypad's key that sends a sequence; empty for one that does nothing, None if it is none of the keypad's."""
    if sequence.startswith("\x1bO") and len(sequence) == 3:
        return _FINALS[keypad].get(sequence[2])
    if found := _KITTY.fullmatch(sequence):
        place = int(found[1]) - _KITTY_FIRST
        if 0 <= place < len(TOLD) and not (int(found[2] or 1) - 1) & ~_LOCKS:
            return list(TOLD)[place]
    return None
