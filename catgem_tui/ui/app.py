"""The workstation: keeps the screens in step with the desk, and turns keys into deeds."""

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace
from rich.style import Style
from textual import events
from textual.actions import SkipAction
from textual.app import App
from textual.binding import BindingsMap
from textual.geometry import Size
from textual.screen import Screen

from catgem_tui.config import assets
from catgem_tui.config.fault import FileFault
from catgem_tui.config.i18n import _
from catgem_tui.config.keymap import load_keymap
from catgem_tui.config.settings import Ring
from catgem_tui.config.theme import ThemeData, load_theme
from catgem_tui.desk.state import DeskState, Line
from catgem_tui.protocol.model import Contact, Record
from catgem_tui.ui import actions
from catgem_tui.ui.keys import bindings, know_chords
from catgem_tui.ui.paint import rich_styles, textual_theme
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.login import LoginScreen
from catgem_tui.ui.screens.overlay import Overlay, Remembered
from catgem_tui.ui.screens.place import PlaceScreen
from catgem_tui.ui.screens.small import TooSmallScreen, too_small
from catgem_tui.ui.widgets.lines import Lines

if TYPE_CHECKING:
    from catgem_tui.desk.intents import Intent
    from catgem_tui.ui.alarm import Alarm
    from catgem_tui.ui.panes.directory import DirectoryPane
    from catgem_tui.ui.reader.mode import Reader
    from catgem_tui.ui.screens.desk import DeskScreen
    from catgem_tui.ui.screens.floor import FloorScreen
    from catgem_tui.ui.screens.form import FormScreen
    from catgem_tui.ui.screens.keeping import KeepingScreen
    from catgem_tui.ui.screens.page import PageScreen

logger = logging.getLogger(__name__)
T = TypeVar("T")
DEFAULT_THEME = "dark"
DEFAULT_KEYMAP = "default"
_LOAD_AFTER = 0.15
"""Seconds after the first paint; loading competes with what is typed and drawn for the interpreter."""
_LOGIN_LINES = frozenset({Line.LOGGED_OUT, Line.LOGGING_IN})


