"""The information managers' place: what waits for them, the search or the list chosen, and what is under the cursor."""

from collections.abc import Callable
from typing import Any, ClassVar

from msgspec import Struct
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from catgem_tui.config.i18n import N_, _, ngettext
from catgem_tui.desk.editing import read_form
from catgem_tui.desk.effects import FetchProposal, LookUp
from catgem_tui.desk.intents import AskKeeping, Dismiss, Intent, OpenDraft, OpenRecord, ReturnToDraft, Search
from catgem_tui.desk.keeping import Draft, KeepingView
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.editing import Due, ProposalSummary, Report, WorkCounts
from catgem_tui.protocol.enums import ChangeState
from catgem_tui.protocol.model import Record
from catgem_tui.ui import figures, wording
from catgem_tui.ui.actions import BY_ID, KEEPING_ACTIONS
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.lines import Line, Row, Span, clip, line, paragraph, span, spread
from catgem_tui.ui.panes.band import OfferBand
from catgem_tui.ui.panes.directory import DirectoryPane, Hits, remark
from catgem_tui.ui.panes.header import HeaderPane
from catgem_tui.ui.panes.notices import Notices
from catgem_tui.ui.panes.strips import KeyHints, PhoneStrip
from catgem_tui.ui.port import Desk
from catgem_tui.ui.records import differences, record_card, record_row
from catgem_tui.ui.screens.bulk import BulkScreen
from catgem_tui.ui.screens.card import RecordCard
from catgem_tui.ui.screens.form import FormScreen
from catgem_tui.ui.screens.merge import MergeScreen
from catgem_tui.ui.screens.place import PlaceScreen
from catgem_tui.ui.screens.proposal import proposal_lines
from catgem_tui.ui.widgets.lines import Pane
from catgem_tui.ui.widgets.rows import RowPane, Rows
from catgem_tui.ui.widgets.section import Section

Item = Report | Due | ProposalSummary | Draft | Record


class WorkList(Struct, frozen=True):
    """A list at the left: its name, what it says when it is empty, what is in it by the key of its row, and how much
    that is where the counts know better than the list."""

    name: str
    empty: str
    items: Callable[[KeepingView], dict[str, Item]]
    count: Callable[[WorkCounts], int] | None = None
    urgent: bool = False


def _of_state(*states: ChangeState) -> Callable[[KeepingView], dict[str, Item]]:
    return lambda keeping: {each.id: each for each in keeping.work.proposals if each.state in states}


LISTS: dict[str, WorkList] = {
    "reports": WorkList(
        N_("Reports"), N_("No reports. What advisors say is wrong comes here."),
        lambda keeping: {each.id: each for each in keeping.work.reports if each.closed_at is None},
        lambda counts: counts.reports, urgent=True,
    ),
    "due": WorkList(
        N_("Reviews due"), N_("No reviews are due."),
        lambda keeping: {each.record: each for each in keeping.work.due}, lambda counts: counts.due,
    ),
    "expiring": WorkList(
        N_("Expiring"), N_("Nothing ends soon."),
        lambda keeping: {each.record: each for each in keeping.work.expiring}, lambda counts: counts.expiring,
        urgent=True,
    ),
    "proposals": WorkList(
        N_("Proposals"), N_("No change waits for approval."),
        _of_state(ChangeState.PENDING, ChangeState.CLASHED, ChangeState.REJECTED),
        lambda counts: counts.pending + counts.clashed,
    ),
    "scheduled": WorkList(
        N_("Scheduled"), N_("No change waits for its hour. “To be published” in a form gives it one."),
        _of_state(ChangeState.SCHEDULED), lambda counts: counts.scheduled,
    ),
    "marked": WorkList(
        N_("Chosen"), N_("No record is chosen for a change to many."), lambda keeping: dict(keeping.marks)
    ),
    "drafts": WorkList(
        N_("Drafts"), N_("No drafts. A form that is left unsaved waits here."),
        lambda keeping: {draft.id: draft for draft in keeping.drafts.values() if draft.touched},
    ),
}  # fmt: skip
"""The lists, from top to bottom, below the search."""
SEARCH = "search"
PAGES = ("keep.log", "keep.currency")
"""Actions that open a page, below the lists."""
FORMS = {"bulk": BulkScreen, "merge": MergeScreen}
"""What shows a draft, by its purpose, where it is not the plain form."""


def items_of(keeping: KeepingView, chosen: str) -> dict[str, Item]:
    """What a list holds, by the key of its row."""
    return LISTS[chosen].items(keeping)


def count_of(keeping: KeepingView, name: str) -> int:
    work_list = LISTS[name]
    if work_list.count is None:
        return len(work_list.items(keeping))
    return work_list.count(keeping.counts or WorkCounts())


