"""The telephone: its engine, the calls on it, and which contact each belongs to."""

from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from catgem_tui.desk.effects import Telephone
from catgem_tui.desk.happenings import CallLeft, CallOver, PhoneFailed, PhoneUnavailable
from catgem_tui.desk.intents import SendDigits, SetMute
from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers import sound
from catgem_tui.desk.state import Line, PhoneCall, PhoneStatus, PhoneView, Severity
from catgem_tui.phone import port
from catgem_tui.phone.port import SOUND, CallState
from catgem_tui.protocol.commands import EndContact, SetPhone
from catgem_tui.protocol.enums import Channel, ContactState
from catgem_tui.protocol.events import CallExpected

RING = "ring"
"""The player of the ringing sound."""
CHIME = "chime"
"""The player of the same sound, once, for offers that don't ring by themselves and for those during a conversation."""
SIGNAL = "signal"
"""The player of short tones."""
SOUNDS = Path(__file__).parent.parent / "sounds"
LEFT_PAUSE = 2.0
"""Seconds central has to notice by itself that a call is over."""

# --- the engine ---


def take_phone(turn: Turn, event: port.Ready) -> None:
    """The engine runs, for the first time or again: tell central where, and let in whom it announced."""
    restarted = turn.view.phone.status is PhoneStatus.RESTARTING
    show_phone(turn, status=PhoneStatus.READY, uri=event.uri, calls=(), quality=None, joined=False)
    if restarted:
        turn.notify("phone_restarted", Severity.INFORMATION)
    turn.withdraw_notices("phone_missing")
    sound.hear_of_sound(turn, event)
    sound.set_up(turn, again=restarted)
    if turn.view.phone.muted:
        turn.perform(Telephone(port.Mute(muted=True)))
    for expected in turn.model.expected.values():
        announce(turn, expected)
    tell_where(turn)


def lose_engine(turn: Turn, event: port.EngineStopped) -> None:
    talking = [call for call in turn.view.phone.calls if call.state is CallState.CONFIRMED]
    status = PhoneStatus.RESTARTING if event.restarting else PhoneStatus.DOWN
    show_phone(turn, status=status, uri="", calls=(), quality=None, microphone=0.0, loudspeaker=0.0)
    turn.remember(ringing="")
    for call in talking:
        sound.report(turn, call)
        comes_back = bool(call.contact) and call.monitoring is None and not call.consulting
        turn.notify("call_cut" if comes_back else "call_lost", Severity.WARNING, contact=call.contact)
    tell_where(turn)


def miss_phone(turn: Turn, event: PhoneUnavailable) -> None:
    missing = event.code == "no_library"
    show_phone(turn, status=PhoneStatus.MISSING if missing else PhoneStatus.DOWN, uri="", calls=())
    if missing:
        turn.notify("phone_missing", Severity.WARNING)
    tell_where(turn)


def tell_where(turn: Turn) -> None:
    """Not while a telephone elsewhere is out of reach and somebody is spoken with: central would take it for dead."""
    if turn.view.line is Line.ONLINE and (turn.view.phone.status is not PhoneStatus.AWAY or not has_citizen(turn)):
        turn.transmit(describe(turn.view.phone))


def describe(phone: PhoneView) -> SetPhone:
    """What central is to know of this telephone."""
    return SetPhone(uri=phone.uri, engaged=is_engaged(phone))


def is_engaged(phone: PhoneView) -> bool:
    """Whether this person is in a call that is no contact's, or one rings here."""
    return any(call.number for call in phone.calls)


def tell_if_engaged(turn: Turn, before: PhoneView) -> None:
    """After whatever changed the telephone; one that is elsewhere now was told of already."""
    phone = turn.view.phone
    if phone.uri == before.uri and is_engaged(phone) != is_engaged(before):
        tell_where(turn)


def has_citizen(turn: Turn) -> bool:
    """Whether this person has a citizen on the telephone, as central or the telephone knows it."""
    mine = (c for c in turn.view.mine if c.channel is Channel.CALL and c.state is ContactState.ACTIVE)
    return any(mine) or any(call.state is CallState.CONFIRMED for call in turn.view.phone.calls)


# --- calls ---


