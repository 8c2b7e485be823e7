"""What deeds need of the application."""

from collections.abc import Callable
from typing import Protocol

from catgem_tui.config.keymap import Keymap
from catgem_tui.desk.intents import (
    Intent,
)
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.model import Contact, Record
from catgem_tui.ui.panes.directory import DirectoryPane
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.desk import DeskScreen
from catgem_tui.ui.screens.form import FormScreen
from catgem_tui.ui.screens.keeping import KeepingScreen
from catgem_tui.ui.screens.overlay import Overlay, Remembered
from catgem_tui.ui.screens.page import PageScreen


class Work(Protocol):
    """What deeds need of the application."""

    desk: Desk
    keymap: Keymap
    place: str
    clock: Callable[[], float]

    @property
    def where(self) -> str:
        """The place, or the form that lies over it."""
        ...

    @property
    def state(self) -> DeskState: ...
    @property
    def desk_screen(self) -> DeskScreen: ...
    @property
    def keeping_screen(self) -> KeepingScreen: ...
    def opening(self, purpose: str) -> Intent | None:
        """What opens the form of the record at hand; None while there is none."""
        ...

    def form_at_hand(self) -> FormScreen | None: ...
    def page_at_hand(self) -> PageScreen | None: ...
    def ask(self, overlay: Overlay, then: Callable[[str], None]) -> None:
        """Show it, unless another is shown; ``then`` gets what was chosen, or an empty string."""
        ...

    def remembered(self, key: str) -> Remembered:
        """Where the dialog of this key was left."""
        ...

    def record_at_hand(self) -> Record | None:
        """The directory's record whose card is open, or the one under its cursor."""
        ...

    def search_pane(self) -> DirectoryPane:
        """Where one searches: of the desk, or of the keeping."""
        ...

    def chosen_contact(self) -> Contact | None:
        """The contact under the floor's cursor."""
        ...

    def close_dialogs(self) -> None: ...
    def close_card(self) -> None:
        """The record's card, if that lies on top; what is being decided stays."""
        ...

    def switch_place(self) -> None: ...
    def show_desk(self) -> None: ...
    def next_theme(self) -> None: ...
    def repaint(self) -> None: ...
    def exit(self) -> None: ...
    def forget_faults(self) -> None: ...
