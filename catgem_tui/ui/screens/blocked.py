"""The callers who are refused: which number, until when, by whom and why; a page over the floor."""

from collections.abc import Callable, Iterable
from typing import Any

from textual.app import ComposeResult

from catgem_tui.config.i18n import _
from catgem_tui.desk.intents import ShowBlocked
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.guarding import Blocked
from catgem_tui.ui import figures, wording
from catgem_tui.ui.actions import BLOCKED
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.lines import Line, Row, line, paragraph, span, spread
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.page import PageScreen
from catgem_tui.ui.widgets.rows import RowPane


class BlockedRows(RowPane):
    DEFAULT_CSS = "BlockedRows { height: 1fr; margin: 0 1; }"

    def __init__(self) -> None:
        super().__init__(id="blocked-callers")

    def take(self, state: DeskState, now: float) -> Any:
        blocked = state.guard.blocked
        current = None if blocked is None else tuple(one for one in blocked if one.until > now)
        return (current, state.guard.problem)

    def rows_of(self, slice_: Any, width: int) -> list[Row]:
        blocked, problem = slice_
        told = paragraph(wording.list_problem(problem), width, "sla.warning") if problem else []
        if not blocked:
            words = _("being fetched…") if blocked is None else _("Nobody is blocked.")
            return [Row("", (*told, line((words, "dim"))))]
        rows = [Row("", tuple(told))] if told else []
        return [*rows, *(Row(one.phone, self._lines(one, width)) for one in blocked)]

    def _lines(self, one: Blocked, width: int) -> tuple[Line, ...]:
        until = figures.stamp(one.until)
        head = spread((span(figures.telephone(one.phone), "bright"),), (span(_("until %s") % until, "text"),), width)
        by = _("blocked by %(who)s on %(date)s") % {"who": one.by, "date": figures.stamp(one.at)}
        return (head, *paragraph(by + (f": {one.reason}" if one.reason else ""), width, "dim", indent=2))


class BlockedScreen(PageScreen):
    place = BLOCKED

    def __init__(self, desk: Desk, keymap: KeysInForce, now: Callable[[], float]) -> None:
        super().__init__(_("BLOCKED CALLERS"), desk, keymap, now)
        self.rows = BlockedRows()

    def content(self) -> ComposeResult:
        yield self.rows

    def on_mount(self) -> None:
        self.set_focus(self.rows)
        self.ask()

    def ask(self) -> None:
        self.desk.do(ShowBlocked())

    def news(self, state: DeskState) -> int:
        return state.guard.changed

    def instants(self, state: DeskState) -> Iterable[float]:
        """Who is let in again by time leaves the list."""
        return (one.until for one in state.guard.blocked or ())

    def draw(self, state: DeskState) -> None:
        super().draw(state)
        if self.is_mounted:
            self.head.tell(((self.keymap.said(_("%(back)s goes back")), "dim"),))
            self.rows.draw(state, self.now())

    def chosen(self) -> Blocked | None:
        """The one under the cursor."""
        blocked = self.desk.state.guard.blocked or ()
        return next((one for one in blocked if one.phone == self.rows.cursor), None)
