"""A telephone outside: central calls it and keeps it on the line, and lines call its anchor as they call any other."""

import re

from catgem_tui.central.ports import AdvisorCommand, CallOutside, LeaveOutside, MuteOutside, OutsideChanged
from catgem_tui.central.queue.calls import leave_every_call
from catgem_tui.central.queue.consulting import leave_consultation
from catgem_tui.central.queue.offers import put_in_front
from catgem_tui.central.queue.rules import QueueRules
from catgem_tui.central.queue.turn import NotDone, Turn
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import Channel, ContactState, OutsideState, Refusal
from catgem_tui.protocol.numbers import normalise

_ADDRESS = re.compile(
    r"sips?:[A-Za-z0-9+._*#-]{1,64}@(?P<host>[A-Za-z0-9.-]{1,253})(:[0-9]{1,5})?(;transport=(udp|tcp|tls))?",
    re.ASCII | re.IGNORECASE,
)


def find_uri(rules: QueueRules, address: str) -> str:
    """Whom to call for what an advisor gave: a SIP address at an allowed host, or a number by the centre's trunk.

    Raises NotDone.
    """
    address = address.strip()
    if match := _ADDRESS.fullmatch(address):
        if match["host"].lower() not in rules.outside_hosts:
            raise NotDone(Refusal.NOT_ALLOWED, "address")
        return address
    digits = normalise(re.sub("^tel:", "", address, flags=re.IGNORECASE))
    if not digits:
        raise NotDone(Refusal.MALFORMED, "address")
    if not rules.dial:
        raise NotDone(Refusal.NO_OUTSIDE, "address")
    return rules.dial.replace("{number}", digits)


def set_outside_phone(turn: Turn, command: AdvisorCommand, body: commands.SetOutsidePhone) -> None:
    """Not in the middle of a call: whoever hears it through another telephone would lose it."""
    seat = turn.seat(command.advisor)
    if body.address:
        uri = find_uri(turn.rules, body.address)
        if any(
            record.contact.channel is Channel.CALL and record.contact.state is ContactState.ACTIVE
            for record in turn.state.held_by(command.advisor)
        ):
            raise NotDone(Refusal.WRONG_STATE, "address")
        turn.change_advisor(
            seat, outside_phone=body.address.strip(), outside_state=OutsideState.CALLING, outside_muted=False
        )
        move_phone(turn, command.advisor, "")
        turn.perform(CallOutside(channel=Channel.CALL, advisor=command.advisor, uri=uri))
    else:
        let_go(turn, command.advisor)


def let_go(turn: Turn, advisor: str) -> None:
    """The workstation's own telephone counts again."""
    seat = turn.seat(advisor)
    if not seat.advisor.outside_phone:
        return
    turn.change_advisor(seat, outside_phone="", outside_state=OutsideState.NONE, outside_muted=False)
    move_phone(turn, advisor, seat.own_uri)
    turn.perform(LeaveOutside(channel=Channel.CALL, advisor=advisor))


def change(turn: Turn, happening: OutsideChanged) -> None:
    """It is on the line, or was lost: then its calls are led back as when any telephone dies."""
    seat = turn.seat(happening.advisor)
    if not seat.advisor.outside_phone:
        return
    turn.change_advisor(seat, outside_state=happening.state, outside_muted=False)
    move_phone(turn, happening.advisor, happening.uri)


def mute(turn: Turn, command: AdvisorCommand, body: commands.MuteOutside) -> None:
    seat = turn.seat(command.advisor)
    if seat.advisor.outside_state is not OutsideState.ON_THE_LINE:
        raise NotDone(Refusal.NO_PHONE)
    turn.change_advisor(seat, outside_muted=body.muted)
    turn.perform(MuteOutside(channel=Channel.CALL, advisor=command.advisor, muted=body.muted))


def move_phone(turn: Turn, advisor: str, uri: str) -> None:
    """Where an advisor's telephone is now.

    A telephone that is gone, or is suddenly somewhere else, has died in the middle of any call it had: its citizen
    hears nothing. Such a call goes to the front of the line and is kept for the same advisor for ``rules.reserve``; an
    offered one, and a consultation, is simply called off.
    """
    seat = turn.seat(advisor)
    moved = bool(seat.uri) and uri != seat.uri
    turn.change_seat(seat, uri=uri)
    if not moved:
        return
    for record in reversed(turn.state.held_by(advisor)):
        contact = record.contact
        if contact.channel is Channel.CALL and contact.state in (ContactState.OFFERED, ContactState.ACTIVE):
            talking = contact.state is ContactState.ACTIVE
            put_in_front(turn, record, reserved_for=advisor if talking else "")
    leave_consultation(turn, advisor)
    leave_every_call(turn, advisor)
