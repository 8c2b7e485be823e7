"""Text as every part of the system compares it."""

import unicodedata


def plain(text: str) -> str:
    """In lower case, without accents and other marks: ``Información`` and ``INFORMACION`` are the same."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
