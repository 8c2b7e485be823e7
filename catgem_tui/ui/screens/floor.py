"""Supervisor mode: the floor live, and the keys to listen, whisper, barge in and reassign."""

from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from catgem_tui.config.i18n import _, ngettext
from catgem_tui.desk.intents import Dismiss
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.enums import ENDED_STATES, AdvisorState, Channel, ContactState
from catgem_tui.protocol.model import Advisor, Contact
from catgem_tui.ui import figures, wording
from catgem_tui.ui.contacts import SIGNS as URGENCY_SIGNS
from catgem_tui.ui.contacts import channel_short, elapsed, urgency
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.lines import Line, Row, cell, line, shorten, span, spread
from catgem_tui.ui.panes.band import OfferBand
from catgem_tui.ui.panes.header import HeaderPane
from catgem_tui.ui.panes.notices import Notices
from catgem_tui.ui.panes.strips import KeyHints, PhoneStrip
from catgem_tui.ui.port import Desk
from catgem_tui.ui.presence import SIGNS
from catgem_tui.ui.screens.place import PlaceScreen
from catgem_tui.ui.widgets.lines import Pane
from catgem_tui.ui.widgets.rows import RowPane
from catgem_tui.ui.widgets.section import Section

_NARROW = 70
"""Cells up to which a table says less."""
_ORDER = (
    AdvisorState.NOT_RESPONDING,
    AdvisorState.BUSY,
    AdvisorState.OFFERED,
    AdvisorState.WRAP_UP,
    AdvisorState.AVAILABLE,
    AdvisorState.PAUSED,
    AdvisorState.OFFLINE,
)


