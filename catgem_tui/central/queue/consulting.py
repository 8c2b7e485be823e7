"""Asking somebody during a call, and handing the call over to whom one has asked.

The contact stays its advisor's and active, whatever happens to the consultation; only ``complete`` gives it away. While
somebody is called and while they are spoken with alone the citizen is held. A colleague who is asked is taken as by an
offer until they answer and as by a call then: nobody offers them anything meanwhile, and nothing they do or leave
undone counts as an offer not responded to.

A consultation that ends, in whatever way, leads back to the citizen, who is not held any more. Whatever takes the
contact from its advisor, or ends its call, ends the consultation too.
"""

from dataclasses import replace

from msgspec.structs import replace as with_fields

from catgem_tui.central.ports import AdvisorCommand, EndConsulting, HandOver, PartyChanged, SetSide, StartConsulting
from catgem_tui.central.queue.calls import leave_every_call
from catgem_tui.central.queue.offers import dismiss_monitors, forget_consultation, put_in_front
from catgem_tui.central.queue.outside import check_number, hand_out, hear_from_outside
from catgem_tui.central.queue.state import Record
from catgem_tui.central.queue.turn import NotDone, Turn
from catgem_tui.central.queue.wrap_up import in_state, owned
from catgem_tui.protocol.commands import CompleteTransfer, Conference, Consult, EndConsult, Swap
from catgem_tui.protocol.enums import Channel, ContactState, NotReached, Refusal, Side
from catgem_tui.protocol.events import CallExpected
from catgem_tui.protocol.model import Consultation


def consult(turn: Turn, command: AdvisorCommand, body: Consult) -> None:
    """Somebody who could be offered a call now, or a number. One at a time, and not before the telephone is there."""
    record = owned(turn, command, body.contact)
    call = record.contact.call
    if call is None:
        raise NotDone(Refusal.CHANNEL_MISMATCH, "contact")
    in_state(record, ContactState.ACTIVE)
    if call.consultation is not None or not call.advisor_leg:
        raise NotDone(Refusal.WRONG_STATE, "contact", state=record.contact.state.value)
    if bool(body.advisor) == bool(body.number):
        raise NotDone(Refusal.MALFORMED, "advisor")
    if body.advisor:
        _ring_colleague(turn, record, command.advisor, body.advisor)
    else:
        _call_number(turn, record, check_number(turn, body.number))


def _ring_colleague(turn: Turn, record: Record, asking: str, colleague: str) -> None:
    if colleague not in turn.state.seats or colleague == asking:
        raise NotDone(Refusal.NO_SUCH_TARGET, "advisor")
    if not turn.state.has_room(colleague, Channel.CALL):
        raise NotDone(Refusal.NO_CAPACITY, "advisor")
    leave_every_call(turn, colleague)
    seat = turn.seat(colleague)
    expected = CallExpected(contact=record.contact.id, token=turn.new_token(), consulting=True)
    turn.announce(colleague, expected)
    record = replace(turn.record(record.contact.id), party_token=expected.token, party_expected=expected)
    _begin(turn, record, Consultation(advisor=colleague, name=seat.advisor.user.name, since=turn.now))
    turn.perform(
        StartConsulting(
            contact=record.contact.id,
            channel=Channel.CALL,
            token=expected.token,
            seconds=turn.rules.channels[Channel.CALL].offer_timeout,
            uri=seat.uri,
        )
    )


def _call_number(turn: Turn, record: Record, number: str) -> None:
    token = turn.new_token()
    _begin(turn, replace(record, party_token=token), Consultation(number=number, since=turn.now))
    turn.perform(
        StartConsulting(
            contact=record.contact.id,
            channel=Channel.CALL,
            token=token,
            seconds=turn.rules.ring_outside,
            number=number,
        )
    )


def _begin(turn: Turn, record: Record, consultation: Consultation) -> None:
    call = record.contact.call
    since = call.held_since if call and call.held else turn.now
    turn.change_call(record, consultation=consultation, not_reached=None, held=True, held_since=since)


def swap(turn: Turn, command: AdvisorCommand, body: Swap) -> None:
    """Speak with the other one; out of a conference: with who was consulted alone."""
    record, consultation = _asking(turn, command, body.contact)
    side = Side.CITIZEN if consultation.side is Side.CONSULTED else Side.CONSULTED
    _take_side(turn, record, consultation, side)


def conference(turn: Turn, command: AdvisorCommand, body: Conference) -> None:
    record, consultation = _asking(turn, command, body.contact)
    if consultation.side is not Side.ALL:
        _take_side(turn, record, consultation, Side.ALL)


