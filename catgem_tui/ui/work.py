"""What deeds need of the application."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from textual.screen import Screen

from catgem_tui.config.keymap import Keymap
from catgem_tui.desk.intents import (
    Intent,
)
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.model import Contact, Record
from catgem_tui.ui.guide.course import Course
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.panes.directory import DirectoryPane
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screen_reader import ScreenReader
from catgem_tui.ui.screens.desk import DeskScreen
from catgem_tui.ui.screens.form import FormScreen
from catgem_tui.ui.screens.keeping import KeepingScreen
from catgem_tui.ui.screens.overlay import Overlay, Remembered
from catgem_tui.ui.screens.page import PageScreen


class Work(Protocol):
    """What deeds need of the application."""

    desk: Desk
    keymap: KeysInForce
    place: str
    clock: Callable[[], float]
    own_themes: Path | None
    """The folder of the person's own themes."""
    kept_theme: str
    no_color: bool
    """Whether NO_COLOR is set."""
    course: Course | None
    """The guided first shift, in a centre for practice."""

    @property
    def reader(self) -> ScreenReader | None:
        """Screen-reader mode, while it is on."""
        ...

    @property
    def screen(self) -> Screen[Any]: ...
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

    def show_manual(self) -> None: ...
    def refuse(self, action_id: str, lacking: str = "") -> None:
        """Say until the next key that this action lacks something, in the reader's language."""
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
        """The record's card or the manual, if that lies on top; what is being decided stays."""
        ...

    def switch_place(self) -> None: ...
    def show_desk(self) -> None: ...
    def switch_reader(self) -> None: ...
    def show_theme(self, name: str) -> None:
        """Draw everything in this theme for now. Raises FileFault."""
        ...

    def settle_theme(self, kept: str = "") -> None:
        """Keep a theme from now on, or go back to the kept one."""

    @property
    def known_keymaps(self) -> Mapping[str, Path]:
        """Files by the names of the keymaps."""
        ...

    def read_keymap(self, path: Path) -> Keymap:
        """Raises FileFault."""
        ...

    def use_keymap(self, keymap: Keymap) -> None: ...
    def remember_keymap(self, name: str) -> None:
        """Use it from the next start on. Raises OSError."""

    def tell_fault(self, words: str) -> None:
        """Say what is wrong with a file of this workstation."""
        ...

    def draw_again(self) -> None: ...
    def exit(self) -> None: ...
    def forget_faults(self) -> None: ...