class AdvisorTable(RowPane):
    """Every advisor: state in words and since when, their contacts."""

    DEFAULT_CSS = "AdvisorTable { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="advisors")

    def take(self, state: DeskState, now: float) -> Any:
        ordered = sorted(state.advisors.values(), key=lambda a: (_ORDER.index(a.state), a.user.name))
        return tuple(
            (
                advisor.user.id,
                advisor.user.name,
                advisor.state,
                wording.advisor_state(advisor, state.settings),
                figures.elapsed(now - advisor.since) if advisor.since else "",
                held_by(advisor, state),
                advisor.phone_ready,
                advisor.connected,
            )
            for advisor in ordered
        )

    def rows_of(self, slice_: Any, width: int) -> list[Row]:
        if not slice_:
            return [Row("", (line((_("No advisors yet."), "dim")),))]
        return [Row(advisor[0], (self._line(advisor, width),)) for advisor in slice_]

    def _line(self, advisor: Any, width: int) -> Line:
        _id, name, state, words, since, contacts, phone, connected = advisor
        lost = "" if connected or state is AdvisorState.OFFLINE else _("no line")
        silent = "" if phone or state is AdvisorState.OFFLINE else _("no phone")
        clock, held, lacks = (7, 8, 8) if width < _NARROW else (8, 13, 9)
        room = width - 3 - clock - 2 - held - lacks - 1
        state_width = min(28, max(18, room // 2))
        name_width = max(8, min(30, room - state_width))
        slot = f"presence.{state.value}"
        return (
            cell(shorten(name, name_width), "bright" if state is not AdvisorState.OFFLINE else "dim", name_width),
            (" ", "text"),
            cell(SIGNS[state], slot, 3),
            cell(words, slot, state_width),
            cell(since, "text", clock, right=True),
            ("  ", "text"),
            cell(contacts, "text", held),
            cell(lost or silent, "sla.warning", lacks),
        )


def held_by(advisor: Advisor, state: DeskState) -> str:
    """By which channels they serve, and how many where it is more than one."""
    held = Counter(state.contacts[key].channel for key in advisor.contacts if key in state.contacts)
    return " ".join(
        channel_short(each) + (f" {held[each]}" if held[each] > 1 else "") for each in Channel if held[each]
    )


class ContactTable(RowPane):
    """Every contact that waits or is being served: emergencies first, then the longest waiting."""

    DEFAULT_CSS = "ContactTable { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="floor-contacts")

    def take(self, state: DeskState, now: float) -> Any:
        live = [contact for contact in state.contacts.values() if contact.state not in ENDED_STATES]
        live.sort(
            key=lambda contact: (not contact.emergency, contact.state is not ContactState.QUEUED, contact.arrived_at)
        )
        names = {key: advisor.user.name for key, advisor in state.advisors.items()}
        return tuple(
            (
                contact.id,
                channel_short(contact.channel),
                wording.citizen(contact),
                _("EMERGENCY") if contact.emergency else _(wording.CONTACT_STATES[contact.state]),
                contact.state is ContactState.QUEUED,
                names.get(contact.advisor or "", "") or wording.queue_label(state.settings, contact.queue),
                "sla.breach" if contact.emergency else urgency(contact, state.settings, now),
                elapsed(contact, now),
                contact.folio,
                contact.emergency,
            )
            for contact in live
        )

    def rows_of(self, slice_: Any, width: int) -> list[Row]:
        if not slice_:
            return [Row("", (line((_("Nobody is waiting and nobody is being served."), "dim")),))]
        return [Row(contact[0], (self._line(contact, width),)) for contact in slice_]

    def _line(self, contact: Any, width: int) -> Line:
        _id, channel, who, state, waiting, where, slot, clock, folio, emergency = contact
        told = () if width < _NARROW else (cell(f"  {folio}", "dim", 10, right=True),)
        room = max(10, width - 5 - 12 - 3 - 8 - 10 * len(told))
        return (
            cell(channel, "dim", 5),
            cell(shorten(who, room // 2), "bright" if waiting else "text", room // 2),
            cell(f" {where}", "dim", room - room // 2),
            cell(f" {state}", "error" if emergency else "accent" if waiting else "text", 12),
            cell(URGENCY_SIGNS.get(slot, ""), slot, 3, right=True),
            cell(f" {clock}", slot, 8, right=True),
            *told,
        )


class MonitoringBand(Pane):
    """How one takes part in a call now, said plainly."""

    DEFAULT_CSS = """
    MonitoringBand { display: none; height: 1; padding: 0 1; background: $on-band; }
    MonitoringBand.-monitoring { display: block; }
    """

    def draw(self, state: DeskState, now: float) -> None:
        super().draw(state, now)
        self.set_class(bool(self.slice), "-monitoring")

    def take(self, state: DeskState, now: float) -> Any:
        call = next((call for call in state.phone.calls if call.monitoring is not None), None)
        if call is None or call.monitoring is None:
            return ()
        contact = state.contacts.get(call.contact)
        advisor = state.advisors.get(contact.advisor or "") if contact else None
        return (
            _(wording.MONITORING[call.monitoring]),
            wording.citizen(contact) if contact else "",
            advisor.user.name if advisor else "",
            figures.elapsed(now - call.since),
        )

    def lines(self, slice_: Any, width: int) -> list[Line]:
        if not slice_:
            return []
        mode, who, advisor, clock = slice_
        return [
            spread(
                (("◆ " + mode, "call.ringing"), ("   ", "text"), span(f"{advisor} · {who}", "text")),
                ((clock, "bright"),),
                width,
            )
        ]


class FloorScreen(PlaceScreen):
    HORIZONTAL_BREAKPOINTS = [(0, "-one"), (140, "-two")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("left,right", "other_table", show=False),
    ]
    DEFAULT_CSS = """
    FloorScreen { background: $on-background; color: $slot-text; }
    FloorScreen #tables { height: 1fr; layout: vertical; }
    FloorScreen #tables > Section { height: 1fr; padding: 0 1; }
    FloorScreen.-tall #tables > Section { padding: 1 1 0 1; }
    FloorScreen.-two #tables { layout: horizontal; }
    FloorScreen.-two #tables > Section { width: 1fr; height: 100%; }
    FloorScreen.-two #s-floor-contacts { border-left: solid $on-rule; }
    FloorScreen.-one #s-floor-contacts { border-top: solid $on-rule; }
    FloorScreen OfferBand.-offered { margin-bottom: 1; }
    """

    def __init__(self, desk: Desk, keymap: KeysInForce, faults: list[str], entered: Callable[[], None]) -> None:
        super().__init__(entered)
        self.desk = desk
        self.header = HeaderPane()
        self.band = OfferBand(keymap, classes="")
        self.mode = MonitoringBand()
        self.advisors = AdvisorTable()
        self.contacts = ContactTable()
        self.advisors_section = Section(_("ADVISORS"), self.advisors, id="s-advisors")
        self.contacts_section = Section(_("CONTACTS"), self.contacts, id="s-floor-contacts")
        self.notices = Notices(faults)
        self.phone = PhoneStrip()
        self.hints = KeyHints(keymap, "floor")

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.band
        yield self.mode
        with Vertical(id="tables"):
            yield self.advisors_section
            yield self.contacts_section
        yield self.notices
        yield self.phone
        yield self.hints

    def on_mount(self) -> None:
        self.advisors.focus()

    def draw(self, state: DeskState, now: float) -> None:
        for pane in (self.header, self.band, self.mode, self.advisors, self.contacts, self.notices, self.phone):
            pane.draw(state, now)
        self.hints.draw(state, now)
        serving = len(
            {c.advisor for c in state.contacts.values() if c.state is ContactState.ACTIVE} & {*state.advisors}
        )
        self.advisors_section.title.tell(
            ((ngettext("%d serving", "%d serving", serving) % serving, "dim"),),
        )
        waiting = sum(contact.state is ContactState.QUEUED for contact in state.contacts.values())
        self.contacts_section.title.tell(((ngettext("%d waiting", "%d waiting", waiting) % waiting, "dim"),))

    def selected(self) -> Contact | None:
        """The contact under the cursor; of an advisor their call, or what they serve."""
        state = self.desk.state
        if self.contacts.has_focus:
            return state.contacts.get(self.contacts.cursor)
        advisor = state.advisors.get(self.advisors.cursor)
        if advisor is None:
            return None
        held = [state.contacts[key] for key in advisor.contacts if key in state.contacts]
        held.sort(key=lambda contact: (contact.channel is not Channel.CALL, contact.state is not ContactState.ACTIVE))
        return held[0] if held else None

    def action_other_table(self) -> None:
        (self.advisors if self.contacts.has_focus else self.contacts).focus()

    def action_back(self) -> None:
        notices = self.desk.state.notices
        if notices:
            self.desk.do(Dismiss(notices[-1].id))
