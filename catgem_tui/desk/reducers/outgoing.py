"""Calls that this person makes: one beside a citizen who is on hold, two where there is none."""

from catgem_tui.desk import numbers
from catgem_tui.desk.effects import Telephone, UseRecord
from catgem_tui.desk.happenings import ExtensionDue, PhoneFailed
from catgem_tui.desk.intents import CallNumber, HangUpOutgoing, SendDigits
from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers import dialled, direct, telephone
from catgem_tui.desk.state import PhoneCall, PhoneStatus, Severity
from catgem_tui.phone import port
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.enums import NotReached
from catgem_tui.protocol.identifier import new_id

EXTENSION_PAUSE = 2.0
"""Seconds from the answer to the extension: a switchboard's greeting asks for it first."""


def call_number(turn: Turn, intent: CallNumber) -> None:
    """It is on the screen, calling, before the telephone is told."""
    number = numbers.read(intent.number, turn.view.phone.dial)
    problem = _problem(turn, intent, number)
    if problem or isinstance(number, numbers.Unreadable):
        args = {"name": intent.name or intent.number, "number": intent.number}
        turn.notify(problem, Severity.WARNING, args=args)
        return
    turn.withdraw_notices(*PROBLEMS)
    direct.set_all_aside(turn)
    now = turn.view.now(turn.now)
    extension = intent.extension or number.extension
    call = PhoneCall(
        new_id(turn.now), "", CallState.DIALLING, now, number=number.digits, name=intent.name, extension=extension
    )
    telephone.show_phone(turn, calls=(*turn.view.phone.calls, call))
    uri = numbers.address_of(number.digits, turn.view.phone.dial)
    turn.perform(Telephone(port.Dial(call=call.id, uri=uri, sound=True)))
    dialled.remember(turn, number.digits, extension, intent.name)
    if intent.record:
        turn.perform(UseRecord(intent.record))


PROBLEMS = (
    "nothing_to_call", "no_dial_rule", "wrong_number", "no_number", "letters_in_number", "other_exchange",
    "no_telephone", "in_another_call", "called_full", *(f"called_{why}" for why in NotReached),
)  # fmt: skip
"""Codes of what there is to say of a call that did not come about."""
MOST_MADE = 2


def _problem(turn: Turn, intent: CallNumber, number: numbers.Number | numbers.Unreadable) -> str:
    if not intent.number.strip():
        return "nothing_to_call"
    if not turn.view.phone.dial:
        return "no_dial_rule"
    if isinstance(number, numbers.Unreadable):
        return "wrong_number" if intent.record else number.code
    if turn.view.phone.status is not PhoneStatus.READY:
        return "no_telephone"
    return "" if _has_room(turn) else "in_another_call"


def _has_room(turn: Turn) -> bool:
    """One beside a citizen who is on hold; a second one, while the first can wait, only where there is no citizen."""
    with_others = [call for call in turn.view.phone.calls if not call.number]
    if any(is_heard(turn, call) for call in with_others):
        return False
    made = direct.made(turn)
    if len(made) != len(direct.answered(turn)):
        return False
    return len(made) < (1 if any(call.state is CallState.CONFIRMED for call in with_others) else MOST_MADE)


def is_heard(turn: Turn, call: PhoneCall) -> bool:
    """Whether this person is in the call: neither is it on hold, nor does it only ring here."""
    contact = turn.view.contacts.get(call.contact)
    waits = contact is not None and contact.call is not None and contact.call.held and not contact.call.consultation
    held = call.held or waits
    rings_here = call.state is CallState.RINGING and (call.incoming or not call.number)
    return not held and not rings_here


def change_call(turn: Turn, event: port.CallChanged) -> None:
    """Of any call; one that this person made has an extension to be dialled, or a reason why it did not come about."""
    before = next((call for call in turn.view.phone.calls if call.id == event.call), None)
    telephone.change_call(turn, event)
    if before is None or not before.number:
        return
    if event.state is CallState.ENDED:
        direct.tidy(turn, before, event)
    if event.state is CallState.CONFIRMED and before.state is not CallState.CONFIRMED and before.extension:
        turn.later(EXTENSION_PAUSE, ExtensionDue(before.id))
    if event.state is CallState.ENDED and direct.rings_here(before):
        direct.miss(turn, before, event)
    elif event.state is CallState.ENDED and before.state is not CallState.CONFIRMED and not event.by_us:
        _say_why(turn, before, event.code)


def _say_why(turn: Turn, call: PhoneCall, code: int) -> None:
    _say(turn, call, NotReached.by_answer(code) if code else "full")


def _say(turn: Turn, call: PhoneCall, kind: str) -> None:
    turn.notify(f"called_{kind}", Severity.WARNING, args={"name": call.name or call.number, "number": call.number})


def dial_extension(turn: Turn, event: ExtensionDue) -> None:
    """Unless it was typed meanwhile."""
    for call in direct.answered(turn):
        if call.id == event.call and not call.typed:
            turn.perform(Telephone(telephone.digits_into(turn, call, call.extension)))


def send_digits(turn: Turn, intent: SendDigits) -> None:
    """Into the call that this person made and speaks in, else into the citizen's."""
    call = direct.spoken(turn)
    if call is not None and not call.held:
        turn.perform(Telephone(telephone.digits_into(turn, call, intent.digits)))
    else:
        telephone.send_digits(turn, intent)


def hang_up(turn: Turn, _intent: HangUpOutgoing) -> None:
    """Of two the one that is spoken in, or called; of two that hear each other both."""
    made = direct.made(turn)
    if turn.view.phone.joined or len(made) < 2:
        hang_up_all(turn)
        return
    call = next((each for each in made if not each.held), made[-1])
    turn.perform(Telephone(port.HangUp(call=call.id)))


def hang_up_all(turn: Turn) -> None:
    """Before a citizen's call is taken: whoever is called does not hear what is said there."""
    for call in direct.made(turn):
        turn.perform(Telephone(port.HangUp(call=call.id)))


def fail(turn: Turn, event: PhoneFailed) -> None:
    if not isinstance(event.command, port.Dial):
        if not direct.fail(turn, event):
            telephone.fail(turn, event)
        return
    failed = next((call for call in direct.made(turn) if call.id == event.command.call), None)
    if failed is not None:
        telephone.show_phone(turn, calls=tuple(call for call in turn.view.phone.calls if call is not failed))
        _say(turn, failed, {"bad_uri": "unknown", "too_many_calls": "full"}.get(event.code, "failed"))
