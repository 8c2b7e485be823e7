"""Advisors: whether they are there, where their telephone is, and what becomes of their contacts when they vanish."""

import re

from catgem_tui.central.ports import AdvisorCommand, AdvisorConnected, AdvisorLost
from catgem_tui.central.queue import outside_phones
from catgem_tui.central.queue.calls import leave_every_call
from catgem_tui.central.queue.consulting import let_consulted_go
from catgem_tui.central.queue.offers import put_in_front
from catgem_tui.central.queue.state import Seat
from catgem_tui.central.queue.turn import NotDone, Turn
from catgem_tui.protocol.commands import SetPhone, SetPresence
from catgem_tui.protocol.enums import ContactState, Presence, Refusal

_PHONE = re.compile(r"sips?:[!#-;=?-~]{1,250}", re.ASCII | re.IGNORECASE)
"""What a line can be told to call: a SIP URI of printable ASCII without quotation marks or angle brackets."""
DECLARABLE = (Presence.AVAILABLE, Presence.PAUSED, Presence.OFFLINE)


def connect(turn: Turn, happening: AdvisorConnected) -> None:
    """A workstation is there. Within the grace everything is as it was; later it begins offline."""
    turn.change_advisor(turn.change_seat(turn.seat(happening.advisor), lost_at=None), connected=True)


def lose(turn: Turn, happening: AdvisorLost) -> None:
    """The workstation is gone: no further offers, and the grace begins for what the advisor holds."""
    seat = turn.seat(happening.advisor)
    if seat.advisor.connected:
        turn.change_advisor(turn.change_seat(seat, lost_at=turn.now), connected=False)


def give_up_waiting(turn: Turn, seat: Seat) -> None:
    """The grace is over: offline.

    Offers, chats and mails return to the front of the queue, and so does a call unless the advisor's telephone is
    still connected: then the two go on talking, without anybody they had consulted, whom nothing could lead back from.
    A wrap-up runs out by itself. Calls the person listened to are left, and a consultation they have not answered.
    """
    user = seat.advisor.user.id
    turn.change_advisor(
        turn.change_seat(seat, lost_at=None),
        presence=Presence.OFFLINE,
        reason="",
        next_presence=None,
        next_reason="",
    )
    talks = False
    for record in reversed(turn.state.held_by(user)):
        contact = record.contact
        if contact.state is ContactState.WRAP_UP:
            continue
        talking = contact.call is not None and contact.call.advisor_leg and contact.state is ContactState.ACTIVE
        talks = talks or talking
        if not talking:
            put_in_front(turn, record)
        else:
            let_consulted_go(turn, record)
    asked = turn.state.consulted_about(user)
    if asked is not None and asked.party_expected is not None:
        let_consulted_go(turn, asked)
    leave_every_call(turn, user)
    if not talks:
        outside_phones.let_go(turn, user)


def declare(turn: Turn, command: AdvisorCommand, body: SetPresence) -> None:
    """While contacts are held, or during a colleague's consultation, only the next presence changes; but ``available``
    always counts at once."""
    _check_presence(turn, command, body)
    seat = turn.seat(command.advisor)
    reason = body.reason if body.presence is Presence.PAUSED else ""
    if turn.state.is_occupied(command.advisor) and body.presence is not Presence.AVAILABLE:
        turn.change_advisor(seat, next_presence=body.presence, next_reason=reason)
    else:
        take_presence(turn, seat, body.presence, reason)


def _check_presence(turn: Turn, command: AdvisorCommand, body: SetPresence) -> None:
    if body.presence not in DECLARABLE:
        raise NotDone(Refusal.MALFORMED, "presence")
    if (
        body.presence is not Presence.OFFLINE
        and turn.seat(command.advisor).advisor.user.role not in turn.rules.serving_roles
    ):
        raise NotDone(Refusal.NOT_ALLOWED, "presence")
    known = {option.id for option in turn.rules.pause_reasons}
    if body.presence is Presence.PAUSED and body.reason and body.reason not in known:
        raise NotDone(Refusal.NOT_FOUND, "reason")


def take_presence(turn: Turn, seat: Seat, presence: Presence, reason: str) -> None:
    if presence is Presence.AVAILABLE and seat.advisor.presence is not Presence.AVAILABLE:
        seat = turn.change_seat(seat, idle_since=turn.now)
    turn.change_advisor(seat, presence=presence, reason=reason, next_presence=None, next_reason="")


def settle_presences(turn: Turn) -> None:
    """Whoever holds nothing any more takes the presence they chose for afterwards."""
    for user in turn.touched():
        seat = turn.state.seats[user]
        chosen = seat.advisor.next_presence
        if chosen is not None and not turn.state.is_occupied(user):
            take_presence(turn, seat, chosen, seat.advisor.next_reason)


def set_phone(turn: Turn, command: AdvisorCommand, body: SetPhone) -> None:
    """Where the workstation's telephone is now; while the advisor works with one outside it only is remembered."""
    if body.uri and not _PHONE.fullmatch(body.uri):
        raise NotDone(Refusal.MALFORMED, "uri")
    seat = turn.change_seat(turn.seat(command.advisor), own_uri=body.uri, engaged=body.engaged)
    if not seat.advisor.outside_phone:
        outside_phones.move_phone(turn, command.advisor, body.uri)
