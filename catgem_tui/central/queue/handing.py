"""Handing a contact on: by its advisor, or by a coordinator."""

from dataclasses import replace

from catgem_tui.central.ports import AdvisorCommand
from catgem_tui.central.queue.arrivals import requirements_in
from catgem_tui.central.queue.offers import let_go, offer_directly, put_in_front
from catgem_tui.central.queue.outside import send_out
from catgem_tui.central.queue.state import Record
from catgem_tui.central.queue.turn import NotDone, Turn, is_floor
from catgem_tui.central.queue.wrap_up import in_state, owned
from catgem_tui.protocol.commands import Reassign, Transfer
from catgem_tui.protocol.enums import ContactState, Refusal

IN_HAND = (ContactState.ACTIVE, ContactState.PARKED)
MOVABLE = (ContactState.QUEUED, ContactState.OFFERED, *IN_HAND)


def transfer(turn: Turn, command: AdvisorCommand, body: Transfer) -> None:
    record = owned(turn, command, body.contact)
    in_state(record, *IN_HAND)
    if [bool(target) for target in (body.advisor, body.queue, body.number)].count(True) != 1:
        raise NotDone(Refusal.MALFORMED, "advisor")
    if body.number:
        send_out(turn, record, body.number)
    else:
        hand_on(turn, record, body, by=command.advisor)


def reassign(turn: Turn, command: AdvisorCommand, body: Reassign) -> None:
    if not is_floor(turn.state, command.advisor):
        raise NotDone(Refusal.NOT_ALLOWED)
    record = turn.record(body.contact)
    in_state(record, *MOVABLE)
    if bool(body.advisor) == bool(body.queue):
        raise NotDone(Refusal.MALFORMED, "advisor")
    hand_on(turn, record, body, by=command.advisor)


def hand_on(turn: Turn, record: Record, body: Transfer | Reassign, *, by: str) -> None:
    """To an advisor: an offer ahead of everybody, skills aside. To a queue: with its skills.

    What had been in somebody's hands goes in front of its new line; what was waiting keeps the place of its arrival.
    Notes, steps and clocks go with it.
    """
    record = turn.change(record, handed_by=turn.seat(by).advisor.user.name)
    if body.advisor:
        let_go(turn, record)
        offer_directly(turn, turn.record(record.contact.id), body.advisor)
    elif all(option.id != body.queue for option in turn.rules.queues):
        raise NotDone(Refusal.NO_SUCH_TARGET, "queue")
    else:
        moved = _in_queue(turn, record, body.queue, avoid=record.contact.advisor or "")
        if moved.contact.state is not ContactState.QUEUED:
            put_in_front(turn, moved)


def _in_queue(turn: Turn, record: Record, queue: str, *, avoid: str) -> Record:
    """The contact with the new queue's requirements in the place of the old one's, and not for ``avoid``."""
    contact = record.contact
    old = turn.rules.queue_requirements.get(contact.queue, ())
    own = tuple(skill for skill in contact.requirements if skill not in old)
    record = replace(record, reserved_for="", reserved_until=None, avoid=avoid or record.avoid)
    return turn.change(record, queue=queue, requirements=requirements_in(turn, queue, own))
