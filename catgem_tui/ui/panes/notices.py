"""The notices above the telephone's line."""

from typing import Any

from catgem_tui.config.i18n import ngettext
from catgem_tui.desk.state import DeskState, Severity
from catgem_tui.ui import wording
from catgem_tui.ui.lines import Line, clip, paragraph, span, spread, width_of
from catgem_tui.ui.widgets.lines import Pane

_MOST_LINES = 4
"""Of notices; of more, the newest are told, and how many there are before them."""
_MARKS = {
    Severity.ERROR: ("!! ", "error"),
    Severity.WARNING: ("!  ", "sla.warning"),
    Severity.INFORMATION: ("·  ", "dim"),
}


class Notices(Pane):
    """What went wrong or needs to be known, a sentence each, until it is over."""

    DEFAULT_CSS = "Notices { padding: 0 1; max-height: 4; } Notices.-none { display: none; }"

    def __init__(self, faults: list[str]) -> None:
        super().__init__(id="notices", classes="-none")
        self.faults = faults
        """Mistakes in the files of this workstation, which the desk does not know of."""

    def draw(self, state: DeskState, now: float) -> None:
        super().draw(state, now)
        self.set_class(not self.slice[1], "-none")

    def take(self, state: DeskState, now: float) -> Any:
        told = [(fault, Severity.WARNING, "") for fault in self.faults]
        for notice in state.notices:
            if notice.code not in wording.CONTINUOUS and not wording.is_over(notice, state):
                words = wording.notice(notice, state.central)
                told.append((words, notice.severity, wording.about(notice, state)))
        return len(told[:-_MOST_LINES]), tuple(told[-_MOST_LINES:])

    def lines(self, slice_: Any, width: int) -> list[Line]:
        hidden, told = slice_
        drawn: list[Line] = []
        for first in range(len(told)):  # the newest whole rather than many of them cut off
            before = hidden + first
            more = ngettext("%d more before it", "%d more before it", before) % before if before else ""
            drawn = [
                line
                for number, (words, severity, about) in enumerate(told[first:])
                for line in _notice(words, severity, more if more and not number else about, width)
            ]
            if len(drawn) <= _MOST_LINES:
                break
        return drawn[:_MOST_LINES]


def _notice(words: str, severity: Severity, about: str, width: int) -> list[Line]:
    """A sentence in as many lines as it takes, what it is about at the end of the last, or below where that is full."""
    mark, slot = _MARKS[severity]
    room = width - len(mark)
    told = paragraph(words, max(8, room), "text" if severity is Severity.INFORMATION else slot)
    tail: Line = clip((span(about, "dim"),), max(8, room)) if about else ()
    if tail:
        if width_of(told[-1]) + 2 + width_of(tail) > room:
            told.append(())
        told[-1] = spread(told[-1], tail, room)
    return [((mark if not number else " " * len(mark), slot), *line) for number, line in enumerate(told)]
