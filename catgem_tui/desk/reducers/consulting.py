"""Asking colleagues and others while the citizen waits; and being asked."""

from typing import Any

from catgem_tui.desk.intents import AnswerColleague, LeaveColleague
from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers import alone, dialled, direct, outgoing, outside, telephone
from catgem_tui.desk.state import Severity
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import Channel, ContactState, NotReached, Refusal
from catgem_tui.protocol.events import ColleaguesChanged, ContactHidden, ContactShown
from catgem_tui.protocol.model import Consultation, Contact, Struct

NOT_REACHED = tuple(f"consult_{why}" for why in NotReached)
CAME_BACK = tuple(f"came_back_{why}" for why in NotReached)
"""Codes of what there is to say of whom one asked, or handed a call on to."""

# --- being asked ---


def hear_shown(turn: Turn, event: ContactShown) -> None:
    before = turn.view.shown.get(event.contact.id)
    _note_side(turn, before.contact if before is not None else None, event.contact)
    turn.show(shown={**turn.view.shown, event.contact.id: event})
    _hear_connected(turn, event.contact)


def _hear_connected(turn: Turn, contact: Contact) -> None:
    """Over a telephone outside, which is at their ear all day, central lets them speak at once: nothing is left to be
    answered by key, and who writes goes on writing."""
    consultation = consultation_of(contact)
    connected = consultation is not None and consultation.connected
    if not connected or not outside.is_used(turn) or contact.id in turn.view.answered:
        return
    turn.show(answered=turn.view.answered | {contact.id})
    if alone.is_writing(turn):
        turn.notify("answered_alone", Severity.INFORMATION, contact=contact.id)
    else:
        turn.remember(focus_before=turn.view.focus)
        turn.show(focus=contact.id)


def take_shown(turn: Turn, shown: tuple[ContactShown, ...]) -> None:
    """All there are, as a snapshot has them."""
    here = {each.contact.id: each for each in shown}
    for gone in [contact for contact in turn.view.shown if contact not in here]:
        forget(turn, gone)
    turn.show(shown=here)


def hear_hidden(turn: Turn, event: ContactHidden) -> None:
    shown = turn.view.shown.get(event.contact)
    answered, left = event.contact in turn.view.answered, event.contact in turn.model.leaving
    forget(turn, event.contact)
    if shown is not None and not left:
        args = {"name": shown.by, "folio": shown.contact.folio}
        turn.notify("question_ended" if answered else "question_over", Severity.INFORMATION, args=args)


def forget(turn: Turn, contact: str) -> None:
    """The question is over, and the contact stays another's."""
    was_in_the_middle = turn.view.focus == contact and contact in turn.view.shown
    drop(turn, contact)
    if contact in turn.view.contacts and turn.view.contacts[contact].advisor == turn.my_id:
        return
    turn.remember(accepting=turn.model.accepting - {contact})
    telephone.stop_ringing_for(turn, contact)
    telephone.expect_no_more(turn, contact)
    telephone.end_call(turn, contact)
    if was_in_the_middle:
        before = turn.view.contacts.get(turn.model.focus_before)
        turn.show(focus=before.id if before is not None else "")


def drop(turn: Turn, contact: str) -> None:
    """It is no longer somebody else's question; also when it became this person's."""
    turn.show(
        shown={key: each for key, each in turn.view.shown.items() if key != contact},
        answered=turn.view.answered - {contact},
    )
    turn.remember(leaving=turn.model.leaving - {contact})


def answer(turn: Turn, intent: AnswerColleague) -> None:
    shown = turn.view.shown.get(intent.contact)
    if shown is None or intent.contact in turn.view.answered:
        return
    if any(outgoing.is_heard(turn, call) for call in turn.view.phone.calls if not call.number):
        turn.notify("in_another_call", Severity.WARNING)
        return
    outgoing.hang_up_all(turn)
    telephone.answer_for(turn, intent.contact)
    turn.remember(focus_before=turn.view.focus)
    turn.show(answered=turn.view.answered | {intent.contact}, focus=intent.contact)


def leave(turn: Turn, intent: LeaveColleague) -> None:
    if intent.contact in turn.view.shown:
        turn.remember(leaving=turn.model.leaving | {intent.contact})
        turn.command(commands.EndConsult(contact=intent.contact))
        telephone.hang_up_for(turn, intent.contact)


# --- asking ---


def ask(turn: Turn, body: commands.Consult) -> None:
    """Whoever was called beside the citizen waits meanwhile."""
    if body not in turn.model.commands.values() and turn.command(body):
        withdraw_partings(turn, body.contact)
        withdraw_refusals(turn)
        direct.set_all_aside(turn)
        remember_number(turn, body)


def withdraw_refusals(turn: Turn) -> None:
    """Somebody else was chosen."""
    turn.withdraw_notices(*WORDED.values(), "busy_to_take", "no_number", Refusal.NO_OUTSIDE.value)


