"""Offering contacts to advisors, and taking them back."""

from dataclasses import replace

from catgem_tui.central.ports import AdvisorCommand, EndMonitoring, Join, Offer, Requeue, Withdraw
from catgem_tui.central.queue.choosing import choose
from catgem_tui.central.queue.state import Record
from catgem_tui.central.queue.turn import NotDone, Turn
from catgem_tui.protocol.commands import AcceptOffer, DeclineOffer
from catgem_tui.protocol.enums import Channel, ContactState, Presence, Refusal
from catgem_tui.protocol.events import CallExpected

PHONE = "phone"
"""Why an advisor is not responding whose telephone could not be reached."""


def assign(turn: Turn) -> None:
    """Offer the most urgent contacts for as long as somebody has room for one."""
    while _assign_one(turn):
        pass


def _assign_one(turn: Turn) -> bool:
    state = turn.state
    if not any(state.room.values()):
        return False
    for key, place in state.lines.by_urgency(turn.rules, turn.now):
        user = choose(state, key)
        if user is not None:
            offer(turn, turn.record(place.contact), user)
            return True
    return False


def offer(turn: Turn, record: Record, user: str) -> Record:
    """Offer a contact to someone who has room for it."""
    contact = record.contact
    seat = turn.seat(user)
    channel = contact.channel
    record = turn.change(
        replace(record, reserved_for="", reserved_until=None, expected=None),
        state=ContactState.OFFERED,
        advisor=user,
        offer_expires_at=turn.now + turn.rules.channels[channel].offer_timeout,
    )
    if channel is not Channel.CALL:
        turn.perform(Offer(contact=contact.id, channel=channel, advisor=user))
        return record
    expected = CallExpected(contact=contact.id, token=turn.new_token())
    turn.announce(user, expected)
    turn.perform(Offer(contact=contact.id, channel=channel, advisor=user, uri=seat.uri, token=expected.token))
    return turn.put(replace(record, expected=expected, leg_token=expected.token))


def offer_directly(turn: Turn, record: Record, user: str) -> Record:
    """Offer a contact to one chosen person, whatever their skills. Raises NotDone when they can't take it now."""
    if user not in turn.state.seats or user == record.holder:
        raise NotDone(Refusal.NO_SUCH_TARGET, "advisor")
    if not turn.state.has_room(user, record.contact.channel):
        raise NotDone(Refusal.NO_CAPACITY, "advisor")
    return offer(turn, record, user)


def accept(turn: Turn, command: AdvisorCommand, body: AcceptOffer) -> None:
    record = turn.record(body.contact)
    contact = record.contact
    if contact.advisor == command.advisor and contact.state is ContactState.ACTIVE:
        return
    in_time = contact.offer_expires_at is not None and turn.now <= contact.offer_expires_at
    if contact.state is not ContactState.OFFERED or contact.advisor != command.advisor or not in_time:
        raise NotDone(Refusal.OFFER_EXPIRED, "contact")
    if contact.accepted_at is None:
        waited = turn.now - contact.arrived_at
        turn.state.count(
            turn.state.tally.answer(turn.now, in_time=waited <= turn.rules.channels[contact.channel].target)
        )
    turn.change(
        replace(record, avoid="", served_by=command.advisor),
        state=ContactState.ACTIVE,
        offer_expires_at=None,
        accepted_at=turn.now if contact.accepted_at is None else contact.accepted_at,
        waiting_since=contact.waiting_since if contact.unread else None,
    )
    name = turn.seat(command.advisor).advisor.user.name
    turn.perform(Join(contact=contact.id, channel=contact.channel, advisor=command.advisor, name=name))


def decline(turn: Turn, command: AdvisorCommand, body: DeclineOffer) -> None:
    record = turn.record(body.contact)
    if record.contact.state is not ContactState.OFFERED or record.contact.advisor != command.advisor:
        raise NotDone(Refusal.OFFER_EXPIRED, "contact")
    leave_unanswered(turn, record)


def leave_unanswered(turn: Turn, record: Record, reason: str = "") -> None:
    """The advisor does not respond: out of ``available``, and the contact to the front of its line.

    A pause they had chosen for afterwards still comes, in the place of not responding.
    """
    advisor = record.contact.advisor
    assert advisor is not None  # noqa: S101
    turn.change_advisor(turn.seat(advisor), presence=Presence.NOT_RESPONDING, reason=reason)
    put_in_front(turn, record)


def put_in_front(turn: Turn, record: Record, *, reserved_for: str = "") -> Record:
    """Back to the queue, before all others of its line, and with the head start of the rules against other lines.

    ``reserved_for`` keeps it for one advisor for ``rules.reserve``.
    """
    let_go(turn, record)
    record = turn.record(record.contact.id)
    record = replace(
        record,
        expected=None,
        reserved_for=reserved_for,
        reserved_until=turn.now + turn.rules.reserve if reserved_for else None,
    )
    contact = record.contact
    return turn.change(
        record,
        state=ContactState.QUEUED,
        advisor=None,
        offer_expires_at=None,
        head_start=_head_start_in_front(turn, record),
        waiting_since=contact.waiting_since if contact.waiting_since is not None else contact.arrived_at,
    )


def release_reservation(turn: Turn, record: Record) -> None:
    """The advisor whom a contact was kept for has not come back: anyone may take it."""
    open_to_all = replace(record, reserved_for="", reserved_until=None)
    turn.change(open_to_all, head_start=_head_start_in_front(turn, open_to_all))


def let_go(turn: Turn, record: Record) -> None:
    """Take a contact out of its advisor's hands, for their telephone and its listeners too."""
    contact = record.contact
    if contact.state is ContactState.OFFERED and contact.advisor is not None:
        turn.perform(Withdraw(contact=contact.id, channel=contact.channel, advisor=contact.advisor))
    elif contact.state in (ContactState.ACTIVE, ContactState.PARKED):
        forget_consultation(turn, record)
        dismiss_monitors(turn, turn.record(contact.id))
        turn.perform(Requeue(contact=contact.id, channel=contact.channel))
    record = turn.record(contact.id)
    if contact.call is not None:
        turn.change_call(record, advisor_leg=False, held=False, held_since=None)


def forget_consultation(turn: Turn, record: Record) -> Record:
    """Whoever is consulted, or being called for it, is so no longer. The line learns it by the effect that follows."""
    call = record.contact.call
    if call is None or call.consultation is None:
        return record
    if record.consulted:
        turn.hide(record.consulted, record.contact.id)
    record = replace(record, party_token="", party_expected=None)
    return turn.change_call(record, consultation=None, held=False, held_since=None)


def dismiss_monitors(turn: Turn, record: Record) -> None:
    """Nobody goes on listening to a call that leaves its advisor."""
    call = record.contact.call
    if call is None or not call.monitors:
        return
    for coordinator, _mode in call.monitors:
        turn.perform(EndMonitoring(contact=record.contact.id, channel=record.contact.channel, coordinator=coordinator))
    turn.change_call(replace(record, monitors_expected=()), monitors=())


def _head_start_in_front(turn: Turn, record: Record) -> float:
    """What puts it in front of the line it goes into, and of the one it is in once nobody is preferred or avoided."""
    head_start = max(record.contact.head_start, turn.rules.requeue_head_start)
    for line in {record.line, replace(record, reserved_for="", avoid="").line}:
        head = turn.state.lines.head(line)
        if head is not None and head.contact != record.contact.id:
            head_start = max(head_start, record.contact.arrived_at - head.since + 0.001)
    return head_start
