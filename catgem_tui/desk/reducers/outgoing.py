"""Calls that this person makes: one at a time, beside a citizen who is on hold at most."""

from msgspec.structs import replace

from catgem_tui.desk.effects import Telephone, UseRecord
from catgem_tui.desk.happenings import ExtensionDue, PhoneFailed
from catgem_tui.desk.intents import CallNumber, HangUpOutgoing, SendDigits
from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers import telephone
from catgem_tui.desk.state import PhoneCall, PhoneStatus, Severity
from catgem_tui.phone import port
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.numbers import normalise

EXTENSION_PAUSE = 2.0
"""Seconds from the answer to the extension: a switchboard's greeting asks for it first."""
_BUSY, _UNKNOWN, _UNANSWERED = {486, 600}, {404, 410, 484, 604}, {408, 480, 487, 603}
"""SIP answers (RFC 3261, 21), by what there is to say of them."""


def call_number(turn: Turn, intent: CallNumber) -> None:
    """It is on the screen, calling, before the telephone is told."""
    number = normalise(intent.number)
    problem = _problem(turn, intent.number, number)
    if problem:
        args = {"name": intent.name or intent.number, "number": intent.number}
        turn.notify(problem, Severity.WARNING, args=args)
        return
    turn.withdraw_notices(*PROBLEMS)
    now = turn.view.now(turn.now)
    call = PhoneCall(
        new_id(turn.now), "", CallState.DIALLING, now, number=number, name=intent.name, extension=intent.extension
    )
    telephone.show_phone(turn, calls=(*turn.view.phone.calls, call))
    uri = turn.model.dial.replace("{number}", number)
    turn.perform(Telephone(port.Dial(call=call.id, uri=uri, sound=True)))
    if intent.record:
        turn.perform(UseRecord(intent.record))


PROBLEMS = (
    "nothing_to_call", "no_dial_rule", "wrong_number", "no_telephone", "in_another_call",
    "called_busy", "called_unknown", "called_unanswered", "called_failed",
)  # fmt: skip
"""Codes of what there is to say of a call that did not come about."""


def _problem(turn: Turn, given: str, number: str) -> str:
    if not given.strip():
        return "nothing_to_call"
    if not turn.model.dial:
        return "no_dial_rule"
    if not number:
        return "wrong_number"
    if turn.view.phone.status is not PhoneStatus.READY:
        return "no_telephone"
    return "in_another_call" if any(_is_heard(turn, call) for call in turn.view.phone.calls) else ""


def _is_heard(turn: Turn, call: PhoneCall) -> bool:
    """Whether this person is in the call: neither is it on hold, nor does it only ring here."""
    contact = turn.view.contacts.get(call.contact)
    held = contact is not None and contact.call is not None and contact.call.held
    rings_here = call.state is CallState.RINGING and not call.number
    return not held and not rings_here


def change_call(turn: Turn, event: port.CallChanged) -> None:
    """Of any call; one that this person made has an extension to be dialled, or a reason why it did not come about."""
    before = next((call for call in turn.view.phone.calls if call.id == event.call), None)
    telephone.change_call(turn, event)
    if before is None or not before.number:
        return
    if event.state is CallState.CONFIRMED and before.state is not CallState.CONFIRMED and before.extension:
        turn.later(EXTENSION_PAUSE, ExtensionDue(before.id))
    if event.state is CallState.ENDED and before.state is not CallState.CONFIRMED and not event.by_us:
        _say_why(turn, before, event.code)


def _say_why(turn: Turn, call: PhoneCall, code: int) -> None:
    kind = "busy" if code in _BUSY else "unknown" if code in _UNKNOWN else "failed"
    kind = "unanswered" if code in _UNANSWERED else kind
    turn.notify(f"called_{kind}", Severity.WARNING, args={"name": call.name or call.number, "number": call.number})


def dial_extension(turn: Turn, event: ExtensionDue) -> None:
    """Unless it was typed meanwhile."""
    for call in _mine(turn):
        if call.id == event.call and call.state is CallState.CONFIRMED and not call.typed:
            _send(turn, call, call.extension)


def send_digits(turn: Turn, intent: SendDigits) -> None:
    """Into the call that this person made, else into the citizen's."""
    made = next((call for call in _mine(turn) if call.state is CallState.CONFIRMED), None)
    if made is not None:
        _send(turn, made, intent.digits)
    else:
        telephone.send_digits(turn, intent)


def _send(turn: Turn, call: PhoneCall, digits: str) -> None:
    calls = (replace(each, typed=each.typed + digits) if each is call else each for each in turn.view.phone.calls)
    telephone.show_phone(turn, calls=tuple(calls))
    turn.perform(Telephone(port.SendDigits(call=call.id, digits=digits)))


def hang_up(turn: Turn, _intent: HangUpOutgoing | None = None) -> None:
    """Also before a citizen's call is taken: whoever is called does not hear what is said there."""
    for call in _mine(turn):
        turn.perform(Telephone(port.HangUp(call=call.id)))


def fail(turn: Turn, event: PhoneFailed) -> None:
    if not isinstance(event.command, port.Dial):
        telephone.fail(turn, event)
        return
    failed = next((call for call in _mine(turn) if call.id == event.command.call), None)
    if failed is not None:
        telephone.show_phone(turn, calls=tuple(call for call in turn.view.phone.calls if call is not failed))
        _say_why(turn, failed, 404 if event.code == "bad_uri" else 0)


def _mine(turn: Turn) -> list[PhoneCall]:
    return [call for call in turn.view.phone.calls if call.number]
