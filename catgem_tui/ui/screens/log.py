"""The change log: found by words, person, record and date; opened line by line; written to a file."""

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Input

from catgem_tui.config.i18n import _
from catgem_tui.desk.editing import DAY, read_date
from catgem_tui.desk.effects import FetchChanges
from catgem_tui.desk.intents import AskKeeping
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.editing import LoggedChange
from catgem_tui.ui import evidence, figures, gauge, wording
from catgem_tui.ui.actions import LOG
from catgem_tui.ui.keys import KeysInForce, keyed
from catgem_tui.ui.lines import Line, Row, Span, line, paragraph
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.dialogs import ScrolledDialog, ScrolledLines
from catgem_tui.ui.screens.page import PageScreen
from catgem_tui.ui.widgets.field import Field
from catgem_tui.ui.widgets.lines import Lines, Pane
from catgem_tui.ui.widgets.rows import RowPane, Rows

PAUSE = 0.3
"""Seconds without a key after which central is asked."""
FIELDS = ("text", "who", "since", "until")


class LogRows(RowPane):
    DEFAULT_CSS = "LogRows { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="log-rows")

    def take(self, state: DeskState, now: float) -> Any:
        keeping = state.keeping
        return (keeping.log, keeping.log_waits, keeping.problem, figures.midnight(now))

    def rows_of(self, slice_: Any, width: int) -> list[Row]:
        log, waits, problem, today = slice_
        told = [Row("", tuple(paragraph(wording.list_problem(problem), width, "sla.warning")))] if problem else []
        if not log and not problem:
            words = _("being fetched…") if waits else _("No change is like that.")
            return [Row("", (line((words, "dim")),))]
        return [*told, *(evidence.log_row(change, today, width) for change in log)]


class LogDetail(Pane):
    """The line under the cursor, where there is room beside the list."""

    DEFAULT_CSS = "LogDetail { height: 1fr; overflow-y: auto; }"
    subject: LoggedChange | None = None

    def take(self, state: DeskState, now: float) -> Any:
        return (self.subject,)

    def lines(self, slice_: Any, width: int) -> list[Line]:
        return evidence.change_detail(slice_[0], width) if slice_[0] is not None else []


