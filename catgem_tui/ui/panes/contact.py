"""The head of the contact in the middle: who, since when, what can be said of it."""

from typing import Any

from catgem_tui.config.i18n import N_, _, ngettext
from catgem_tui.desk.state import DeskState
from catgem_tui.desk.state import Line as Connection
from catgem_tui.protocol.enums import AdvisorState, Channel, ContactState, Monitoring
from catgem_tui.protocol.model import Call, Contact
from catgem_tui.ui import figures, wording
from catgem_tui.ui.contacts import handed_by, since_start
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.lines import Line, Span, clip, flow, line, paragraph, span, spread, width_of
from catgem_tui.ui.widgets.lines import Pane


class ContactHead(Pane):
    called = N_("Contact")
    DEFAULT_CSS = "ContactHead { padding: 0 1; margin-bottom: 1; }"

    def __init__(self, keymap: KeysInForce) -> None:
        super().__init__(id="contact-head")
        self.keymap = keymap

    def draw(self, state: DeskState, now: float) -> None:
        """For the ear it is gone through line by line."""
        self.can_focus = self.reader is not None
        if self.has_focus and not self.can_focus:
            self.screen.set_focus(None)
        super().draw(state, now)

    def take(self, state: DeskState, now: float) -> Any:
        contact = state.focused
        if contact is None:
            return ("", state.me.state if state.me else None, state.offer is not None)
        return (
            contact.id,
            _(wording.CHANNEL_TITLES[contact.channel]),
            wording.citizen(contact),
            contact.citizen.place,
            _facts(contact, state),
            _condition(contact, state, now),
            since_start(contact, now),
        )

    def lines(self, slice_: Any, width: int) -> list[Line]:
        if not slice_[0]:
            return _empty(slice_[1], slice_[2], self.keymap, width)
        _id, channel, who, place, facts, condition, clock = slice_
        head = line((channel + "  ", "accent"), span(who, "bright"), span(f"   {place}" if place else ""))
        told = flow([((fact, "dim"),) for fact in facts], width)
        tail = line(*condition, ("   " if condition else "", "text"), (clock, "bright"))
        if width_of(head) + width_of(tail) < width:
            return [spread(head, tail, width), *told]
        if not condition:
            return [spread(head, tail, width), *told]
        return [clip(head, width), spread(condition, ((clock, "bright"),), width), *told]


def _facts(contact: Contact, state: DeskState) -> tuple[str, ...]:
    times = len(state.history.get(contact.id, ())) + 1
    return tuple(
        filter(
            None,
            (
                _("folio %s") % contact.folio,
                wording.queue_label(state.settings, contact.queue),
                _("dialled %s") % contact.call.dialled if contact.call and contact.call.dialled else "",
                contact.subject if contact.channel is Channel.CALL else "",  # the conversation shows it
                _("handed on by %s") % by if (by := handed_by(contact, state.user)) else "",
                _("caller warned") if contact.warned else "",
                ngettext("%d earlier contact", "%d earlier contacts", times - 1) % (times - 1) if times > 1 else "",
            ),
        )
    )


def _condition(contact: Contact, state: DeskState, now: float) -> tuple[Span, ...]:
    """What is special about the contact now, each with its word."""
    told: list[Span] = []
    if contact.id in state.shown:
        return ((_("TO BE READ"), "call.held"),)
    if contact.state is ContactState.WRAP_UP:
        told.append(("◇ " + _("WRAP-UP, time left"), "presence.wrap_up"))
    elif contact.state is ContactState.PARKED:
        told.append(("‖ " + _("SET ASIDE"), "call.held"))
    elif not contact.citizen_present:
        gone = _("the citizen hung up") if contact.channel is Channel.CALL else _("the citizen left")
        told.append((gone, "sla.warning"))
    if contact.emergency:
        told.insert(0, ("!! " + _("EMERGENCY"), "error"))
    call = contact.call
    if call is not None and contact.state is ContactState.ACTIVE and is_cut(contact, state):
        told.append((_("the call was cut off"), "sla.warning"))
    elif call is not None and contact.state is ContactState.ACTIVE:
        if call.consultation is not None:
            told.append((_("CONSULTING"), "call.held"))
        elif call.held:
            since = figures.elapsed(now - call.held_since) if call.held_since is not None else ""
            told.append(("‖ " + _("ON HOLD") + f" {since}", "call.held"))
        elif not call.advisor_leg:
            told.append((_("connecting your telephone"), "call.ringing"))
        told += coordination(call)
        told.append(_recording(call, now))
    spaced: list[Span] = []
    for number, part in enumerate(told):
        spaced += [("   ", "text"), part] if number else [part]
    return tuple(spaced)


def coordination(call: Call) -> list[Span]:
    """Whether a coordinator can be heard in the call, and by whom."""
    modes = {mode for _user, mode in call.monitors}
    if Monitoring.BARGE in modes:
        return [(_("COORDINATION SPEAKS: both of you hear it"), "sla.warning")]
    return [(_("coordination speaks, to you alone"), "call.held")] if Monitoring.WHISPER in modes else []


def _recording(call: Call, now: float) -> Span:
    """Whether what is said now is kept, in words."""
    if call.recording_paused:
        began = call.recording_paused_since
        clock = figures.elapsed(now - began) if began is not None else ""
        return ("‖ " + _("recording paused") + f" {clock}", "call.held")
    return ("● " + _("recording"), "call.recording") if call.recording else (_("not recorded"), "dim")


def is_cut(contact: Contact, state: DeskState) -> bool:
    """Whether my call is gone from this telephone while central, out of reach or with another workstation of mine,
    cannot say so here."""
    mine = (state.user is not None and contact.advisor == state.user.id) or contact.id in state.answered
    gone = state.line in {Connection.OFFLINE, Connection.REPLACED}
    return mine and gone and all(call.contact != contact.id for call in state.phone.calls)


def _empty(me: AdvisorState | None, offered: bool, keymap: KeysInForce, width: int) -> list[Line]:
    """What will come here, and which key starts it."""
    if offered:
        words = _("A contact is offered: %s answers it.") % keymap.name("offer.accept")
    elif me is AdvisorState.AVAILABLE:
        words = _("You are available. The next contact is offered here; %s answers it.") % keymap.name("offer.accept")
    elif me is None:
        words = _("Waiting for central.")
    else:
        words = _("You are not being offered contacts. %s changes your state.") % keymap.name("presence.choose")
    return [line((_("No contact at hand"), "bright")), *paragraph(words, width, "dim")]
