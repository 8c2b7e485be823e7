"""What an advisor does with a contact in hand: write, park, take notes, follow the protocol."""

from catgem_tui.central.ports import AdvisorCommand, Deliver
from catgem_tui.central.queue.replies import reply_headers
from catgem_tui.central.queue.state import Record
from catgem_tui.central.queue.turn import NotDone, Turn
from catgem_tui.central.queue.wrap_up import in_state, owned
from catgem_tui.protocol.commands import CheckStep, Park, Resume, SaveDraft, SaveNotes, SendChat, SendMail
from catgem_tui.protocol.enums import Author, Channel, ContactState, Delivery, Refusal
from catgem_tui.protocol.model import Message

AT_WORK = (ContactState.ACTIVE, ContactState.PARKED, ContactState.WRAP_UP, ContactState.CLOSED)
"""States in which notes and steps may be put down: a late line of an outbox is never thrown away."""
AGAIN_WAITING = (ContactState.QUEUED, ContactState.OFFERED)


def park(turn: Turn, command: AdvisorCommand, body: Park) -> None:
    record = _written(turn, command, body.contact)
    in_state(record, ContactState.ACTIVE)
    turn.change(record, state=ContactState.PARKED)


def resume(turn: Turn, command: AdvisorCommand, body: Resume) -> None:
    """The advisor's own choice, whatever else they are doing: a parked contact never lost its place."""
    record = _written(turn, command, body.contact)
    in_state(record, ContactState.PARKED)
    turn.change(record, state=ContactState.ACTIVE)


def send_chat(turn: Turn, command: AdvisorCommand, body: SendChat) -> None:
    record = owned(turn, command, body.contact)
    _on_channel(record, Channel.CHAT)
    if _is_known(record, command.id):
        return
    in_state(record, ContactState.ACTIVE)
    message = Message(
        id=command.id,
        contact=body.contact,
        author=Author.ADVISOR,
        text=_filled(body.text, turn.rules.longest_chat),
        sent_at=turn.now,
        name=turn.seat(command.advisor).advisor.user.name,
    )
    turn.add_message(record, message)
    turn.perform(Deliver(channel=Channel.CHAT, message=message))


def send_mail(turn: Turn, command: AdvisorCommand, body: SendMail) -> None:
    """Answer the citizen's last mail. The contact stays active until it is ended: more may have to be said."""
    record = owned(turn, command, body.contact)
    _on_channel(record, Channel.MAIL)
    if _is_known(record, command.id):
        return
    in_state(record, ContactState.ACTIVE)
    message = Message(
        id=command.id,
        contact=body.contact,
        author=Author.ADVISOR,
        text=_filled(body.text, turn.rules.longest_mail),
        sent_at=turn.now,
        name=turn.seat(command.advisor).advisor.user.name,
        delivery=Delivery.PENDING,
        mail=reply_headers(turn.rules, record, command.id),
    )
    turn.change(turn.add_message(record, message), draft="")
    turn.perform(Deliver(channel=Channel.MAIL, message=message))


def save_draft(turn: Turn, command: AdvisorCommand, body: SaveDraft) -> None:
    record = owned(turn, command, body.contact)
    _on_channel(record, Channel.MAIL)
    in_state(record, ContactState.ACTIVE, ContactState.PARKED)
    turn.change(record, draft=_limited(body.text, turn.rules.longest_mail))


def save_notes(turn: Turn, command: AdvisorCommand, body: SaveNotes) -> None:
    record = _noted(turn, command, body.contact)
    text = _limited(body.text, turn.rules.longest_notes)
    if body.revision != record.contact.notes_revision + 1:
        raise NotDone(Refusal.STALE, "revision", revision=record.contact.notes_revision)
    turn.change(record, notes=text, notes_revision=body.revision)


def check_step(turn: Turn, command: AdvisorCommand, body: CheckStep) -> None:
    """Steps stay in the order in which they were checked."""
    record = _noted(turn, command, body.contact)
    if all(step.id != body.step for step in turn.rules.protocols.get(record.contact.channel, ())):
        raise NotDone(Refusal.NOT_FOUND, "step")
    others = tuple(step for step in record.contact.steps if step != body.step)
    if body.done and body.step in record.contact.steps:
        return
    turn.change(record, steps=(*others, body.step) if body.done else others)


def _noted(turn: Turn, command: AdvisorCommand, contact: str) -> Record:
    """A contact the sender serves, or served until it was taken from them and nobody else has it. Raises NotDone."""
    record = turn.record(contact)
    if record.contact.state in AGAIN_WAITING and record.served_by == command.advisor:
        return record
    record = owned(turn, command, contact)
    in_state(record, *AT_WORK)
    return record


def _written(turn: Turn, command: AdvisorCommand, contact: str) -> Record:
    """The sender's chat or mail. Raises NotDone."""
    record = owned(turn, command, contact)
    if record.contact.channel is Channel.CALL:
        raise NotDone(Refusal.CHANNEL_MISMATCH, "contact")
    return record


def _on_channel(record: Record, channel: Channel) -> None:
    if record.contact.channel is not channel:
        raise NotDone(Refusal.CHANNEL_MISMATCH, "contact")


def _is_known(record: Record, message: str) -> bool:
    return any(known.id == message for known in record.messages)


def _filled(text: str, longest: int) -> str:
    if not text.strip():
        raise NotDone(Refusal.MALFORMED, "text")
    return _limited(text, longest)


def _limited(text: str, longest: int) -> str:
    if len(text) > longest:
        raise NotDone(Refusal.TOO_LONG, "text", longest=longest, length=len(text))
    return text
