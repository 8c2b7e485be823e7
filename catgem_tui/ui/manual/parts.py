"""The parts of the manual's screen."""

from collections.abc import Callable
from typing import Any

from catgem_tui.desk.state import DeskState
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.lines import Line, Span, without_halves
from catgem_tui.ui.panes.strips import KeyHints
from catgem_tui.ui.widgets.lines import Lines
from catgem_tui.ui.widgets.rows import Rows


class PageLines(Lines):
    """The page that is read; made anew for every width."""

    def __init__(self, make: Callable[[], None], *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.make = make

    def redraw(self) -> None:
        self.make()


class ManualRows(Rows):
    """A list that the keys move while the screen shows it as the one to choose from."""

    def __init__(self, led: Callable[[], bool], make: Callable[[], None], *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(always=True, id=id)
        self.can_focus = False
        self.led = led
        self.make = make

    @property
    def is_led(self) -> bool:
        return self.led()

    def redraw(self) -> None:
        self.make()


class ManualKeys(KeyHints):
    """The keys of the manual, where elsewhere those of the place are."""

    def __init__(self, keymap: KeysInForce, foot: Callable[[], Line]) -> None:
        super().__init__(keymap, "")
        self.foot = foot

    def usual(self, state: DeskState) -> Any:
        return self.foot()

    def usual_line(self, usual: Any, width: int) -> list[Span]:
        """As many as there is room for; how to close it in any case."""
        return list(without_halves(usual, width))
