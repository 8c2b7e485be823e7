"""Speaking while the microphone is closed: said on the strip, and by a soft tone now and then."""

from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers import outgoing, telephone
from catgem_tui.phone import port
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.enums import Monitoring

LOUD = 0.15
"""Level from which the microphone hears a voice near it and no room: an average sample 47 dB below the loudest."""
RISE = 0.14
"""A voice comes and goes by 6 dB and more within ``LEVELS``; a fan or a room full of others does not."""
LEVELS = 15
"""Measurements, five a second, that hold a pause between words."""
SPEECH, PAUSE = 2, 1
"""What a measurement of either counts for and against it."""
ENOUGH, MOST = 10, 14
"""A second of it is speech and no cough; and half as long again without tells that it is over."""
TONE_PAUSE = 20.0
"""Seconds between two tones at least."""


def measure(turn: Turn, event: port.LevelsMeasured) -> None:
    telephone.measure_levels(turn, event)
    levels = (*turn.model.microphone_levels, event.microphone)[-LEVELS:]
    turn.remember(microphone_levels=levels)
    before = turn.model.spoken_unheard
    if not _is_closed_to_somebody(turn):
        spoken = 0
    elif event.microphone >= max(LOUD, min(levels) + RISE) and event.microphone > event.loudspeaker:
        spoken = min(MOST, before + SPEECH)
    else:  # silence, or maybe the loudspeaker that it hears
        spoken = max(0, before - PAUSE)
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