def expect_calls(turn: Turn, expected: Iterable[CallExpected]) -> None:
    """The calls central announced, all of them; those not known yet are announced to the engine."""
    known = turn.model.expected
    turn.remember(expected={one.token: one for one in expected})
    if turn.view.phone.status is PhoneStatus.READY:
        for token, one in turn.model.expected.items():
            if token not in known:
                announce(turn, one)


def expect_no_more(turn: Turn, contact: str) -> None:
    """The contact is another's now, or nobody's: a call that was announced for it and has not come is off."""
    kept = {token: one for token, one in turn.model.expected.items() if one.contact != contact or one.monitoring}
    turn.remember(expected=kept)


def announce(turn: Turn, expected: CallExpected) -> None:
    turn.perform(Telephone(port.Expect(token=expected.token, auto_answer=expected.monitoring is not None)))


def ring(turn: Turn, event: port.CallArrived) -> None:
    turn.withdraw_notices("call_cut", "call_lost", "phone_restarted")  # the telephone works again, as everybody hears
    expected = turn.model.expected.get(event.token)
    contact = "" if expected is None else expected.contact
    monitoring = None if expected is None else expected.monitoring
    turn.remember(expected={token: one for token, one in turn.model.expected.items() if token != event.token})
    consulting = expected is not None and expected.consulting
    call = PhoneCall(
        event.call, contact, CallState.RINGING, turn.view.now(turn.now), monitoring=monitoring, consulting=consulting
    )
    show_phone(turn, calls=(*(c for c in turn.view.phone.calls if c.id != call.id), call))
    if monitoring is not None:
        turn.perform(
            Telephone(port.Connect(source=call.id, sink=SOUND)), Telephone(port.Connect(source=SOUND, sink=call.id))
        )
    elif contact in turn.model.accepting:
        answer_for(turn, contact)
    elif is_talking(turn):
        chime(turn)
    elif not turn.model.ringing and contact != turn.view.answering[0]:
        start_ringing(turn, call.id)


def start_ringing(turn: Turn, call: str) -> None:
    turn.remember(ringing=call)
    if turn.model.ring_aloud:
        turn.perform(Telephone(port.Play(player=RING, path=turn.model.ring_file, loop=True, to=(port.RINGER,))))


def is_talking(turn: Turn) -> bool:
    return any(call.state is CallState.CONFIRMED and not call.held for call in turn.view.phone.calls)


def chime(turn: Turn) -> None:
    if turn.view.phone.status is PhoneStatus.READY and turn.model.ring_aloud:
        turn.perform(Telephone(port.Play(player=CHIME, path=turn.model.ring_file, to=(port.RINGER,))))


def signal(turn: Turn, name: str) -> None:
    """One of the short tones in ``desk/sounds``, in this person's ear only."""
    if turn.model.signals and turn.view.phone.status is PhoneStatus.READY:
        turn.perform(Telephone(port.Play(player=SIGNAL, path=str(SOUNDS / f"{name}.wav"), to=(SOUND,))))


def change_call(turn: Turn, event: port.CallChanged) -> None:
    calls = {call.id: call for call in turn.view.phone.calls}
    before = calls.get(event.call)
    if before is None:
        return
    if event.state is not CallState.RINGING:
        stop_ringing(turn, event.call)
    since = before.since if before.state is event.state else turn.view.now(turn.now)
    calls[event.call] = replace(
        before, state=event.state, since=since, media=event.media, held=event.held, holds_us=event.holds_us
    )
    if event.state is CallState.ENDED:
        del calls[event.call]
        show_phone(turn, quality=None)
        sound.report(turn, before)
        if before.state is CallState.CONFIRMED and before.contact and before.monitoring is None and not event.by_us:
            turn.later(LEFT_PAUSE, CallLeft(before.contact))
    show_phone(turn, calls=tuple(calls.values()))
    waiting = next((call for call in calls.values() if call.state is CallState.RINGING and not call.number), None)
    if event.state is CallState.ENDED and waiting is not None and not turn.model.ringing and not is_talking(turn):
        start_ringing(turn, waiting.id)


