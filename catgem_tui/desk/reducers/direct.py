"""Calls that are no contact's, once they are answered: made by this person, or come to them by the exchange; waiting,
joined, handed on.

Two of them at most, and one beside a citizen. Of two that do not hear each other one waits.
"""

from msgspec.structs import replace

from catgem_tui.desk import numbers
from catgem_tui.desk.effects import Telephone
from catgem_tui.desk.happenings import PhoneFailed
from catgem_tui.desk.intents import AnswerDirect, HandOnOutgoing, HoldOutgoing, JoinOutgoing
from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers import telephone
from catgem_tui.desk.state import PhoneCall, Severity
from catgem_tui.phone import port
from catgem_tui.phone.port import SOUND, CallState
from catgem_tui.protocol.enums import Channel

MUSIC = str(telephone.SOUNDS / "music.wav")


def made(turn: Turn) -> list[PhoneCall]:
    """The calls that this person made, and those that came to them."""
    return [call for call in turn.view.phone.calls if call.number]


def answered(turn: Turn) -> list[PhoneCall]:
    return [call for call in made(turn) if call.state is CallState.CONFIRMED]


def spoken(turn: Turn) -> PhoneCall | None:
    """The one that this person speaks in; where both wait the later."""
    calls = answered(turn)
    return next((call for call in calls if not call.held), calls[-1] if calls else None)


def change(turn: Turn, call: PhoneCall, **fields: object) -> None:
    calls = (replace(each, **fields) if each.id == call.id else each for each in turn.view.phone.calls)
    telephone.show_phone(turn, calls=tuple(calls))


# --- coming ---

BUSY, NOBODY = 486, 480
"""SIP answers (RFC 3261, 21.4.24 and 21.4.18)."""
_LONGEST = 64
"""Characters of a caller's number and name: both are whatever a stranger wrote."""


def arrive(turn: Turn, event: port.CallArrived) -> None:
    """One with a token is of a contact. A direct call rings where its person is free, as a queue's would."""
    if event.token:
        telephone.ring(turn, event)
        return
    if turn.view.user is None:
        turn.perform(Telephone(port.HangUp(call=event.call, code=NOBODY)))
        return
    call = describe(turn, event, port.CallChanged(call=event.call, state=CallState.RINGING))
    if _is_occupied(turn):
        turn.perform(Telephone(port.HangUp(call=event.call, code=BUSY)))
        _tell_missed(turn, call)
        return
    turn.withdraw_notices("phone_restarted", "direct_missed", "direct_missed_number")
    telephone.show_phone(turn, calls=(*turn.view.phone.calls, call))
    telephone.start_ringing(turn, call.id)


def _is_occupied(turn: Turn) -> bool:
    """Whether this person is in a call, or about to be: a call never interrupts a call."""
    offer = turn.view.offer
    offered = offer is not None and offer.channel is Channel.CALL
    return bool(turn.view.phone.calls) or offered or turn.view.asked is not None or telephone.has_citizen(turn)


def describe(turn: Turn, event: port.CallArrived, changed: port.CallChanged) -> PhoneCall:
    who = (event.caller or event.caller_uri or "?")[:_LONGEST]
    since = turn.view.now(turn.now)
    name = event.name[:_LONGEST]
    return PhoneCall(
        event.call, "", changed.state, since, media=changed.media, number=who, name=name, incoming=True,
        held=changed.held, holds_us=changed.holds_us,
    )  # fmt: skip


def answer(turn: Turn, _intent: AnswerDirect) -> None:
    call = next((each for each in made(turn) if rings_here(each)), None)
    if call is not None:
        turn.perform(Telephone(port.Answer(call=call.id, sound=True)))
        telephone.stop_ringing(turn, call.id)


def rings_here(call: PhoneCall) -> bool:
    return call.incoming and call.state is CallState.RINGING


def miss(turn: Turn, call: PhoneCall, event: port.CallChanged) -> None:
    """A direct call is over before it was answered."""
    if not event.by_us:
        _tell_missed(turn, call)


def _tell_missed(turn: Turn, call: PhoneCall) -> None:
    code = "direct_missed_number" if call.name in {"", call.number} else "direct_missed"
    turn.notify(code, Severity.INFORMATION, args={"name": call.name, "number": call.number})


# --- waiting ---


def set_aside(turn: Turn, call: PhoneCall) -> None:
    """It waits with music; our microphone is out of it before anything else is done."""
    if call.held:
        return
    change(turn, call, held=True)
    turn.perform(
        Telephone(port.Disconnect(source=SOUND, sink=call.id)),
        Telephone(port.Hold(call=call.id)),
        Telephone(port.Play(player=_music_of(call.id), path=MUSIC, loop=True, to=(call.id,))),
    )


def take_back(turn: Turn, call: PhoneCall) -> None:
    if not call.held:
        return
    change(turn, call, held=False)
    turn.perform(
        Telephone(port.StopPlaying(player=_music_of(call.id))),
        Telephone(port.Resume(call=call.id)),
        Telephone(port.Connect(source=SOUND, sink=call.id)),
    )


