"""A telephone whose engine is on another computer: out of reach for a while, and back with the calls that went on."""

from msgspec.structs import replace

from catgem_tui.desk.happenings import PhoneUnavailable
from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers import direct, outgoing, telephone
from catgem_tui.desk.state import PhoneCall, PhoneStatus, Severity
from catgem_tui.phone.port import CONTACT_HEADER, CallChanged, CallState, EngineAway, KeptCall, Ready

WORDS = {"away": "phone_away", "refused": "phone_stranger", "version": "phone_version", "replaced": "phone_taken"}
"""Why it is out of reach, and the notice that says so."""


def take_phone(turn: Turn, event: Ready) -> None:
    """The engine is there, for the first time or again; calls that it kept are taken up, those that ended are over."""
    before = turn.view.phone.calls if turn.view.phone.status is PhoneStatus.AWAY else ()
    turn.withdraw_notices(*WORDS.values())
    if event.muted and not turn.view.phone.muted:
        telephone.show_phone(turn, muted=True)
    telephone.take_phone(turn, event)
    known = {call.id for call in before}
    found = (_take_up(turn, kept) for kept in event.calls if not _rings_anew(kept, known))
    telephone.show_phone(turn, calls=(*before, *(call for call in found if call.id not in known)))
    kept_calls = {kept.changed.call for kept in event.calls}
    for call in before:
        if call.id not in kept_calls:
            outgoing.change_call(turn, CallChanged(call=call.id, state=CallState.ENDED))
    for kept in event.calls:
        if _rings_anew(kept, known) and kept.arrived is not None:
            direct.arrive(turn, kept.arrived)
        else:
            outgoing.change_call(turn, kept.changed)


def lose_sight(turn: Turn, event: EngineAway) -> None:
    """Central goes on thinking that it is there for as long as somebody is spoken with: that call lives."""
    talking = telephone.has_citizen(turn)
    telephone.show_phone(turn, status=PhoneStatus.AWAY, quality=None, microphone=0.0, loudspeaker=0.0)
    _say(turn, event.code)
    if not talking:
        telephone.show_phone(turn, uri="")
        telephone.tell_where(turn)


def miss_phone(turn: Turn, event: PhoneUnavailable) -> None:
    if event.code not in WORDS:
        telephone.miss_phone(turn, event)
        return
    telephone.show_phone(turn, status=PhoneStatus.AWAY)
    _say(turn, event.code)


def _say(turn: Turn, code: str) -> None:
    turn.withdraw_notices(*(word for why, word in WORDS.items() if why != code))
    turn.notify(WORDS.get(code, "phone_away"), Severity.WARNING)


def _rings_anew(kept: KeptCall, known: set[str]) -> bool:
    """Whether it came while nobody was there to hear of it."""
    return kept.arrived is not None and kept.changed.state is CallState.RINGING and kept.arrived.call not in known


def _take_up(turn: Turn, kept: KeptCall) -> PhoneCall:
    since = turn.view.now(turn.now)
    call = PhoneCall(kept.changed.call, "", kept.changed.state, since, media=kept.changed.media)
    if kept.arrived is not None and not kept.arrived.token:
        return direct.describe(turn, kept.arrived, kept.changed)
    if kept.arrived is not None:
        headers = {name.lower(): value for name, value in kept.arrived.headers.items()}
        return replace(call, contact=headers.get(CONTACT_HEADER.lower(), ""))
    number = "" if kept.dialled is None else kept.dialled.uri.partition(":")[2].partition("@")[0]
    return replace(call, number=number, name=number)
