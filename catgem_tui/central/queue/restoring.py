"""The queue after a restart of central."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from msgspec.structs import replace as with_fields

from catgem_tui.central.ports import Deliver
from catgem_tui.central.queue.folio import FIRST
from catgem_tui.central.queue.guarding import settle_recordings
from catgem_tui.central.queue.offers import put_in_front
from catgem_tui.central.queue.outcome import Outcome
from catgem_tui.central.queue.rules import QueueRules
from catgem_tui.central.queue.state import Record, Seat, State, is_open
from catgem_tui.central.queue.tally import Tally, midnight_before
from catgem_tui.central.queue.turn import Turn
from catgem_tui.central.queue.wrap_up import abandon, begin_wrap_up
from catgem_tui.protocol.enums import Channel, ContactState, Delivery, OutsideState, Presence
from catgem_tui.protocol.model import Advisor, Contact, Message, User


def restore_state(
    rules: QueueRules,
    users: Iterable[User],
    contacts: Iterable[Contact],
    messages: Iterable[Message],
    advisors: Iterable[Advisor],
    *,
    now: float,
    next_folio: int,
) -> State:
    """What was stored, as it was stored."""
    stored = sorted(contacts, key=lambda contact: contact.arrived_at)
    state = State(rules, users, count_again(rules, stored, now))
    state.next_folio = next_folio or FIRST
    by_contact: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        by_contact[message.contact].append(message)
    for state.serial, contact in enumerate(stored, start=1):
        forget_at = None if is_open(contact) else (contact.ended_at or now) + rules.remember
        state.put(
            Record(
                contact=contact,
                serial=state.serial,
                messages=tuple(by_contact[contact.id]),
                forget_at=forget_at,
            )
        )
    for advisor in advisors:
        seat = state.seats.get(advisor.user.id)
        if seat is not None:
            state.seat(Seat(with_fields(advisor, user=seat.advisor.user), idle_since=now))
    state.keep()
    return state


def count_again(rules: QueueRules, contacts: Iterable[Contact], now: float) -> Tally:
    """The day's tally from its contacts."""
    midnight = midnight_before(now, rules.clock)
    tally = Tally(rules.clock).at(now)
    for contact in contacts:
        if contact.accepted_at is not None and contact.accepted_at >= midnight:
            waited = contact.accepted_at - contact.arrived_at
            tally = tally.answer(now, in_time=waited <= rules.channels[contact.channel].target)
        if contact.survey is not None and (contact.ended_at or contact.arrived_at) >= midnight:
            tally = tally.survey(now, contact.survey)
    return tally


def resettle(state: State, now: float, new_token: Callable[[], str]) -> Outcome:
    """What the restart itself changes; see ``UniversalQueue.restore``."""
    turn = Turn(state, now, new_token)
    for seat in list(state.seats.values()):
        lost = OutsideState.LOST if seat.advisor.outside_phone else OutsideState.NONE
        turn.change_advisor(seat, connected=False, outside_state=lost, outside_muted=False)
    for record in sorted(state.records.values(), key=lambda each: each.serial, reverse=True):
        _resettle(turn, record)
    settle_recordings(turn)
    for user, seat in list(state.seats.items()):
        if seat.advisor.presence is not Presence.OFFLINE or state.held_by(user):
            turn.change_seat(seat, lost_at=now)
    return turn.finish()


def _resettle(turn: Turn, record: Record) -> None:
    for message in record.messages:
        if message.delivery is Delivery.PENDING:
            turn.perform(Deliver(channel=record.contact.channel, message=message))
    state = record.contact.state
    is_call = record.contact.channel is Channel.CALL
    has_advisor = record.contact.advisor in turn.state.seats
    if is_call and state in (ContactState.QUEUED, ContactState.OFFERED):
        abandon(turn, record)
    elif is_call and state is ContactState.ACTIVE:
        gone = turn.change_call(record, monitors=())
        begin_wrap_up(turn, turn.change(gone, citizen_present=False), finish_channel=False)
    elif is_call and state is ContactState.WRAP_UP and record.contact.citizen_present:
        turn.change(record, citizen_present=False)
    elif state is ContactState.OFFERED or (state in (ContactState.ACTIVE, ContactState.PARKED) and not has_advisor):
        put_in_front(turn, record)
