"""Text as a search sees it: no accents, no case, nothing but letters and digits; and words as they sound."""

import re
from functools import lru_cache

from catgem_tui.protocol.plain import plain

_WORD = re.compile(r"[^\W_]+")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}[^\W\d_]?\b|\b(?:[^\W\d_]\.){2,}")
_LONGEST = 40
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


def fold(text: str) -> str:
    """Lower case without marks: ``Información`` and ``INFORMACION`` are the same; ``ñ`` is found as ``n``.

    The dots of acronyms go (``I.S.S.E.M.Y.M.`` is ``issemym``).
    """
    folded = text.lower()
    if not folded.isascii():
        folded = folded.translate(_LATIN)
        if not folded.isascii():
            folded = plain(folded)
    if "." in folded:
        folded = _DOTTED.sub(lambda acronym: acronym[0].replace(".", ""), folded)
    return folded


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    found = _WORD.findall(fold(text))
    return [word[:_LONGEST] for word in found] if len(text) > _LONGEST else found


def digits(text: str) -> str:
    """The digits of a telephone or extension, without what stands between them."""
    return "".join(letter for letter in text if letter in "0123456789")


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
