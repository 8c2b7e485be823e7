"""Text from citizens, made harmless to show on a terminal or a page."""

import re

# C0 and C1 controls (escape sequences start there) but tab and newline, and the bidirectional overrides that can make
# a text read as something else than it says.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACE = re.compile(r"\s+")


def clean(text: str, limit: int) -> str:
    """The text without control characters, lines ended by ``\\n``, at most ``limit`` characters.

    Half characters (lone surrogates) become ``?``, so that the result can always be encoded.
    """
    text = text[: 2 * limit].replace("\r\n", "\n").replace("\r", "\n")
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = _UNWANTED.sub("", text).strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def clean_line(text: str, limit: int) -> str:
    """The same on one line, runs of white space as one space."""
    return clean(_SPACE.sub(" ", text[: 4 * limit]), limit)
