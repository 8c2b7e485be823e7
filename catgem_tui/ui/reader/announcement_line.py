"""Where announcements stand on the screen."""

from catgem_tui.terminal.painting import Update, holds
from catgem_tui.ui.lines import span
from catgem_tui.ui.reader import linear
from catgem_tui.ui.widgets.lines import Lines

_ROWS = 2


class AnnouncementLine(Lines):
    """The lowest two rows of every screen: the newest thing that changed."""

    DEFAULT_CSS = "AnnouncementLine { dock: bottom; height: 2; width: 100%; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__(classes="announcements")
        self.words = ""
        self.slot = "text"

    def say(self, words: str, slot: str) -> None:
        self.words, self.slot = words, slot
        self.redraw()

    def redraw(self) -> None:
        if self.cells > 0:
            self.show([(span(self.words, self.slot),)] if self.words else [])

    def fits(self, words: str, spare: int = 0) -> bool:
        """Whether all of it would be seen, with cells to spare."""
        cells = self.cells or self.screen.size.width - 2  # before it is laid out
        return len(linear.laid([(span(words),)], cells - spare)) <= _ROWS

    def is_in(self, update: Update) -> bool:
        """Whether its words are among what was composed: each change is of its first row too."""
        x, y = self.content_region.offset
        return bool(self.drawn) and holds(update, x, y)
