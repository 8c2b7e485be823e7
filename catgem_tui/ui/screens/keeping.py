"""The information managers' place: what waits for them, the search or the list chosen, and what is under the cursor."""

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from catgem_tui.config.i18n import N_, _
from catgem_tui.config.keymap import Keymap
from catgem_tui.desk.intents import Dismiss, Intent, OpenDraft, OpenRecord, ReturnToDraft, Search
from catgem_tui.desk.keeping import Draft, KeepingView
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.editing import Due, ProposalSummary, Report, WorkCounts
from catgem_tui.protocol.model import Record
from catgem_tui.ui import figures, wording
from catgem_tui.ui.actions import KEEPING_ACTIONS
from catgem_tui.ui.lines import Line, Span, clip, line, paragraph, span, spread
from catgem_tui.ui.panes.band import OfferBand
from catgem_tui.ui.panes.directory import DirectoryPane, remark
from catgem_tui.ui.panes.header import HeaderPane
from catgem_tui.ui.panes.strips import KeyHints, Notices, PhoneStrip
from catgem_tui.ui.port import Desk
from catgem_tui.ui.records import record_card
from catgem_tui.ui.screens.card import RecordCard
from catgem_tui.ui.screens.form import FormScreen
from catgem_tui.ui.screens.place import PlaceScreen
from catgem_tui.ui.widgets.lines import Pane
from catgem_tui.ui.widgets.rows import Row, RowPane, Rows
from catgem_tui.ui.widgets.section import Section

LISTS = {
    "search": N_("Search"),
    "reports": N_("Reports"),
    "due": N_("Reviews due"),
    "expiring": N_("Expiring"),
    "proposals": N_("Proposals"),
    "drafts": N_("Drafts"),
}
_EMPTY = {
    "reports": N_("No reports. What advisors say is wrong comes here."),
    "due": N_("No reviews are due."),
    "expiring": N_("Nothing ends soon."),
    "proposals": N_("No change waits for approval or for its hour."),
    "drafts": N_("No drafts. A form that is left unsaved waits here."),
}
Item = Report | Due | ProposalSummary | Draft


def items_of(keeping: KeepingView, chosen: str) -> dict[str, Item]:
    """What a list holds, by the key of its row."""
    work = keeping.work
    match chosen:
        case "reports":
            return {report.id: report for report in work.reports if report.closed_at is None}
        case "due":
            return {due.record: due for due in work.due}
        case "expiring":
            return {due.record: due for due in work.expiring}
        case "proposals":
            return {proposal.id: proposal for proposal in work.proposals}
        case _:
            return {draft.id: draft for draft in keeping.drafts.values() if draft.touched}


class WorkLists(RowPane):
    """The lists and how much is in each. Moving chooses."""

    def __init__(self) -> None:
        super().__init__(id="work-lists")
        self.cursor = "search"

    def take(self, state: DeskState, now: float) -> Any:
        counts = state.keeping.counts or WorkCounts()
        return {
            "search": 0,
            "reports": counts.reports,
            "due": counts.due,
            "expiring": counts.expiring,
            "proposals": counts.pending + counts.scheduled + counts.clashed,
            "drafts": len(items_of(state.keeping, "drafts")),
        }

    def rows_of(self, slice_: Any, width: int) -> list[Row]:
        return [Row(key, (self._line(key, slice_[key], width),)) for key in LISTS]

    def _line(self, key: str, count: int, width: int) -> Line:
        urgent = key in {"reports", "expiring"}
        tail: tuple[Span, ...] = ((str(count), "sla.warning" if urgent else "text"),) if count else ()
        return spread(((_(LISTS[key]), "accent" if key == self.cursor else "text"),), tail, width)


