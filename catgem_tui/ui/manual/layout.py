"""A page of the manual as lines of a width, with the places of its links and of its blocks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len

from catgem_tui.ui.lines import EMPTY, Line, Span, clip, width_of, wrap
from catgem_tui.ui.manual.markdown import Block, Page, Pieces

LINK, LINK_CHOSEN = "›", "»"
"""What stands before a link, and before the one that Enter opens."""
_SLOTS = {"text": "text", "strong": "bright", "code": "accent", "key": "key", "link": "accent"}
_NARROW = 56
"""Below this a table's row is told cell by cell, one under the other."""


@dataclass(frozen=True, slots=True)
class Link:
    target: str
    text: str
    line: int


@dataclass(slots=True)
class Laid:
    lines: list[Line] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    tops: list[int] = field(default_factory=list)
    """The first line of each block."""


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    slot: str
    link: int = -1
    """Number of the link that begins with it."""
    glued: bool = False
    """Whether no space stands before it."""


def lay_out(page: Page, width: int, chosen: int = -1) -> Laid:
    """``chosen`` is the number of the link that is marked."""
    laid = Laid()
    columns: list[int] = []
    before: Block | None = None
    for number, block in enumerate(page.blocks):
        if before is not None and _apart(before, block):
            laid.lines.append(EMPTY)
        if block.shape == "row" and (before is None or before.shape != "row"):
            columns = _columns(page.blocks[number:], width)
        laid.tops.append(len(laid.lines))
        _lay_block(laid, block, width, chosen, columns)
        before = block
    return laid


def laid_again(laid: Laid, again: Callable[[Line], Sequence[Line]]) -> Laid:
    """The same page with each line made into others, or into none; links are where their line begins."""
    new = Laid()
    begins: list[int] = []
    for line in laid.lines:
        begins.append(len(new.lines))
        new.lines += again(line)
    begins.append(len(new.lines))
    new.tops = [begins[top] for top in laid.tops]
    new.links = [Link(link.target, link.text, begins[link.line]) for link in laid.links]
    return new


def _apart(before: Block, block: Block) -> bool:
    if before.shape != block.shape:
        return True
    return block.shape in {"paragraph", "heading"}


def _lay_block(laid: Laid, block: Block, width: int, chosen: int, columns: Sequence[int]) -> None:
    if block.shape == "heading":
        slot = "accent" if block.level == 1 else "title"
        laid.lines += [((part, slot),) for part in wrap("".join(piece.text for piece in block.pieces), width)]
    elif block.shape == "code":
        laid.lines.append(clip((("  ", "text"), *((piece.text, "accent") for piece in block.pieces)), width))
    elif block.shape == "item":
        marker = "• " if block.marker in {"-", "*"} else f"{block.marker} "
        indent = 2 * block.level
        hang = indent + cell_len(marker)
        told = _flow(laid, block.pieces, max(8, width - hang), chosen)
        for number, line in enumerate(told):
            margin = " " * indent + marker if not number else " " * hang
            laid.lines.append(((margin, "dim" if not number else "text"), *line))
    elif block.shape == "row":
        _lay_row(laid, block, width, chosen, columns)
    else:
        laid.lines += _flow(laid, block.pieces, width, chosen)


def _lay_row(laid: Laid, block: Block, width: int, chosen: int, columns: Sequence[int]) -> None:
    if not columns:
        for number, cell in enumerate(block.cells):
            margin = "  " if number else ""
            told = _flow(laid, cell, max(8, width - len(margin)), chosen, head=block.head)
            laid.lines += [((margin, "text"), *line) if margin else line for line in told]
        return
    cells = [
        _flow(laid, cell, columns[number], chosen, head=block.head)
        for number, cell in enumerate(block.cells[: len(columns)])
    ]
    for row in range(max(map(len, cells), default=0)):
        spans: list[Span] = []
        for number, column in enumerate(cells):
            part = column[row] if row < len(column) else EMPTY
            spans += part
            if number + 1 < len(cells):
                spans.append((" " * (columns[number] + 2 - width_of(part)), "text"))
        laid.lines.append(tuple(spans))


def _columns(blocks: Sequence[Block], width: int) -> list[int]:
    """How wide each column of the table that begins here is: as its widest word group, the last takes the rest."""
    if width < _NARROW:
        return []
    widest: list[int] = []
    for block in blocks:
        if block.shape != "row":
            break
        for number, cell in enumerate(block.cells):
            size = sum(cell_len(piece.text) + (piece.kind == "link") for piece in cell)
            if number == len(widest):
                widest.append(0)
            widest[number] = max(widest[number], size)
    room = width - 2 * (len(widest) - 1)
    fair = room // max(1, len(widest))
    for number in range(len(widest) - 1):
        widest[number] = min(widest[number], fair)
    return [*widest[:-1], room - sum(widest[:-1])]


def _flow(laid: Laid, pieces: Pieces, width: int, chosen: int, *, head: bool = False) -> list[Line]:
    """The pieces as lines; their links are noted where they begin."""
    lines: list[list[_Word]] = [[]]
    room = width
    for group in _groups(laid, pieces, chosen, head=head):
        size = sum(cell_len(word.text) for word in group)
        space = 0 if not lines[-1] else 1
        if size + space > room and lines[-1]:
            lines.append([])
            room, space = width, 0
        fitting = group
        if size > room:
            *whole, last = wrap("".join(word.text for word in group), width)
            for number, part in enumerate(whole):
                lines[-1].append(_Word(part, group[0].slot, group[0].link if not number else -1))
                lines.append([])
            fitting, size = [_Word(last, group[0].slot, group[0].link if not whole else -1)], cell_len(last)
            room = width if whole else room
        lines[-1] += fitting
        room -= size + space
    base = len(laid.lines)
    for number, words in enumerate(lines):
        for word in words:
            if word.link >= 0 and word.link < len(laid.links) and laid.links[word.link].line < 0:
                link = laid.links[word.link]
                laid.links[word.link] = Link(link.target, link.text, base + number)
    return [_line(words) for words in lines]


def _line(words: Sequence[_Word]) -> Line:
    """Neighbours of one meaning are one span."""
    told: list[Span] = []
    for word in words:
        gap = "" if not told or word.glued else " "
        if told and (told[-1][1] == word.slot):
            told[-1] = (told[-1][0] + gap + word.text, word.slot)
        else:
            if gap:
                told.append((gap, "text"))
            told.append((word.text, word.slot))
    return tuple(told)


def _groups(laid: Laid, pieces: Pieces, chosen: int, *, head: bool) -> Iterator[list[_Word]]:
    """Words that may not be parted, as a key and the full stop after it."""
    group: list[_Word] = []
    spaced = True
    for piece in pieces:
        slot = "title" if head else _SLOTS[piece.kind]
        link = -1
        text = piece.text
        if piece.kind == "link":
            link = len(laid.links)
            laid.links.append(Link(piece.target, piece.text, -1))
            text = (LINK_CHOSEN if link == chosen else LINK) + text
        words = [text] if piece.kind in {"key", "code"} and " " in text and cell_len(text) < 24 else text.split()
        spaced = spaced or text[:1].isspace()
        for number, word in enumerate(words):
            if spaced or number:
                if group:
                    yield group
                group = [_Word(word, slot, link if not number else -1)]
            else:
                group.append(_Word(word, slot, link if not number else -1, glued=True))
        spaced = text[-1:].isspace() if words else True
    if group:
        yield group
