"""Pasted text as words: what would drive the terminal is taken out."""

import re
import unicodedata

from catgem_tui.ui.lines import safe

_TERMINAL = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])?|[\x00-\x08\x0b-\x1f\x7f]"
"""What tells a terminal to do something (ECMA-48, 5.4), colours above all, and controls that are no line's end."""


def clean(text: str) -> str:
    """The text as words: with its line ends, without anything that is no text, and accents composed with their letters
    where there is such a character (Unicode TR 15, NFC), as if it had been typed."""
    words = re.sub(_TERMINAL, "", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", safe(words))
