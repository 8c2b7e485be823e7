"""A mark that a key was heard, where what it opens takes longer than the eye waits for.

It is words at the end of the last row, over whatever is there, and it is written past every layout: that takes a
millisecond. The first frame of what opens covers the whole screen, and the mark with it.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from rich.cells import cell_len
from rich.segment import Segment
from textual._compositor import LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from catgem_tui.config.i18n import _
from catgem_tui.ui.paint import Painted

if TYPE_CHECKING:
    from textual.screen import Screen

_LIGHT = 0.03
"""Seconds after which a screen that is usually there sooner gets a mark."""
_LASTING = 1.0
"""The same in screen-reader mode, where what comes and goes would be read aloud, and on a thin line, where the screen's
own frame would have to wait until the mark has arrived."""


class OpeningMark:
    """Of one screen that is being opened; ``heavy``: it is known to take its time."""

    def __init__(self, screen: "Screen[Any]", *, heavy: bool) -> None:
        self._screen = screen
        app = cast(Painted, screen.app)
        wait = _LASTING if app.reader is not None or not app.meters else 0.0 if heavy else _LIGHT
        self._due = asyncio.get_running_loop().call_later(wait, self._show)
        self.cancel: Callable[[], None] = self._due.cancel
        """It is open, or will not be."""

    def _show(self) -> None:
        screen, app = self._screen, self._screen.app
        if app.screen is not screen or not app._dom_ready:  # at the start there is nothing to wait before
            return
        style = screen.rich_style + cast(Painted, app).slot_styles["accent"]
        words = " " + _("one moment…") + " "
        strip = Strip([Segment(words, style)])
        for line_filter in app.get_line_filters():
            strip = strip.apply_filter(line_filter, screen.styles.background)
        cells = cell_len(words)
        place = Region(max(0, app.size.width - cells), app.size.height - 1, cells, 1)
        app._display(screen, LayoutUpdate([[strip]], place))
