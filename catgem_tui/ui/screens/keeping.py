"""The information managers' place: what waits for them, the search or the list chosen, and what is under the cursor."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from catgem_tui.config.i18n import _
from catgem_tui.desk.effects import FetchProposal, LookUp
from catgem_tui.desk.intents import AskKeeping, Dismiss, Intent, OpenDraft, OpenRecord, ReturnToDraft, Search
from catgem_tui.desk.keeping import Draft
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.editing import Due, ProposalSummary, Report
from catgem_tui.protocol.model import Record
from catgem_tui.ui.actions import KEEPING_ACTIONS
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.panes.band import OfferBand
from catgem_tui.ui.panes.directory import remark
from catgem_tui.ui.panes.header import HeaderPane
from catgem_tui.ui.panes.notices import Notices
from catgem_tui.ui.panes.strips import KeyHints, PhoneStrip
from catgem_tui.ui.panes.work_lists import (
    LISTS,
    PAGES,
    SEARCH,
    Detail,
    KeepersSearch,
    WorkItems,
    WorkLists,
    record_of,
    summary,
)
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.bulk import BulkScreen
from catgem_tui.ui.screens.card import RecordCard
from catgem_tui.ui.screens.form import FormScreen
from catgem_tui.ui.screens.merge import MergeScreen
from catgem_tui.ui.screens.place import PlaceScreen
from catgem_tui.ui.widgets.rows import Rows
from catgem_tui.ui.widgets.section import Section

FORMS = {"bulk": BulkScreen, "merge": MergeScreen}
"""What shows a draft, by its purpose, where it is not the plain form."""


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
