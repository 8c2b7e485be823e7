"""What widgets and screens need of screen-reader mode; ``ui.reader`` is the mode itself."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Protocol

from textual.screen import Screen
from textual.widget import Widget

from catgem_tui.desk.state import DeskState
from catgem_tui.ui.lines import Line, Row


class Telling(StrEnum):
    """What is only of the moment; a later one of a kind takes the place of one that was not written yet."""

    SCREEN = "screen"
    """What the screen on top is about."""
    FIELD = "field"
    """What has the focus."""
    ROW = "row"
    """The row or line that a field leads to."""
    FOUND = "found"
    """What a search came to."""
    KEYS = "keys"
    """What was pressed, and what may follow."""
    AGAIN = "again"
    """What was announced before."""


class ScreenReader(Protocol):
    """Screen-reader mode, for as long as it is on."""

    @property
    def wide(self) -> int:
        """Cells to which a pane draws, so that nothing is abbreviated."""
        ...

    @property
    def endless(self) -> int:
        """The same for what has paragraphs."""
        ...

    # --- what can be read aloud ---

    def keys(self, pressed: str, /) -> str:
        """What was pressed, key by key."""
        ...

    def words(self, text: str, /) -> str:
        """A text without what is spelt out."""
        ...

    def laid(self, lines: Sequence[Line], width: int, /) -> list[Line]:
        """Each line as a sentence, wrapped to ``width`` cells."""
        ...

    def laid_rows(self, rows: Sequence[Row], width: int, /) -> list[Row]:
        """Each row as a sentence that ends with its place in the list."""
        ...

    def tell(self, pane: Widget, state: DeskState, now: float, /) -> tuple[str, ...] | None:
        """The sentences of a pane; None where what it draws reads well by itself."""
        ...

    def tell_rows(self, pane: Widget, state: DeskState, now: float, /) -> tuple[Row, ...] | None:
        """The rows of a list, each a sentence; None as above."""
        ...

    # --- what is to be heard ---

    def say(self, screen: Screen[Any], words: str, kind: Telling = Telling.ROW, /) -> None:
        """Something to be heard now that nobody needs to hear again."""
        ...

    def hear(self, screen: Screen[Any], topic: str, words: str, /) -> None:
        """Something to be heard, and heard again; of one topic only the last."""
        ...

    def tell_row(self, screen: Screen[Any], words: str, /) -> None:
        """The row that a field leads to, once the screen has said what it is."""
        ...

    def tell_found(self, screen: Screen[Any], rows: Sequence[Row], /) -> None:
        """What a list has for what was typed."""
        ...

    def again(self, screen: Screen[Any], /) -> None:
        """What was not shown yet; then the newest once more, and at each further call the one before."""
        ...

    @property
    def heard(self) -> list[str]:
        """What was announced, newest first."""
        ...
