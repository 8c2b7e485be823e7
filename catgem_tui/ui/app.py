"""The workstation: its screens follow the desk, and keys become deeds."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from textual import events
from textual.actions import SkipAction
from textual.widget import Widget

from catgem_tui.config import assets, paths
from catgem_tui.config.fault import FileFault
from catgem_tui.config.i18n import _
from catgem_tui.config.keymap import Keymap
from catgem_tui.config.keymap_reading import load_keymap
from catgem_tui.config.settings import Ring
from catgem_tui.config.terminal import Characters
from catgem_tui.terminal.display import ComposedApp
from catgem_tui.ui import actions
from catgem_tui.ui.in_step import InStep
from catgem_tui.ui.leisure import Leisure
from catgem_tui.ui.mark import Mark
from catgem_tui.ui.paste_gate import PasteGate
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.overlay import Overlay
from catgem_tui.ui.screens.small import TooSmallScreen
from catgem_tui.ui.strokes import Meaning
from catgem_tui.ui.theming import DEFAULT_THEME, FIELD_CSS
from catgem_tui.ui.turns import Turns, Typed
from catgem_tui.ui.widgets.lines import Lines, Sliced

if TYPE_CHECKING:
    from catgem_tui.terminal.painting import Update
    from catgem_tui.ui.guide.course import Course

logger = logging.getLogger(__name__)
T = TypeVar("T")
DEFAULT_KEYMAP = "default"
_LOAD_AFTER = 0.15
"""Seconds after the first paint; loading competes with what is typed and drawn for the interpreter."""


class WorkstationApp(InStep, ComposedApp[None]):
    """``theme`` and ``keymap`` are names of installed ones or paths of files; a faulty one is told and replaced.

    ``own_themes`` and ``own_keymaps`` are the folders of the person's own; ``keep_theme`` remembers one by its name.
    ``user`` is put into the login form, ``ring`` says how offers make themselves noticed, ``characters`` what the
    terminal can show. ``colourless``: it has no colours. ``caret``: whether fields draw one of their own; not where the
    terminal's cursor stands for it. ``course`` is the guided first shift of a centre for practice. ``clock`` is this
    machine's, in seconds since the epoch. ``reader`` begins in screen-reader mode; without ``motion`` nothing moves
    that could jump.
    """

    CSS = FIELD_CSS
    TITLE = "CATGEM"

    def __init__(
        self,
        desk: Desk,
        *,
        theme: str = DEFAULT_THEME,
        own_themes: Path | None = None,
        keep_theme: Callable[[str], None] = lambda name: None,
        keymap: str = DEFAULT_KEYMAP,
        user: str = "",
        ring: Ring | None = None,
        characters: Characters = "all",
        own_keymaps: Path | None = None,
        colourless: bool = False,
        caret: bool = True,
        course: "Course | None" = None,
        reader: bool = False,
        motion: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.faults = []
        self.known_keymaps = assets.keymaps(own_keymaps)
        super().__init__(self._load(keymap, DEFAULT_KEYMAP, self.known_keymaps, self.read_keymap))
        self.begin_places(desk, user, clock)
        self.keep_in_step(ring or Ring(), course)
        self.begin_theme(theme, own_themes, keep_theme, characters, colourless=colourless, caret=caret)
        self.pasted = PasteGate(self)
        self.mark = Mark(self)
        self.leisure = Leisure()
        self.turns = Turns(self, self.handle_typed, self.is_letter)
        self.early: list[events.Event] | None = []
        """What was typed before there was a field for it, until there is one."""
        self._begin_as_reader = reader
        if not motion or reader:
            self.animation_level = "none"
        self.performing = ""
        """The action that is being carried out, or was last."""

    def _load(self, wanted: str, default: str, known: dict[str, Path], load: Callable[[Path], T]) -> T:
        try:
            return load(known.get(wanted) or paths.written(wanted))
        except FileFault as fault:
            if wanted == default:
                raise
            self.faults.append(_("%s; the default is used.") % str(fault).rstrip("."))
            return load(known[default])

    async def on_ready(self) -> None:
        self.set_timer(_LOAD_AFTER, self.begin_loading)
        early, self.early = self.early or [], None
        for event in early:  # what was pressed since comes after this
            await self.on_event(event)

    def put_early(self, field: Widget) -> None:
        """What was typed goes straight into its field, as far as it is text, and is in the first picture."""
        early = self.early or []
        while early and isinstance(early[0], events.Key) and early[0].is_printable:
            field.post_message(early.pop(0))
        self.early = early or None

    def begin_loading(self) -> None:
        load: Callable[[], Awaitable[None]] = self.load_rest
        self.run_worker(load)

    async def load_rest(self) -> None:
        """Load what the first paint did without."""
        await asyncio.to_thread(_load_screens)

    @property
    def meters(self) -> bool:
        """Whether to show what never stands still, as the level of a microphone."""
        return True

    def on_mount(self) -> None:
        self.add_mode("login", self.get_default_screen)  # only now: as the default screen it is painted sooner
        if (place := self.fitting_place()) != self.place:
            self.go_to(place)
        if self._begin_as_reader:
            self.switch_reader()

    def on_unmount(self) -> None:
        """Beside that of the class it inherits from."""
        self.leisure.end()

    # --- keys and what they need ---

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            if self.early is not None:
                self.early.append(event)
            else:
                await self.turns.take(event)
        else:
            await super().on_event(event)

    async def handle_typed(self, event: Typed) -> None:
        self.leisure.put_off()
        if isinstance(event, events.Key):
            self.mark.hear(event.time)
        if self.pasted.passes(event):
            await super().on_event(event)

    async def action_perform(self, action_id: str) -> None:
        if actions.BY_ID[action_id].place not in {"", self.where}:
            raise SkipAction  # the key may have another meaning here
        self.perform(action_id)
        await asyncio.sleep(0)  # what the key asked of the telephone and of central leaves before the screen is drawn
        await self.draw_and_settle()
        self.mark.bridge()

    def perform(self, action_id: str) -> None:
        if isinstance(self.screen, TooSmallScreen) and action_id != "quit":
            return
        from catgem_tui.ui import deeds

        self.performing = action_id
        if self.course is not None:
            self.course.perform(action_id)
        if not deeds.perform(self, action_id, self.where):
            lacking = deeds.LACKING.get(action_id)
            self.refuse(action_id, lacking(self) if lacking is not None else "")

    def send(self) -> None:
        """Enter in a chat."""
        self.perform("message.send")
        self.draw()

    def show_proposal(self, change: str) -> None:
        from catgem_tui.ui import keeping_deeds

        keeping_deeds.show_proposal(self, change)

    def ask(self, overlay: Overlay, then: Callable[[str], None]) -> None:
        if isinstance(self.screen, Overlay) and not (self.screen.carries or overlay.tells):
            return
        from catgem_tui.ui.manual.topics import OF_ACTION

        opened_by = self.performing
        overlay.topic = OF_ACTION.get(opened_by, "")

        def go_on(chosen: str | None) -> None:
            self.performing = opened_by  # what is asked next belongs to the same action
            then(chosen or "")

        self.push_screen(overlay, go_on)

    def show_manual(self) -> None:
        """At the page of where one is; over a dialog as well, which is there as it was afterwards."""
        from catgem_tui.ui.manual.screen import HelpScreen
        from catgem_tui.ui.manual.topics import topic_of

        if isinstance(self.screen, HelpScreen):
            self.screen.show_contents()
        else:
            self.mark.show()
            self.push_screen(HelpScreen(self.keymap, topic_of(self.screen_stack, self.state)))

    def draw_again(self) -> None:
        """Draw everything, over whatever the terminal shows."""
        self.refresh(layout=True)

    def read_keymap(self, path: Path) -> Keymap:
        return load_keymap(path, actions.RULES, self.known_keymaps)

    def use_keymap(self, keymap: Keymap) -> None:
        """From the next key on; what names keys is drawn anew."""
        super().use_keymap(keymap)
        if not self.is_running:
            return
        for screen in self.standing_screens():
            for pane in screen.query(Sliced):
                pane.slice = None
            if isinstance(screen, Overlay):
                screen.name_keys()
        self.draw()

    def is_of_use(self, meaning: Meaning) -> bool:
        return meaning.section != "keys" or actions.BY_ID[meaning.name].available(self.state)

    def remember_keymap(self, name: str) -> None:
        """Use it from the next start on, where there is somebody who keeps that. Raises OSError."""

    def tell_keys(self) -> None:
        """On the line with the hints of what lies on top, or of the uppermost below that has one; in screen-reader mode
        as an announcement."""
        if self.reader is not None:
            strokes = self.strokes
            self.reader.tell_keys(self.screen, self.key_line, waiting=strokes.begun, given_up=strokes.given_up)
        if self.place == "login":
            self.login_screen.draw(self.state, 0.0)
        bars = (screen.query(".key-bar").nodes for screen in reversed(self.screen_stack))
        for bar in next(filter(None, bars), []):
            cast(Sliced, bar).draw(self.state, self.state.now(self.clock()))
        for band in self.screen.query("GuideBand").nodes:
            cast(Lines, band).redraw()

    def tell_more(self, stroke: str) -> bool:
        asked = self.reader is not None and stroke in self.keymap.keys.get("help", ())
        if asked and self.reader is not None:
            self.reader.tell_following(self.screen)
        return asked

    def tell_fault(self, words: str) -> None:
        self.faults.append(words)
        self.draw()

    def switch_reader(self) -> None:
        """Screen-reader mode, or the mode for the eye."""
        self.mark.show()
        from catgem_tui.ui.reader.mode import Reader

        if self.reader is None:
            self.reader = Reader(self)
            self.reader.enter()
        else:
            left, self.reader = self.reader, None
            left.leave()

    def brought(self, update: "Update") -> None:
        if self.reader is not None:
            self.reader.brought(update)

    def written(self) -> None:
        if self.reader is not None:
            self.reader.written()

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
