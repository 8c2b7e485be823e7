"""Levels of the sound card and quality of the calls."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pjsua2 as pj

from catgem_tui.phone.engine.calls import Calls
from catgem_tui.phone.engine.sound import Sound
from catgem_tui.phone.port import LevelsMeasured, PhoneEvent, QualityMeasured
from catgem_tui.phone.quality import estimate_mos

QUALITY_SECONDS = 5.0
FIRST_SECONDS = 2.0
"""A short call is measured too."""


@dataclass
class _Last:
    """When a call was measured last, and what had arrived by then."""

    at: float
    packets: int = 0
    lost: int = 0
    stream: tuple[int, int] | None = None
    """When its sound began, in seconds and milliseconds: after each hold anew, and the counters with it."""
    troubles: tuple[int, int] = (0, 0)
    """Under- and overruns of the card when the call began."""


class Measures:
    def __init__(self, calls: Calls, sound: Sound, emit: Callable[[PhoneEvent], None], *, levels: bool) -> None:
        self._calls = calls
        self._sound = sound
        self._emit = emit
        self._levels = levels
        self._last: dict[str, _Last] = {}
        self.watched = False
        """Whether somebody looks at the levels outside calls."""

    def look(self) -> None:
        """Called five times a second."""
        now = time.monotonic()
        confirmed = self._calls.confirmed()
        if self.watched or (self._levels and confirmed):
            microphone, loudspeaker = self._sound.levels()
            self._emit(LevelsMeasured(microphone=microphone, loudspeaker=loudspeaker))
        begun, troubles = now - QUALITY_SECONDS + FIRST_SECONDS, self._sound.troubles()
        self._last = {name: self._last.get(name) or _Last(begun, troubles=troubles) for name, _ in confirmed}
        for name, call in confirmed:
            last = self._last[name]
            if now - last.at >= QUALITY_SECONDS:
                last.at = now
                self._measure(name, call, last)

    def _measure(self, name: str, call: Any, last: _Last) -> None:
        try:
            stream = call.getStreamInfo(0)
            statistics = call.getStreamStat(0)
        except pj.Error:
            # Between two re-INVITEs a call has no stream.
            return
        rtcp = statistics.rtcp
        received = rtcp.rxStat
        before, last.stream = last.stream, (rtcp.start.sec, rtcp.start.msec)
        taken_up = before not in {None, last.stream}
        if taken_up:
            last.packets = last.lost = 0
        packets, lost = received.pkt - last.packets, received.loss - last.lost
        last.packets, last.lost = received.pkt, received.loss
        # Sound that was taken up a moment ago may have nothing to show yet.
        expected = stream.dir == pj.PJMEDIA_DIR_ENCODING_DECODING and not taken_up
        loss = _find_loss(packets, lost, expected=expected)
        # Half the round trip, what waits in the jitter buffer, a packet being filled, and a block as long being played.
        delay = rtcp.rttUsec.last / 2000 + statistics.jbuf.avgDelayMsec + 2 * _packet_ms(stream)
        underruns, overruns = self._sound.troubles()
        self._emit(
            QualityMeasured(
                call=name,
                codec=stream.codecName,
                round_trip_ms=_find_milliseconds(rtcp.rttUsec),
                jitter_ms=_find_milliseconds(received.jitterUsec),
                loss=loss,
                mos=None if loss is None else estimate_mos(stream.codecName, delay, loss),
                underruns=underruns - last.troubles[0],
                overruns=overruns - last.troubles[1],
            )
        )


def _packet_ms(stream: Any) -> float:
    """Of the packets that are sent."""
    codec = stream.audCodecParam
    return float(codec.setting.frmPerPkt * codec.info.frameLen / max(1, codec.info.frameLenDenum))


def _find_loss(packets: int, lost: int, *, expected: bool) -> float | None:
    """Share of what was lost, where so many packets came and so many are known to be missing; None: nothing is known.

    What is lost is known by the gap before what comes next: where nothing comes there is none, though all of it is
    lost if somebody was ``expected`` to speak.
    """
    if packets <= 0:
        return 1.0 if expected else None
    return max(0, lost) / max(1, packets + lost)


def _find_milliseconds(measured: Any) -> float | None:
    """The last of what the library measured in microseconds; None before the first."""
    return measured.last / 1000 if measured.n else None
