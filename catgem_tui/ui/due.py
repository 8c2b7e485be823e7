"""When the screen changes by the passing of time alone, so that it is drawn then and not in between."""

from collections.abc import Iterable, Iterator

from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.enums import ENDED_STATES
from catgem_tui.protocol.model import Contact
from catgem_tui.ui import figures
from catgem_tui.ui.contacts import WARNING_SHARE

_HOUR = 3600.0
_MINUTE = 60.0


def next_change(state: DeskState, place: str, now: float) -> float:
    """The instant from which on something shown in this place may be another, on central's clock like ``now``.

    The next whole second while a clock runs that tells seconds, otherwise the next whole minute or what comes first of
    the instants at which a waiting contact becomes urgent. All clocks change in one frame, at most a second (those
    that tell minutes: a minute) after their own time.
    """
    if any(abs(now - instant) < _HOUR for instant in _clocks(state, place)):
        return now // 1 + 1
    return min((now // _MINUTE + 1) * _MINUTE, *(each for each in _limits(state, place) if each > now), float("inf"))


def next_on_page(state: DeskState, now: float, instants: Iterable[float] = ()) -> float:
    """The same for a page that lies over a place: while a contact is offered its band tells seconds; otherwise with the
    day, by which dates are told, or at what comes first of the page's own ``instants``."""
    if state.offer is not None:
        return now // 1 + 1
    return min((figures.midnight(now, 1), *(each for each in instants if each > now)))


def _shown(state: DeskState, place: str) -> Iterator[Contact]:
    """The contacts whose clocks may be on the screen; an offer is in every place."""
    if place == "desk":
        yield from state.mine
        yield from (each.contact for each in state.shown.values())
    elif state.offer is not None:
        yield state.offer
    if place == "floor":
        yield from (contact for contact in state.contacts.values() if contact.state not in ENDED_STATES)


def _clocks(state: DeskState, place: str) -> Iterator[float]:
    """Since when, or until when, the clocks on the screen count."""
    if state.summary.oldest_since is not None:
        yield state.summary.oldest_since
    yield from (call.since for call in state.phone.calls)
    if place == "desk":
        yield from (waiting.since for waiting in state.summary.next)
    if place == "floor":
        yield from (advisor.since for advisor in state.advisors.values())
    for contact in _shown(state, place):
        yield contact.accepted_at or contact.arrived_at
        ends = (contact.waiting_since, contact.wrap_up_ends_at, contact.offer_expires_at)
        call = contact.call
        held = (call.held_since, call.recording_paused_since) if call is not None else ()
        asked = (call.consultation.since,) if call is not None and call.consultation is not None else ()
        side = (state.sides[contact.id],) if contact.id in state.sides else ()
        yield from (instant for instant in (*ends, *held, *asked, *side) if instant is not None)


def _limits(state: DeskState, place: str) -> Iterator[float]:
    """When those who wait become urgent, and late."""
    targets = state.settings.targets if state.settings is not None else {}
    for contact in _shown(state, place):
        target = targets.get(contact.channel)
        if contact.waiting_since is not None and target:
            yield contact.waiting_since + target * WARNING_SHARE
            yield contact.waiting_since + target
