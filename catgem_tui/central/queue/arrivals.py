"""What citizens do: arrive, write, leave, come back, answer the survey."""

from dataclasses import replace

from msgspec.structs import replace as with_fields

from catgem_tui.central.ports import (
    CitizenLeft,
    CitizenReturned,
    CitizenWrote,
    ContactArrived,
    DeliveryChanged,
    LineLost,
    RecordingStarted,
    SurveyAnswered,
    Withdraw,
)
from catgem_tui.central.queue.blocking import is_blocked
from catgem_tui.central.queue.folio import following, make_folio
from catgem_tui.central.queue.state import Record
from catgem_tui.central.queue.turn import NotDone, Turn
from catgem_tui.central.queue.wrap_up import abandon, begin_wrap_up, in_state
from catgem_tui.protocol.enums import Channel, ContactState, Delivery, Refusal
from catgem_tui.protocol.model import Call, Contact

WAITING = (ContactState.QUEUED, ContactState.OFFERED)
CONVERSING = (*WAITING, ContactState.ACTIVE, ContactState.PARKED)


def arrive(turn: Turn, happening: ContactArrived) -> None:
    """A new contact joins its line. A known id changes nothing; an unknown queue is the first one: nobody is lost."""
    if happening.contact in turn.state.records:
        return
    if happening.channel is Channel.CALL and is_blocked(turn.state, happening.citizen.phone, turn.now):
        raise NotDone(Refusal.NOT_ALLOWED, "citizen")
    queue = next((option.id for option in turn.rules.queues if option.id == happening.queue), turn.rules.queues[0].id)
    folio = make_folio(turn.state.next_folio)
    serial = turn.state.number(following(turn.state.next_folio))
    contact = Contact(
        id=happening.contact,
        folio=folio,
        channel=happening.channel,
        queue=queue,
        state=ContactState.QUEUED,
        arrived_at=turn.now,
        state_since=turn.now,
        citizen=happening.citizen,
        subject=happening.subject,
        priority=happening.priority,
        requirements=requirements_in(turn, queue, happening.requirements),
        call=Call(dialled=happening.dialled) if happening.channel is Channel.CALL else None,
        waiting_since=turn.now,
    )
    record = turn.put(Record(contact=contact, serial=serial))
    if happening.first is not None:
        turn.add_message(record, happening.first)


def requirements_in(turn: Turn, queue: str, own: tuple[str, ...]) -> tuple[str, ...]:
    """A contact's own requirements and those of its queue, sorted, each once."""
    return tuple(sorted({*own, *turn.rules.queue_requirements.get(queue, ())}))


def leave(turn: Turn, happening: CitizenLeft) -> None:
    """Waiting: abandoned. A call: wrap-up. A chat stays with its advisor, who ends it: the citizen may come back."""
    record = turn.record(happening.contact)
    contact = record.contact
    if contact.state in WAITING:
        give_up(turn, record)
    elif contact.state is ContactState.ACTIVE and contact.channel is Channel.CALL:
        begin_wrap_up(turn, turn.change(record, citizen_present=False), survey=False)
    elif contact.citizen_present:
        turn.change(record, citizen_present=False)


def lose_line(turn: Turn, happening: LineLost) -> None:
    """The citizen's call is gone without a word; so is the line that could be told anything."""
    record = turn.record(happening.contact)
    if record.contact.state in WAITING:
        give_up(turn, record)
    elif record.contact.state is ContactState.ACTIVE:
        begin_wrap_up(turn, turn.change(record, citizen_present=False), finish_channel=False)
    elif record.contact.citizen_present:
        turn.change(record, citizen_present=False)


def give_up(turn: Turn, record: Record) -> None:
    """The citizen waits no longer; an advisor whose telephone rings is not to blame."""
    contact = record.contact
    if contact.state is ContactState.OFFERED and contact.advisor is not None:
        turn.perform(Withdraw(contact=contact.id, channel=contact.channel, advisor=contact.advisor))
    abandon(turn, record)


def come_back(turn: Turn, happening: CitizenReturned) -> None:
    record = turn.record(happening.contact)
    in_state(record, *CONVERSING)
    if not record.contact.citizen_present:
        turn.change(record, citizen_present=True)


def write(turn: Turn, happening: CitizenWrote) -> None:
    """A line of a chat or one more mail. Refused once the conversation has ended: the channel opens a new contact."""
    message = happening.message
    record = turn.record(message.contact)
    if any(known.id == message.id for known in record.messages):
        return
    in_state(record, *CONVERSING)
    turn.add_message(record, message)


def answer_survey(turn: Turn, happening: SurveyAnswered) -> None:
    """The first answer counts, also after the contact was closed."""
    record = turn.record(happening.contact)
    if not 1 <= happening.score <= 5:
        raise NotDone(Refusal.MALFORMED, "score")
    if record.contact.survey is None:
        turn.change(record, survey=happening.score)
        turn.state.count(turn.state.tally.survey(turn.now, happening.score))


def start_recording(turn: Turn, happening: RecordingStarted) -> None:
    record = turn.record(happening.contact)
    if record.contact.call is None:
        raise NotDone(Refusal.CHANNEL_MISMATCH, "contact")
    if record.contact.state in CONVERSING:
        turn.change_call(record, recording=True)


def change_delivery(turn: Turn, happening: DeliveryChanged) -> None:
    """An outgoing mail arrived at the next server, or never will."""
    record = turn.record(happening.contact)
    for message in record.messages:
        if message.id == happening.message:
            delivery = Delivery.FAILED if happening.error else Delivery.SENT
            if message.delivery is not delivery:
                turn.replace_message(record, with_fields(message, delivery=delivery))
            return
    raise NotDone(Refusal.NOT_FOUND, "message")


def forget(turn: Turn, record: Record) -> None:
    """Let an ended contact go, unless a mail of it is still on its way."""
    if any(message.delivery is Delivery.PENDING for message in record.messages):
        turn.put(replace(record, forget_at=turn.now + turn.rules.remember))
    else:
        turn.state.drop(record.contact.id)
