"""The lists beside the contact: my contacts, who waits, the citizen's earlier contacts."""

from typing import Any

from catgem_tui.config.i18n import _
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.enums import ContactState
from catgem_tui.ui import figures, wording
from catgem_tui.ui.contacts import SIGNS, channel_short, elapsed, urgency
from catgem_tui.ui.lines import Line, Row, cell, paragraph, shorten, span, width_of
from catgem_tui.ui.widgets.lines import Pane
from catgem_tui.ui.widgets.rows import RowPane


class MyContacts(RowPane):
    """The contacts I hold; Enter puts one in the middle."""

    def __init__(self) -> None:
        super().__init__(id="my-contacts")

    def take(self, state: DeskState, now: float) -> Any:
        return (
            state.focus,
            tuple(
                (
                    contact.id,
                    channel_short(contact.channel),
                    wording.citizen(contact),
                    contact.state,
                    contact.unread,
                    contact.id in state.typing,
                    urgency(contact, state.settings, now),
                    elapsed(contact, now),
                )
                for contact in (*state.mine, *(each.contact for each in state.shown.values()))
            ),
            frozenset(state.shown),
        )

    def rows_of(self, slice_: Any, width: int) -> list[Row]:
        focus, contacts, shown = slice_
        if not contacts:
            return [
                Row("", tuple(paragraph(_("None. The queue offers you one when you are available."), width, "dim")))
            ]
        return [
            Row(contact[0], (self._line(contact, contact[0] == focus, contact[0] in shown, width),))
            for contact in contacts
        ]

    def _line(self, contact: Any, chosen: bool, asked: bool, width: int) -> Line:
        _id, channel, who, state, unread, typing, slot, clock = contact
        level = "accent" if chosen else "bright" if unread else "text"
        marks = {
            ContactState.OFFERED: ("◆", "call.ringing"),
            ContactState.PARKED: ("‖", "dim"),
            ContactState.WRAP_UP: ("◇", "presence.wrap_up"),
        }
        mark, mark_slot = ("?", "call.ringing") if asked else marks.get(state, (">" if chosen else " ", "accent"))
        news = ("…" if typing else str(unread) if unread else "", "accent")
        return (
            cell(mark, mark_slot, 2, right=False),
            cell(channel, "dim", 5),
            cell(shorten(who, width - 18), level, max(1, width - 18)),
            cell(news[0], news[1], 2, right=True),
            cell(SIGNS.get(slot, ""), slot, 2, right=True),
            cell(f" {clock}", slot, 7, right=True),
        )


class QueuePane(RowPane):
    """Who is next in the universal queue."""

    def __init__(self) -> None:
        super().__init__(id="queue")

    def take(self, state: DeskState, now: float) -> Any:
        return tuple(
            (
                waiting.contact,
                channel_short(waiting.channel),
                wording.queue_label(state.settings, waiting.queue),
                waiting.late,
                figures.elapsed(figures.beat(now) - waiting.since),
            )
            for waiting in state.summary.next
        )

    def rows_of(self, slice_: Any, width: int) -> list[Row]:
        if not slice_:
            return [Row("", tuple(paragraph(_("Nobody is waiting."), width, "dim")))]
        return [
            Row(
                contact,
                (
                    (
                        cell("", "text", 2),
                        cell(channel, "dim", 5),
                        cell(queue, "text", max(1, width - 17)),
                        cell("!!" if late else "", "sla.breach", 3, right=True),
                        cell(f" {clock}", "sla.breach" if late else "text", 7, right=True),
                    ),
                ),
            )
            for contact, channel, queue, late, clock in slice_
        ]


_ENDED = (wording.OUTCOMES, wording.OUTCOMES_SHORT)


class HistoryPane(Pane):
    """The citizen's earlier contacts, newest first."""

    can_focus = True
    DEFAULT_CSS = "HistoryPane { overflow-y: auto; }"

    def __init__(self) -> None:
        super().__init__(id="history")

    def take(self, state: DeskState, now: float) -> Any:
        contact = state.focused
        if contact is None:
            return (None, ())
        dispositions = state.settings.dispositions if state.settings else ()
        items = tuple(
            (
                figures.day(item.arrived_at),
                channel_short(item.channel),
                item.subject or wording.option_label(dispositions, item.disposition),
                tuple(_(words[item.outcome]) if item.outcome else "" for words in _ENDED),
                item.folio,
            )
            for item in state.history.get(contact.id, ())
        )
        who = contact.citizen
        known = tuple(filter(None, (who.name, figures.telephone(who.phone), who.email, who.place)))
        return (known, items)

    def lines(self, slice_: Any, width: int) -> list[Line]:
        known, items = slice_
        if known is None:
            return paragraph(_("Here you will see who is being served."), width, "dim")
        told: list[Line] = [
            (span(part, "bright" if number == 0 else "text"),) for number, part in enumerate(known)
        ] or paragraph(_("Has given no details."), width, "dim")
        if not items:
            return [*told, *paragraph(_("First contact that we know of."), width, "dim")]
        outcome = min(26, max(0, width - 40))
        short = any(width_of((span(whole),)) > outcome for _day, _channel, _subject, (whole, _short), _folio in items)
        return told + [
            (
                cell(day, "dim", 7),
                cell(channel, "dim", 5),
                cell(subject, "text", max(1, width - 12 - 9 - outcome - 1)),
                cell("", "dim", 1),
                cell(ended[short], "dim", outcome),
                cell(folio, "dim", 9, right=True),
            )
            for day, channel, subject, ended, folio in items
        ]
