"""A call that is offered answers itself after a while, for whoever wants it so: a tone in the ear, then as by key."""

from catgem_tui.desk.happenings import AutoAnswerDue
from catgem_tui.desk.intents import SetAutoAnswer
from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers import outgoing, telephone
from catgem_tui.desk.state import PhoneStatus
from catgem_tui.protocol.enums import Channel, ContactState
from catgem_tui.protocol.model import Contact

WRITING_PAUSE = 5.0
"""Seconds after the last key for which somebody counts as writing."""


def switch(turn: Turn, intent: SetAutoAnswer) -> None:
    telephone.show_phone(turn, auto_answer=max(0.0, intent.seconds))
    if not turn.view.phone.auto_answer:
        stop(turn, turn.view.answering[0])


def begin(turn: Turn, contact: Contact) -> None:
    """A call is offered. Whoever speaks with somebody decides for themselves."""
    phone = turn.view.phone
    busy = any(outgoing.is_heard(turn, call) for call in phone.calls) or any(call.number for call in phone.calls)
    if phone.auto_answer and phone.status is PhoneStatus.READY and contact.channel is Channel.CALL and not busy:
        turn.show(answering=(contact.id, turn.view.now(turn.now) + phone.auto_answer))
        telephone.stop_ringing_for(turn, contact.id)
        telephone.signal(turn, "alone")
        turn.later(phone.auto_answer, AutoAnswerDue(contact.id))


def stop(turn: Turn, contact: str) -> None:
    if contact and turn.view.answering[0] == contact:
        turn.show(answering=("", 0.0))


def is_due(turn: Turn, event: AutoAnswerDue) -> bool:
    """Whether that offer is still there and to be taken now."""
    due = turn.view.answering[0] == event.contact
    stop(turn, event.contact)
    contact = turn.view.contacts.get(event.contact)
    return due and contact is not None and contact.state is ContactState.OFFERED and contact.advisor == turn.my_id


def is_writing(turn: Turn) -> bool:
    """Whether moving the focus would take a text from under somebody's fingers."""
    contact = turn.view.focused
    written = contact is not None and contact.channel is not Channel.CALL and turn.view.drafts.get(contact.id, "")
    return bool(written) or turn.now - turn.model.typed_at < WRITING_PAUSE
