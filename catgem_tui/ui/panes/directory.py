"""The directory: a search that answers at each keystroke, and the record under the cursor."""

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input

from catgem_tui.config.i18n import N_, _, ngettext
from catgem_tui.desk.state import MOST_HITS, PAUSED, DeskState, DirectoryView
from catgem_tui.protocol.model import Record
from catgem_tui.ui import figures, gauge
from catgem_tui.ui.lines import Line, Row, line, paragraph
from catgem_tui.ui.records import record_card, record_rows
from catgem_tui.ui.widgets.lines import Pane
from catgem_tui.ui.widgets.rows import MOVES, RowPane, Rows
from catgem_tui.ui.widgets.search import SearchField

GLANCE = 1_000
"""Characters of one field that the card below the list may show."""
PROBLEMS = {
    "unreachable": N_("own copy, central not reached"),
    "rebuilding": N_("being rebuilt"),
    "disk": N_("cannot be kept on this disk"),
    "locked": N_("another program holds the copy"),
    "another": N_("another workstation is fetching it"),
}
"""What keeps the copy from being current, in words."""


class Hits(RowPane):
    can_focus = False
    tells_first = False
    DEFAULT_CSS = "Hits { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__(always=True, id="hits")
        self.answered = ""

    def take(self, state: DeskState, now: float) -> Any:
        directory = state.directory
        return (
            directory.query, directory.hits, directory.records > 0, directory.marks, directory.reasons, now // 3600,
            directory.answered, gauge.missing(directory),
        )  # fmt: skip

    def rows_of(self, slice_: Any, width: int) -> list[Row]:
        query, hits, filled, marks, reasons, hours, _answered, (missing, slot) = slice_
        told = [Row("", tuple(paragraph(missing, width, slot)))] if missing else []
        if not query.strip():
            words = _("Type a name, an office, a procedure or a telephone.")
            return [*told, Row("", tuple(paragraph(words, width, "dim")))]
        if not hits:
            if filled:
                words = _("Nothing found. Fewer letters or other words may help.")
            else:
                words = "" if missing else _("The directory is empty.")
            return [*told, Row("", tuple(paragraph(words, width, "dim")))] if words else told
        marks = marks or ((),) * len(hits)
        reasons = reasons or (("", ""),) * len(hits)
        found = (
            Row(record.id, record_rows(record, width, places, reason, hours * 3600.0))
            for record, places, reason in zip(hits, marks, reasons, strict=True)
        )
        return [*told, *found]

    def redraw(self) -> None:
        if self.slice is None or self.text_width <= 0:
            return
        answered, above = self.slice[6], self.top_of_cursor
        self.show_rows(self.rows_now(self.text_width), first=answered != self.answered)
        if answered != self.answered:
            self.answered = answered
            self.scroll_to(y=0, animate=False)
        elif moved := self.top_of_cursor - above:  # the directory changed: what one looks at stays where it is
            self.scroll_to(y=self.scroll_offset.y + moved, animate=False, immediate=True)
            self.call_after_refresh(self.keep_in_sight)

    @property
    def top_of_cursor(self) -> int:
        """Lines above the row under the cursor."""
        keys = [row.key for row in self.rows]
        place = keys.index(self.cursor) if self.cursor in keys else 0
        return sum(len(row.lines) for row in self.rows[:place])

    def record(self, key: str) -> Record | None:
        return next((record for record in self.slice[1] if record.id == key), None) if self.slice else None


class Preview(Pane):
    """The card of the record under the cursor."""

    DEFAULT_CSS = "Preview { height: 12; border-top: solid $on-rule; } Preview.-empty { display: none; }"

    def __init__(self) -> None:
        super().__init__(id="preview", classes="-empty")
        self.record: Record | None = None

    def choose(self, record: Record | None) -> None:
        self.record = record
        self.set_class(record is None, "-empty")

    def take(self, state: DeskState, now: float) -> Any:
        return (self.record, int(now // 60))

    def lines(self, slice_: Any, width: int) -> list[Line]:
        record, minutes = slice_
        return record_card(record, minutes * 60.0, width, GLANCE) if record is not None else []


class DirectoryPane(Vertical):
    BINDINGS: ClassVar[list[BindingType]] = [*MOVES]
    DEFAULT_CSS = """
    DirectoryPane { height: 1fr; }
    DirectoryPane Input { margin-bottom: 1; }
    """

    def __init__(self, search: Callable[[str], None], show_record: Callable[[Record], None]) -> None:
        super().__init__(id="directory")
        self.search = search
        self.show_record = show_record
        self.field = SearchField(self.seek, id="search", placeholder=_("name, office, procedure, telephone"))
        self.hits = Hits()
        self.preview = Preview()
        self.drawn_at: tuple[DeskState, float] = (DeskState(), 0.0)
        self.asked = ""
        """What was last sought."""
        self.opening = False
        """Enter came before the answer: the first hit opens when it is here."""

    def chosen(self) -> Record | None:
        """The record under the cursor."""
        return self.hits.record(self.hits.cursor)

    def write(self, query: str) -> None:
        """Put a query into the field and go on typing there."""
        self.field.value = query
        self.field.cursor_position = len(query)
        self.screen.set_focus(self.field)

    def compose(self) -> ComposeResult:
        yield self.field
        yield self.hits
        yield self.preview

    def draw(self, state: DeskState, now: float) -> None:
        self.drawn_at = (state, now)
        self.hits.draw(state, now)
        self.draw_preview()
        if self.opening and state.directory.answered == self.asked:
            self.opening = False
            self.open_chosen()

    def draw_preview(self) -> None:
        self.preview.choose(self.chosen())
        self.preview.draw(*self.drawn_at)

    def seek(self, query: str) -> None:
        self.asked, self.opening = query, False
        self.search(query)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Typed in one go, Enter comes before the hits: those of an earlier query are not meant."""
        event.stop()
        self.opening = self.asked != "" and self.drawn_at[0].directory.answered != self.asked
        if not self.opening:
            self.open_chosen()

    def open_chosen(self) -> None:
        record = self.chosen()
        if record is not None:
            self.show_record(record)

    def on_rows_moved(self, event: Rows.Moved) -> None:
        self.draw_preview()

    def on_descendant_focus(self) -> None:
        self.hits.refresh()

    def on_descendant_blur(self) -> None:
        self.opening = False
        self.hits.refresh()

    def action_move(self, by: int) -> None:
        self.hits.action_move(by)


def remark(directory: DirectoryView) -> Line:
    """How the directory is, for the title's right end."""
    if words := gauge.fetching(directory):
        return line((words, "sla.warning" if directory.problem == PAUSED else "accent"))
    if directory.problem in PROBLEMS:
        return line((_(PROBLEMS[directory.problem]), "sla.warning"))
    if directory.syncing:
        words = ngettext("updating, %s record", "updating, %s records", directory.records)
        return line((words % figures.count(directory.records), "dim"))
    if directory.query.strip():
        found = {"found": len(directory.hits), "time": max(1.0, directory.milliseconds)}
        words = ngettext("%(found)d found · %(time).0f ms", "%(found)d found · %(time).0f ms", len(directory.hits))
        if len(directory.hits) >= MOST_HITS:  # how many there are beyond the best of them nobody counts
            words = _("the best %(found)d · %(time).0f ms")
        return line((words % found, "dim"))
    return line((_records(directory.records), "dim"))


def _records(number: int) -> str:
    return ngettext("%s record", "%s records", number) % figures.count(number)
