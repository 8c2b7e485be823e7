"""Where the person is: the screens that are places, which of them is shown, and what lies at hand there."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from textual import events
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

from catgem_tui.desk.state import DeskState, Line
from catgem_tui.protocol.model import Contact, Record
from catgem_tui.ui import actions
from catgem_tui.ui.keyed import KeyedApp
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.login import LoginScreen
from catgem_tui.ui.screens.overlay import Overlay, Remembered
from catgem_tui.ui.screens.place import PlaceScreen
from catgem_tui.ui.screens.small import TooSmallScreen, too_small
from catgem_tui.ui.theming import Theming

if TYPE_CHECKING:
    from catgem_tui.desk.intents import Intent
    from catgem_tui.ui.panes.directory import DirectoryPane
    from catgem_tui.ui.screens.desk import DeskScreen
    from catgem_tui.ui.screens.floor import FloorScreen
    from catgem_tui.ui.screens.form import FormScreen
    from catgem_tui.ui.screens.keeping import KeepingScreen
    from catgem_tui.ui.screens.page import PageScreen

_LOGIN_LINES = frozenset({Line.LOGGED_OUT, Line.LOGGING_IN})


class Places(KeyedApp, Theming):
    """The login is there from the start; every other place is loaded when it is first wanted, after the first paint."""

    DEFAULT_MODE = "login"

    def begin_places(self, desk: Desk, user: str, clock: Callable[[], float]) -> None:
        """``user`` is put into the login form; ``clock`` is this machine's, in seconds since the epoch."""
        self.desk = desk
        self.clock = clock
        self.known_user = user
        self.place = "login"
        self.memory: dict[str, Remembered] = {}
        self.whole: Screen[Any] | None = None
        """The screen of which the terminal shows all, but for what is repainted in it."""
        self.add_mode("desk", lambda: self.desk_screen)
        self.add_mode("floor", lambda: self.floor_screen)
        self.add_mode("keeping", lambda: self.keeping_screen)

    @property
    def state(self) -> DeskState:
        return self.desk.state

    def draw(self) -> None:
        """Show the state as it is now."""
        raise NotImplementedError

    def send(self) -> None:
        """Enter in a chat."""
        raise NotImplementedError

    def perform(self, action_id: str) -> None:
        """Do an action, as its key does."""
        raise NotImplementedError

    def show_proposal(self, change: str) -> None:
        """What somebody wants changed in the directory, to be decided."""
        raise NotImplementedError

    def put_early(self, field: Widget) -> None:
        """Put into the login's first field what was typed before it was there."""
        raise NotImplementedError

    def get_default_screen(self) -> LoginScreen:
        return self.login_screen

    @cached_property
    def login_screen(self) -> LoginScreen:
        return LoginScreen(self.desk, self.faults, self.draw, self.put_early, self.known_user)

    @cached_property
    def desk_screen(self) -> "DeskScreen":
        from catgem_tui.ui.screens.desk import DeskScreen

        return DeskScreen(self.desk, self.keymap, self.faults, self.draw, self.send, lose_field=self.lose_field)

    @cached_property
    def floor_screen(self) -> "FloorScreen":
        from catgem_tui.ui.screens.floor import FloorScreen

        return FloorScreen(self.desk, self.keymap, self.faults, self.draw)

    @cached_property
    def keeping_screen(self) -> "KeepingScreen":
        from catgem_tui.ui.screens.keeping import KeepingScreen

        return KeepingScreen(
            self.desk, self.keymap, self.faults, self.draw, show_proposal=self.show_proposal, perform=self.perform
        )

    def places_elsewhere(self) -> list[Screen[Any]]:
        places = [self.__dict__.get(f"{place}_screen") for place in ("login", "desk", "floor", "keeping")]
        stack = self.screen_stack
        return [place for place in places if place is not None and place.drawable and place not in stack]

    def standing_screens(self) -> list[Screen[object]]:
        """Every screen that is there, seen or not."""
        return [*self.screen_stack, *self.places_elsewhere()]

    # --- which one is shown ---

    def fitting_place(self) -> str:
        """Where the state wants the person to be; whoever leads the floor or keeps the directory begins there, and
        chooses from then on."""
        if self.state.line in _LOGIN_LINES:
            return "login"
        places = actions.places(self.state)
        if self.place == "login":
            return places[-1]
        return self.place if self.place in places else "desk"

    def place_screen(self) -> PlaceScreen:
        if self.place == "login":
            return self.login_screen
        if self.place == "keeping":
            return self.keeping_screen
        return self.floor_screen if self.place == "floor" else self.desk_screen

    def go_to(self, place: str) -> None:
        self.place = place
        # Every place is in the styles in force: it takes them as it is mounted, and takes those of another theme with
        # it. By itself Textual would read all style sheets anew for one that it has not shown in them, twice.
        self.place_screen()._css_update_count = self._css_update_count
        self.switch_mode(place)
        self.heed_size(self.size)

    def on_resize(self, event: events.Resize) -> None:
        self.heed_size(event.size)

    def heed_size(self, size: Size) -> None:
        """Cover a screen that does not fit, uncover one that does."""
        lying = isinstance(self.screen, TooSmallScreen)
        if too_small(size) and not lying:
            self.push_screen(TooSmallScreen())
            self.whole = None
        elif lying and not too_small(size):
            self.pop_screen()

    def switch_place(self) -> None:
        places = actions.places(self.state)
        self.change_place(places[(places.index(self.place) + 1) % len(places)])

    def show_desk(self) -> None:
        if self.place in {"floor", "keeping"}:
            self.change_place("desk")

    def change_place(self, place: str) -> None:
        if isinstance(self.screen, Overlay):
            return
        self.go_to(place)
        self.draw()

    def close_dialogs(self) -> None:
        while isinstance(self.screen, Overlay):
            self.pop_screen()
        self.settle_theme()

    def close_card(self) -> None:
        from catgem_tui.ui.screens.card import RecordCard

        while isinstance(self.screen, RecordCard) or (isinstance(self.screen, Overlay) and self.screen.reads):
            self.pop_screen()

    # --- what lies at hand ---

    @property
    def where(self) -> str:
        """The place, or the form, the page or the manual that lies over it."""
        return self._place_of(self.screen) or self.place

    @property
    def covered(self) -> str:
        return next(filter(None, map(self._place_of, reversed(self.screen_stack[:-1]))), self.place)

    @staticmethod
    def _place_of(screen: "Screen[Any]") -> str:
        return screen.place if isinstance(screen, Overlay) else ""

    def remembered(self, key: str) -> Remembered:
        return self.memory.setdefault(key, Remembered())

    def record_at_hand(self) -> Record | None:
        """The one whose card is open, or the one under the directory's cursor."""
        from catgem_tui.ui.screens.card import RecordCard

        if isinstance(self.screen, RecordCard):
            return self.screen.record
        return self.desk_screen.directory.chosen()

    def search_pane(self) -> "DirectoryPane":
        return self.keeping_screen.directory if self.place == "keeping" else self.desk_screen.directory

    def form_at_hand(self) -> "FormScreen | None":
        if self.place != "keeping":
            return None
        from catgem_tui.ui.screens.form import FormScreen

        return self.screen if isinstance(self.screen, FormScreen) else None

    def page_at_hand(self) -> "PageScreen | None":
        if self.place not in {"keeping", "floor"}:
            return None
        from catgem_tui.ui.screens.page import PageScreen

        return self.screen if isinstance(self.screen, PageScreen) else None

    def opening(self, purpose: str) -> "Intent | None":
        """What opens the form of the record whose card is open, or of what is under the cursor."""
        from catgem_tui.desk.intents import OpenDraft
        from catgem_tui.ui.screens.card import RecordCard

        if isinstance(self.screen, RecordCard):
            return OpenDraft(self.screen.record, purpose)
        return None if isinstance(self.screen, Overlay) else self.keeping_screen.opening(purpose)

    def chosen_contact(self) -> Contact | None:
        return self.floor_screen.selected()
