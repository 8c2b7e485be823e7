"""What a terminal shows, cell by cell, and how what Textual composed is put into it.

A row is two lists of the same length: the texts of its cells and their pens. A text is what one cell, or the first of
two, holds: a character with all that combines with it; the second cell of a wide one holds the empty text. A space has
the pen that a space needs and no more (``Pen.blank``), so that cells that look alike are alike.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from rich.cells import get_character_cell_size, split_graphemes
from rich.segment import Segment

from catgem_tui.terminal.letters import join_letters
from catgem_tui.terminal.pens import Pen, Pens

_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)])
NARROW = "\u1100"
"""Below it no character takes two cells."""
_WIDE_SINCE_EVER = (
    (0x1100, 0x115F), (0x2E80, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE30, 0xFE6F), (0xFF00, 0xFF60),
    (0xFFE0, 0xFFE6), (0x20000, 0x3FFFD),
)  # fmt: skip
"""Characters of East Asia, whose two cells no terminal disputes (Unicode TR 11)."""


class Grid:
    """``width`` and ``height`` in cells; blank at first."""

    def __init__(self, width: int, height: int, pens: Pens, pen: Pen | None = None) -> None:
        self.width, self.height = width, height
        self._pens = pens
        self.texts = [[" "] * width for _ in range(height)]
        self.pens = [[pen or pens.plain] * width for _ in range(height)]

    def put(self, y: int, x: int, segments: Iterable[Segment]) -> int:
        """Put segments into a row from a cell on; returns the cell after them. What lies outside is left out."""
        if not 0 <= y < self.height:
            return x
        texts, pens = self.texts[y], self.pens[y]
        width, pen_of = self.width, self._pens.of
        if 0 < x < width and not texts[x]:
            texts[x - 1] = " "  # the half that is left of a wide character
        for text, segment in join_letters(segments):
            cells = cells_of(text)
            count = min(len(cells), width - x)
            if count <= 0:
                continue
            if count < len(cells):
                cells = cells[:count] if cells[count] else (*cells[: count - 1], " ")
            pen = pen_of(segment.style)
            texts[x : x + count] = cells
            blank = pen.blank
            if blank is pen or " " not in text:
                pens[x : x + count] = [pen] * count
            else:
                pens[x : x + count] = [blank if cell == " " else pen for cell in cells]
            x += count
        if x < width and not texts[x]:
            texts[x] = " "
        return x


@lru_cache(8192)
def cells_of(text: str) -> tuple[str, ...]:
    """The cells that a text takes by the widths Textual counts with. What combines with a letter before the text, which
    is not to be seen, is left out; control characters take no cells."""
    if text.isascii() and text.isprintable():
        return tuple(text)
    text = text.translate(_CONTROLS)
    cells: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        if width:
            cells.append(text[start:end])
            cells.extend([""] * (width - 1))
    return tuple(cells)


@lru_cache(4096)
def reach(cell: str) -> int:
    """Cells that some terminal may take for a cell's text, where terminals dispute its width; else 0."""
    if len(cell) == 1 and cell < NARROW:
        return 0
    first, rest = cell[:1], cell[1:]
    size = get_character_cell_size(first) if first else 0
    if all(unicodedata.combining(character) for character in rest) and (size < 2 or _is_agreed(ord(first))):
        return 0
    return max(2, sum(get_character_cell_size(character) or (character == "\ufe0f") for character in cell))


def _is_agreed(codepoint: int) -> bool:
    return any(low <= codepoint <= high for low, high in _WIDE_SINCE_EVER)
