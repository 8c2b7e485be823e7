"""Speaking while the microphone is closed: said on the strip, and by a soft tone now and then."""

from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers import outgoing, telephone
from catgem_tui.phone import port
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.enums import Monitoring

LOUD = 0.6
"""Level from which the microphone hears a voice near it and no room: an average sample 41 dB below the loudest."""
ENOUGH = 5
"""Measurements, five a second, from which it is speech and no cough; the pauses between words count against it."""
TONE_PAUSE = 20.0
"""Seconds between two tones at least."""


def measure(turn: Turn, event: port.LevelsMeasured) -> None:
    telephone.measure_levels(turn, event)
    before = turn.model.spoken_unheard
    if not _is_closed_to_somebody(turn):
        spoken = 0
    elif event.microphone >= LOUD and event.microphone > event.loudspeaker:  # else it may be the loudspeaker it hears
        spoken = min(2 * ENOUGH, before + 1)
    else:
        spoken = max(0, before - 1)
    if spoken != before:
        turn.remember(spoken_unheard=spoken)
    unheard = spoken >= ENOUGH or (turn.view.phone.unheard and spoken > 0)
    if unheard != turn.view.phone.unheard:
        telephone.show_phone(turn, unheard=unheard)
    if unheard and turn.model.unheard_tone and turn.now - turn.model.unheard_told_at >= TONE_PAUSE:
        turn.remember(unheard_told_at=turn.now)
        telephone.signal(turn, "unheard")


def _is_closed_to_somebody(turn: Turn) -> bool:
    """Whether somebody would hear this person, were the microphone open."""
    return turn.view.phone.muted and any(
        call.state is CallState.CONFIRMED and call.monitoring is not Monitoring.LISTEN and outgoing.is_heard(turn, call)
        for call in turn.view.phone.calls
    )
