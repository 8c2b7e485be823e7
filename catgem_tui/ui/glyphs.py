"""What is drawn where a terminal or its font lacks a character: one table, for all that reaches the screen.

It works on the finished line, behind every widget, so borders and scrollbars of the library go through it as well.
Every stand-in is as wide as what it stands for: nothing moves.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from catgem_tui.config.terminal import Characters

STAND_INS = {
    "●": "*", "○": "o", "◆": "#", "◇": "%", "‖": "=",
    "←": "<", "→": ">", "↑": "^", "↓": "v", "‹": "<", "›": ">",
    "…": "~", "·": "-", "•": "*", "–": "-", "—": "-", "−": "-", "±": "~", "×": "x",
    "«": '"', "»": '"', "“": '"', "”": '"', "‘": "'", "’": "'",
    "▁": "_", "▂": "_", "▃": "=", "▄": "=", "▅": "=", "▆": "#", "▇": "#", "█": "#", "░": ".",
    "─": "-", "━": "-", "│": "|", "┃": "|", "╭": "+", "╮": "+", "╰": "+", "╯": "+",
    "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+", "┤": "+", "┬": "+", "┴": "+", "┼": "+",
}  # fmt: skip
"""Of every sign that we draw, in our own words and by the library."""
_SPANISH = {"¿": "?", "¡": "!", "º": "o", "ª": "a", "°": "o", "ß": "s", "æ": "a", "Æ": "A", "ø": "o", "Ø": "O"}
"""Characters of words whose decomposition holds no ASCII."""
WORDS = frozenset("¿¡ºª°")
"""No letters, but a part of Spanish words, and in ISO 8859-1."""


class PlainGlyphs(LineFilter):
    """Draws only what the terminal can show."""

    def __init__(self, characters: Characters) -> None:
        super().__init__()
        self.latin = characters == "latin"

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(segment.text.isascii() for segment in segments):
            return segments
        return [Segment(plain(text, latin=self.latin), style, control) for text, style, control in segments]


@lru_cache(maxsize=4096)
def plain(text: str, *, latin: bool) -> str:
    """The text in ASCII, or with the letters of ISO 8859-1, in as many cells."""
    if text.isascii():
        return text
    drawn = "".join(_stand_in(each, latin=latin) for each in unicodedata.normalize("NFC", text))
    return set_cell_size(drawn, cell_len(text))


def _stand_in(character: str, *, latin: bool) -> str:
    if character.isascii():
        return character
    if character in STAND_INS:
        return STAND_INS[character]
    if latin and (character in WORDS or (character.isalpha() and character <= "ÿ")):
        return character
    width = cell_len(character)
    letters = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return set_cell_size(_SPANISH.get(character) or letters or "?", width) if width else ""


def filters(characters: Characters) -> Sequence[LineFilter]:
    """What lines go through before they are drawn."""
    return () if characters == "all" else (PlainGlyphs(characters),)
