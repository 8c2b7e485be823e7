"""A screen that is a place to be, and draws the desk."""

from collections.abc import Callable

from catgem_tui.desk.state import DeskState
from catgem_tui.ui.screens.sparing import SparingScreen


class PlaceScreen(SparingScreen[None]):
    """``entered`` is called when it can be drawn, the first time and every other."""

    def __init__(self, entered: Callable[[], None], *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self.entered = entered
        self.drawable = False

    def on_mount(self) -> None:
        """Textual calls this after the ``on_mount`` of the class that inherits it."""
        self.drawable = True
        self.entered()

    def on_unmount(self) -> None:
        self.drawable = False

    def draw(self, state: DeskState, now: float) -> None:
        """Draw what changed. ``now`` is on central's clock."""
        raise NotImplementedError
