"""The desk: state and queue at the left, the contact in the middle, directory and citizen at the right.

Three columns from 120 cells, two from 90, one with tabs below.
"""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.geometry import Size

from catgem_tui.config.i18n import _
from catgem_tui.desk.intents import Dismiss, Focus, Search
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.commands import CheckStep
from catgem_tui.protocol.enums import ContactState
from catgem_tui.protocol.model import Record
from catgem_tui.ui.actions import SEARCH_ACTIONS
from catgem_tui.ui.keys import KeysInForce, keyed
from catgem_tui.ui.panes.band import OfferBand
from catgem_tui.ui.panes.directory import DirectoryPane, remark
from catgem_tui.ui.panes.header import HeaderPane
from catgem_tui.ui.panes.lists import HistoryPane, MyContacts, QueuePane
from catgem_tui.ui.panes.middle import Middle
from catgem_tui.ui.panes.notices import Notices
from catgem_tui.ui.panes.strips import TABS, KeyHints, PhoneStrip, Tabs
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.card import RecordCard
from catgem_tui.ui.screens.place import PlaceScreen
from catgem_tui.ui.widgets.draft import Draft
from catgem_tui.ui.widgets.rows import Rows
from catgem_tui.ui.widgets.section import Section

_ONE = 90
_TWO = 120
_WIDE = 150
_SHORT = 32


