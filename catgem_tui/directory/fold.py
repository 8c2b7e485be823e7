"""Text as a search sees it: no accents, no case, nothing but letters and digits; and words as they sound."""

import re
from functools import lru_cache

from catgem_tui.protocol.plain import plain


def word_pattern(other: str = "") -> re.Pattern[str]:
    """Finds words; and another character, if one is given."""
    return re.compile(r"[^\W_]+" + (f"|{re.escape(other)}" if other else ""))


_WORD = word_pattern()
_NO_DIGIT = re.compile("[^0-9]+")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}[^\W\d_]?\b|\b(?:[^\W\d_]\.){2,}")
LONGEST_WORD = 40
"""Characters of one word that count; nothing in a directory is longer."""

_SOUNDS = (
    (re.compile(r"ch|sh"), "C"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"hi(?=e)"), "y"),
    (re.compile(r"h"), ""),
    (re.compile(r"qu(?=[ei])|[qk]|c(?![eiyC])"), "k"),
    (re.compile(r"[zc]"), "s"),
    (re.compile(r"gu(?=[ei])"), "G"),
    (re.compile(r"g(?=[ei])|x"), "j"),
    (re.compile(r"ll"), "y"),
    (re.compile(r"y$"), "i"),
    (re.compile(r"[vw]"), "b"),
    (re.compile(r"m(?=[bp])"), "n"),
    (re.compile(r"(.)\1+"), r"\1"),
)
"""Letters that Mexican Spanish does not tell apart by ear, each set to one of them; the order matters."""


_LATIN = {code: plain(chr(code)) for code in range(0x80, 0x250)}
"""The letters of European languages: much quicker to look up than to take apart."""
_MANY = 0
"""In ``_LATIN_1``: this letter becomes several, or one that Latin-1 lacks."""
_LATIN_1 = bytes(
    ord(letter) if len(letter) == 1 and ord(letter) < 256 else _MANY
    for letter in (_LATIN.get(code, chr(code)) for code in range(256))
)


def _unmarked(lowered: str) -> str:
    """Without marks. Nearly all texts are in Latin-1, where each letter is a byte that is looked up."""
    try:
        looked_up = lowered.encode("latin-1").translate(_LATIN_1)
    except UnicodeEncodeError:
        looked_up = b"\0"
    if _MANY not in looked_up:
        return looked_up.decode("latin-1")
    folded = lowered.translate(_LATIN)
    return folded if folded.isascii() else plain(folded)


def fold(text: str) -> str:
    """Lower case without marks: ``Información`` and ``INFORMACION`` are the same; ``ñ`` is found as ``n``.

    The dots of acronyms go (``I.S.S.E.M.Y.M.`` is ``issemym``).
    """
    folded = text.lower()
    if not folded.isascii():
        folded = _unmarked(folded)
    if "." in folded:
        folded = _DOTTED.sub(lambda acronym: acronym[0].replace(".", ""), folded)
    return folded


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    found = _WORD.findall(fold(text))
    return [word[:LONGEST_WORD] for word in found] if len(text) > LONGEST_WORD else found


def digits(text: str) -> str:
    """The digits of a telephone or extension, without what stands between them."""
    return text if text.isascii() and text.isdecimal() else _NO_DIGIT.sub("", text)


@lru_cache(maxsize=4096)
def sound(word: str) -> str:
    """How a folded word sounds: b/v, s/c/z, silent h, ll/y, j/x/g, qu/k/c and doubled letters are told apart no more.

    ``bazquez`` and ``vasques`` have the same key. A word of digits is its own.
    """
    if word.isdigit():
        return word
    for letters, key in _SOUNDS:
        word = letters.sub(key, word)
    return word