class WorkLists(RowPane):
    """The lists and how much is in each. Moving chooses."""

    def __init__(self) -> None:
        super().__init__(id="work-lists")
        self.cursor = SEARCH

    def take(self, state: DeskState, now: float) -> Any:
        return {name: count_of(state.keeping, name) for name in LISTS}

    def rows_of(self, slice_: Any, width: int) -> list[Row]:
        names = {SEARCH: N_("Search"), **{name: each.name for name, each in LISTS.items()}}
        names |= {page: BY_ID[page].name for page in PAGES}
        return [Row(name, (self._line(name, words, slice_.get(name, 0), width),)) for name, words in names.items()]

    def _line(self, name: str, words: str, count: int, width: int) -> Line:
        urgent = name in LISTS and LISTS[name].urgent
        tail: tuple[Span, ...] = ((f"! {count}" if urgent else str(count), "sla.warning" if urgent else "text"),)
        told = (_(words), "accent" if name == self.cursor else "text")
        return spread((told,), tail if count else (), width)


class MarkedHits(Hits):
    """What the search finds, with a sign before those that are chosen."""

    def take(self, state: DeskState, now: float) -> Any:
        return (*super().take(state, now), frozenset(state.keeping.marks))

    def rows_of(self, slice_: Any, width: int) -> list[Row]:
        *plain, marks = slice_
        if not marks:
            return super().rows_of(tuple(plain), width)
        rows = super().rows_of(tuple(plain), width - 2)
        return [
            Row(row.key, tuple(
                (("● " if row.key in marks and not number else "  ", "accent"), *told)
                for number, told in enumerate(row.lines)
            ))
            for row in rows
        ]  # fmt: skip


class KeepersSearch(DirectoryPane):
    def __init__(self, search: Callable[[str], None], show_record: Callable[[Record], None]) -> None:
        super().__init__(search, show_record)
        self.hits = MarkedHits()


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
            return [*told, Row("", tuple(paragraph(_(LISTS[chosen].empty), width, "dim")))]
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
            when = item.publish_at if item.state is ChangeState.SCHEDULED else None
            state = _(wording.CHANGE_STATES[item.state]) if when is None else figures.stamp(when)
            return spread((span(titles),), (span(f"{item.who}  {state}", "dim"),), width)
        case Draft():
            words = _(wording.PURPOSES[item.purpose])
            title = item.base.title or item.form.get("title", "") or _("New record")
            if item.purpose == "bulk":
                title = ngettext("%d record", "%d records", len(item.others)) % len(item.others)
            return spread((span(title),), (span(words, "dim"),), width)
        case Record():
            return record_row(item, width)


