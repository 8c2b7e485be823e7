"""The bytes that lead from what the terminal shows to what it should show.

Rows are compared from top to bottom and cells from left to right. Between two changes whatever is shortest moves the
cursor, and that may be to write what is already there. Blanks are erased (EL, ECH) and ASCII characters repeated (REP)
where that is shorter and the terminal does it; rows that moved are moved (IL, DL). A character whose width terminals
dispute is written on blanks, and after it nothing is believed of the cursor and what it may have covered is written
again.
"""

from collections import Counter

from catgem_tui.terminal.capabilities import Capabilities
from catgem_tui.terminal.grid import NARROW, Grid, reach
from catgem_tui.terminal.moves import move
from catgem_tui.terminal.pens import Pen, Pens
from catgem_tui.terminal.scrolling import Scroll, find_scroll

SHOW_CURSOR, HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"
_LONGEST_GAP = 8
"""Cells; above it no way of the cursor is longer than what is between."""
_A_MOVE = 5
"""Bytes that the cursor usually takes to get over what was erased."""
_FEW = 3
"""Changed rows below which nothing can have been scrolled to advantage."""
_LONG = 200
"""Characters of a frame from which a cursor that runs over the screen with it would be seen."""


class Differ:
    """Knows what the terminal shows, where its cursor stands and which pen is in force."""

    def __init__(self, capabilities: Capabilities, pens: Pens) -> None:
        self._able = capabilities
        self._pens = pens
        self._shown: Grid | None = None
        self._y: int | None = None
        self._x: int | None = None
        self._pen: Pen | None = None
        self._cursor_shown: bool | None = None
        self._written: list[str] = []

    def forget(self) -> None:
        """The terminal may show anything, with its cursor anywhere, hidden or not: it was just started, or lent, or has
        another size."""
        self._shown = None
        self._y = self._x = self._pen = self._cursor_shown = None

    def paint(self, wanted: Grid, rows: set[int], caret: tuple[int, int] | None) -> str:
        """What makes the terminal show ``rows`` of the grid, and all others as well if it may show anything.

        ``caret``: row and column at which the cursor is to be seen; None: nowhere.
        """
        if self._shown is None or (self._shown.width, self._shown.height) != (wanted.width, wanted.height):
            self._y = self._x = None
            self._shown = self._clear(wanted)
            rows = set(range(wanted.height))
        shown = self._shown
        changed = [y for y in sorted(rows) if wanted.texts[y] != shown.texts[y] or wanted.pens[y] != shown.pens[y]]
        if len(changed) >= _FEW and self._able.insert_lines:
            scroll = find_scroll(wanted, shown, changed)
            if scroll is not None:
                self._scroll(scroll, shown)
                changed = sorted({*changed, *range(scroll.top, scroll.bottom)})
        for y in changed:
            self._row(y, wanted, shown)
        return self._finish(caret)

    def _finish(self, caret: tuple[int, int] | None) -> str:
        """The frame, with the cursor where it belongs."""
        long = caret is None or sum(map(len, self._written)) > _LONG
        hidden_first = self._cursor_shown is not False and long
        before = HIDE_CURSOR if hidden_first else ""
        if caret is not None:
            self._go(*caret)
            if hidden_first or not self._cursor_shown:
                self._written.append(SHOW_CURSOR)
        self._cursor_shown = caret is not None
        frame = before + "".join(self._written)
        self._written.clear()
        return frame

    # --- rows ---

    def _clear(self, wanted: Grid) -> Grid:
        """Empty the screen in the commonest background, which is then written nowhere."""
        counted: Counter[Pen] = Counter()
        for row in wanted.pens:
            counted.update(row)
        background = max(
            (pen for pen in counted if pen.erases and (self._able.coloured_erase or not pen.background)),
            key=counted.__getitem__,
            default=self._pens.plain,
        )
        self._use(background)
        self._written.append("\x1b[H\x1b[J")
        self._y = self._x = 0
        return Grid(wanted.width, wanted.height, self._pens, background)

    def _scroll(self, scroll: Scroll, shown: Grid) -> None:
        """Let the terminal move the rows between ``top`` and ``bottom``; those that come in are blank and plain."""
        self._use(self._pens.plain)
        count = abs(scroll.by)
        delete, insert = (scroll.top, scroll.bottom - count) if scroll.by > 0 else (scroll.bottom - count, scroll.top)
        number = "" if count == 1 else str(count)
        for at, final in ((delete, "M"), (insert, "L")):
            if at + count < shown.height:  # at the bottom what is inserted comes by itself, and what is deleted goes
                self._go(at, self._x or 0)
                self._written.append(f"\x1b[{number}{final}")
                self._x = None  # some terminals go to the margin, some stay
        for rows, blank in ((shown.texts, " "), (shown.pens, self._pens.plain)):
            del rows[delete : delete + count]
            rows[insert:insert] = [[blank] * shown.width for _ in range(count)]  # type: ignore[list-item]

    def _row(self, y: int, wanted: Grid, shown: Grid) -> None:
        row = _Row(y, wanted.texts[y], wanted.pens[y], shown.texts[y], shown.pens[y])
        texts, pens, old_texts, old_pens = row.texts, row.pens, row.old_texts, row.old_pens
        width = wanted.width
        x = 0
        while x < width:
            text = texts[x]
            if x >= row.forced and text == old_texts[x] and pens[x] is old_pens[x]:
                x += 1
                continue
            if text == " ":
                end = self._blanks(x, row)
                for cell in range(x, end):
                    row.force(cell, reach(old_texts[cell]))
                x = end
                continue
            if not text:
                x -= 1
                text = texts[x]
            row.force(x, reach(old_texts[x]))
            self._go(y, x, row)
            self._use(pens[x])
            if reach(text):
                row.force(x, reach(text))
                x += self._disputed(x, row)
            else:
                x += self._characters(x, row)
            if x >= width:
                self._x = None  # terminals differ in where the cursor waits after the last column
        shown.texts[y], shown.pens[y] = texts.copy(), pens.copy()

    def _characters(self, x: int, row: "_Row") -> int:
        """Write the cell at the cursor, or a run of the same; returns how many cells that takes."""
        texts, pens = row.texts, row.pens
        text = texts[x]
        self._written.append(text)
        if x + 1 < len(texts) and not texts[x + 1]:
            self._advance(2)
            return 2
        count = 1
        if self._able.repeat and text.isascii():  # tmux 3.3 and others repeat no other characters
            pen = pens[x]
            while x + count < len(texts) and texts[x + count] == text and pens[x + count] is pen:
                count += 1
            repeat = f"\x1b[{count - 1}b"
            if len(repeat) < count - 1:
                self._written.append(repeat)
            else:
                count = 1
        self._advance(count)
        return count

    def _disputed(self, x: int, row: "_Row") -> int:
        size = 2 if x + 1 < len(row.texts) and not row.texts[x + 1] else 1
        self._written.append(" " * size)
        self._y = self._x = None
        self._go(row.y, x)
        self._written.append(row.texts[x])
        self._y = self._x = None
        return size

    def _blanks(self, x: int, row: "_Row") -> int:
        """Blank a run of cells that begins at ``x``; returns the cell up to which the row is right now."""
        pen, width = row.pens[x], len(row.texts)
        last = row.last_changed_blank(x)
        count = last - x
        self._go(row.y, x, row)
        if self._pen is None or self._pen.blank is not pen:
            self._use(pen)
        erasable = pen.erases and (self._able.coloured_erase or not pen.background)
        if erasable and x >= row.tail and count > len("\x1b[K"):
            self._written.append("\x1b[K")
            return width
        characters, erase, repeat = " " * count, f"\x1b[{count}X", f" \x1b[{count - 1}b"
        if self._able.repeat and len(repeat) < count:
            characters = repeat
        if erasable and self._able.erase_characters and len(erase) + _A_MOVE < len(characters):
            self._written.append(erase)
            return last
        self._written.append(characters)
        self._advance(count)
        if last >= width:
            self._x = None
        return last

    # --- cursor and pen ---

    def _advance(self, count: int) -> None:
        if self._x is not None:
            self._x += count

    def _use(self, pen: Pen) -> None:
        if pen is not self._pen:
            self._written.append(self._pens.change(self._pen, pen))
            self._pen = pen

    def _go(self, y: int, x: int, row: "_Row | None" = None) -> None:
        """Move the cursor; within a row, given its cells, by writing what is there if that is shortest."""
        if (self._y, self._x) == (y, x):
            return
        way = move((self._y, self._x), y, x, self._able)
        if row is not None and self._y == y and self._x is not None:
            between = self._gap(row.texts[self._x : x], row.pens[self._x : x])
            if between and len(between.encode()) <= len(way):
                way = between
        self._written.append(way)
        self._y, self._x = y, x

    def _gap(self, texts: list[str], pens: list[Pen]) -> str:
        """The cells between as they are, when the pen in force writes them so; else nothing."""
        pen = self._pen
        if pen is None or not 0 < len(texts) <= _LONGEST_GAP:
            return ""
        for text, its in zip(texts, pens, strict=True):
            if not (its is pen or (text == " " and its is pen.blank)) or not text or text >= NARROW or reach(text):
                return ""
        return "".join(texts)