class LogScreen(PageScreen):
    DEFAULT_CSS = """
    LogScreen Input { background: $on-field; color: $slot-bright; padding: 0 1; margin-right: 1; }
    LogScreen #filters { height: 1; margin: 0 1 1 1; }
    LogScreen #filter-text { width: 1fr; }
    LogScreen #filter-who { width: 18; }
    LogScreen #filter-since, LogScreen #filter-until { width: 14; }
    LogScreen #log { height: 1fr; layout: horizontal; }
    LogScreen #log-rows { width: 1fr; margin: 0 1; }
    LogScreen #log-detail { display: none; }
    LogScreen.-two #log-detail {
        display: block; width: 69; height: 1fr; padding: 0 1; border-left: solid $on-rule;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "go_to_rows", show=False),
    ]
    place = LOG

    def __init__(self, desk: Desk, keymap: KeysInForce, now: Callable[[], float]) -> None:
        super().__init__(_("CHANGE LOG"), desk, keymap, now)
        words = {"text": _("words, document or id"), "who": _("person"), "since": _("from"), "until": _("until")}
        self.fields = {name: Field(compact=True, placeholder=words[name], id=f"filter-{name}") for name in FIELDS}
        self.rows = LogRows()
        self.detail = LogDetail()
        self.record = ""
        """The only record whose lines are shown."""
        self.asking: Timer | None = None

    def content(self) -> ComposeResult:
        with Horizontal(id="filters"):
            yield from self.fields.values()
        with Container(id="log"):
            yield self.rows
            with Vertical(id="log-detail"):
                yield self.detail

    def on_mount(self) -> None:
        self.set_focus(self.fields["text"])
        self.ask()

    # --- what is asked ---

    def wanted(self) -> tuple[tuple[str, str], ...] | None:
        """As central is asked; None while a date cannot be read."""
        try:
            since, until = (read_date(self.fields[name].value) for name in ("since", "until"))
        except ValueError:
            return None
        asked = {"text": self.fields["text"].value.strip(), "who": self.fields["who"].value.strip()}
        asked["record"] = self.record
        asked["since"] = "" if since is None else repr(since)
        asked["until"] = "" if until is None else repr(until + DAY)
        return tuple((name, value) for name, value in asked.items() if value)

    def ask(self) -> None:
        wanted = self.wanted()
        if wanted is not None:
            self.desk.do(AskKeeping(FetchChanges(wanted)))
        self.redraw()

    def news(self, state: DeskState) -> int:
        return state.keeping.published

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.ask_soon()

    def ask_soon(self) -> None:
        """Once for all that happens within a moment."""
        if self.asking is not None:
            self.asking.stop()
        self.asking = self.set_timer(PAUSE, self.ask)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_go_to_rows()

    def only_record(self) -> None:
        """Only the changes of the record under the cursor, or those of all again."""
        change = self.change()
        self.record = "" if self.record or change is None else change.record
        self.ask()

    # --- what is shown ---

    def draw(self, state: DeskState) -> None:
        super().draw(state)
        if not self.is_mounted:
            return
        self.rows.draw(state, self.now())
        self.detail.subject = self.change()
        self.detail.draw(state, self.now())
        self.head.tell(self.remark(state))

    def remark(self, state: DeskState) -> tuple[Span, ...]:
        keeping = state.keeping
        if self.wanted() is None:
            return ((wording.fault("bad_date"), "sla.warning"),)
        if keeping.transfer is not None:
            measured = gauge.measure(keeping.transfer.done, keeping.transfer.total)
            written = (_("being written… %s") % measured).strip()
            stops = _("%(key)s “%(action)s” stops it") % {"key": self.keymap.name("palette"), "action": _("Stop file")}
            return ((f"{written} · {stops}", "accent"),)
        if keeping.log_waits:
            return ((_("being fetched…"), "dim"),)
        if self.record:
            return ((_("only %s") % self.record, "accent"),)
        shown = _("%d or more") if keeping.log_more else "%d"
        return ((f"{shown % len(keeping.log)} · {self.keymap.said(_('%(back)s goes back'))}", "dim"),)

    def change(self) -> LoggedChange | None:
        """The line under the cursor."""
        return next((it for it in self.desk.state.keeping.log if str(it.number) == self.rows.cursor), None)

    def on_rows_moved(self, event: Rows.Moved) -> None:
        keeping = self.desk.state.keeping
        if keeping.log and keeping.log_more and event.key == str(keeping.log[-1].number):
            self.desk.do(AskKeeping(FetchChanges(keeping.log_wanted, keeping.log[-1].number)))
        self.redraw()

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        change = self.change()
        if change is not None:
            self.app.push_screen(LogCard(change))

    def search(self) -> None:
        self.set_focus(self.fields["text"])

    def action_go_to_rows(self) -> None:
        self.set_focus(self.rows)

    def action_back(self) -> None:
        """From the list to the fields, from there away."""
        if self.focused is self.rows:
            self.search()
        else:
            self.dismiss("")


class LogCard(ScrolledDialog):
    """One line, whole."""

    DEFAULT_CSS = """
    LogCard > Vertical { width: 96; }
    LogCard #log-card { overflow-y: auto; }
    LogCard #log-card-foot { margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "back", show=False)]
    scrolled = "log-card"

    def __init__(self, change: LoggedChange) -> None:
        super().__init__()
        self.change = change

    def compose(self) -> ComposeResult:
        with Vertical():
            yield ScrolledLines(id="log-card")
            yield Lines(id="log-card-foot")

    def fill(self) -> None:
        self.draw()

    def draw(self) -> None:
        card = self.query_one("#log-card", Lines)
        if self.is_mounted and card.text_width > 0:
            card.show(evidence.change_detail(self.change, card.text_width))
            self.query_one("#log-card-foot", Lines).show(
                [line((keyed(self).keymap.said(_("%(back)s goes back")), "dim"))]
            )
            self.keep_in_sight(1)
