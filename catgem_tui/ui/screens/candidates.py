"""What may be the same thing as a record: what looks like it, or what is searched for."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input

from catgem_tui.config.i18n import _
from catgem_tui.desk.effects import FindDuplicates
from catgem_tui.desk.intents import AskKeeping, Search
from catgem_tui.desk.keeping import Candidate
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.model import Record
from catgem_tui.ui import figures, wording
from catgem_tui.ui.keys import keyed
from catgem_tui.ui.lines import Row, Span, clip, line, paragraph, span, spread
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.dialogs import ChoiceRows, Dialog
from catgem_tui.ui.widgets.field import Field
from catgem_tui.ui.widgets.lines import Lines
from catgem_tui.ui.widgets.rows import MOVES

_FRAME = 6
"""Rows of the dialog besides its heading and what it lists."""
_MOST_ROWS = 20


class CandidatesDialog(Dialog):
    """Leaves with the id of the record chosen, which ``known`` then has."""

    DEFAULT_CSS = """
    CandidatesDialog > Vertical { width: 96; }
    CandidatesDialog Input { margin-bottom: 1; }
    CandidatesDialog #foot { margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*MOVES]

    def __init__(self, record: Record, desk: Desk) -> None:
        super().__init__()
        self.record = record
        self.desk = desk
        self.field = Field(compact=True, placeholder=_("search for another"))
        self.rows = ChoiceRows(self.draw)
        self.known: dict[str, Record] = {}
        self.asked = desk.state.directory.query
        """What the search showed before; it shows that again afterwards."""
        self.sought = ""
        """What the candidates shown were found by."""
        self.unsubscribe: Callable[[], None] = lambda: None

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Lines(id="heading")
            yield self.field
            yield self.rows
            yield Lines(id="foot")

    def on_mount(self) -> None:
        self.unsubscribe = self.desk.subscribe(self.take)
        self.desk.do(AskKeeping(FindDuplicates(self.record)))
        self.set_focus(self.field)

    def on_unmount(self) -> None:
        self.unsubscribe()
        self.desk.do(Search(self.asked))

    def fill(self) -> None:
        self.draw()

    def take(self, _state: DeskState) -> None:
        self.draw()

    def candidates(self) -> Sequence[Candidate] | None:
        """None while they are looked for."""
        state = self.desk.state
        if self.field.value.strip():
            return [Candidate(hit, 0.0) for hit in state.directory.hits if hit.id != self.record.id]
        of, found = state.keeping.candidates
        return found if of == self.record.id else None

    def draw(self) -> None:
        width = self.rows.text_width
        if width <= 0 or not self.is_mounted:
            return
        heading = paragraph(_("What is the same thing as “%s”?") % self.record.title, width, "accent")
        self.query_one("#heading", Lines).show(heading)
        self.rows.styles.max_height = min(_MOST_ROWS, self.most_rows(90, _FRAME + len(heading)))
        self.query_one("#foot", Lines).show(
            [line((keyed(self).keymap.said(_("%(choose)s compares the two · %(back)s goes back")), "dim"))]
        )
        found = self.candidates()
        if not found:
            words = _("being looked for…") if found is None else _("Nothing looks like it; search for another.")
            self.rows.show_rows([Row("", (line((words, "dim")),))])
            return
        self.known = {each.record.id: each.record for each in found}
        sought = self.desk.state.directory.answered if self.field.value.strip() else ""
        self.rows.show_rows([candidate_row(each, width) for each in found], first=sought != self.sought)
        self.sought = sought
        self.rows.keep_in_sight()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.desk.do(Search(event.value))
        self.draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.rows.cursor in self.known:
            self.dismiss(self.rows.cursor)

    def action_move(self, by: int) -> None:
        self.rows.action_move(by)


def candidate_row(candidate: Candidate, width: int) -> Row:
    record = candidate.record
    tail: tuple[Span, ...] = ()
    if candidate.why:
        fields = ", ".join(_(wording.RECORD_FIELDS[field]).lower() for field in candidate.why)
        tail = (span(f"{figures.percent(candidate.score)} · {fields}", "accent"),)
    facts = (_(wording.RECORD_KINDS[record.kind]), record.municipality, figures.telephone(record.phone), record.email)
    about = span("  " + " · ".join(filter(None, facts)), "dim")
    return Row(record.id, (spread((span(record.title),), tail, width), clip((about,), width)))
