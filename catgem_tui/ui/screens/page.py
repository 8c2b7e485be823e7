"""A page that lies over the keeping of the directory, with keys of its own, until it is left."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from catgem_tui.desk.state import DeskState
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.panes.band import OfferBand
from catgem_tui.ui.panes.notices import Notices
from catgem_tui.ui.panes.strips import KeyHints
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.overlay import Overlay
from catgem_tui.ui.widgets.section import Title


class PageScreen(Overlay):
    """``now`` gives central's clock."""

    HORIZONTAL_BREAKPOINTS = [(0, "-one"), (140, "-two")]
    DEFAULT_CSS = """
    PageScreen { background: $on-background; color: $slot-text; }
    PageScreen > Title { padding: 0 1; margin-bottom: 1; background: $on-bar; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False)]
    carries = True
    place: ClassVar[str]
    """Of its actions in the registry."""

    def __init__(self, title: str, desk: Desk, keymap: KeysInForce, now: Callable[[], float]) -> None:
        super().__init__()
        self.desk = desk
        self.keymap = keymap
        self.now = now
        self.head = Title(title)
        self.head.lit = True
        self.band = OfferBand(keymap, classes="")
        self.notices = Notices([])
        self.hints = KeyHints(keymap, self.place)
        self.unsubscribe: Callable[[], None] = lambda: None

    def content(self) -> ComposeResult:
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield self.band
        yield self.head
        yield from self.content()
        yield self.notices
        yield self.hints

    def on_mount(self) -> None:
        self.unsubscribe = self.desk.subscribe(self.draw)
        self.call_after_refresh(self.redraw)

    def on_unmount(self) -> None:
        self.unsubscribe()

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.redraw)

    def name_keys(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        self.draw(self.desk.state)

    def draw(self, state: DeskState) -> None:
        if self.is_mounted:
            for pane in (self.band, self.notices, self.hints):
                pane.draw(state, self.now())

    def search(self) -> None:
        """The key that searches goes to what can be searched here."""

    def action_back(self) -> None:
        self.dismiss("")