def withdraw_partings(turn: Turn, contact: str) -> None:
    """Who hung up last no longer tells with whom the citizen is."""
    turn.withdraw_notices("consult_left", *NOT_REACHED, contact=contact)


def end(turn: Turn, body: commands.EndConsult) -> None:
    if body not in turn.model.commands.values() and turn.command(body):
        turn.remember(leaving=turn.model.leaving | {body.contact})


def remember_number(turn: Turn, body: commands.Consult | commands.Transfer) -> None:
    if body.number:
        dialled.remember(turn, body.number)


def compare(turn: Turn, before: Contact | None, now: Contact) -> None:
    """My contact as it was and as it is: say that whoever was asked is gone, unless this person let them go."""
    was, is_ = consultation_of(before), consultation_of(now)
    _note_side(turn, before, now)
    if now.state is ContactState.ACTIVE:
        turn.withdraw_notices(*CAME_BACK, contact=now.id)  # the citizen is with this person again
    if was is None or is_ is not None:
        return
    if now.id not in turn.model.leaving and now.state is ContactState.ACTIVE and now.citizen_present:
        why = _why(now)
        if was.advisor and why is NotReached.UNKNOWN:
            why = NotReached.FAILED  # the exchange does not know their telephone; nobody dialled a number
        code = "consult_left" if was.connected else f"consult_{why}"
        args = {"name": was.name or was.number}
        turn.notify(code, Severity.INFORMATION, args=args, contact=now.id)
    turn.remember(leaving=turn.model.leaving - {now.id})


def _note_side(turn: Turn, before: Contact | None, now: Contact) -> None:
    """Central says when a consultation began, not since when one speaks with whom."""
    was, is_ = consultation_of(before), consultation_of(now)
    sides = {contact: since for contact, since in turn.view.sides.items() if contact != now.id or is_ is not None}
    if was is not None and is_ is not None and was.side is not is_.side:
        sides[now.id] = turn.view.now(turn.now)
    if sides != turn.view.sides:
        turn.show(sides=sides)


def hand_out(turn: Turn, body: commands.Transfer | commands.CompleteTransfer) -> None:
    """The contact goes on outside; whoever is there may not take it."""
    consultation = consultation_of(turn.view.contacts.get(body.contact))
    number = body.number if isinstance(body, commands.Transfer) else consultation.number if consultation else ""
    if number:
        turn.remember(handed_out={**turn.model.handed_out, body.contact: number})


def hear_back(turn: Turn, before: Contact, now: Contact) -> None:
    """A call that was handed on outside is led back to whom had it, first in the line."""
    number = turn.model.handed_out.get(now.id)
    comes_back = before.state is ContactState.WRAP_UP and now.state in (ContactState.QUEUED, ContactState.OFFERED)
    if number is not None and comes_back:
        turn.withdraw_notices("emergency_handed", contact=now.id)
        turn.notify(f"came_back_{_why(now)}", Severity.WARNING, args={"name": number}, contact=now.id)
        turn.remember(handed_out={key: each for key, each in turn.model.handed_out.items() if key != now.id})


def _why(contact: Contact) -> NotReached:
    """Whom this person called did not come."""
    return (contact.call.not_reached if contact.call is not None else None) or NotReached.FAILED


def consultation_of(contact: Contact | None) -> Consultation | None:
    return contact.call.consultation if contact is not None and contact.call is not None else None


def hear_colleagues(turn: Turn, event: ColleaguesChanged) -> None:
    turn.show(colleagues=event.colleagues)


WORDED = {
    Refusal.NO_SUCH_TARGET: "cannot_ask",
    Refusal.NO_CAPACITY: "busy_to_ask",
    Refusal.NO_PHONE: "no_phone_to_ask",
}


def word(turn: Turn, body: Struct, code: Refusal, args: dict[str, Any]) -> bool:
    """Whether a refusal was told here, by the name of whom it is about."""
    if not isinstance(body, commands.Consult | commands.Transfer | commands.Reassign) or not _name(turn, body):
        return False
    number = "" if isinstance(body, commands.Reassign) else body.number
    told = "no_number" if code is Refusal.MALFORMED and number else WORDED.get(code)
    if told is None:
        return False
    if code is Refusal.NO_CAPACITY and not _about_a_call(turn, body):
        told = "busy_to_take"
    args = {**args, "name": _name(turn, body), "number": number}
    turn.notify(told, Severity.WARNING, args=args, contact=body.contact)
    return True


def _about_a_call(turn: Turn, body: commands.Consult | commands.Transfer | commands.Reassign) -> bool:
    contact = turn.view.contacts.get(body.contact)
    return contact is None or contact.channel is Channel.CALL


def _name(turn: Turn, body: commands.Consult | commands.Transfer | commands.Reassign) -> str:
    """Of whom, as advisors and coordinators know them, or what number."""
    if body.advisor in turn.view.advisors:
        return turn.view.advisors[body.advisor].user.name
    found = next((each.name for each in turn.view.colleagues if each.id == body.advisor), "")
    return found or ("" if isinstance(body, commands.Reassign) else body.number)
