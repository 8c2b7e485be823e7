"""A list to move in: rows of one or more lines, one of them under the cursor."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message

from catgem_tui.desk.state import DeskState
from catgem_tui.ui.lines import Row, plain
from catgem_tui.ui.paint import Painted
from catgem_tui.ui.widgets.lines import Lines, Sliced

MOVES = (
    Binding("up", "move(-1)", show=False),
    Binding("down", "move(1)", show=False),
    Binding("pageup", "move(-8)", show=False),
    Binding("pagedown", "move(8)", show=False),
)
"""The keys with which a list is gone through, also from a field that leads it."""


class Rows(Lines):
    """Arrow keys move, Enter chooses. Keeps the cursor on the same key when rows come and go."""

    can_focus = True
    tells_first: ClassVar[bool] = True
    """Whether screen-reader mode announces the row on which the cursor begins; not where a search tells of it."""
    DEFAULT_CSS = "Rows { overflow-y: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        *MOVES,
        Binding("home", "move(-9999)", show=False),
        Binding("end", "move(9999)", show=False),
        Binding("enter,space", "choose", show=False),
    ]

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, rows: "Rows", key: str) -> None:
            super().__init__()
            self.rows = rows
            self.key = key

        @property
        def control(self) -> "Rows":
            return self.rows

    class Chosen(Moved):
        """Enter on a row."""

    def __init__(self, *, always: bool = False, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.always = always
        """Show the cursor while the focus is in a field beside it, which leads it."""
        self.rows: tuple[Row, ...] = ()
        self.cursor = ""

    def show_rows(self, rows: Sequence[Row], *, first: bool = False) -> None:
        """Show these; with ``first`` the cursor goes back to the top."""
        reader, plain_rows = self.reader, rows
        if reader is not None:
            rows = reader.laid_rows(rows, self.cells)
        keys = [row.key for row in rows if row.key]
        before = self.cursor
        if first or self.cursor not in keys:
            self.cursor = self._nearest(keys, first=first)
        self.rows = tuple(rows)
        self.put([line for row in rows for line in row.lines])
        if self.cursor != before:
            self.refresh()
            self.post_message(self.Moved(self, self.cursor))
        if first and reader is not None and self.tells_first and self.is_led and not self.has_focus:
            reader.tell_found(self.screen, plain_rows)
        elif self.has_focus or (self.tells_first and self.cursor != before):
            self.follow()

    def _nearest(self, keys: list[str], *, first: bool) -> str:
        """Where the cursor falls when its row has gone: the row that took its place."""
        if not keys:
            return ""
        before = [row.key for row in self.rows if row.key]
        place = 0 if first or self.cursor not in before else before.index(self.cursor)
        return keys[min(place, len(keys) - 1)]

    def move_to(self, key: str) -> None:
        if key != self.cursor and any(row.key == key for row in self.rows):
            for row in (self.cursor, key):
                self._refresh_row(row)
            self.cursor = key
            self.keep_in_sight()
            self.follow()
            self.post_message(self.Moved(self, key))

    def follow(self) -> None:
        """In screen-reader mode: the terminal's cursor to the row, or its words to the announcements where a field
        beside it keeps the cursor."""
        reader = self.reader
        if reader is None:
            return
        self.reading = self._extent(self.cursor)[0]
        if self.has_focus:
            self.keep_in_sight()  # it may have been sorted out of sight
            self.call_after_refresh(self.place_cursor)  # what has just been shown has no place yet
        elif self.is_led and (words := self.words_of(self.cursor)):
            reader.tell_row(self.screen, words)

    def words_of(self, key: str) -> str:
        """The words of a row."""
        return next((" ".join(map(plain, row.lines)) for row in self.rows if row.key == key), "")

    def _extent(self, key: str) -> tuple[int, int]:
        """First line and number of lines of a row."""
        top = 0
        for row in self.rows:
            if row.key == key:
                return top, len(row.lines)
            top += len(row.lines)
        return 0, 0

    def _refresh_row(self, key: str) -> None:
        top, count = self._extent(key)
        if count:
            self.refresh_lines(top, count)

    def keep_in_sight(self) -> None:
        """Scroll so that the row under the cursor is seen."""
        top, count = self._extent(self.cursor)
        height = self.scrollable_content_region.height
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False)
        elif top + count > self.scroll_offset.y + height:
            self.scroll_to(y=top + count - height, animate=False)

    def on_resize(self) -> None:
        """A notice below takes rows away, and so does a smaller window."""
        self.call_after_refresh(self.keep_in_sight)

    def action_move(self, by: int) -> None:
        keys = [row.key for row in self.rows if row.key]
        if keys:
            place = keys.index(self.cursor) if self.cursor in keys else 0
            self.move_to(keys[min(max(place + by, 0), len(keys) - 1)])

    def action_choose(self) -> None:
        if self.cursor:
            self.post_message(self.Chosen(self, self.cursor))

    def line_style(self, number: int) -> Style:
        if not self.cursor or not self.is_led or self.reader is not None:
            return Style.null()
        top, count = self._extent(self.cursor)
        if top <= number < top + count:
            return cast(Painted, self.app).slot_styles["cursor"]
        return Style.null()

    @property
    def is_led(self) -> bool:
        """Whether keys move the cursor now: they come here, or to a field beside it."""
        if not self.always or self.has_focus:
            return self.has_focus
        focused = self.screen.focused
        return focused is not None and self.parent in focused.ancestors

    def on_focus(self) -> None:
        self._refresh_row(self.cursor)
        self.call_later(self.follow)  # only after this does Textual say that the focus is here

    def on_blur(self) -> None:
        self._refresh_row(self.cursor)


class RowPane(Rows, Sliced):
    """A slice drawn as a list. ``Rows`` comes first: Textual takes styles and keys from the first base only."""

    def rows_of(self, slice_: Any, width: int) -> list[Row]:
        raise NotImplementedError

    def tell(self, state: DeskState, now: float) -> Any:
        reader = self.reader
        return None if reader is None else reader.tell_rows(self, state, now)

    def show_slice(self) -> None:
        self.show_rows(self.rows_now(self.text_width))

    def rows_now(self, width: int) -> Sequence[Row]:
        return self.rows_of(self.slice, width) if self.told is None else self.told

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        if self.slice is None:
            return 0
        reader = self.reader
        rows = self.rows_now(width) if reader is None else reader.laid_rows(self.rows_now(reader.wide), width)
        return sum(len(row.lines) for row in rows)
