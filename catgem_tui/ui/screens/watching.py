"""A dialog whose rows show the desk's state for as long as it stands."""

from collections.abc import Callable
from typing import ClassVar

from catgem_tui.desk.intents import Intent
from catgem_tui.desk.state import DeskState
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.dialogs import ChoiceDialog, Dialog
from catgem_tui.ui.widgets.rows import Rows


class WatchingDialog(Dialog):
    """``begins`` is wanted of the desk when it opens, ``ends`` when it is left."""

    DEFAULT_CSS = """
    WatchingDialog > Vertical { max-height: 92%; }
    WatchingDialog Rows { height: auto; margin: 1 0; scrollbar-gutter: stable; }
    """
    carries = True
    begins: ClassVar[Intent]
    ends: ClassVar[Intent]

    def __init__(self, desk: Desk, ask: Callable[[ChoiceDialog, Callable[[str], None]], None]) -> None:
        """``ask`` lays a choice over this."""
        super().__init__()
        self.desk = desk
        self.ask = ask
        self.rows = Rows()
        self.unsubscribe: Callable[[], None] = lambda: None

    def on_mount(self) -> None:
        self.set_focus(self.rows)
        self.unsubscribe = self.desk.subscribe(self.draw)
        self.desk.do(self.begins)

    def on_unmount(self) -> None:
        self.unsubscribe()
        self.desk.do(self.ends)

    def fill(self) -> None:
        self.redraw()

    def name_keys(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        self.draw(self.desk.state)

    def draw(self, state: DeskState) -> None:
        """Called with each new state, and when the width or the keys are others."""
        raise NotImplementedError
