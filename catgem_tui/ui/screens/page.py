"""A page that lies over the keeping of the directory, with keys of its own, until it is left."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer

from catgem_tui.desk.state import DeskState, Line
from catgem_tui.ui.due import next_on_page
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
    PageScreen, PageScreen:ansi { background: $on-background; color: $slot-text; }
    PageScreen > Title { padding: 0 1; margin-bottom: 1; background: $on-bar; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False)]
    carries = True
    heavy = True

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
        self.heard = self.told(desk.state)
        self.due: Timer | None = None
        """What draws next when nothing happens, and when that is, on central's clock."""
        self.due_at = 0.0

    def content(self) -> ComposeResult:
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield self.band
        yield self.head
        yield from self.content()
        yield self.notices
        yield self.hints

    def on_mount(self) -> None:
        """Textual calls this after the ``on_mount`` of the class that inherits it."""
        self.unsubscribe = self.desk.subscribe(self.draw)

    def on_unmount(self) -> None:
        self.unsubscribe()

    # --- what is fetched ---

    def ask(self) -> None:
        """Have what the page shows fetched."""
        raise NotImplementedError

    def news(self, state: DeskState) -> Any:
        """What is another once central has told that what the page shows is out of date."""
        raise NotImplementedError

    def told(self, state: DeskState) -> tuple[bool, Any]:
        """Whether central is there, and its news: what was told meanwhile is asked for once it is back."""
        return (state.line is Line.ONLINE, self.news(state))

    def catch_up(self, state: DeskState) -> None:
        if (told := self.told(state)) != self.heard:
            self.heard = told
            if state.line is Line.ONLINE:
                self.ask_soon()

    def ask_soon(self) -> None:
        """Have it fetched again because it is out of date."""
        self.ask()

    # --- what is shown ---

    def fill(self) -> None:
        self.redraw()

    def name_keys(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        self.draw(self.desk.state)

    def draw(self, state: DeskState) -> None:
        if self.is_mounted:
            for pane in (self.band, self.notices, self.hints):
                pane.draw(state, self.now())
            self.catch_up(state)
            self.await_change(state)

    def instants(self, state: DeskState) -> Iterable[float]:
        """When time alone changes what the page shows, on central's clock."""
        return ()

    def await_change(self, state: DeskState) -> None:
        now = self.now()
        due_at = next_on_page(state, now, self.instants(state))
        if self.due is not None:
            if self.due_at == due_at:
                return
            self.due.stop()
        self.due_at = due_at
        self.due = self.set_timer(due_at - now, self.time_passed)

    def time_passed(self) -> None:
        self.due = None
        self.redraw()

    def search(self) -> None:
        """The key that searches goes to what can be searched here."""

    def action_back(self) -> None:
        self.dismiss("")
