"""Who is on the telephone beside the citizen: who is asked, who asks, whom one called; who of them waits."""

from typing import Any

from catgem_tui.config.i18n import _
from catgem_tui.desk.state import DeskState, PhoneCall
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.enums import Side
from catgem_tui.protocol.model import Consultation, Contact
from catgem_tui.ui import actions, figures, wording
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.lines import Line, Span, flow, span, spread, width_of
from catgem_tui.ui.panes.contact import is_cut
from catgem_tui.ui.widgets.lines import Pane

_KEYS = (
    "offer.accept", "offer.decline", "call.hold", "call.conference", "contact.transfer", "phone.transfer",
    "phone.hang_up", "contact.finish",
)  # fmt: skip
"""In the order in which they are told, as far as they can be done."""
_SHORTEST = 2
"""Spans of what somebody does and who it is."""
Told = tuple[Line, float | None]
"""A line, and since when it is so if that is told."""


class TelephoneCard(Pane):
    """A line for each who is there, and the keys; nothing while one speaks with the citizen alone."""

    DEFAULT_CSS = """
    TelephoneCard { display: none; padding: 0 1; background: $on-band; }
    TelephoneCard.-shown { display: block; }
    """

    def __init__(self, keymap: KeysInForce) -> None:
        super().__init__(id="telephone-card")
        self.keymap = keymap

    def draw(self, state: DeskState, now: float) -> None:
        super().draw(state, now)
        self.set_class(bool(self.slice), "-shown")

    def take(self, state: DeskState, now: float) -> Any:
        told = people(state, now)
        if not told:
            return ()
        clocks = tuple((words, figures.elapsed(now - since) if since is not None else "") for words, since in told)
        return (clocks, self.keys(state))

    def keys(self, state: DeskState) -> tuple[tuple[str, str], ...]:
        """What can be done with those who are there: the key and its name."""
        return tuple(
            (self.keymap.name(action.id), _(action.name_in(state)).lower())
            for action in (actions.BY_ID[each] for each in _KEYS)
            if action.available(state) and self.keymap.first(action.id) and _fits(action.id, state)
        )

    def lines(self, slice_: Any, width: int) -> list[Line]:
        if not slice_:
            return []
        clocks, keys = slice_
        told = [_person(words, clock, width) for words, clock in clocks]
        groups: list[list[Span]] = [[(key, "key"), (f" {name}", "text")] for key, name in keys]
        return [*told, *flow(groups, width, ("   ", "text"))]


def _person(words: Line, clock: str, width: int) -> Line:
    """How they are there is told only where there is room for all of it."""
    tail: Line = ((clock, "text"),) if clock else ()
    room = width - width_of(tail) - bool(tail)
    return spread(words if width_of(words) <= room else words[:_SHORTEST], tail, width)


def _fits(action: str, state: DeskState) -> bool:
    """Leave out what is not about those on the card."""
    if action in ("offer.accept", "offer.decline"):
        return actions.direct_call(state) is not None and state.offer is None and state.asked is None
    if action == "contact.finish":
        return actions.reading(state)
    return actions.consulting(state) if action == "contact.transfer" else True


def people(state: DeskState, now: float) -> list[Told]:
    """Everybody who is on the telephone beside the citizen one speaks with."""
    return [*_asked(state, now), *(_made(call, state) for call in state.phone.calls if call.number)]


def _asked(state: DeskState, now: float) -> list[Told]:
    """Who is asked about the contact in the middle; or who asks this person about it."""
    contact = state.focused
    if contact is None or contact.call is None or is_cut(contact, state):
        return []
    consultation = contact.call.consultation
    if contact.id in state.shown:
        return [_reader(contact, consultation, state, now)]
    if actions.consultation(state) is None or consultation is None:
        return []
    return _asker(contact, consultation, state.sides.get(contact.id, consultation.since))


def _asker(contact: Contact, consultation: Consultation, since: float) -> list[Told]:
    who, citizen = wording.consulted(consultation), wording.citizen(contact)
    held = contact.call.held_since if contact.call is not None else None
    waiting_since = held if held is not None else since
    if not consultation.connected:
        return [_told(_("CALLING"), who, since, slot="call.ringing"), _waits(citizen, waiting_since)]
    if consultation.side is Side.ALL:
        return [_told(_("ALL THREE"), _("%(one)s, %(other)s and you") % {"one": citizen, "other": who}, since)]
    speaking, waiting = (who, citizen) if consultation.side is Side.CONSULTED else (citizen, who)
    if consultation.side is Side.CITIZEN:
        waiting_since = since
    return [_told(_("YOU SPEAK WITH"), speaking, since), _waits(waiting, waiting_since)]


def _reader(contact: Contact, consultation: Consultation | None, state: DeskState, now: float) -> Told:
    by = state.shown[contact.id].by
    if contact.id not in state.answered:
        return _told(_("ASKS YOU"), by, slot="offer")
    since = state.sides.get(contact.id, consultation.since if consultation is not None else now)
    side = consultation.side if consultation is not None else Side.CONSULTED
    if side is Side.ALL:
        words = {"one": by, "other": wording.citizen(contact)}
        return _told(_("ALL THREE"), _("%(one)s, %(other)s and you") % words, since)
    if side is Side.CITIZEN:
        return _told(_("YOU WAIT"), by, since, _("speaks with the citizen"), "call.held")
    return _told(_("YOU SPEAK WITH"), by, since, _("the citizen waits with music"))


def _made(call: PhoneCall, state: DeskState) -> Told:
    who = " ".join(part for part in (call.name, figures.telephone(call.number)) if part)
    since = call.since
    if call.handing:
        return _told(_("HANDING ON"), who, since, _("to %s") % call.handing, "call.ringing")
    if call.incoming and call.state is CallState.RINGING:
        return _told(_("DIRECT CALL"), who, since, slot="offer")
    if call.state is not CallState.CONFIRMED:
        return _told(_("CALLING"), who, since, slot="call.ringing")
    if call.held:
        return _waits(who, since)
    if state.phone.joined:
        return _told(_("ALL THREE"), who, since)
    return _told(_("YOU SPEAK WITH"), who, since, _("has you on hold") if call.holds_us else "")


def _waits(who: str, since: float) -> Told:
    return _told(_("WAITS"), who, since, _("with music"), "call.held")


def _told(what: str, who: str, since: float | None = None, how: str = "", slot: str = "call.active") -> Told:
    told: Line = ((what, slot), span(f"  {who}", "bright"))
    return ((*told, span(f"  {how}", "text")) if how else told, since)
