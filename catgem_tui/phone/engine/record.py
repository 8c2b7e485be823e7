"""What the engine knows of one call beside the library, and the library's awkward structures about calls."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import pjsua2 as pj

from catgem_tui.phone.port import CallState, Dial


@dataclass
class CallRecord:
    """What we know of one call beside the library."""

    name: str
    call: Any
    incoming: bool = False
    dial: Dial | None = None
    """The command that made an outgoing call."""
    invited: bool = False
    crowded: bool = False
    """Whether its INVITE waits for a place in the library."""
    told: bool = True
    """Whether the client knows this call; refused ones it never hears of."""
    state: CallState = CallState.DIALLING
    media: bool = False
    leaving: bool = False
    """Whether it was told to end: the client hears nothing more of it but its end."""
    ended_by_us: bool = False
    deadline: float | None = None
    codes: tuple[int, str] = (0, "")
    """Last SIP status and its reason."""
    knocking: str = ""
    """The token it shows, while that is not announced."""
    message: str = ""
    """The INVITE, while it knocks."""
    held: bool = False
    """Whether we hold it."""
    holds_us: bool = False
    digits: deque[tuple[str, int]] = field(default_factory=deque)
    """Those that the library has not taken yet, and how each is to travel."""


def add_headers(parameters: Any, headers: dict[str, str]) -> None:
    vector = pj.SipHeaderVector()
    for name, value in headers.items():
        header = pj.SipHeader()
        header.hName, header.hValue = name, value
        vector.append(header)
    parameters.txOption.headers = vector


@dataclass(frozen=True)
class Audio:
    """How a call sounds."""

    port: Any = None
    """Its port on the bridge, if it has one."""
    flows: bool = False
    """Both ways."""
    held: bool = False
    holds_us: bool = False


def find_audio(call: Any, g722_gain: float) -> Audio:
    """How a call sounds now; its port is given the levels that its codec needs (``Library.g722_gain``)."""
    # The parts of a CallInfo live inside it: it must keep its name while they are read.
    information = call.getInfo()
    media = information.media
    for index in range(len(media)):
        one = media[index]
        if one.type == pj.PJMEDIA_TYPE_AUDIO and one.status != pj.PJSUA_CALL_MEDIA_NONE:
            has_port = one.audioConfSlot != pj.PJSUA_INVALID_ID
            port = call.getAudioMedia(one.index) if has_port else None
            if port is not None:
                _set_levels(port, g722_gain if call.getStreamInfo(one.index).codecName == "G722" else 1.0)
            return Audio(
                port=port,
                flows=has_port and one.status == pj.PJSUA_CALL_MEDIA_ACTIVE,
                held=one.status == pj.PJSUA_CALL_MEDIA_LOCAL_HOLD,
                holds_us=one.status == pj.PJSUA_CALL_MEDIA_REMOTE_HOLD,
            )
    return Audio()


def _set_levels(port: Any, gain: float) -> None:
    # "Tx" is seen from the port: what it sends to the bridge.
    port.adjustTxLevel(gain)
    port.adjustRxLevel(1.0 / gain)
