"""The workstation: keeps the screens in step with the desk, and turns keys into deeds."""

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from msgspec.structs import replace
from textual import events
from textual.actions import SkipAction
from textual.await_complete import AwaitComplete
from textual.timer import Timer
from textual.widget import Widget

from catgem_tui.config import assets, paths
from catgem_tui.config.fault import FileFault
from catgem_tui.config.i18n import _
from catgem_tui.config.keymap import Keymap
from catgem_tui.config.keymap_reading import load_keymap
from catgem_tui.config.settings import Ring
from catgem_tui.config.terminal import Characters
from catgem_tui.desk.state import DeskState
from catgem_tui.terminal.display import ComposedApp
from catgem_tui.ui import actions
from catgem_tui.ui.mark import Mark
from catgem_tui.ui.paste_gate import PasteGate
from catgem_tui.ui.places import Places
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.overlay import Overlay
from catgem_tui.ui.screens.small import TooSmallScreen
from catgem_tui.ui.strokes import Meaning
from catgem_tui.ui.theming import DEFAULT_THEME, FIELD_CSS
from catgem_tui.ui.widgets.lines import Sliced

if TYPE_CHECKING:
    from catgem_tui.terminal.painting import Update
    from catgem_tui.ui.alarm import Alarm
    from catgem_tui.ui.guide.course import Course
    from catgem_tui.ui.reader.mode import Reader

logger = logging.getLogger(__name__)
T = TypeVar("T")
DEFAULT_KEYMAP = "default"
_LOAD_AFTER = 0.15
"""Seconds after the first paint; loading competes with what is typed and drawn for the interpreter."""


class WorkstationApp(Places, ComposedApp[None]):
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
        self.begin_theme(theme, own_themes, keep_theme, characters, colourless=colourless, caret=caret)
        self.stale = False
        self.due: Timer | None = None
        """What draws next when nothing happens, and when that is, on central's clock."""
        self.due_at = 0.0
        self.pasted = PasteGate(self)
        self.mark = Mark(self)
        self.early: list[events.Event] | None = []
        """What was typed before there was a field for it, until there is one."""
        self.ring = ring or Ring()
        self.reader: Reader | None = None
        self._begin_as_reader = reader
        if not motion or reader:
            self.animation_level = "none"
        self.offers_told: frozenset[str] = frozenset()
        self.password_asked = False
        self.course = course
        self.performing = ""
        """The action that is being carried out, or was last."""
        self.unsubscribe: Callable[[], None] = lambda: None

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
            await super().on_event(event)

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

    # --- keeping in step ---

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
        self.unsubscribe = self.desk.subscribe(self.state_changed)

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
        if self.screen_stack and isinstance(self.screen, Overlay):
            await self.screen.standing.wait()

    def pop_screen(self) -> AwaitComplete:
        """What was done on it may be no change of the desk's: a step of the guide, the manual that was read."""
        popped = super().pop_screen()
        self.call_later(self.draw)
        return popped

    def draw(self) -> None:
        self.stale = False
        if not self.screen_stack:  # it is ending
            return
        state = self.state
        place = self.fitting_place()
        if place != self.place:
            self.close_dialogs()
            self.go_to(place)
        now = state.now(self.clock())
        if (screen := self.place_screen()).drawable:
            screen.draw(state, now)
            if self.reader is not None:
                self.reader.heed(self.screen, state, now)
        self.await_change(state, now)
        self.tell_offer(state)
        self.ask_for_password(state)
        self.draw_guide(state)

    def draw_guide(self, state: DeskState) -> None:
        course = self.course
        if course is None or isinstance(self.screen, TooSmallScreen):
            return
        from catgem_tui.ui.guide.screen import GuideEnd, show_guide

        show_guide(course, self.keymap, self.screen, state)
        if course.finished and not isinstance(self.screen, Overlay):
            course.finished = False
            self.ask(GuideEnd(course.progress, self.keymap), lambda _nothing: None)

    def await_change(self, state: DeskState, now: float) -> None:
        """Draw again when time alone changes what is shown."""
        guided = self.course is not None and self.course.running
        if self.place == "login" and not guided:  # it has no clock of its own
            return
        from catgem_tui.ui.due import next_change

        due_at = now // 1 + 1 if guided else next_change(state, self.place, now)
        if self.due is not None and self.due_at == due_at:
            return
        if self.due is not None:
            self.due.stop()
        self.due_at = due_at
        self.due = self.set_timer(due_at - now, self.time_passed)

    def time_passed(self) -> None:
        self.due = None
        self.draw()

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

    # --- keys and what they need ---

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            self.mark.hear(event.time)
        if not self.pasted.passes(event):
            return
        if self.early is not None and isinstance(event, events.Key | events.Paste):
            self.early.append(event)
        else:
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
            self.refuse(action_id)

    def send(self) -> None:
        """Enter in a chat."""
        self.perform("message.send")
        self.draw()

    def show_proposal(self, change: str) -> None:
        from catgem_tui.ui import keeping_deeds

        keeping_deeds.show_proposal(self, change)

    def ask(self, overlay: Overlay, then: Callable[[str], None]) -> None:
        if isinstance(self.screen, Overlay) and not self.screen.carries:
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
        from catgem_tui.ui.manual.topics import topic_of
        from catgem_tui.ui.screens.help import HelpScreen

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
        """On the line with the hints of what lies on top, or of the place below; in screen-reader mode as an
        announcement."""
        if self.reader is not None:
            strokes = self.strokes
            self.reader.tell_keys(self.screen, self.key_line, waiting=strokes.begun, given_up=strokes.given_up)
        if self.place == "login":
            self.login_screen.draw(self.state, 0.0)
        bars = self.screen.query(".key-bar").nodes or self.place_screen().query(".key-bar").nodes
        for bar in bars:
            cast(Sliced, bar).draw(self.state, self.state.now(self.clock()))

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
