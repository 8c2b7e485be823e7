"""From what Textual composed to bytes.

Textual hands every repaint to ``App._display`` as an update of its compositor, which holds the composed strips; its own
way on is to write those out whole as escape text. The updates are taken there, before they become text (see
``display``): their strips are all that is needed, nothing has to be read back out of escape sequences, and Textual is
spared writing them. An update of a kind that is not known here goes Textual's own way.
"""

from typing import TypeGuard

from textual._compositor import ChopsUpdate, LayoutUpdate

from catgem_tui.terminal.capabilities import Capabilities
from catgem_tui.terminal.differ import Differ
from catgem_tui.terminal.grid import Grid
from catgem_tui.terminal.pens import Pens

Update = LayoutUpdate | ChopsUpdate
"""The whole screen, or parts of it."""


def is_update(renderable: object) -> TypeGuard[Update]:
    return isinstance(renderable, Update)


def holds(update: Update, x: int, y: int) -> bool:
    """Whether a cell is among what was composed."""
    if isinstance(update, LayoutUpdate):
        return update.region.contains(x, y)
    return any(row == y and first <= x < last for row, first, last in update.spans)


class Painter:
    """Keeps what should be on the screen, and says what brings it there."""

    def __init__(self, capabilities: Capabilities) -> None:
        self._pens = Pens(capabilities)
        self._differ = Differ(capabilities, self._pens)
        self.wanted = Grid(0, 0, self._pens)
        self._rows: set[int] = set()
        """Those that may differ from what is shown."""

    def take(self, update: Update, size: tuple[int, int]) -> None:
        """Put an update into what should be shown on a screen of so many columns and rows.

        Between a new size and the layout for it widgets still repaint themselves where they were: nothing of that is
        shown, nor is anything else until the whole of the new layout comes.
        """
        if (self.wanted.width, self.wanted.height) != size:
            whole = isinstance(update, LayoutUpdate) and update.region.size == size
            self.wanted = Grid(*(size if whole else (0, 0)), self._pens)
            if not whole:
                return
        put, rows = self.wanted.put, self._rows
        if isinstance(update, LayoutUpdate):
            for y, strips in enumerate(update.strips, update.region.y):
                x = update.region.x
                for strip in strips:
                    x = put(y, x, strip)
                rows.add(y)
            return
        for y, first, last in update.spans:
            for end, (x, chop) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if chop is not None and x < last and end > first:
                    put(y, x, chop)  # whole: each is one widget's from one edge to the next
            rows.add(y)

    def forget(self) -> None:
        """Whatever the terminal shows, it is not what was painted."""
        self._differ.forget()

    def paint(self, caret: tuple[int, int] | None) -> str:
        """What is to be written for the terminal to show all that was taken; empty if it does."""
        if not self.wanted.height:
            return ""
        rows = {y for y in self._rows if y < self.wanted.height}
        self._rows.clear()
        return self._differ.paint(self.wanted, rows, caret)
