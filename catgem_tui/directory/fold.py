"""Text as a search sees it: no accents, no case, nothing but letters and digits."""

import re
import unicodedata

_WORD = re.compile(r"[0-9a-z]+")
LITTLE_WORDS = frozenset({"a", "al", "con", "de", "del", "e", "el", "en", "la", "las", "los", "o", "para", "por", "y"})
"""Words that say nothing about what is sought."""


def fold(text: str) -> str:
    """Lower case without marks: ``Información`` and ``INFORMACION`` are the same; ``ñ`` is found as ``n``."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return _WORD.findall(fold(text))
