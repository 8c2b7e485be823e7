"""The whole card of a directory record, with its change log; it follows the record when that changes under it."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from catgem_tui.config.i18n import _
from catgem_tui.config.keymap import Keymap
from catgem_tui.desk.intents import ShowLog
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.model import Record
from catgem_tui.ui.actions import BY_ID, RECORD_ACTIONS
from catgem_tui.ui.keys import key_name
from catgem_tui.ui.lines import Line, first_fitting, line
from catgem_tui.ui.port import Desk
from catgem_tui.ui.records import change_lines, record_card
from catgem_tui.ui.screens.dialogs import CSS, ScrolledDialog
from catgem_tui.ui.widgets.lines import Lines


class RecordCard(ScrolledDialog):
    """``now`` gives central's clock."""

    DEFAULT_CSS = (
        CSS.format(name="RecordCard")
        + """
    RecordCard > Vertical { width: 96; }
    RecordCard #card { max-height: 1fr; overflow-y: auto; }
    RecordCard #card-foot { margin-top: 1; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "back", show=False),
    ]
    scrolled = "card"

    def __init__(
        self,
        record: Record,
        desk: Desk,
        keymap: Keymap,
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
        self.log_drawn: object = None

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Lines(id="card")
            yield Lines(id="card-foot")

    def on_mount(self) -> None:
        self.unsubscribe = self.desk.subscribe(self.take)
        self.desk.do(ShowLog(self.record.id))
        self.call_after_refresh(self.draw)

    def on_unmount(self) -> None:
        self.unsubscribe()
        self.desk.do(ShowLog(""))

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.draw)

    def take(self, state: DeskState) -> None:
        """Draw again what concerns this record."""
        newer = next((hit for hit in state.directory.hits if hit.id == self.record.id), self.record)
        log = (state.directory.log, state.directory.log_missing)
        if newer == self.record and log == self.log_drawn:
            return
        if newer.revision != self.record.revision:
            self.changed = True
            self.desk.do(ShowLog(newer.id))
        self.record, self.log_drawn = newer, log
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
        if self.changed:
            told.append(line((_("It has changed while you were reading: this is how it is now."), "sla.warning")))
        card.show([*told, *record_card(self.record, now, width), (), *self.log_lines(now, width)])
        foot.show([self.hints(width)])

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

    def hints(self, width: int) -> Line:
        shown = []
        for action in self.actions:
            shown += [(key_name(self.keymap.first(action)), "key"), (f" {_(BY_ID[action].name)} · ", "dim")]
        back = (_("Esc goes back"), "dim")
        return first_fitting([[*shown, back], [back]], width)