def _take_side(turn: Turn, record: Record, consultation: Consultation, side: Side) -> None:
    held = side is Side.CONSULTED
    turn.change_call(
        record,
        consultation=with_fields(consultation, side=side),
        held=held,
        held_since=turn.now if held else None,
    )
    turn.perform(SetSide(contact=record.contact.id, channel=Channel.CALL, side=side))


def complete(turn: Turn, command: AdvisorCommand, body: CompleteTransfer) -> None:
    """Leave citizen and consulted to each other.

    A colleague gets the contact as it is, active, with notes and steps, its clocks untouched; the former advisor has no
    more to do with it. To somebody outside the call is handed out (``outside.hand_out``). Refused while they are still
    being called, and for a colleague whose workstation is gone.
    """
    record, consultation = _asking(turn, command, body.contact)
    name = turn.seat(command.advisor).advisor.user.name
    token = record.party_token
    if not consultation.advisor:
        turn.perform(HandOver(contact=body.contact, channel=Channel.CALL, token=token))
        hand_out(turn, record, token)
        return
    if not turn.seat(consultation.advisor).advisor.connected:
        raise NotDone(Refusal.NO_CAPACITY, "advisor")
    dismiss_monitors(turn, record)
    record = replace(
        turn.record(body.contact), party_token="", leg_token=token, expected=None, served_by=consultation.advisor
    )
    record = turn.change_call(record, consultation=None, held=False, held_since=None)
    turn.change(record, advisor=consultation.advisor, handed_by=name)
    turn.perform(HandOver(contact=body.contact, channel=Channel.CALL, token=token, advisor=consultation.advisor))


def end_consult(turn: Turn, command: AdvisorCommand, body: EndConsult) -> None:
    """By who asked, or by the colleague who is asked."""
    record = turn.record(body.contact)
    call = record.contact.call
    if command.advisor not in (record.contact.advisor, record.consulted):
        raise NotDone(Refusal.NOT_YOURS, "contact")
    if call is None or call.consultation is None:
        raise NotDone(Refusal.WRONG_STATE, "contact", state=record.contact.state.value)
    declined = command.advisor == record.consulted and not call.consultation.connected
    let_consulted_go(turn, record, NotReached.DECLINED if declined else None)


def let_consulted_go(turn: Turn, record: Record, not_reached: NotReached | None = None) -> None:
    """End a consultation, if there is one; advisor and citizen are together again."""
    call = record.contact.call
    if call is not None and call.consultation is not None:
        turn.change_call(forget_consultation(turn, record), not_reached=not_reached)
        turn.perform(EndConsulting(contact=record.contact.id, channel=Channel.CALL))


def leave_consultation(turn: Turn, user: str) -> None:
    """This person can't be consulted any more: their telephone is gone."""
    record = turn.state.consulted_about(user)
    if record is not None:
        let_consulted_go(turn, record)


def change_party(turn: Turn, happening: PartyChanged) -> None:
    """Whom the line called answered, or went, or never came. News of a call not wanted any more changes nothing.

    A colleague who went in the moment in which they were handed the contact meant the consultation, not the citizen:
    the citizen is kept for them, first in the line.
    """
    record = turn.record(happening.contact)
    contact, call = record.contact, record.contact.call
    if call is None or not happening.token:
        return
    moved = happening.token == record.leg_token and contact.state is ContactState.ACTIVE
    if record.handed_out_by and happening.token == record.party_token:
        hear_from_outside(turn, record, happening)
    elif call.consultation is not None and happening.token == record.party_token:
        if not happening.connected:
            let_consulted_go(turn, record, happening.not_reached)
        elif not call.consultation.connected:
            consultation = with_fields(call.consultation, connected=True, since=turn.now)
            turn.change_call(replace(record, party_expected=None), consultation=consultation)
    elif moved and contact.advisor and not happening.connected:
        put_in_front(turn, record, reserved_for=contact.advisor)


def _asking(turn: Turn, command: AdvisorCommand, contact: str) -> tuple[Record, Consultation]:
    """The sender's call during which they speak with somebody they consult. Raises NotDone."""
    record = owned(turn, command, contact)
    if record.contact.call is None:
        raise NotDone(Refusal.CHANNEL_MISMATCH, "contact")
    consultation = record.contact.call.consultation
    if consultation is None or not consultation.connected:
        raise NotDone(Refusal.WRONG_STATE, "contact", state=record.contact.state.value)
    return record, consultation
