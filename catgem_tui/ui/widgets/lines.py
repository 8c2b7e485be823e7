"""Widgets drawn from lines: only lines that changed are painted again."""

from collections.abc import Sequence
from typing import Any, cast

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from catgem_tui.desk.state import DeskState
from catgem_tui.ui.lines import Line, is_safe, span
from catgem_tui.ui.paint import Painted, on_cursor


class Lines(ScrollView):
    """Shows lines; as high as they are where its height is ``auto``."""

    DEFAULT_CSS = """
    Lines {
        height: auto;
        overflow-x: hidden;
        overflow-y: hidden;
        scrollbar-size: 1 1;
        background: transparent;
    }
    """
    can_focus = False
    ALLOW_SELECT = False
    virtual_size = Reactive(Size(0, 0))
    """As Textual's, without a layout of the whole screen after each change: most have their height from elsewhere."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id, classes=classes)
        self.drawn: tuple[Line, ...] = ()
        """The lines on the screen."""

    def show(self, lines: Sequence[Line]) -> None:
        """Draw these from now on."""
        before, self.drawn = self.drawn, tuple(lines)
        if len(before) != len(self.drawn):
            self.virtual_size = Size(0, len(self.drawn))
            height = self.styles.height
            if height is None or height.is_auto:
                self.refresh(layout=True)
            else:
                self.scroll_over(self.virtual_size)
                self.refresh()
            return
        for number, (old, new) in enumerate(zip(before, self.drawn, strict=True)):
            if old != new:
                self.refresh_line(number)

    def scroll_over(self, size: Size) -> None:
        """Fit the scrollbar to what there is, as a layout would."""
        self._scroll_update(size)

    def watch_show_vertical_scrollbar(self) -> None:
        """A scrollbar takes a cell from every line."""
        self.call_after_refresh(self.redraw)

    def redraw(self) -> None:
        """Make the lines again for the width there is now; for those who make their own."""

    @property
    def text_width(self) -> int:
        """Cells a line may take."""
        return self.scrollable_content_region.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.drawn)

    def render_line(self, y: int) -> Strip:
        number = y + self.scroll_offset.y
        width = self.size.width
        over = self.line_style(number)
        base = self.rich_style + over
        if number >= len(self.drawn):
            return Strip.blank(width, base)
        styles = cast(Painted, self.app).slot_styles
        # The last gate before the terminal: whoever made the line may have put in what a citizen is called.
        drawn = (part if is_safe(part[0]) else span(*part) for part in self.drawn[number])
        segments: list[Segment] = []
        for text, slot in drawn:
            style = base + styles[on_cursor(slot) if over else slot] + over
            segments += _trimmed(text, style, base) if style.underline or style.reverse else (Segment(text, style),)
        return Strip(segments).adjust_cell_length(width, base)

    def line_style(self, number: int) -> Style:
        """What to lay over one line; nothing by default."""
        return Style.null()


def _trimmed(text: str, style: Style, base: Style) -> list[Segment]:
    """Marks the words and not the spaces that fill a column."""
    words = text.strip(" ")
    if not words:
        return [Segment(text, base)]
    before, _words, after = text.partition(words)
    return [Segment(each, shape) for each, shape in ((before, base), (words, style), (after, base)) if each]


class Sliced(Lines):
    """A part of the screen that draws its own slice of the desk's state, and again only when that slice changes."""

    slice: Any = None

    def take(self, state: DeskState, now: float) -> Any:
        """The slice: everything shown, as values that compare."""
        raise NotImplementedError

    def show_slice(self) -> None:
        """Draw the slice to the width there is."""
        raise NotImplementedError

    def draw(self, state: DeskState, now: float) -> None:
        """Take the slice and draw it if it differs from the last one. ``now`` is on central's clock."""
        taken = self.take(state, now)
        if taken != self.slice:
            self.slice = taken
            self.redraw()

    def redraw(self) -> None:
        if self.slice is None:
            return
        if self.text_width > 0:
            self.show_slice()
        else:
            self.refresh(layout=True)

    def on_resize(self, event: events.Resize) -> None:
        self.redraw()


class Pane(Sliced):
    """A slice drawn as plain lines."""

    def lines(self, slice_: Any, width: int) -> list[Line]:
        """The slice as lines of at most ``width`` cells."""
        raise NotImplementedError

    def show_slice(self) -> None:
        self.show(self.lines(self.slice, self.text_width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.lines(self.slice, width)) if self.slice is not None else 0
