"""The queue at a glance, and the floor as one person may see it."""

from collections import Counter
from itertools import chain

from catgem_tui.central.queue.lines import urgency
from catgem_tui.central.queue.state import State, is_open
from catgem_tui.central.queue.turn import is_floor, shown_to_consulted
from catgem_tui.protocol.enums import Channel, Presence
from catgem_tui.protocol.events import FloorSnapshot
from catgem_tui.protocol.model import Colleague, QueueSummary, Waiting, without_listeners

NEXT = 10
"""How many of the most urgent contacts everyone sees."""


def summarize(state: State, now: float) -> QueueSummary:
    """Offered contacts are in somebody's hands; only queued ones count as waiting."""
    lines = state.lines.view()
    waiting = Counter[Channel]()
    for key, line in lines.items():
        waiting[key.channel] += len(line)
    first = [(urgency(state.rules, key, place, now), place) for key, line in lines.items() for place in line[:NEXT]]
    first.sort(key=lambda each: (-each[0], each[1]))
    queued = (state.records[place.contact].contact.arrived_at for place in chain.from_iterable(lines.values()))
    tally = state.tally.at(now)
    return QueueSummary(
        calls=waiting[Channel.CALL],
        chats=waiting[Channel.CHAT],
        mails=waiting[Channel.MAIL],
        oldest_since=min(queued, default=None),
        next=tuple(_waiting(state, place.contact, now) for _, place in first[:NEXT]),
        service_level=tally.service_level,
        satisfaction=tally.satisfaction,
    )


def _waiting(state: State, contact_id: str, now: float) -> Waiting:
    contact = state.records[contact_id].contact
    return Waiting(
        contact=contact.id,
        channel=contact.channel,
        queue=contact.queue,
        since=contact.arrived_at,
        late=now - contact.arrived_at > state.rules.channels[contact.channel].target,
    )


def snapshot_for(state: State, user: str, now: float) -> FloorSnapshot:
    """Their own contacts, or for the floor roles everything that has not ended; and what they are consulted about.

    Raises KeyError.
    """
    floor = is_floor(state, user)
    asked = state.consulted_about(user)
    shown = shown_to_consulted(state, asked) if asked else None
    records = [each for each in state.records.values() if is_open(each.contact)] if floor else state.held_by(user)
    return FloorSnapshot(
        me=state.seats[user].advisor,
        settings=state.rules.settings(),
        contacts=tuple(each.contact if floor else without_listeners(each.contact) for each in records),
        messages=tuple(message for each in records for message in each.messages),
        advisors=tuple(seat.advisor for seat in state.seats.values()) if floor else (),
        expected=(
            *(each.expected for each in state.held_by(user) if each.expected is not None),
            *(one for each in records for listener, one in each.monitors_expected if listener == user),
            *((asked.party_expected,) if asked and asked.party_expected else ()),
        ),
        shown=(shown,) if shown else (),
        colleagues=tuple(each for each in colleagues(state) if each.id != user),
        summary=summarize(state, now),
    )


def colleagues(state: State) -> tuple[Colleague, ...]:
    """Everybody who is on duty, in the order of their names."""
    on_duty = (seat.advisor for seat in state.seats.values() if seat.advisor.presence is not Presence.OFFLINE)
    return tuple(
        Colleague(
            id=advisor.user.id,
            name=advisor.user.name,
            state=advisor.state,
            skills=advisor.user.skills,
            phone_ready=advisor.phone_ready,
        )
        for advisor in sorted(on_duty, key=lambda advisor: (advisor.user.name, advisor.user.id))
    )
