"""Widgets drawn from lines: only lines that changed are painted again."""

from collections.abc import Sequence
from typing import Any, Protocol, cast, runtime_checkable

from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.geometry import Offset, Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from catgem_tui.desk.state import DeskState
from catgem_tui.ui.lines import Line, is_safe, span
from catgem_tui.ui.paint import Painted, on_cursor
from catgem_tui.ui.screen_reader import ScreenReader


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
        self.shown: Sequence[Line] = ()
        """What they were made from, before anything was joined or wrapped for screen-reader mode."""
        self.reading: int = 0
        """Of them, the one that is being read."""

    @property
    def reader(self) -> ScreenReader | None:
        """Screen-reader mode, while it is on."""
        return cast(Painted, self.app).reader

    def show(self, lines: Sequence[Line]) -> None:
        """Draw these from now on; in screen-reader mode, what can be read aloud of them."""
        reader = self.reader
        self.shown = lines
        self.put(lines if reader is None else reader.laid(lines, self.cells))

    @on(events.Resize)
    def lay_again(self) -> None:
        """What screen-reader mode wrapped to another width."""
        reader = self.reader
        if reader is not None and self.shown:
            self.put(reader.laid(self.shown, self.cells))

    def put(self, lines: Sequence[Line]) -> None:
        """Draw these from now on, as they are."""
        before, self.drawn = self.drawn, tuple(lines)
        if len(before) != len(self.drawn):
            self.virtual_size = Size(0, len(self.drawn))
            height = self.styles.height
            if (height is None or height.is_auto) and self.scrollable_content_region.height != len(self.drawn):
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

    def on_resize(self) -> None:
        self.redraw()

    @property
    def cells(self) -> int:
        """Cells of a line on the screen."""
        return self.scrollable_content_region.width

    @property
    def text_width(self) -> int:
        """Cells a line may be drawn to."""
        cells, reader = self.cells, self.reader
        return cells if reader is None or cells <= 0 else reader.wide

    @property
    def cursor_screen_offset(self) -> Offset | None:
        """Where the terminal's cursor belongs while the focus is here, for a screen reader that follows it; None
        elsewhere than in screen-reader mode."""
        if self.reader is None:
            return None
        return self.content_region.offset + Offset(0, self.reading - self.scroll_offset.y)

    def read_by_ear(self) -> None:
        """A screen reader follows the terminal's cursor, which is where the focus is: put both here."""
        if self.reader is not None:
            self.can_focus = True
            self.screen.set_focus(self)

    def read(self, by: int) -> None:
        """Go on by lines in what is only to be read."""
        self.reading = min(max(self.reading + by, 0), max(0, len(self.drawn) - 1))
        height = self.scrollable_content_region.height
        if not self.scroll_offset.y <= self.reading < self.scroll_offset.y + height:
            top = self.reading if by < 0 else self.reading - height + 1
            self.scroll_to(y=max(0, top), animate=False, immediate=True)
        self.place_cursor()

    def place_cursor(self) -> None:
        """Bring the terminal's cursor to what is being read. It goes where the next frame says, so there has to be
        one."""
        place = self.cursor_screen_offset
        if place is not None:
            self.app.cursor_position = place
            self.refresh_line(self.reading)

    def action_scroll_up(self) -> None:
        if self.reader is None:
            super().action_scroll_up()
        else:
            self.read(-1)

    def action_scroll_down(self) -> None:
        if self.reader is None:
            super().action_scroll_down()
        else:
            self.read(1)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.drawn)

    def render_line(self, y: int) -> Strip:
        number = y + self.scroll_offset.y
        return painted(self, self.drawn[number] if number < len(self.drawn) else (), self.line_style(number))

    def line_style(self, number: int) -> Style:
        """What to lay over one line; nothing by default."""
        return Style.null()


def painted(widget: Widget, line: Line, over: Style) -> Strip:
    """A line as wide as the widget that shows it, in the theme's styles; ``over`` is laid over all of it."""
    width = widget.size.width
    base = widget.rich_style + over
    if not line:
        return Strip.blank(width, base)
    styles = cast(Painted, widget.app).slot_styles
    # The last gate before the terminal: whoever made the line may have put in what a citizen is called.
    drawn = (part if is_safe(part[0]) else span(*part) for part in line)
    segments: list[Segment] = []
    for text, slot in drawn:
        style = base + styles[on_cursor(slot) if over else slot] + over
        segments += _trimmed(text, style, base) if style.underline or style.reverse else (Segment(text, style),)
    return Strip(segments).adjust_cell_length(width, base)


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
    told: Any = None
    """In screen-reader mode what is said in the place of the slice, if it does not read well by itself."""

    def take(self, state: DeskState, now: float) -> Any:
        """The slice: everything shown, as values that compare."""
        raise NotImplementedError

    def show_slice(self) -> None:
        """Draw the slice to the width there is."""
        raise NotImplementedError

    def draw(self, state: DeskState, now: float) -> None:
        """Take the slice and draw it if it differs from the last one. ``now`` is on central's clock."""
        taken, told = self.take(state, now), self.tell(state, now)
        if taken != self.slice or told != self.told:
            self.slice, self.told = taken, told
            self.redraw()

    def tell(self, state: DeskState, now: float) -> Any:
        """What to say of it in screen-reader mode."""
        reader = self.reader
        return None if reader is None else reader.tell(self, state, now)

    def redraw(self) -> None:
        if self.slice is None:
            return
        if self.text_width > 0:
            self.show_slice()
        else:
            self.refresh(layout=True)


@runtime_checkable
class Named(Protocol):
    """What is gone through line by line in screen-reader mode, where it can have the focus."""

    called: str
    """Its name, English msgid."""


class Pane(Sliced):
    """A slice drawn as plain lines."""

    def lines(self, slice_: Any, width: int) -> list[Line]:
        """The slice as lines of at most ``width`` cells."""
        raise NotImplementedError

    def show_slice(self) -> None:
        self.show(self.lines_now(self.text_width))

    def lines_now(self, width: int) -> Sequence[Line]:
        return self.lines(self.slice, width) if self.told is None else [(span(words),) for words in self.told]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        if self.slice is None:
            return 0
        reader = self.reader
        return len(self.lines_now(width) if reader is None else reader.laid(self.lines_now(reader.wide), width))
