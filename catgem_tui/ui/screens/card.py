"""The whole card of a directory record, with its change log; it follows the record when that changes under it.

The records that it names are numbered: the digit opens one in its place, Backspace goes back.
"""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from catgem_tui.config.i18n import _
from catgem_tui.desk.intents import ShowLog
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.model import Record
from catgem_tui.ui.actions import BY_ID, RECORD_ACTIONS
from catgem_tui.ui.keys import KeysInForce, key_name
from catgem_tui.ui.lines import Line, Span, clip, flow, line, paragraph, span
from catgem_tui.ui.port import Desk
from catgem_tui.ui.records import change_lines, named_row, record_card, title_of
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog, ScrolledDialog, ScrolledLines
from catgem_tui.ui.widgets.lines import Lines

MOST_DIGITS = 9


class RecordCard(ScrolledDialog):
    """``now`` gives central's clock."""

    DEFAULT_CSS = """
    RecordCard > Vertical { width: 96; max-height: 90%; }
    RecordCard #card { overflow-y: auto; }
    RecordCard #card-foot { margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "back", show=False),
        Binding("backspace", "return", show=False),
        *(Binding(str(number), f"follow({number})", show=False) for number in range(10)),
    ]
    scrolled = "card"

    def __init__(
        self,
        record: Record,
        desk: Desk,
        keymap: KeysInForce,
        now: Callable[[], float],
        actions: tuple[str, ...] = RECORD_ACTIONS,
    ) -> None:
        super().__init__()
        self.record = record
        self.desk = desk
        self.keymap = keymap
        self.now = now
        self.actions = actions
        """What can be done with the record, told below."""
        self.changed = False
        """Whether it changed while it was open."""
        self.unsubscribe: Callable[[], None] = lambda: None
        self.drawn: object = None
        """What was drawn of the state."""
        self.trail: list[Record] = []
        """The cards that one came through."""

    def compose(self) -> ComposeResult:
        with Vertical():
            yield ScrolledLines(id="card")
            yield Lines(id="card-foot")

    def on_mount(self) -> None:
        self.unsubscribe = self.desk.subscribe(self.take)
        self.desk.do(ShowLog(self.record.id))

    def on_unmount(self) -> None:
        self.unsubscribe()
        self.desk.do(ShowLog(""))

    def fill(self) -> None:
        self.draw()

    def take(self, state: DeskState) -> None:
        """Draw again what concerns this record."""
        shown = state.directory
        if shown.log_of != self.record.id:
            return
        newer = shown.card or self.record
        told = (newer, shown.log, shown.log_missing, shown.gone, shown.near)
        if told == self.drawn:
            return
        if newer.revision != self.record.revision:
            self.changed = True
            self.desk.do(ShowLog(newer.id))
        self.record, self.drawn = newer, told
        self.draw()

    # --- the records that it names ---

    @property
    def named(self) -> list[str]:
        """Ids of the records it names, in the order of their digits; the one it was merged into first."""
        ids = dict.fromkeys((self.record.merged_into, *self.record.related))
        return [record for record in ids if record and record != self.record.id]

    def action_follow(self, number: int) -> None:
        """0 asks which, where there are more than digits."""
        near, named = self.desk.state.directory.near, self.named
        if number and number <= len(named) and named[number - 1] in near:
            self.trail.append(self.record)
            self.open(near[named[number - 1]])
        elif not number and len(named) > MOST_DIGITS:
            choices = [Choice(record, title_of(near[record])) for record in named if record in near]
            self.app.push_screen(ChoiceDialog(_("Related records"), choices), self.go_to)

    def go_to(self, chosen: str | None) -> None:
        if chosen:
            self.action_follow(self.named.index(chosen) + 1)

    def action_return(self) -> None:
        if self.trail:
            self.open(self.trail.pop())

    def open(self, record: Record) -> None:
        self.record, self.changed, self.drawn = record, False, None
        self.desk.do(ShowLog(record.id))
        self.query_one("#card", Lines).scroll_to(y=0, animate=False)
        self.draw()

    def draw(self) -> None:
        if not self.is_mounted:
            return
        card, foot = self.query_one("#card", Lines), self.query_one("#card-foot", Lines)
        width = card.text_width
        if width <= 0:
            return
        now = self.now()
        told: list[Line] = []
        if self.desk.state.directory.gone and not self.record.retired:
            told += paragraph(_("It is no longer in the directory: this is how it was last."), width, "sla.breach")
        elif self.changed:
            told += paragraph(_("It has changed while you were reading: this is how it is now."), width, "sla.warning")
        told += record_card(self.record, now, width)
        card.show([*told, *self.named_lines(now, width), (), *self.log_lines(now, width)])
        hints = self.hints(width)
        foot.show(hints)
        self.keep_in_sight(len(hints))

    def name_keys(self) -> None:
        self.draw()

    def named_lines(self, now: float, width: int) -> list[Line]:
        near = self.desk.state.directory.near
        told: list[Line] = []
        for number, record in enumerate(self.named, 1):
            if record == self.record.merged_into:
                told.append(line((_("IT GOES ON IN"), "accent")))
            elif number == 1 or self.named[number - 2] == self.record.merged_into:
                told.append(line((_("RELATED RECORDS"), "accent")))
            digit = f"{number} " if number <= MOST_DIGITS else "  "
            if record in near:
                told.append(clip((span(digit, "key"), *named_row(near[record], now)), width))
            else:
                told.append(clip((span(digit, "dim"), span(_("not in the directory (%s)") % record, "dim")), width))
        if len(self.named) > MOST_DIGITS:
            told.append(line(span("0 ", "key"), span(_("all of them"), "dim")))
        return [(), *told] if told else []

    def log_lines(self, now: float, width: int) -> list[Line]:
        directory = self.desk.state.directory
        told = [line((_("CHANGE LOG"), "accent"))]
        if directory.log_of != self.record.id or (directory.log is None and not directory.log_missing):
            return [*told, line((_("being fetched…"), "dim"))]
        if directory.log is None:
            return [*told, line((_("Central was not reached; the change log is kept there."), "sla.warning"))]
        if not directory.log:
            return [*told, line((_("No change is on record."), "dim"))]
        return told + [each for change in directory.log for each in change_lines(change, now, width)]

    def hints(self, width: int) -> list[Line]:
        """What can be done, in as many lines as it takes."""
        told: list[list[Span]] = [
            [(self.keymap.name(action), "key"), (f" {_(BY_ID[action].name)}", "dim")]
            for action in self.actions
            if self.keymap.first(action)
        ]
        if self.trail:
            back = clip((span(_("back to %s") % title_of(self.trail[-1]), "dim"),), max(8, width - 12))
            told.append([(key_name("backspace"), "key"), (" ", "dim"), *back])
        told.append([(self.keymap.said(_("%(back)s closes")), "dim")])
        return flow(told, width)