class Detail(Pane):
    """What a list says of the line under its cursor, and the record that it is about."""

    DEFAULT_CSS = "Detail { height: 1fr; overflow-y: auto; }"

    def __init__(self) -> None:
        super().__init__(id="detail")
        self.subject: Item | None = None

    def take(self, state: DeskState, now: float) -> Any:
        keeping = state.keeping
        wanted = record_of(self.subject)
        beside = keeping.beside if keeping.beside is not None and keeping.beside.id == wanted else None
        held = keeping.proposal
        of_it = held is not None and isinstance(self.subject, ProposalSummary) and held.summary.id == self.subject.id
        return (self.subject, beside, held if of_it else None, now // 60)

    def lines(self, slice_: Any, width: int) -> list[Line]:
        subject, beside, proposal, minutes = slice_
        now = minutes * 60.0
        match subject:
            case None:
                return []
            case Record():
                return record_card(subject, now, width)
            case Draft():
                return draft_lines(subject, now, width)
            case ProposalSummary():
                return proposal_lines(subject, proposal, width)
            case Report():
                told = paragraph(subject.text or _("It is not said what is wrong."), width, "bright")
                folio = _("folio %s") % subject.folio if subject.folio else ""
                by = _("Reported by %s") % subject.who
                told.append(line(span(" · ".join(filter(None, (by, folio))), "dim")))
            case _:
                told = []
        if beside is not None:
            return [*told, *record_card(beside, now, width)]
        return [*told, *paragraph(subject.title, width, "bright")]


def record_of(subject: Item | None) -> str:
    """The id of the record that has to be looked up for the line."""
    return subject.record if isinstance(subject, Report | Due) else ""


def draft_lines(draft: Draft, now: float, width: int) -> list[Line]:
    """What has been written so far."""
    if draft.purpose == "bulk":
        return [clip((span(record.title),), width) for record in draft.others]
    after, _faults = read_form(draft.base, draft.form)
    changes = differences(draft.base if draft.base.revision else None, after)
    told = [part for name, old, new in changes for part in paragraph(f"{name}: {old or '—'} → {new or '—'}", width)]
    return [*told, *record_card(draft.base, now, width)] if draft.base.revision else told


def summary(keeping: KeepingView) -> Line:
    """What is urgent, for the title of the lists, which may be the only line of them there is room for."""
    told: list[Span] = []
    for name, each in LISTS.items():
        count = count_of(keeping, name)
        if count and (each.urgent or name == "marked"):
            words = f"{_(each.name).lower()} {count}"
            told += [(" · ", "dim")] if told else []
            told.append((words, "sla.warning" if each.urgent else "accent"))
    return tuple(told)


class KeepingScreen(PlaceScreen):
    HORIZONTAL_BREAKPOINTS = [(0, "-one"), (90, "-two"), (120, "-three")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]
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
    KeepingScreen.-tall #s-work, KeepingScreen.-tall #s-middle { padding: 1 1 0 1; }
    KeepingScreen.-tall.-three #s-detail { padding: 1 1 0 1; }
    KeepingScreen.-one #columns { layout: vertical; }
    KeepingScreen.-one #s-work { width: 1fr; height: auto; max-height: 1; padding: 0 1; }
    KeepingScreen.-one #s-work:focus-within { max-height: 11; }
    KeepingScreen.-one.-short.-choosing #s-detail { display: none; }
    KeepingScreen.-one #work { border-left: none; border-top: solid $on-rule; }
    KeepingScreen.-one #s-detail { height: 7; }
    """

    def __init__(self, desk: Desk, keymap: KeysInForce, faults: list[str], entered: Callable[[], None],
                 *, show_proposal: Callable[[str], None], perform: Callable[[str], None]) -> None:  # fmt: skip
        super().__init__(entered)
        self.desk = desk
        self.keymap = keymap
        self.show_proposal = show_proposal
        self.perform = perform
        self.header = HeaderPane()
        self.band = OfferBand(keymap, classes="")
        self.lists = WorkLists()
        self.directory = KeepersSearch(lambda query: desk.do(Search(query)), self.show_record)
        self.items = WorkItems()
        self.items.add_class("-aside")  # the search is chosen first
        self.detail = Detail()
        self.notices = Notices(faults)
        self.phone = PhoneStrip()
        self.hints = KeyHints(keymap, "keeping")
        self.work_section = Section(_("KEEPING"), self.lists, id="s-work")
        self.work_section.title.steady = True
        self.middle_section = Section(_("DIRECTORY"), self.directory, self.items, id="s-middle")
        self.now = 0.0

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.band
        with Container(id="columns"):
            yield self.work_section
            with Container(id="work"):
                yield self.middle_section
                yield Section(_("RECORD"), self.detail, id="s-detail")
        yield self.notices
        yield self.phone
        yield self.hints

    def on_mount(self) -> None:
        self.directory.field.focus()

    def draw(self, state: DeskState, now: float) -> None:
        self.now = now
        for pane in (self.header, self.band, self.lists, self.directory, self.items, self.notices, self.phone):
            pane.draw(state, now)
        self.hints.draw(state, now)
        self.draw_summary()
        words = _("DIRECTORY") if self.searching else _(LISTS[self.items.chosen].name).upper()
        self.middle_section.title.tell(remark(state.directory) if self.searching else (), words)
        self.draw_detail()
        draft = state.keeping.drafts.get(state.keeping.open)
        if draft is not None and self.app.screen is self:
            form = FORMS.get(draft.purpose, FormScreen)
            self.app.push_screen(form(draft, self.desk, self.keymap, lambda: self.now))

    def draw_summary(self) -> None:
        """Where the lists are folded away, their title says what is urgent in them."""
        self.work_section.title.tell(summary(self.desk.state.keeping) if self.has_class("-one") else ())

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw_summary)

    def on_descendant_focus(self) -> None:
        """While a list is chosen all of them are in sight; on a low screen the record makes room for them."""
        self.set_class(self.lists.has_focus, "-choosing")

    def draw_detail(self) -> None:
        subject = self.directory.chosen() if self.searching else self.items.item()
        if subject != self.detail.subject:
            self.detail.subject = subject
            self.detail.scroll_to(y=0, animate=False)
            self.fetch_detail()
        self.detail.draw(self.desk.state, self.now)

    def fetch_detail(self) -> None:
        """Ask for what the list alone does not know."""
        subject = self.detail.subject
        if record_of(subject):
            self.desk.do(AskKeeping(LookUp(record_of(subject))))
        elif isinstance(subject, ProposalSummary):
            self.desk.do(AskKeeping(FetchProposal(subject.id)))

    @property
    def searching(self) -> bool:
        return self.items.has_class("-aside")

    def choose(self, name: str) -> None:
        """Show the search, or a list; a page is shown once it is entered."""
        if name not in PAGES:
            self.directory.set_class(name != SEARCH, "-aside")
            self.items.set_class(name == SEARCH, "-aside")
            if name != SEARCH:
                self.items.chosen = name
        self.draw(self.desk.state, self.now)
        self.lists.redraw()

    def search(self) -> None:
        self.lists.move_to(SEARCH)
        self.choose(SEARCH)
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
            case Record() as record:
                return OpenDraft(record, purpose)
            case _:
                return None

    def record(self) -> Record | None:
        """The record under the cursor, or the one that the line there is about."""
        subject = self.detail.subject
        if isinstance(subject, Record):
            return subject
        beside = self.desk.state.keeping.beside
        return beside if beside is not None and beside.id == record_of(subject) else None

    def go_on(self) -> None:
        """To the next of what the search found."""
        if self.searching:
            self.directory.action_move(1)

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
        if event.rows is self.lists and event.key in PAGES:
            self.perform(event.key)
        elif event.rows is self.lists:
            self.set_focus(self.directory.field if self.searching else self.items)
        elif isinstance(item, Record):
            self.show_record(item)
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
