"""Who takes the next contact."""

from catgem_tui.central.queue.lines import LineKey
from catgem_tui.central.queue.state import Seat, State
from catgem_tui.protocol.enums import Channel, ContactState, Presence


def choose(state: State, key: LineKey) -> str | None:
    """Who is offered the head of a line: someone with room and the skills, the least busy first, then the longest idle.

    Who gave the contact away gets it back only if nobody else on duty could take it, now or when their hands are free.
    """
    candidates = state.room[key.channel]
    if key.reserved_for:
        return key.reserved_for if key.reserved_for in candidates else None
    needed = set(key.requirements)
    able = [user for user in candidates if needed.issubset(state.seats[user].advisor.user.skills)]
    if key.avoid and (able != [key.avoid] or _others_serve(state, key)):
        able = [user for user in able if user != key.avoid]
    return min(able, key=lambda user: (_active(state, user), state.seats[user].idle_since, user), default=None)


def _others_serve(state: State, key: LineKey) -> bool:
    """Whether somebody but the avoided one is on duty who could take a contact of this line, now or later."""
    needed = set(key.requirements)
    return any(
        needed.issubset(seat.advisor.user.skills) and _serves(seat, key.channel)
        for user, seat in state.seats.items()
        if user != key.avoid
    )


def _serves(seat: Seat, channel: Channel) -> bool:
    advisor = seat.advisor
    on_duty = advisor.connected and advisor.presence is Presence.AVAILABLE and advisor.next_presence is None
    return on_duty and (bool(seat.uri) or channel is not Channel.CALL)


def _active(state: State, user: str) -> int:
    return sum(record.contact.state is ContactState.ACTIVE for record in state.held_by(user))
