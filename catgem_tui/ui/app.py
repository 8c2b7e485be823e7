"""The workstation: keeps the screens in step with the desk, and turns keys into deeds."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, TypeVar

from rich.style import Style
from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.geometry import Size

from catgem_tui.config import assets
from catgem_tui.config.fault import FileFault
from catgem_tui.config.i18n import _
from catgem_tui.config.keymap import load_keymap
from catgem_tui.config.theme import ThemeData, load_theme
from catgem_tui.desk.state import DeskState, Line
from catgem_tui.protocol.enums import ContactState
from catgem_tui.protocol.model import Contact
from catgem_tui.ui import actions, deeds
from catgem_tui.ui.keys import bindings, key_name, textual_keymap
from catgem_tui.ui.paint import rich_styles, textual_theme
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.desk import DeskScreen
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog, Dialog, Remembered
from catgem_tui.ui.screens.floor import FloorScreen
from catgem_tui.ui.screens.help import HelpScreen
from catgem_tui.ui.screens.login import LoginScreen
from catgem_tui.ui.screens.place import PlaceScreen
from catgem_tui.ui.screens.small import TooSmallScreen, too_small
from catgem_tui.ui.widgets.lines import Lines

T = TypeVar("T")
DEFAULT_THEME = "dark"
DEFAULT_KEYMAP = "default"
_LOGIN_LINES = frozenset({Line.LOGGED_OUT, Line.LOGGING_IN})


class WorkstationApp(App[None]):
    """``theme`` and ``keymap`` are names of installed ones or paths of files; a faulty one is told and replaced.

    ``user`` is put into the login form. ``clock`` is this machine's, in seconds since the epoch.
    """

    ENABLE_COMMAND_PALETTE = False
    INHERIT_BINDINGS = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(), ("ctrl+c", "perform('quit')")]
    DEFAULT_MODE = "login"
    TITLE = "CATGEM"

    def __init__(
        self,
        desk: Desk,
        *,
        theme: str = DEFAULT_THEME,
        keymap: str = DEFAULT_KEYMAP,
        user: str = "",
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
        self.set_keymap(textual_keymap(self.keymap))
        self.place = "login"
        self.memory: dict[str, Remembered] = {}
        self.stale = False
        self.offer_told = ""
        self.unsubscribe: Callable[[], None] = lambda: None
        self.login_screen = LoginScreen(desk, self.faults, self.draw, user)
        self.desk_screen = DeskScreen(desk, self.keymap, self.faults, self.draw, self.send)
        self.floor_screen = FloorScreen(desk, self.keymap, self.faults, self.draw)
        self.add_mode("login", lambda: self.login_screen)
        self.add_mode("desk", lambda: self.desk_screen)
        self.add_mode("floor", lambda: self.floor_screen)

    def _load(self, wanted: str, default: str, known: dict[str, Path], load: Callable[[Path], T]) -> T:
        path = known.get(wanted) or Path(wanted).expanduser()
        try:
            return load(path)
        except FileFault as fault:
            if wanted == default:
                raise
            self.faults.append(_("%s; the default is used.") % str(fault).rstrip("."))
            return load(known[default])

    # --- keeping in step ---

    @property
    def state(self) -> DeskState:
        return self.desk.state

    def on_mount(self) -> None:
        self.unsubscribe = self.desk.subscribe(self.state_changed)
        self.set_interval(1.0, self.draw)

    def on_unmount(self) -> None:
        self.unsubscribe()

    def state_changed(self, _state: DeskState) -> None:
        """Many states in one turn of the loop are drawn once."""
        if not self.stale:
            self.stale = True
            self.call_later(self.draw)

    def draw(self) -> None:
        self.stale = False
        state = self.state
        place = self.fitting_place()
        if place != self.place:
            self.close_dialogs()
            self.go_to(place)
        if (screen := self.place_screen()).drawable:
            screen.draw(state, state.now(self.clock()))
        self.tell_offer(state)

    def fitting_place(self) -> str:
        """Where the state wants the person to be; within it they choose between desk and floor."""
        if self.state.line in _LOGIN_LINES:
            return "login"
        if self.place == "floor" and actions.on_floor(self.state):
            return "floor"
        return "desk"

    def place_screen(self) -> PlaceScreen:
        if self.place == "login":
            return self.login_screen
        return self.floor_screen if self.place == "floor" else self.desk_screen

    def tell_offer(self, state: DeskState) -> None:
        """One bell for each offer."""
        offer = state.offer.id if state.offer else ""
        if offer and offer != self.offer_told:
            self.bell()
        self.offer_told = offer

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

    def action_perform(self, action_id: str) -> None:
        if isinstance(self.screen, TooSmallScreen) and action_id != "quit":
            return
        deeds.perform(self, action_id, self.place)
        self.draw()

    def send(self) -> None:
        """Enter in a chat."""
        self.action_perform("message.send")

    def ask(self, dialog: Dialog, then: Callable[[str], None]) -> None:
        if isinstance(self.screen, Dialog):
            return
        self.push_screen(dialog, lambda chosen: then(chosen or ""))

    def remembered(self, key: str) -> Remembered:
        return self.memory.setdefault(key, Remembered())

    def chosen_contact(self) -> Contact | None:
        return self.floor_screen.selected()

    def close_dialogs(self) -> None:
        while isinstance(self.screen, Dialog | HelpScreen):
            self.pop_screen()

    def open_palette(self) -> None:
        usable = [action for action in actions.at_hand(self.state, self.place) if action.id != "palette"]
        choices = [
            Choice(
                action.id,
                f"{_(action.name_in(self.state))}: {_(action.about)}",
                key_name(self.keymap.first(action.id)) if self.keymap.first(action.id) else "",
            )
            for action in usable
        ]
        self.ask(ChoiceDialog(_("Actions"), choices), lambda chosen: self.action_perform(chosen) if chosen else None)

    def open_help(self) -> None:
        if not isinstance(self.screen, HelpScreen | Dialog):
            self.push_screen(HelpScreen(self.keymap))

    def switch_place(self) -> None:
        self.change_place("floor" if self.place == "desk" else "desk")

    def show_desk(self) -> None:
        if self.place == "floor":
            self.change_place("desk")

    def change_place(self, place: str) -> None:
        if isinstance(self.screen, Dialog | HelpScreen):
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

    def forget_faults(self) -> None:
        self.faults.clear()

    def leave(self) -> None:
        """Asks only when contacts are held; they would go back to the queue."""
        held = [contact for contact in self.state.mine if contact.state is not ContactState.OFFERED]
        if not held:
            self.desk_screen.middle.flush()
            self.exit()
            return
        choices = [Choice("stay", _("Stay")), Choice("leave", _("Leave and let the contacts go"))]
        about = _("You hold %d: central gives them to others or keeps them for you by its rules.") % len(held)

        def decide(chosen: str) -> None:
            if chosen == "leave":
                self.desk_screen.middle.flush()
                self.exit()

        self.ask(ChoiceDialog(_("Leave the workstation?"), choices, explanation=about), decide)


def run(desk: Desk, *, theme: str = DEFAULT_THEME, keymap: str = DEFAULT_KEYMAP) -> None:
    """Show the workstation until the person leaves."""
    WorkstationApp(desk, theme=theme, keymap=keymap).run()
