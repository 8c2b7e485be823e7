"""Letters kept whole: a character with all that combines with it or is joined to it is cut, drawn and styled as one.

Rich cuts a text at the first place that has the right width, which is before what combines with the last letter: of
``e`` and an accent, cut after one cell, the accent is what the next part begins with, and a field scrolled there shows
it on somebody else's letter or not at all. A change of style, as at a field's caret, may fall into a letter too.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from rich.cells import get_character_cell_size, split_graphemes
from rich.segment import Segment

_JOINER = "\u200d"


def keep_letters_whole() -> None:
    """Have Rich, and by it all of Textual, cut segments between letters only."""
    Segment.split_cells = cut  # type: ignore[method-assign, assignment]


def cut(segment: Segment, cells: int) -> tuple[Segment, Segment]:
    """The segment's first cells, and the rest. Of a character that lies on both sides each has blanks."""
    text, style, control = segment
    before, after = (text[:cells], text[cells:]) if text.isascii() else _cut(text, cells)
    return Segment(before, style, control), Segment(after, style, control)


@lru_cache(8192)
def _cut(text: str, cells: int) -> tuple[str, str]:
    place = 0
    for start, end, width in split_graphemes(text)[0]:
        if place + width > cells:
            if place == cells:
                return text[:start], text[start:]
            return text[:start] + " " * (cells - place), " " * (place + width - cells) + text[end:]
        place += width
    return text, ""


def join_letters(segments: Iterable[Segment]) -> Iterator[tuple[str, Segment]]:
    """Texts that begin and end with whole letters, each with the segment whose style it has."""
    held: tuple[str, Segment] | None = None
    for segment in segments:
        text = segment.text
        if segment.control or not text:
            continue
        if held is not None:
            before, of = held
            if not get_character_cell_size(text[0]) or before[-1] == _JOINER:
                before, text = _join(before, text)
                if not text:
                    held = before, of
                    continue
            yield before, of
        held = text, segment
    if held is not None:
        yield held


def _join(before: str, after: str) -> tuple[str, str]:
    """With the whole of the letter at their border in the first."""
    text = before + after
    border = edge(text, len(before), forward=True)
    return text[:border], text[border:]


def edge(text: str, place: int, *, forward: bool) -> int:
    """The place itself if it lies between two letters of the text, else the end of its letter, or the beginning."""
    if not 0 < place < len(text) or (get_character_cell_size(text[place]) and text[place - 1] != _JOINER):
        return place
    return _edge(text, place, forward)


@lru_cache(2048)
def _edge(text: str, place: int, forward: bool) -> int:
    for start, end, _width in split_graphemes(text)[0]:
        if start < place < end:
            return end if forward else start
        if start >= place:
            break
    return place