class WorkstationApp(App[None]):
    """``theme`` and ``keymap`` are names of installed ones or paths of files; a faulty one is told and replaced.

    ``user`` is put into the login form, ``ring`` says how offers make themselves noticed.
    ``reader`` begins in screen-reader mode; without ``motion`` nothing moves that could jump.
    ``clock`` is this machine's, in seconds since the epoch.
    """

    ENABLE_COMMAND_PALETTE = False
    INHERIT_BINDINGS = False
    DEFAULT_MODE = "login"
    TITLE = "CATGEM"

    def __init__(
        self,
        desk: Desk,
        *,
        theme: str = DEFAULT_THEME,
        keymap: str = DEFAULT_KEYMAP,
        user: str = "",
        ring: Ring | None = None,
        reader: bool = False,
        motion: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self.desk = desk
        self.clock = clock
        self.faults: list[str] = []
        """Sentences about files that could not be used."""
        self.keymap = self._load(
            keymap, DEFAULT_KEYMAP, assets.keymaps(), lambda path: load_keymap(path, actions.RULES)
        )
        self.data = self._load(theme, DEFAULT_THEME, assets.themes(), load_theme)
        self.slot_styles: Mapping[str, Style] = rich_styles(self.data)
        self.register_theme(textual_theme(self.data))
        self.theme = self.data.name
        # Not by a keymap of Textual's: it is applied anew with every key, which takes a good part of a frame.
        self._bindings = BindingsMap(bindings(self.keymap))
        know_chords()
        self.place = "login"
        self.memory: dict[str, Remembered] = {}
        self.stale = False
        self.ring = ring or Ring()
        self.reader: Reader | None = None
        self._begin_as_reader = reader
        if not motion or reader:
            self.animation_level = "none"
        self.offers_told: frozenset[str] = frozenset()
        self.password_asked = False
        self.unsubscribe: Callable[[], None] = lambda: None
        self.known_user = user
        self.add_mode("desk", lambda: self.desk_screen)
        self.add_mode("floor", lambda: self.floor_screen)
        self.add_mode("keeping", lambda: self.keeping_screen)

    def _load(self, wanted: str, default: str, known: dict[str, Path], load: Callable[[Path], T]) -> T:
        path = known.get(wanted) or Path(wanted).expanduser()
        try:
            return load(path)
        except FileFault as fault:
            if wanted == default:
                raise
            self.faults.append(_("%s; the default is used.") % str(fault).rstrip("."))
            return load(known[default])

    # --- the places; all but the login are loaded after the first paint ---

    def get_default_screen(self) -> LoginScreen:
        return self.login_screen

    @cached_property
    def login_screen(self) -> LoginScreen:
        return LoginScreen(self.desk, self.faults, self.draw, self.known_user)

    @cached_property
    def desk_screen(self) -> "DeskScreen":
        from catgem_tui.ui.screens.desk import DeskScreen

        return DeskScreen(self.desk, self.keymap, self.faults, self.draw, self.send)

    @cached_property
    def floor_screen(self) -> "FloorScreen":
        from catgem_tui.ui.screens.floor import FloorScreen

        return FloorScreen(self.desk, self.keymap, self.faults, self.draw)

    @cached_property
    def keeping_screen(self) -> "KeepingScreen":
        from catgem_tui.ui import keeping_deeds
        from catgem_tui.ui.screens.keeping import KeepingScreen

        return KeepingScreen(
            self.desk, self.keymap, self.faults, self.draw, lambda change: keeping_deeds.show_proposal(self, change)
        )

    def on_ready(self) -> None:
        self.set_timer(_LOAD_AFTER, self.begin_loading)

    def begin_loading(self) -> None:
        load: Callable[[], Awaitable[None]] = self.load_rest
        self.run_worker(load)

    async def load_rest(self) -> None:
        """Load what the first paint did without."""
        await asyncio.to_thread(_load_screens)

    # --- keeping in step ---

    @property
    def state(self) -> DeskState:
        return self.desk.state

    def on_mount(self) -> None:
        self.add_mode("login", self.get_default_screen)  # only now: as the default screen it is painted sooner
        if (place := self.fitting_place()) != self.place:
            self.go_to(place)
        if self._begin_as_reader:
            self.switch_reader()
        self.unsubscribe = self.desk.subscribe(self.state_changed)
        self.set_interval(1.0, self.draw)

    def on_unmount(self) -> None:
        self.unsubscribe()
        if self.offers_told:
            self.alarm.rest()

    def state_changed(self, _state: DeskState) -> None:
        """Many states in one turn of the loop are drawn once."""
        if not self.stale:
            self.stale = True
            self.call_later(self.draw_and_settle)

    async def draw_and_settle(self) -> None:
        """Draw; the next key waits for what was laid over the place by it, and belongs to that."""
        self.draw()
        if isinstance(self.screen, Overlay):
            await self.screen.standing.wait()

    def draw(self) -> None:
        self.stale = False
        state = self.state
        place = self.fitting_place()
        if place != self.place:
            self.close_dialogs()
            self.go_to(place)
        if (screen := self.place_screen()).drawable:
            screen.draw(state, state.now(self.clock()))
            if self.reader is not None:
                self.reader.heed(self.screen, state, state.now(self.clock()))
        self.tell_offer(state)
        self.ask_for_password(state)

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

    @cached_property
    def alarm(self) -> "Alarm":
        from catgem_tui.ui.alarm import Alarm

        ring = self.ring
        if self.reader is not None:  # what is written past the screen would be read as if it were on it
            ring = replace(ring, screen=False, notification="off")
        return Alarm(ring, self.tell_terminal, os.environ)

    def tell_offer(self, state: DeskState) -> None:
        """The alarm once for each offer and for each call that rings here without one."""
        if state.offer is None and not state.phone.calls and not self.offers_told:
            return  # nobody pays for words at the first paint
        from catgem_tui.ui import wording

        offered = wording.ringing(state)
        if offered.keys() - self.offers_told:
            self.alarm.sound(next(words for key, words in offered.items() if key not in self.offers_told))
        elif self.offers_told and not offered:
            self.alarm.rest()
        self.offers_told = frozenset(offered)

    def tell_terminal(self, sequence: str) -> None:
        """Past the screen, in turn with it; Textual's own bell goes this way, and it has no other."""
        if not self.is_headless and self._driver is not None:
            self._driver.write(sequence)

    def ask_for_password(self, state: DeskState) -> None:
        """The telephone's, once each time that it is wanted."""
        if not state.phone.registration.password_wanted:
            self.password_asked = False
        elif not self.password_asked and self.place != "login" and not isinstance(self.screen, Overlay):
            from catgem_tui.ui import line_deeds

            if line_deeds.may_ask(state, self.focused):
                self.password_asked = True
                line_deeds.ask_password(self)

    def go_to(self, place: str) -> None:
        self.place = place
        self.switch_mode(place)
        self.heed_size(self.size)

    def on_resize(self, event: events.Resize) -> None:
        self.heed_size(event.size)

    def heed_size(self, size: Size) -> None:
        """Cover a screen that does not fit, uncover one that does."""
        lying = isinstance(self.screen, TooSmallScreen)
        if too_small(size) and not lying:
            self.push_screen(TooSmallScreen())
        elif lying and not too_small(size):
            self.pop_screen()

    # --- keys and what they need ---

    async def action_perform(self, action_id: str) -> None:
        if actions.BY_ID[action_id].place not in {"", self.where}:
            raise SkipAction  # the key may have another meaning here
        self.perform(action_id)
        await asyncio.sleep(0)  # what the key asked of the telephone and of central leaves before the screen is drawn
        await self.draw_and_settle()

    def perform(self, action_id: str) -> None:
        if isinstance(self.screen, TooSmallScreen) and action_id != "quit":
            return
        from catgem_tui.ui import deeds

        deeds.perform(self, action_id, self.where)

    @property
    def where(self) -> str:
        """The place, or the form or page that lies over it."""
        page = self.page_at_hand()
        if page is not None:
            return page.place
        return "form" if self.form_at_hand() is not None else self.place

    def send(self) -> None:
        """Enter in a chat."""
        self.perform("message.send")
        self.draw()

    def ask(self, overlay: Overlay, then: Callable[[str], None]) -> None:
        if not isinstance(self.screen, Overlay) or self.screen.carries:
            self.push_screen(overlay, lambda chosen: then(chosen or ""))

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

    def close_dialogs(self) -> None:
        while isinstance(self.screen, Overlay):
            self.pop_screen()

    def close_card(self) -> None:
        from catgem_tui.ui.screens.card import RecordCard

        while isinstance(self.screen, RecordCard):
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

    def next_theme(self) -> None:
        known = assets.themes()
        names = list(known)
        place = names.index(self.data.name) if self.data.name in names else -1
        self.use_theme(load_theme(known[names[(place + 1) % len(names)]]))

    def use_theme(self, data: ThemeData) -> None:
        self.data = data
        self.slot_styles = rich_styles(data)
        self.register_theme(textual_theme(data))
        self.theme = data.name
        for lines in self.screen.query(Lines):
            lines.refresh()

    def standing_screens(self) -> list[Screen[object]]:
        """Every screen that is there, seen or not."""
        return [screen for stack in self._screen_stacks.values() for screen in stack]

    def switch_reader(self) -> None:
        """Screen-reader mode, or the mode for the eye."""
        from catgem_tui.ui.reader import mode

        if self.reader is None:
            mode.enter(self)
        else:
            mode.leave(self)

    def forget_faults(self) -> None:
        self.faults.clear()


def _load_screens() -> None:
    """What the first key and the first contact need; importing it before the first paint would hold that up."""
    from catgem_tui.ui import deeds
    from catgem_tui.ui.screens import desk, floor, keeping

    logger.debug("loaded %s, %s, %s, %s", deeds.__name__, desk.__name__, floor.__name__, keeping.__name__)


def run(desk: Desk, *, theme: str = DEFAULT_THEME, keymap: str = DEFAULT_KEYMAP) -> None:
    """Show the workstation until the person leaves."""
    WorkstationApp(desk, theme=theme, keymap=keymap).run()
