"""Who takes the next contact."""

from collections.abc import Iterable

from catgem_tui.central.queue.state import State
from catgem_tui.protocol.enums import Channel, ContactState


def choose(state: State, channel: Channel, requirements: Iterable[str], reserved_for: str) -> str | None:
    """Who is offered a contact: someone with room and its skills, the least busy first, then the longest idle."""
    candidates = state.room[channel]
    if reserved_for:
        return reserved_for if reserved_for in candidates else None
    needed = set(requirements)
    able = [user for user in candidates if needed.issubset(state.seats[user].advisor.user.skills)]
    return min(able, key=lambda user: (_active(state, user), state.seats[user].idle_since, user), default=None)


def _active(state: State, user: str) -> int:
    return sum(record.contact.state is ContactState.ACTIVE for record in state.held_by(user))