def leave_call(turn: Turn, event: CallLeft) -> None:
    """The other side hung up and central still thinks that we talk: say that it is over."""
    contact = turn.view.contacts.get(event.contact)
    if contact is None or contact.advisor != turn.my_id or contact.channel is not Channel.CALL:
        return
    comes_back = any(one.contact == contact.id for one in turn.model.expected.values())
    is_here = any(call.contact == contact.id for call in turn.view.phone.calls)
    if contact.state is ContactState.ACTIVE and not comes_back and not is_here and turn.view.line is Line.ONLINE:
        turn.transmit(EndContact(contact=contact.id))


def end_call(turn: Turn, contact: str) -> None:
    """Central's line hangs up by itself, unless it died: then nobody would, and the next call came on top of this."""
    if turn.view.phone.status is PhoneStatus.AWAY:
        show_phone(turn, uri="", calls=tuple(call for call in turn.view.phone.calls if call.contact != contact))
        tell_where(turn)
        return
    if any(call.contact == contact and call.monitoring is None for call in turn.view.phone.calls):
        turn.later(LEFT_PAUSE, CallOver(contact))


def drop_call(turn: Turn, event: CallOver) -> None:
    contact = turn.view.contacts.get(event.contact)
    if contact is not None and contact.advisor == turn.my_id and contact.state is not ContactState.WRAP_UP:
        return  # it came back
    for call in turn.view.phone.calls:
        if call.contact == event.contact and call.monitoring is None:
            turn.perform(Telephone(port.HangUp(call=call.id)))


def answer_for(turn: Turn, contact: str) -> None:
    """Answer this contact's call, now or as soon as it arrives."""
    for call in turn.view.phone.calls:
        if call.contact == contact and call.state is CallState.RINGING:
            turn.remember(accepting=turn.model.accepting - {contact})
            # First of all the answer: the telephone does one thing after the other, and the citizen waits.
            turn.perform(Telephone(port.Answer(call=call.id, sound=True)))
            stop_ringing(turn, call.id)
            return
    turn.remember(accepting=turn.model.accepting | {contact})


def hang_up_for(turn: Turn, contact: str) -> None:
    stop_ringing_for(turn, contact)
    for call in turn.view.phone.calls:
        if call.contact == contact:
            turn.perform(Telephone(port.HangUp(call=call.id)))


def stop_ringing_for(turn: Turn, contact: str) -> None:
    for call in turn.view.phone.calls:
        if call.contact == contact:
            stop_ringing(turn, call.id)


def stop_ringing(turn: Turn, call: str) -> None:
    if turn.model.ringing == call:
        turn.remember(ringing="")
        turn.perform(Telephone(port.StopPlaying(player=RING)))


def fail(turn: Turn, event: PhoneFailed) -> None:
    """An answer that failed is worth a word; the rest is in the log."""
    if isinstance(event.command, port.Answer):
        contact = next((call.contact for call in turn.view.phone.calls if call.id == event.command.call), "")
        turn.notify("call_lost", Severity.WARNING, contact=contact)


# --- what is shown ---


def measure_levels(turn: Turn, event: port.LevelsMeasured) -> None:
    show_phone(turn, microphone=event.microphone, loudspeaker=event.loudspeaker)


def mute(turn: Turn, intent: SetMute) -> None:
    show_phone(turn, muted=intent.muted)
    turn.perform(Telephone(port.Mute(muted=intent.muted)))
    if turn.view.phone.calls:
        signal(turn, "closed" if intent.muted else "open")


def send_digits(turn: Turn, intent: SendDigits) -> None:
    for call in turn.view.phone.calls:
        if call.contact == turn.view.focus and call.state is CallState.CONFIRMED:
            turn.perform(Telephone(digits_into(turn, call, intent.digits)))


def digits_into(turn: Turn, call: PhoneCall, digits: str) -> port.SendDigits:
    """Of a contact's call what was sent is shown as well."""
    calls = (replace(each, typed=each.typed + digits) if each.id == call.id else each for each in turn.view.phone.calls)
    show_phone(turn, calls=tuple(calls))
    return port.SendDigits(call=call.id, digits=digits, by=turn.view.phone.digits)


def show_phone(turn: Turn, **changes: object) -> None:
    turn.show(phone=replace(turn.view.phone, **changes))