class WorkItems(RowPane):
    """The list chosen."""

    DEFAULT_CSS = "WorkItems { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="work-items")
        self.chosen = "reports"

    def take(self, state: DeskState, now: float) -> Any:
        return (self.chosen, items_of(state.keeping, self.chosen), state.keeping.problem, now // 60)

    def rows_of(self, slice_: Any, width: int) -> list[Row]:
        chosen, items, problem, minutes = slice_
        told: list[Row] = []
        if problem:
            told.append(Row("", tuple(paragraph(wording.list_problem(problem), width, "sla.warning"))))
        if not items:
            return [*told, Row("", tuple(paragraph(_(_EMPTY[chosen]), width, "dim")))]
        return [*told, *(Row(key, (item_line(item, width, minutes * 60.0),)) for key, item in items.items())]

    def item(self) -> Item | None:
        return self.slice[1].get(self.cursor) if self.slice else None


def item_line(item: Item, width: int, now: float) -> Line:
    match item:
        case Report():
            words = f"{item.who}  {figures.moment(item.at, now)}"
            return spread((span(item.title or item.record),), (span(words, "dim"),), width)
        case Due():
            slot = "sla.warning" if item.at < now else "dim"
            return spread((span(item.title or item.record),), (span(figures.date(item.at), slot),), width)
        case ProposalSummary():
            titles = ", ".join(title for _id, title in item.records)
            words = f"{item.who}  {_(wording.CHANGE_STATES[item.state])}"
            return spread((span(titles),), (span(words, "dim"),), width)
        case Draft():
            words = _(wording.PURPOSES[item.purpose])
            return spread((span(item.base.title or item.form.get("title", "") or _("New record")),),
                          (span(words, "dim"),), width)  # fmt: skip


class Detail(Pane):
    """The record under the cursor, or what a list says of it."""

    DEFAULT_CSS = "Detail { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="detail")
        self.subject: Record | Item | None = None

    def take(self, state: DeskState, now: float) -> Any:
        return (self.subject, now // 60)

    def lines(self, slice_: Any, width: int) -> list[Line]:
        subject, minutes = slice_
        now = minutes * 60.0
        match subject:
            case None:
                return []
            case Record():
                return record_card(subject, now, width)
            case Draft():
                return record_card(subject.base, now, width)
            case ProposalSummary():
                titles = [clip((span(title),), width) for _id, title in subject.records]
                facts = [_("By %s") % subject.who, subject.support.reference, subject.comment, subject.reason]
            case Report():
                titles = [line(span(subject.title, "bright"))]
                folio = _("folio %s") % subject.folio if subject.folio else ""
                facts = [subject.text, _("Reported by %s") % subject.who, folio]
            case _:
                titles = [line(span(subject.title, "bright"))]
                facts = [_("Responsible: %s") % subject.responsible if subject.responsible else ""]
        return [*titles, *(part for fact in facts if fact for part in paragraph(fact, width))]


class KeepingScreen(PlaceScreen):
    HORIZONTAL_BREAKPOINTS = [(0, "-one"), (90, "-two"), (120, "-three")]
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False)]
    DEFAULT_CSS = """
    KeepingScreen { background: $on-background; color: $slot-text; }
    KeepingScreen Input { background: $on-field; color: $slot-bright; padding: 0 1; }
    KeepingScreen #columns { height: 1fr; layout: horizontal; }
    KeepingScreen #s-work { width: 30; padding: 0 1; }
    KeepingScreen #work { width: 1fr; height: 1fr; layout: vertical; border-left: solid $on-rule; }
    KeepingScreen #s-middle { width: 1fr; height: 1fr; padding: 0 1; }
    KeepingScreen #s-detail { height: 12; padding: 0 1; border-top: solid $on-rule; }
    KeepingScreen Preview { display: none; }
    KeepingScreen .-aside { display: none; }
    KeepingScreen.-three #work { layout: horizontal; }
    KeepingScreen.-three #s-detail { width: 54; height: 1fr; border-top: none; border-left: solid $on-rule; }
    KeepingScreen.-one #columns { layout: vertical; }
    KeepingScreen.-one #s-work { width: 1fr; height: auto; }
    KeepingScreen.-one #work { border-left: none; border-top: solid $on-rule; }
    KeepingScreen.-one #s-detail { height: 5; }
    """

    def __init__(self, desk: Desk, keymap: Keymap, faults: list[str], entered: Callable[[], None],
                 show_proposal: Callable[[str], None]) -> None:  # fmt: skip
        super().__init__(entered)
        self.desk = desk
        self.keymap = keymap
        self.show_proposal = show_proposal
        self.header = HeaderPane()
        self.band = OfferBand(keymap, classes="")
        self.lists = WorkLists()
        self.directory = DirectoryPane(lambda query: desk.do(Search(query)), self.show_record)
        self.items = WorkItems()
        self.detail = Detail()
        self.notices = Notices(faults)
        self.phone = PhoneStrip()
        self.hints = KeyHints(keymap, "keeping")
        self.middle_section = Section(_("DIRECTORY"), self.directory, self.items, id="s-middle")
        self.now = 0.0

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.band
        with Container(id="columns"):
            yield Section(_("KEEPING"), self.lists, id="s-work")
            with Container(id="work"):
                yield self.middle_section
                yield Section(_("RECORD"), self.detail, id="s-detail")
        yield self.notices
        yield self.phone
        yield self.hints

    def on_mount(self) -> None:
        super().on_mount()
        self.choose("search")
        self.directory.field.focus()

    def draw(self, state: DeskState, now: float) -> None:
        self.now = now
        for pane in (self.header, self.band, self.lists, self.directory, self.items, self.notices, self.phone):
            pane.draw(state, now)
        self.hints.draw(state, now)
        self.middle_section.title.tell(
            remark(state.directory) if self.searching else (), _("DIRECTORY") if self.searching
            else _(LISTS[self.lists.cursor]).upper(),
        )  # fmt: skip
        self.draw_detail()
        draft = state.keeping.drafts.get(state.keeping.open)
        if draft is not None and self.app.screen is self:
            self.app.push_screen(FormScreen(draft, self.desk, self.keymap, lambda: self.now))

    def draw_detail(self) -> None:
        self.detail.subject = self.directory.chosen() if self.searching else self.items.item()
        self.detail.draw(self.desk.state, self.now)

    @property
    def searching(self) -> bool:
        return self.lists.cursor == "search"

    def choose(self, name: str) -> None:
        """Show the search, or a list."""
        self.directory.set_class(name != "search", "-aside")
        self.items.set_class(name == "search", "-aside")
        if name != "search":
            self.items.chosen = name
        self.draw(self.desk.state, self.now)
        self.lists.redraw()

    def search(self) -> None:
        self.lists.move_to("search")
        self.choose("search")
        self.set_focus(self.directory.field)

    def go_to_lists(self) -> None:
        self.set_focus(self.lists)

    def opening(self, purpose: str) -> Intent | None:
        """What opens the form of what is under the cursor."""
        if self.searching:
            record = self.directory.chosen()
            return OpenDraft(record, purpose) if record is not None else None
        match self.items.item():
            case Report(id=report, record=record_id):
                return OpenRecord(record_id, purpose, report)
            case Due(record=record_id):
                return OpenRecord(record_id, purpose)
            case Draft(id=draft):
                return ReturnToDraft(draft)
            case _:
                return None

    def report(self) -> Report | None:
        """The report under the cursor."""
        item = None if self.searching else self.items.item()
        return item if isinstance(item, Report) else None

    def show_record(self, record: Record) -> None:
        self.app.push_screen(RecordCard(record, self.desk, self.keymap, lambda: self.now, KEEPING_ACTIONS))

    def on_rows_moved(self, event: Rows.Moved) -> None:
        if event.rows is self.lists:
            self.choose(event.key)
        else:
            self.draw_detail()

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        item = self.items.item()
        if event.rows is self.lists:
            self.set_focus(self.directory.field if self.searching else self.items)
        elif isinstance(item, ProposalSummary):
            self.show_proposal(item.id)
        elif (intent := self.opening("change")) is not None:
            self.desk.do(intent)

    def action_back(self) -> None:
        """To the lists; there, clear the newest notice."""
        notices = self.desk.state.notices
        if self.focused is not self.lists:
            self.go_to_lists()
        elif notices:
            self.desk.do(Dismiss(notices[-1].id))