class DeskScreen(PlaceScreen):
    HORIZONTAL_BREAKPOINTS = [(0, "-one"), (_ONE, "-two"), (_TWO, "-three")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (_SHORT, "-tall")]
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False)]
    DEFAULT_CSS = """
    DeskScreen { background: $on-background; color: $slot-text; }
    DeskScreen Input { background: $on-field; color: $slot-bright; padding: 0 1; }
    DeskScreen #columns { height: 1fr; }
    DeskScreen #left { width: 34; padding: 0 1; }
    DeskScreen #right { width: 38; padding: 0 1; }
    DeskScreen.-tall #left, DeskScreen.-tall #right { padding: 1 1 0 1; }
    DeskScreen.-tall Middle { padding: 1 0 0 0; }
    DeskScreen.-wide #left { width: 36; }
    DeskScreen.-wide #right { width: 54; }
    DeskScreen.-three Middle { border-left: solid $on-rule; border-right: solid $on-rule; }
    DeskScreen.-three #tabs, DeskScreen.-three .band-above { display: none; }
    DeskScreen #s-contacts { max-height: 60%; margin-bottom: 1; }
    DeskScreen #s-queue { height: 1fr; }
    DeskScreen #s-directory { height: 1fr; }
    DeskScreen #s-citizen { max-height: 12; border-top: solid $on-rule; }
    DeskScreen.-one .band-inside, DeskScreen.-two .band-inside { display: none; }
    DeskScreen.-three .band-inside.-offered, DeskScreen.-three TelephoneCard { margin-bottom: 1; }

    DeskScreen.-short Preview { height: 6; }
    DeskScreen.-short ContactHead { margin-bottom: 0; }
    DeskScreen.-short Middle #s-protocol { margin: 0 1; }
    DeskScreen.-short Middle #s-notes { margin: 0 1; height: 2; }
    DeskScreen.-short Middle #s-notes:focus-within { height: 6; }
    DeskScreen.-short Middle.-chat #composer { height: 2; }
    DeskScreen.-short Middle.-mail #composer { height: 4; }
    DeskScreen.-short Middle.-call #s-protocol { margin: 1 1 0 1; }
    DeskScreen.-short Middle.-call #s-notes { margin: 1 1 0 1; height: 1fr; }

    DeskScreen.-two Middle, DeskScreen.-two #right { border-left: solid $on-rule; }
    DeskScreen.-two #right, DeskScreen.-one #right, DeskScreen.-one #left { display: none; width: 1fr; }
    DeskScreen.-two.tab-directory #right, DeskScreen.-two.tab-citizen #right { display: block; }
    DeskScreen.-two.tab-directory Middle, DeskScreen.-two.tab-citizen Middle { display: none; }
    DeskScreen.-one.tab-directory #right, DeskScreen.-one.tab-citizen #right { display: block; }
    DeskScreen.-one.tab-contacts #left, DeskScreen.-one.tab-queue #left { display: block; }
    DeskScreen.-one.tab-directory Middle, DeskScreen.-one.tab-citizen Middle { display: none; }
    DeskScreen.-one.tab-contacts Middle, DeskScreen.-one.tab-queue Middle { display: none; }
    DeskScreen.-two.tab-directory #s-citizen, DeskScreen.-one.tab-directory #s-citizen { display: none; }
    DeskScreen.-two.tab-citizen #s-directory, DeskScreen.-one.tab-citizen #s-directory { display: none; }
    DeskScreen.-two #s-citizen, DeskScreen.-one #s-citizen { max-height: 100%; border-top: none; }
    DeskScreen.-one.tab-contacts #s-queue, DeskScreen.-one.tab-queue #s-contacts { display: none; }
    """

    def __init__(
        self,
        desk: Desk,
        keymap: KeysInForce,
        faults: list[str],
        entered: Callable[[], None],
        send: Callable[[], None],
        *,
        lose_field: Callable[[], None],
    ) -> None:
        """``lose_field`` hears that what was being written in is another contact's now, or nobody's."""
        super().__init__(entered, classes="tab-contact")
        self.lose_field = lose_field
        self.desk = desk
        self.keymap = keymap
        self.header = HeaderPane()
        self.tabs = Tabs(keymap)
        self.band = OfferBand(keymap, classes="band-above")
        self.contacts = MyContacts()
        self.queue = QueuePane()
        self.middle = Middle(desk, keymap, send)
        self.directory = DirectoryPane(self.search, self.show_record)
        self.history = HistoryPane()
        self.notices = Notices(faults)
        self.phone = PhoneStrip()
        self.hints = KeyHints(keymap, "desk")
        self.contacts_section = Section(_("MY CONTACTS"), self.contacts, id="s-contacts")
        self.queue_section = Section(_("NEXT IN THE QUEUE"), self.queue, id="s-queue")
        self.directory_section = Section(_("DIRECTORY"), self.directory, id="s-directory")
        self.citizen_section = Section(_("CITIZEN"), self.history, id="s-citizen")
        self.tab = "contact"
        self.focus_drawn = ""
        self.accepting = ""
        """The contact whose acceptance moves the focus when it comes to the middle."""
        self.now = 0.0

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.tabs
        yield self.band
        with Horizontal(id="columns"):
            with Vertical(id="left"):
                yield self.contacts_section
                yield self.queue_section
            yield self.middle
            with Vertical(id="right"):
                yield self.directory_section
                yield self.citizen_section
        yield self.notices
        yield self.phone
        yield self.hints

    def draw(self, state: DeskState, now: float) -> None:
        self.now = now
        moved = state.focus != self.focus_drawn
        inside = self.focused is None or self.middle in self.focused.ancestors_with_self
        writing = self.is_current and self.focused in {self.middle.notes, self.middle.composer}
        self.header.draw(state, now)
        self.tabs.draw(state, now)
        self.band.draw(state, now)
        self.contacts.draw(state, now)
        self.queue.draw(state, now)
        self.middle.draw(state, now)
        self.directory.draw(state, now)
        self.directory_section.title.tell(remark(state.directory))
        self.history.draw(state, now)
        self.notices.draw(state, now)
        self.phone.draw(state, now)
        self.draw_hints(state, now)
        if moved:
            self.focus_drawn = state.focus
            accepted, self.accepting = bool(state.focus) and self.accepting == state.focus, ""
            if writing and not accepted:
                self.lose_field()
            if accepted or inside:
                self.reveal("contact")
        elif self.accepting and self.accepting == state.focus:  # it was in the middle before, and has come back
            self.reveal_accepted(state)
        elif inside:
            self.call_after_refresh(self.keep_focus_in_sight)

    def reveal_accepted(self, state: DeskState) -> None:
        contact = state.focused
        if contact is None:
            self.accepting = ""
        elif contact.state is not ContactState.OFFERED:
            self.accepting = ""
            self.reveal("contact")

    def draw_hints(self, state: DeskState, now: float) -> None:
        self.hints.at_hand = SEARCH_ACTIONS if self.focused is self.directory.field else ()
        self.hints.draw(state, now)

    def search(self, query: str) -> None:
        """Drawn before the desk tells of it: the results come in one frame with the key's echo."""
        self.desk.do(Search(query))
        self.draw(self.desk.state, self.now)

    def keep_focus_in_sight(self) -> None:
        """A field that the contact's new state has hidden takes no keys."""
        focused = self.focused
        if focused is not None and self.middle in focused.ancestors and not focused.is_on_screen:
            self.middle.home()

    def reveal(self, tab: str) -> None:
        """Go to a part of the screen: ``contact``, ``directory``, ``citizen``, ``contacts``, ``queue``."""
        self.show_tab(tab)
        widget = {
            "directory": self.directory.field,
            "citizen": self.history,
            "contacts": self.contacts,
            "queue": self.queue,
        }.get(tab)
        if widget is not None:
            self.set_focus(widget)  # at once: what is typed next must not go where the focus was
            if tab == "directory":
                self.directory.field.select_all()  # what is typed next is a new search
        else:
            self.middle.home()

    def show_tab(self, tab: str) -> None:
        if tab == self.tab:
            return
        self.tab = tab
        # Side by side all tabs are shown; with the classes of another width come other styles in any case.
        folded = not self.has_class("-three")
        self.update_classes({f"tab-{other}": other == tab for other in TABS}, update=folded, animate=False)
        self.tabs.tab = tab
        self.tabs.draw(self.desk.state, self.now)

    def write_notes(self) -> None:
        self.show_tab("contact")
        self.set_focus(self.middle.notes)

    def step_contact(self, by: int) -> None:
        """Put the next or previous of my contacts in the middle."""
        state = self.desk.state
        held = [*(contact.id for contact in state.mine if contact.state is not ContactState.OFFERED), *state.shown]
        if held:
            place = held.index(state.focus) if state.focus in held else -by
            self.go_to(held[(place + by) % len(held)])

    def go_to(self, contact: str) -> None:
        self.middle.flush()
        self.accepting = contact
        self.desk.do(Focus(contact))
        if contact == self.focus_drawn:
            self.accepting = ""
            self.reveal("contact")

    def show_record(self, record: Record) -> None:
        self.app.push_screen(RecordCard(record, self.desk, self.keymap, lambda: self.now))

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        state = self.desk.state
        if event.rows is self.contacts and event.key:
            self.go_to(event.key)
        elif event.rows is self.middle.protocol and state.focused is not None and state.focus in state.contacts:
            done = event.key not in state.focused.steps
            self.desk.do(CheckStep(contact=state.focused.id, step=event.key, done=done))

    def action_back(self) -> None:
        """To the contact; there, clear the newest notice. What is being written stays, and that is said."""
        notices = self.desk.state.notices
        at_home = self.tab == "contact" and (self.focused is None or self.middle in self.focused.ancestors_with_self)
        if not at_home:
            self.reveal("contact")
        elif self.notices.faults:
            self.notices.faults.pop()
            self.notices.draw(self.desk.state, self.now)
        elif notices:
            self.desk.do(Dismiss(notices[-1].id))
        draft = self.focused
        if at_home and isinstance(draft, Draft) and draft.text.strip() and not draft.read_only:
            draft.flush()
            keyed(self).tell_outcome(_("draft kept"))

    def shape(self, size: Size) -> None:
        super().shape(size)
        self.set_class(size.width >= _WIDE, "-wide")

    def on_resize(self, event: events.Resize) -> None:
        self.tabs.all = event.size.width < _ONE
        if not self.has_class("-one") and self.tab in {"contacts", "queue"}:
            self.show_tab("contact")
        self.tabs.draw(self.desk.state, self.now)
        self.fold(event.size.height)

    def fold(self, height: int) -> None:
        self.middle.fold(short=height < _SHORT)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.fold(self.size.height)
        self.draw_hints(self.desk.state, self.now)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self.fold(self.size.height)
