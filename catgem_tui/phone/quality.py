"""How a call sounds to a person, estimated of what is measured of it: the E-model (ITU-T G.107), in the short form for
packets with its default values (R. Cole, J. Rosenbluth: Voice over IP performance monitoring, 2001). Pure.

G.107 is of narrow-band speech. A wide-band codec (G.722) is judged as if it were one: it sounds better than that.
"""

from typing import NamedTuple

_BEST = 93.2
"""Rating of a call with nothing wrong (G.107, 7.7)."""
_LATE_MS = 177.3
"""Delay, mouth to ear, from which people begin to talk at the same time."""


class _Codec(NamedTuple):
    impairment: float
    """Equipment impairment factor Ie (ITU-T G.113, appendix I)."""
    robustness: float
    """Packet-loss robustness factor Bpl, with concealment."""


_PLAIN = _Codec(0.0, 25.1)
_CODECS = {"PCMU": _PLAIN, "PCMA": _PLAIN, "G722": _PLAIN, "GSM": _Codec(20.0, 43.0), "ILBC": _Codec(11.0, 32.0)}


def estimate_mos(codec: str, delay_ms: float, loss: float) -> float:
    """Mean opinion score, 1 to 4.5, of a call with this delay from mouth to ear and this share of packets lost."""
    impairment, robustness = _CODECS.get(codec.upper(), _PLAIN)
    lost = 100.0 * max(0.0, min(loss, 1.0))
    late = 0.024 * delay_ms + 0.11 * max(0.0, delay_ms - _LATE_MS)
    return _score(_BEST - late - impairment - (95.0 - impairment) * lost / (lost + robustness))


def _score(rating: float) -> float:
    """G.107, annex B."""
    if rating <= 0:
        return 1.0
    if rating >= 100:
        return 4.5
    return 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6
