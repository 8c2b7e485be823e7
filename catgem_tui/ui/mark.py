"""A mark that a key was heard, where what it does takes longer than the eye waits for.

It is words at the end of the last row, over whatever is there, and it is written past every layout: that takes a
millisecond. The first frame of a screen that opens covers the mark; from a screen that stays it is taken away.
"""

import asyncio
import time
from typing import TYPE_CHECKING, Any, Protocol, cast

from rich.cells import cell_len
from rich.segment import Segment
from textual._compositor import LayoutUpdate
from textual.app import App
from textual.geometry import Region
from textual.strip import Strip

from catgem_tui.config.i18n import _
from catgem_tui.ui.paint import Painted

if TYPE_CHECKING:
    from textual.screen import Screen

_LIGHT = 0.03
"""Seconds from the key after which a screen that is usually there sooner gets a mark."""
_AHEAD = 0.02
"""The same before something that holds everything up, as the painting of a whole screen: no mark could come meanwhile.
What took so long until there takes about as long again to be painted."""
_LASTING = 1.0
"""The same in screen-reader mode: the mark would be read aloud, which takes longer than all that it announces, and what
was waited for could be heard only after it."""
_ANSWERED = 0.5
"""Seconds from a key after which a screen that begins to open is no answer to it."""


class Marked(Painted, Protocol):
    """An application that has a mark, and knows of which screen its terminal shows all."""

    mark: "Mark"
    whole: "Screen[Any] | None"

    def display_aside(self, screen: "Screen[Any]", update: LayoutUpdate) -> None:
        """Show what the next frame covers."""
        ...


class Mark:
    """Of one application, whose screens show it in turn."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._marked = cast(Marked, app)
        self._heard = 0.0
        self._began = 0.0
        self._due: asyncio.TimerHandle | None = None
        self._place: Region | None = None
        """Where it is shown."""

    def hear(self, when: float) -> None:
        """A key was pressed; ``when`` is of the monotonic clock, as the times of events are."""
        self._heard = when

    def expect(self, *, heavy: bool) -> None:
        """A screen begins to open; ``heavy``: it is known to take its time."""
        now = time.monotonic()
        self._began = self._heard if now - self._heard < _ANSWERED else now
        wait = _LIGHT if self._marked.reader is None else _LASTING
        self._stop()
        self._due = asyncio.get_running_loop().call_later(self._began + wait - now, self._show)
        if heavy:
            self.begin()
        else:
            self.hold_up()

    def hold_up(self) -> None:
        """The screen that is expected is built or painted now, and nothing else meanwhile."""
        if self._due is not None and time.monotonic() - self._began >= _AHEAD:
            self.begin()

    def bridge(self) -> None:
        """What the key did is drawn, and is painted now: a mark comes first where that begins late already."""
        waited = time.monotonic() - self._heard
        if self._due is None and self._place is None and _AHEAD <= waited < _ANSWERED:
            self.show()

    def begin(self) -> None:
        """At once, but for screen-reader mode, where it has its time."""
        if self._marked.reader is None:
            self._show()

    def show(self) -> None:
        """At once, before something that holds everything up; until the screen is drawn the next time."""
        self.begin()
        self._app.call_after_refresh(self.take_away)

    def cover(self) -> Region | None:
        """The screen that was expected is there; returns where a mark stands that it may have covered."""
        self._stop()
        place, self._place = self._place, None
        return place

    def take_away(self) -> None:
        """What was expected is there, or will not come: show what lies below."""
        self._stop()
        place, self._place = self._place, None
        if place is None or not self._app.screen_stack:  # it is ending
            return
        screen = self._app.screen
        if screen._compositor.size == self._app.size:
            screen._compositor._dirty_regions.add(place)
            screen._compositor_refresh()

    def _stop(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _show(self) -> None:
        self._stop()
        app = self._app
        if self._place is not None or not app._dom_ready or not app.screen_stack:
            return  # before the first picture there is nothing to wait for, and after the last
        screen = app.screen
        style = screen.rich_style + self._marked.slot_styles["accent"]
        words = " " + _("one moment…") + " "
        strip = Strip([Segment(words, style)])
        for line_filter in app.get_line_filters():
            strip = strip.apply_filter(line_filter, screen.styles.background)
        cells = cell_len(words)
        self._place = Region(max(0, app.size.width - cells), app.size.height - 1, cells, 1)
        self._marked.display_aside(screen, LayoutUpdate([[strip]], self._place))
