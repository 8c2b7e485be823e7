"""Calls handed on to somebody outside.

The advisor's part is over at once: the contact is in wrap-up with them, while the citizen goes on on the line. The
contact is not queued, so nobody is offered it, and no survey is asked: what the citizen would judge is not ours.

While whoever is outside has not answered yet the contact may still come back. If they are busy, refuse or do not answer
in time, the citizen returns to the front of the queue, kept for the same advisor for ``rules.reserve``; the contact
leaves its wrap-up for that, or is opened again if it was closed meanwhile, and keeps its notes. Once they have answered
it does not come back: when one hangs up the line hangs up the other, and the contact learns that the citizen has left.
"""

from dataclasses import replace

from catgem_tui.central.ports import PartyChanged, SendOut
from catgem_tui.central.queue.offers import put_in_front
from catgem_tui.central.queue.state import Record
from catgem_tui.central.queue.turn import NotDone, Turn
from catgem_tui.central.queue.wrap_up import begin_wrap_up, in_state
from catgem_tui.protocol.enums import Channel, ContactState, Refusal
from catgem_tui.protocol.numbers import normalise


def check_number(turn: Turn, text: str) -> str:
    """The digits of a number that the lines can call. Raises NotDone."""
    if not turn.rules.calls_out:
        raise NotDone(Refusal.NO_OUTSIDE, "number")
    number = normalise(text)
    if not number:
        raise NotDone(Refusal.MALFORMED, "number")
    return number


def send_out(turn: Turn, record: Record, number: str) -> None:
    """Hand an advisor's active call on to a number, without asking there first. Raises NotDone."""
    if record.contact.call is None:
        raise NotDone(Refusal.CHANNEL_MISMATCH, "contact")
    in_state(record, ContactState.ACTIVE)
    number = check_number(turn, number)
    token = turn.new_token()
    hand_out(turn, record, token)
    turn.perform(
        SendOut(
            contact=record.contact.id,
            channel=Channel.CALL,
            token=token,
            number=number,
            seconds=turn.rules.ring_outside,
        )
    )


def hand_out(turn: Turn, record: Record, token: str) -> None:
    """The advisor is out of the call, which goes on to whom the line calls, or has called, with ``token``."""
    advisor = record.contact.advisor
    assert advisor is not None  # noqa: S101
    begin_wrap_up(turn, record, finish_channel=False)
    record = replace(turn.record(record.contact.id), party_token=token, handed_out_by=advisor)
    record = turn.change_call(record, not_reached=None)
    turn.change(record, handed_by=turn.seat(advisor).advisor.user.name)


def hear_from_outside(turn: Turn, record: Record, happening: PartyChanged) -> None:
    """Whoever is outside has answered: the contact is theirs for good. Or will not: it comes back."""
    advisor = record.handed_out_by
    record = turn.put(replace(record, party_token="", handed_out_by=""))
    if happening.connected or not record.contact.citizen_present:
        return
    record = turn.change(replace(record, forget_at=None), wrap_up_ends_at=None, ended_at=None)
    record = turn.change(record, disposition="", outcome=None)
    put_in_front(turn, turn.change_call(record, not_reached=happening.not_reached), reserved_for=advisor)