class _Row:
    """One row: what should be there and what is."""

    __slots__ = ("forced", "old_pens", "old_texts", "pens", "tail", "texts", "y")

    def __init__(self, y: int, texts: list[str], pens: list[Pen], old_texts: list[str], old_pens: list[Pen]) -> None:
        self.y = y
        self.texts, self.pens = texts, pens
        self.old_texts, self.old_pens = old_texts, old_pens
        self.tail = _tail(texts, pens)
        self.forced = 0
        """The cell up to which all is written again."""

    def force(self, x: int, cells: int) -> None:
        self.forced = max(self.forced, x + cells)

    def last_changed_blank(self, x: int) -> int:
        """The cell after the last changed one of the run of blanks that begins at ``x``."""
        texts, pens, old_texts, old_pens = self.texts, self.pens, self.old_texts, self.old_pens
        pen, end, last = pens[x], x, x + 1
        while end < len(texts) and texts[end] == " " and pens[end] is pen:
            if end < self.forced or old_texts[end] != " " or old_pens[end] is not pen:
                last = end + 1
            end += 1
        return last


def _tail(texts: list[str], pens: list[Pen]) -> int:
    """The cell from which on the row is blank, all of one pen."""
    place, pen = len(texts), pens[-1]
    while place and texts[place - 1] == " " and pens[place - 1] is pen:
        place -= 1
    return place
