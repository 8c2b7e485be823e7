"""The end of a contact: wrap-up, disposition, closing."""

from dataclasses import replace

from catgem_tui.central.ports import AdvisorCommand, Finish
from catgem_tui.central.queue.offers import dismiss_monitors, forget_consultation
from catgem_tui.central.queue.state import Record
from catgem_tui.central.queue.turn import NotDone, Turn
from catgem_tui.protocol.commands import CloseContact, EndContact, ExtendWrapUp
from catgem_tui.protocol.enums import ContactState, Outcome, Refusal


def end(turn: Turn, command: AdvisorCommand, body: EndContact) -> None:
    record = owned(turn, command, body.contact)
    in_state(record, ContactState.ACTIVE, ContactState.PARKED)
    begin_wrap_up(turn, record)


def extend(turn: Turn, command: AdvisorCommand, body: ExtendWrapUp) -> None:
    record = owned(turn, command, body.contact)
    in_state(record, ContactState.WRAP_UP)
    ends_at = max(record.contact.wrap_up_ends_at or turn.now, turn.now)
    turn.change(record, wrap_up_ends_at=ends_at + turn.rules.wrap_up_extension)


def close(turn: Turn, command: AdvisorCommand, body: CloseContact) -> None:
    """End the wrap-up; or, when its time had run out before the command came, put the disposition right."""
    record = owned(turn, command, body.contact)
    in_state(record, ContactState.WRAP_UP, ContactState.CLOSED)
    if all(body.disposition != option.id for option in turn.rules.dispositions):
        raise NotDone(Refusal.NOT_FOUND, "disposition")
    finish(turn, record, disposition=body.disposition, outcome=body.outcome)


def run_out(turn: Turn, record: Record) -> None:
    """The wrap-up's time is over; notes and everything else stay."""
    disposition = record.contact.disposition or turn.rules.default_disposition
    finish(turn, record, disposition=disposition, outcome=turn.rules.default_outcome)


def begin_wrap_up(turn: Turn, record: Record, *, finish_channel: bool = True, survey: bool = True) -> None:
    """The conversation is over; the advisor's work on it goes on for a while.

    ``finish_channel`` is False when there is nothing left of the citizen's line, or it goes on without the advisor.
    """
    record = forget_consultation(turn, record)
    dismiss_monitors(turn, record)
    record = turn.record(record.contact.id)
    contact = record.contact
    if contact.call is not None:
        record = turn.change_call(record, advisor_leg=False, held=False, held_since=None, recording=False)
    turn.change(
        replace(record, expected=None),
        state=ContactState.WRAP_UP,
        wrap_up_ends_at=turn.now + turn.rules.channels[contact.channel].wrap_up,
        waiting_since=None,
    )
    if finish_channel:
        turn.perform(Finish(contact=contact.id, channel=contact.channel, survey=survey))


def finish(turn: Turn, record: Record, *, disposition: str, outcome: Outcome) -> None:
    """Close for good, or change how it was closed."""
    contact = record.contact
    turn.change(
        replace(record, forget_at=turn.now + turn.rules.remember),
        state=ContactState.CLOSED,
        wrap_up_ends_at=None,
        ended_at=turn.now if contact.ended_at is None else contact.ended_at,
        disposition=disposition,
        outcome=outcome,
    )


def abandon(turn: Turn, record: Record) -> None:
    """The citizen left before anybody took the contact."""
    contact = record.contact
    if contact.call is not None:
        record = turn.change_call(record, advisor_leg=False, recording=False)
    turn.change(
        replace(record, expected=None, reserved_for="", reserved_until=None, forget_at=turn.now + turn.rules.remember),
        state=ContactState.ABANDONED,
        advisor=None,
        offer_expires_at=None,
        ended_at=turn.now,
        citizen_present=False,
        outcome=Outcome.DROPPED,
        waiting_since=None,
    )


def owned(turn: Turn, command: AdvisorCommand, contact: str) -> Record:
    """The sender's own contact, accepted by them. Raises NotDone."""
    record = turn.record(contact)
    if record.contact.advisor != command.advisor:
        raise NotDone(Refusal.NOT_YOURS, "contact")
    return record


def in_state(record: Record, *states: ContactState) -> None:
    """Raises NotDone unless the contact is in one of ``states``."""
    if record.contact.state not in states:
        raise NotDone(Refusal.WRONG_STATE, "contact", state=record.contact.state.value)
