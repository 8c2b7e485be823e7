"""Text that is longer than one message may be, cut where a reader would pause."""

import re

_PAUSES = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.;:!?…])\s+"), re.compile(r"\s+"))
"""Between paragraphs, lines, sentences and words, the best first."""
_SHORTEST = 0.5
"""Share of the room that a piece fills at least: a better pause before that is not worth an almost empty message."""
_JOINING = "\u200d\ufe0e\ufe0f"
"""What holds signs together that are read as one (emoji)."""


def head(text: str, longest: int) -> str:
    """The beginning of the text, ``longest`` characters at most, up to the best pause there is."""
    if len(text) <= longest:
        return text
    for pause in _PAUSES:
        ends = [found.start() for found in pause.finditer(text, 0, longest + 1)]
        fitting = [end for end in ends if int(longest * _SHORTEST) <= end <= longest and text[:end].strip()]
        if fitting:
            return text[: fitting[-1]]
    end = longest
    while end > 1 and (text[end] in _JOINING or text[end - 1] in _JOINING):
        end -= 1
    return text[:end]


def pieces(text: str, longest: int) -> tuple[str, ...]:
    """The whole text in pieces of ``longest`` characters at most; only the white space between them is left out."""
    found = []
    while len(text) > longest:
        piece = head(text, longest)
        found.append(piece.rstrip())
        text = text[len(piece) :].lstrip()
    return (*found, text) if text or not found else tuple(found)