def hold(turn: Turn, _intent: HoldOutgoing) -> None:
    calls = answered(turn)
    if turn.view.phone.joined:
        part(turn)
        return
    if len(calls) == 1:
        set_aside(turn, calls[0]) if not calls[0].held else take_back(turn, calls[0])
        return
    before = spoken(turn)
    for call in calls:
        if call is not before:
            if before is not None:
                set_aside(turn, before)
            take_back(turn, call)
            return


def set_all_aside(turn: Turn) -> None:
    """Before this person speaks with somebody else."""
    if turn.view.phone.joined:
        part(turn)
    for call in answered(turn):
        set_aside(turn, call)


def take_back_waiting(turn: Turn) -> None:
    """The citizen is on hold: speak with whom one called."""
    wanted = turn.model.resuming
    turn.remember(resuming="")
    for call in answered(turn):
        if call.id == wanted:
            take_back(turn, call)


def want_back(turn: Turn) -> None:
    """The citizen is about to be put on hold for whom one called."""
    call = spoken(turn)
    if call is not None and call.held:
        turn.remember(resuming=call.id)


# --- joined ---


def join(turn: Turn, _intent: JoinOutgoing) -> None:
    calls = answered(turn)
    if len(calls) != 2 or turn.view.phone.joined:
        return
    one, other = calls
    for call in calls:
        take_back(turn, call)
    turn.perform(
        Telephone(port.Connect(source=one.id, sink=other.id)), Telephone(port.Connect(source=other.id, sink=one.id))
    )
    telephone.show_phone(turn, joined=True)


def part(turn: Turn) -> None:
    """The two hear each other no more; one speaks with the later, and the earlier waits."""
    one, other = answered(turn)
    turn.perform(
        Telephone(port.Disconnect(source=one.id, sink=other.id)),
        Telephone(port.Disconnect(source=other.id, sink=one.id)),
    )
    telephone.show_phone(turn, joined=False)
    set_aside(turn, one)


# --- handed on ---


def hand_on(turn: Turn, intent: HandOnOutgoing) -> None:
    calls = answered(turn)
    call = spoken(turn)
    if call is None or call.handing:
        return
    if not intent.number:
        other = next((each for each in calls if each.id != call.id), None)
        if other is not None:
            change(turn, other, handing=call.name or call.number)
            turn.perform(Telephone(port.Transfer(call=other.id, to=call.id)))
        return
    number = numbers.read(intent.number, turn.view.phone.dial)
    if isinstance(number, numbers.Unreadable):
        turn.notify(number.code, Severity.WARNING, args={"number": intent.number})
        return
    change(turn, call, handing=intent.name or number.digits)
    uri = numbers.address_of(number.digits, turn.view.phone.dial)
    turn.perform(Telephone(port.Transfer(call=call.id, uri=uri)))


def hear_of_transfer(turn: Turn, event: port.TransferChanged) -> None:
    call = next((each for each in made(turn) if each.id == event.call), None)
    if call is None or not call.handing or 0 < event.code < 200:
        return
    args = {"name": call.handing}
    if 200 <= event.code < 300:
        turn.notify("handed_on", Severity.INFORMATION, args=args)
        for each in made(turn) if len(answered(turn)) == 2 else [call]:
            turn.perform(Telephone(port.HangUp(call=each.id)))
    else:
        change(turn, call, handing="")
        turn.notify("not_handed_on" if event.code else "handing_untold", Severity.WARNING, args=args)


def fail(turn: Turn, event: PhoneFailed) -> bool:
    """Whether it was one of the above that the telephone would not do."""
    command = event.command
    call = next((each for each in made(turn) if each.id == getattr(command, "call", "")), None)
    if call is None or event.code == "no_such_call":
        return False
    match command:
        case port.Transfer():
            change(turn, call, handing="")
            turn.notify("not_handed_on", Severity.WARNING, args={"name": call.handing})
        case port.Hold():
            take_back(turn, call)
            turn.notify("phone_refused", Severity.WARNING)
        case port.Resume():
            turn.notify("phone_refused", Severity.WARNING)
        case _:
            return False
    return True


def tidy(turn: Turn, call: PhoneCall, event: port.CallChanged) -> None:
    """A call is over: the one that is left waits or is spoken in as it was, and nobody hears two any more."""
    turn.perform(Telephone(port.StopPlaying(player=_music_of(call.id))))
    telephone.show_phone(turn, joined=False)
    turn.withdraw_notices("not_handed_on", "handing_untold")
    if call.handing and not event.by_us:
        turn.notify("left_to_call", Severity.INFORMATION, args={"name": call.handing})
    if turn.model.resuming == call.id:
        turn.remember(resuming="")


def _music_of(call: str) -> str:
    return f"music-{call}"
