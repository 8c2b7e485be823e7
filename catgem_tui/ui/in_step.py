"""What follows the desk: every state is drawn, and again as time passes; offers are told beyond the screen, the guide
goes on, and the telephone's password is asked for."""

import os
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual.await_complete import AwaitComplete
from textual.timer import Timer

from catgem_tui.config.settings import Ring
from catgem_tui.desk.state import DeskState
from catgem_tui.ui.places import Places
from catgem_tui.ui.screens.overlay import Overlay
from catgem_tui.ui.screens.small import TooSmallScreen

if TYPE_CHECKING:
    from catgem_tui.ui.alarm import Alarm
    from catgem_tui.ui.guide.course import Course
    from catgem_tui.ui.reader.mode import Reader


class InStep(Places):
    """Many states that come in one turn of the loop are drawn once, behind that turn."""

    def keep_in_step(self, ring: Ring, course: "Course | None") -> None:
        """``ring`` says how offers make themselves noticed; ``course`` is the guided first shift, if there is one."""
        self.ring = ring
        self.course = course
        self.reader: Reader | None = None
        """Screen-reader mode, while it is on."""
        self.stale = False
        """Whether there is a state that is not drawn yet."""
        self.due: Timer | None = None
        """What draws next when nothing happens, and when that is, on central's clock."""
        self.due_at = 0.0
        self.offers_told: frozenset[str] = frozenset()
        self.password_asked = False
        self.unsubscribe: Callable[[], None] = lambda: None

    def ask(self, overlay: Overlay, then: Callable[[str], None]) -> None:
        """Show it, unless another is shown; ``then`` gets what was chosen, or an empty string."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Textual calls this after the ``on_mount`` of the class that inherits it, once the first place is there."""
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
            await self.screen.stand()

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
