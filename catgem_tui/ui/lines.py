"""Lines of text with meaning: what every pane is drawn from.

A line is a tuple of spans, a span a text and the slot (``config.theme.SLOTS``) that says what it means. Lines compare
equal when they look equal, so what did not change is not painted.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

Span = tuple[str, str]
Line = tuple[Span, ...]
EMPTY: Line = ()
ELLIPSIS = "…"
GAP: Span = ("   ", "text")
"""Between what stands on a line of hints."""
_PARTICLES = frozenset({"de", "del", "la", "las", "los", "y"})
"""Of Spanish names: María de los Ángeles."""

_UNSAFE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list."""

    key: str
    """What is chosen with this row; empty for a row that only says something."""
    lines: tuple[Line, ...]


def safe(text: str) -> str:
    """The text without what could drive a terminal or turn the reading direction; line ends stay."""
    return _UNSAFE.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    "))


def is_safe(text: str) -> bool:
    """Whether nothing in a single line's text could drive a terminal."""
    return (text.isascii() and text.isprintable()) or (_UNSAFE.search(text) is None and "\n" not in text)


def span(text: str, slot: str = "text") -> Span:
    """One safe, single-line span."""
    return (safe(text).replace("\n", " "), slot)


def line(*parts: str | Span) -> Line:
    """A line; bare strings are plain text."""
    return tuple(part if isinstance(part, tuple) else (part, "text") for part in parts if part)


def width_of(spans: Iterable[Span]) -> int:
    """Cells taken."""
    return sum(cell_len(text) for text, _slot in spans)


def clip(spans: Sequence[Span], width: int) -> Line:
    """At most ``width`` cells; what is cut off leaves an ellipsis."""
    if width_of(spans) <= width:
        return tuple(spans)
    room = width - 1
    kept: list[Span] = []
    for text, slot in spans:
        size = cell_len(text)
        if size > room:
            if room > 0:
                kept.append((set_cell_size(text, room).rstrip(), slot))
            if width > 0:
                kept.append((ELLIPSIS, slot))
            break
        kept.append((text, slot))
        room -= size
    return tuple(kept)


def shorten(name: str, width: int) -> str:
    """A name without as many of its last words as have no room, and without a particle that would then be its last;
    the first word stays, and so does all of a number."""
    if cell_len(name) <= width or any(each.isdigit() for each in name):
        return name
    kept = name.split(" ")
    while len(kept) > 1 and (cell_len(" ".join(kept)) > width or kept[-1].lower() in _PARTICLES):
        kept.pop()
    return " ".join(kept)


def fit(spans: Sequence[Span], width: int) -> Line:
    """Exactly ``width`` cells: clipped or padded on the right."""
    clipped = clip(spans, width)
    missing = width - width_of(clipped)
    return (*clipped, (" " * missing, "text")) if missing > 0 else clipped


def cell(text: str, slot: str, width: int, *, right: bool = False) -> Span:
    """One column of a table, exactly ``width`` cells."""
    fitted = "".join(part for part, _slot in clip((span(text, slot),), width))
    padding = " " * (width - cell_len(fitted))
    return (padding + fitted if right else fitted + padding, slot)


def spread(left: Sequence[Span], right: Sequence[Span], width: int) -> Line:
    """``left`` at the left and ``right`` at the right end; when it is too narrow the left is cut first."""
    tail = clip(right, width)
    size = width_of(tail)
    if not size:
        return clip(left, width)
    return (*fit(left, max(0, width - size - 1)), (" ", "text"), *tail) if width > size else tail


def flow(groups: Sequence[Sequence[Span]], width: int, gap: Span = (" · ", "dim")) -> list[Line]:
    """The groups one after another with a gap between, in as few lines as it takes without breaking one."""
    told: list[list[Span]] = []
    for group in groups:
        if told and width_of((*told[-1], gap, *group)) <= width:
            told[-1] += [gap, *group]
        else:
            told.append(list(group))
    return [clip(each, width) for each in told]


def without_halves(told: Line, width: int) -> Line:
    """A line of hints without as many before its last one as have no room."""
    hints: list[list[Span]] = [[]]
    for part in told:
        if part == GAP:
            hints.append([])
        else:
            hints[-1].append(part)
    size = width_of(told)
    while size > width and len(hints) > 2:
        size -= width_of((GAP, *hints.pop(-2)))
    return clip([part for hint in hints for part in (GAP, *hint)][1:], width)


@lru_cache(maxsize=2048)
def wrap(text: str, width: int) -> tuple[str, ...]:
    """The text's lines, broken at spaces to ``width`` cells; longer words are cut."""
    broken: list[str] = []
    for paragraph in safe(text).split("\n"):
        broken.extend(_wrap_paragraph(paragraph.rstrip(), max(1, width)))
    return tuple(broken)


def _wrap_paragraph(paragraph: str, width: int) -> list[str]:
    if len(paragraph) <= 4 * width and cell_len(paragraph) <= width:
        return [paragraph]
    broken: list[str] = []
    current = ""
    for word in paragraph.split(" "):
        joined = f"{current} {word}" if current else word
        if len(joined) <= 4 * width and cell_len(joined) <= width:
            current = joined
            continue
        if current:
            broken.append(current)
        *full, current = _cut(word, width)
        broken += full
    broken.append(current)
    return broken


def _cut(word: str, width: int) -> list[str]:
    """The word in pieces of as many characters as fit, at least one; addresses are cut where they have their parts."""
    if len(word) <= width and cell_len(word) <= width:
        return [word]
    pieces, start, size = [], 0, 0
    for index, character in enumerate(word):
        cells = cell_len(character)
        if size + cells > width and index > start:
            end = _end_of_part(word, start, index)
            pieces.append(word[start:end])
            start, size = end, cell_len(word[end:index])
        size += cells
    return [*pieces, word[start:]]


def _end_of_part(word: str, start: int, end: int) -> int:
    """Where a piece from ``start`` that has room up to ``end`` is better cut: before an at sign or after another sign
    in its second half, as addresses are read aloud."""
    places = range(end, (start + end) // 2, -1)
    return next((place for place in places if word[place] == "@" or word[place - 1] in "/.-_?&="), end)


def paragraph(text: str, width: int, slot: str = "text", indent: int = 0) -> list[Line]:
    """The text wrapped, each line indented."""
    margin: Line = ((" " * indent, "text"),) if indent else ()
    return [(*margin, (part, slot)) for part in wrap(text, width - indent)]


def plain(spans: Iterable[Span]) -> str:
    """The words alone."""
    return "".join(text for text, _slot in spans)
