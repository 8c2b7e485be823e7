"""How quickly the directory's changes are everywhere: by day or week, and the slowest with who still waits."""

from collections.abc import Callable
from typing import Any

from textual.app import ComposeResult

from catgem_tui.config.i18n import N_, _
from catgem_tui.desk.effects import FetchCurrency
from catgem_tui.desk.intents import AskKeeping
from catgem_tui.desk.state import DeskState
from catgem_tui.ui import evidence, figures, wording
from catgem_tui.ui.actions import CURRENCY
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.lines import Line, Row, line, paragraph
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.page import PageScreen
from catgem_tui.ui.widgets.lines import Pane
from catgem_tui.ui.widgets.rows import RowPane
from catgem_tui.ui.widgets.section import Section

PERIODS = (7, 30, 90)
"""Days, in turn."""


class CurrencyTable(Pane):
    called = N_("Changes by day or week")

    def __init__(self) -> None:
        super().__init__(id="currency-table")
        self.days = PERIODS[0]

    def take(self, state: DeskState, now: float) -> Any:
        return (state.keeping.currency, state.keeping.problem, self.days)

    def offer_focus(self) -> None:
        """To whoever listens, and to whoever cannot see all of it: they go there to scroll."""
        self.can_focus = self.reader is not None or self.show_vertical_scrollbar

    def watch_show_vertical_scrollbar(self) -> None:
        super().watch_show_vertical_scrollbar()
        self.offer_focus()

    def lines(self, slice_: Any, width: int) -> list[Line]:
        currency, problem, days = slice_
        told = paragraph(wording.list_problem(problem), width, "sla.warning") if problem else []
        if currency is None:
            return told or [line((_("being fetched…"), "dim"))]
        return [*told, *evidence.currency_lines(currency, days, width)]


class Slowest(RowPane):
    DEFAULT_CSS = "Slowest { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="slowest")

    def take(self, state: DeskState, now: float) -> Any:
        return (state.keeping.currency, figures.midnight(now))

    def rows_of(self, slice_: Any, width: int) -> list[Row]:
        currency, today = slice_
        slowest = currency.slowest if currency is not None else ()
        if currency is None:
            return []
        if not slowest:
            words = _("No workstation was connected.") if currency.count else _("No change was published in this time.")
            return [Row("", tuple(paragraph(words, width, "dim")))]
        return [evidence.slow_row(publication, today, width) for publication in slowest]


class CurrencyScreen(PageScreen):
    DEFAULT_CSS = """
    CurrencyScreen #currency-table { margin: 0 1; max-height: 50%; overflow-y: auto; }
    CurrencyScreen #s-slowest { height: 1fr; margin: 1 1 0 1; border-top: solid $on-rule; }
    """
    place = CURRENCY

    def __init__(self, desk: Desk, keymap: KeysInForce, now: Callable[[], float]) -> None:
        super().__init__(_("HOW QUICKLY CHANGES ARE EVERYWHERE"), desk, keymap, now)
        self.table = CurrencyTable()
        self.slowest = Slowest()

    def content(self) -> ComposeResult:
        yield self.table
        yield Section(_("THE SLOWEST"), self.slowest, id="s-slowest")

    def on_mount(self) -> None:
        self.set_focus(self.slowest)
        self.ask()

    def ask(self) -> None:
        self.desk.do(AskKeeping(FetchCurrency(self.table.days)))

    def news(self, state: DeskState) -> Any:
        """A new day has figures of its own."""
        return (state.keeping.measured, figures.midnight(self.now()))

    def draw(self, state: DeskState) -> None:
        super().draw(state)
        if self.is_mounted:
            self.head.tell(((self.keymap.said(_("%(back)s goes back")), "dim"),))
            self.table.draw(state, self.now())
            self.table.offer_focus()
            self.slowest.draw(state, self.now())

    def next_period(self) -> None:
        self.table.days = PERIODS[(PERIODS.index(self.table.days) + 1) % len(PERIODS)]
        self.ask()
        self.redraw()
