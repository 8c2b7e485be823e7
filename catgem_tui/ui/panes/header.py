"""The first line: who am I, how is the queue, is the line up."""

from typing import Any

from catgem_tui.config.i18n import _
from catgem_tui.desk.state import DeskState, Line
from catgem_tui.protocol.enums import AdvisorState, Channel
from catgem_tui.protocol.model import Advisor, CentreSettings
from catgem_tui.ui import figures, wording
from catgem_tui.ui.contacts import channel_short
from catgem_tui.ui.lines import Line as TextLine
from catgem_tui.ui.lines import Span, clip, line, span, spread, width_of
from catgem_tui.ui.panes.fitting import Piece, fitted
from catgem_tui.ui.presence import SIGNS
from catgem_tui.ui.widgets.lines import Pane

_GAP: Span = ("   ", "text")
_ROOMY = 120
"""Columns from which what comes afterwards is told in full."""
_SHORTLY = 25
"""Cells for it where there are less."""


class HeaderPane(Pane):
    DEFAULT_CSS = "HeaderPane { height: 1; padding: 0 1; background: $on-bar; }"

    def __init__(self) -> None:
        super().__init__(id="header")
        self.line_seen: tuple[Line, float] = (Line.LOGGED_OUT, 0.0)
        """The line as it is, and since when."""

    def take(self, state: DeskState, now: float) -> Any:
        if self.line_seen[0] is not state.line:
            self.line_seen = (state.line, now)
        oldest = state.summary.oldest_since
        me = state.me
        return (
            state.user.name if state.user else "",
            me and (me.state, wording.advisor_state(me, state.settings), *_afterwards(me, state.settings)),
            (state.summary.calls, state.summary.chats, state.summary.mails),
            figures.elapsed(figures.beat(now) - oldest) if oldest is not None else "",
            (state.summary.service_level, state.summary.satisfaction),
            (*self.line_seen, state.unsent),
            figures.clock(now),
        )

    def lines(self, slice_: Any, width: int) -> list[TextLine]:
        name, me, counts, oldest, shares, connection, clock = slice_
        right = (*_line_words(*connection), _GAP, (clock, "bright"))
        pieces = [Piece(4, (("CATGEM", "accent"),), ()), Piece(1, (span(name, "dim"),), ())]
        pieces += [*_my_state(me, width), *_queue(counts, oldest, shares)]
        return [spread(fitted(pieces, width - width_of(right) - 2, _GAP), right, width)]


def _afterwards(me: Advisor, settings: CentreSettings | None) -> tuple[str, str]:
    return wording.next_state(me, settings), wording.next_state_shortly(me, settings)


def _my_state(me: tuple[AdvisorState, str, str, str] | None, width: int) -> list[Piece]:
    if me is None:
        return []
    state, words, after, shortly = me
    told = span(f"{SIGNS[state]} {words}", f"presence.{state.value}")
    # It outlives everything but the state: who chose a pause and sees nothing of it chooses it again.
    short = clip((span(shortly, "dim"),), _SHORTLY)
    forms: tuple[TextLine, ...] = (short, ()) if width < _ROOMY else ((span(after, "dim"),), short, ())
    return [Piece(10, (told,)), *([Piece(9, *forms)] if after else [])]


def _queue(counts: tuple[int, int, int], oldest: str, shares: tuple[float | None, float | None]) -> list[Piece]:
    calls, chats, mails = counts
    words = {"calls": calls, "chats": chats, "mails": mails}
    total: TextLine = ((_("Queue %d") % sum(counts), "bright"),)
    counted: list[TextLine] = [total]
    if sum(counts):
        channels = zip(Channel, counts, strict=True)
        short: Span = (" ".join(f"{channel_short(channel)} {count}" for channel, count in channels if count), "text")
        long: Span = (_("tel %(calls)d · chat %(chats)d · mail %(mails)d") % words, "text")
        apart: Span = ("  ", "text")
        counted = [(*total, apart, long), (*total, apart, short), (short,), total]
    waiting: TextLine = (_GAP, (_("wait") + " ", "dim"), (oldest, "text")) if oldest else ()
    told = [Piece(8, *((*form, *waiting) for form in counted), (*total, *waiting[:1], *waiting[2:]))]
    level, satisfaction = shares
    if level is not None:
        told.append(Piece(3, ((_("service") + " ", "dim"), (figures.percent(level), "text")), ()))
    if satisfaction is not None:
        told.append(Piece(2, ((_("satisfaction") + " ", "dim"), (figures.percent(satisfaction, 1), "text")), ()))
    return told


def _line_words(connection: Line, since: float, unsent: int) -> TextLine:
    words = _(wording.LINES[connection])
    waiting: Span = (_("unsent %d") % unsent + "  ", "sla.warning") if unsent else ("", "text")
    if connection is Line.ONLINE:
        return line(waiting, (words, "line.online"))
    if connection in {Line.OFFLINE, Line.REPLACED}:
        return line(waiting, (f"{words} " + _("since %s") % figures.clock(since), "line.offline"))
    return line(waiting, (words, "dim"))
