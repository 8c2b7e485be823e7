"""What guards citizens and advisors: pauses of the recording, emergencies, warnings, and the block list.

Each of these is in the audit trail.
"""

from collections.abc import Callable
from typing import Any

from catgem_tui.central.ports import AdvisorCommand
from catgem_tui.central.ports import PauseRecording as PauseOnLine
from catgem_tui.central.queue.blocking import is_blocked, number_key
from catgem_tui.central.queue.outside import send_out
from catgem_tui.central.queue.state import Record
from catgem_tui.central.queue.turn import NotDone, Turn, is_floor
from catgem_tui.central.queue.wrap_up import begin_wrap_up, in_state, owned
from catgem_tui.protocol.commands import (
    BlockCaller,
    CallEmergency,
    PauseRecording,
    ResumeRecording,
    UnblockCaller,
    WarnCaller,
)
from catgem_tui.protocol.enums import Channel, ContactState, Refusal
from catgem_tui.protocol.guarding import Blocked
from catgem_tui.protocol.model import Contact, Struct

EMERGENCY_PRIORITY = 10
"""More than any citizen's: handed back to the queue, an emergency comes before everything else."""
LONGEST_REASON = 200
"""Characters."""
SLACK = 60.0
"""Seconds by which a block may seem longer than allowed: the workstation's clock is not ours."""
IN_HAND = (ContactState.ACTIVE, ContactState.PARKED)

# --- the recording ---


def pause_recording(turn: Turn, command: AdvisorCommand, body: PauseRecording) -> None:
    """From now on silence is recorded; already paused it stays so."""
    record = _own_call(turn, command, body.contact)
    in_state(record, ContactState.ACTIVE)
    if turn.rules.pause_recording == "off":
        raise NotDone(Refusal.NOT_ALLOWED)
    if body.step and all(step.id != body.step for step in turn.rules.protocols.get(Channel.CALL, ())):
        raise NotDone(Refusal.NOT_FOUND, "step")
    _pause(turn, record, body.step)


def resume_recording(turn: Turn, command: AdvisorCommand, body: ResumeRecording) -> None:
    _resume(turn, _own_call(turn, command, body.contact), command.advisor)


def settle_recordings(turn: Turn) -> None:
    """Bring every recording in step with what has become of its contact.

    It goes on once the step it was paused for is checked, and in any case when the advisor's part is over. Where the
    centre wants it, it is paused by itself when a sensitive step is next.
    """
    for before, record in turn.changed():
        if record.contact.call is not None:
            _settle(turn, before, record)


def _settle(turn: Turn, before: Contact | None, record: Record) -> None:
    contact = record.contact
    assert contact.call is not None  # noqa: S101
    taken = before is None or before.state is not ContactState.ACTIVE or before.advisor != contact.advisor
    over = taken or contact.state is not ContactState.ACTIVE
    if contact.call.recording_paused and (over or contact.call.recording_paused_for in contact.steps):
        holder = before.advisor if before is not None else contact.advisor
        record = _resume(turn, record, holder or "")
    reached = taken or (before is not None and before.steps != contact.steps)
    if reached and contact.state is ContactState.ACTIVE and turn.rules.pause_recording == "auto":
        _pause_if_sensitive(turn, record)


def _pause_if_sensitive(turn: Turn, record: Record) -> None:
    steps = turn.rules.protocols.get(Channel.CALL, ())
    following = next((step for step in steps if step.id not in record.contact.steps), None)
    if following is not None and following.sensitive:
        _pause(turn, record, following.id)


def _pause(turn: Turn, record: Record, step: str) -> None:
    contact = record.contact
    assert contact.call is not None  # noqa: S101
    if contact.call.recording_paused:
        return
    turn.change_call(record, recording_paused=True, recording_paused_since=turn.now, recording_paused_for=step)
    turn.perform(PauseOnLine(contact=contact.id, channel=Channel.CALL, paused=True))
    turn.log("recording.paused", who=_name(turn, contact.advisor or ""), contact=contact.id, details={"step": step})


def _resume(turn: Turn, record: Record, who: str) -> Record:
    contact = record.contact
    call = contact.call
    if call is None or not call.recording_paused:
        return record
    began = call.recording_paused_since or turn.now
    record = turn.change_call(record, recording_paused=False, recording_paused_since=None, recording_paused_for="")
    turn.perform(PauseOnLine(contact=contact.id, channel=Channel.CALL, paused=False))
    details: dict[str, str | float] = {"step": call.recording_paused_for, "from": began, "until": turn.now}
    turn.log("recording.resumed", who=_name(turn, who), contact=contact.id, details=details)
    return record


# --- emergencies ---


def call_emergency(turn: Turn, command: AdvisorCommand, body: CallEmergency) -> None:
    """Mark it, and hand a call on where there is a number for that; marked again, nothing changes."""
    record = owned(turn, command, body.contact)
    in_state(record, *IN_HAND)
    contact = record.contact
    if not contact.emergency:
        record = turn.change(record, emergency=True, priority=max(contact.priority, EMERGENCY_PRIORITY))
    handed = _hand_to_emergency(turn, record)
    turn.log(
        "contact.emergency",
        who=_name(turn, command.advisor),
        contact=contact.id,
        phone=contact.citizen.phone,
        details={"handed_to": turn.rules.emergency if handed else ""},
    )


def _hand_to_emergency(turn: Turn, record: Record) -> bool:
    """Whether the call leaves for the emergency number; without lines that call outside it stays with its advisor."""
    contact = record.contact
    able = bool(turn.rules.emergency) and turn.rules.calls_out
    if not able or contact.call is None or contact.state is not ContactState.ACTIVE:
        return False
    send_out(turn, record, turn.rules.emergency)
    return True


# --- abuse ---


def warn_caller(turn: Turn, command: AdvisorCommand, body: WarnCaller) -> None:
    record = owned(turn, command, body.contact)
    in_state(record, *IN_HAND)
    contact = record.contact
    if not contact.warned:
        turn.change(record, warned=True)
        turn.log(
            "caller.warned",
            who=_name(turn, command.advisor),
            contact=contact.id,
            phone=contact.citizen.phone,
            details={},
        )


def block_caller(turn: Turn, command: AdvisorCommand, body: BlockCaller) -> None:
    """End the call and refuse its number. A number that is withheld cannot be refused (``NO_SUCH_TARGET``), and none is
    without a reason (``MALFORMED``, ``reason``)."""
    record = _own_call(turn, command, body.contact)
    in_state(record, ContactState.ACTIVE)
    contact = record.contact
    if not contact.warned:
        raise NotDone(Refusal.NOT_WARNED, "contact")
    key = number_key(contact.citizen.phone)
    if not key:
        raise NotDone(Refusal.NO_SUCH_TARGET, "number")
    if body.until <= turn.now:
        raise NotDone(Refusal.MALFORMED, "until")
    floor = is_floor(turn.state, command.advisor)
    longest = turn.rules.longest_floor_block if floor else turn.rules.longest_block
    if body.until > turn.now + longest + SLACK:
        raise NotDone(Refusal.TOO_LONG, "until", hours=int(longest / 3600))
    reason = _reason(body.reason)
    if not reason:
        raise NotDone(Refusal.MALFORMED, "reason")
    who = _name(turn, command.advisor)
    phone = contact.citizen.phone
    turn.block(key, Blocked(phone=phone, until=body.until, at=turn.now, by=who, reason=reason, contact=contact.id))
    turn.log(
        "caller.blocked", who=who, contact=contact.id, phone=phone, details={"until": body.until, "reason": reason}
    )
    begin_wrap_up(turn, record, survey=False)
    if any(option.id == turn.rules.abuse_disposition for option in turn.rules.dispositions):
        turn.change(turn.record(contact.id), disposition=turn.rules.abuse_disposition)


def unblock_caller(turn: Turn, command: AdvisorCommand, body: UnblockCaller) -> None:
    if not is_floor(turn.state, command.advisor):
        raise NotDone(Refusal.NOT_ALLOWED)
    key = number_key(body.number)
    if not is_blocked(turn.state, key, turn.now):
        raise NotDone(Refusal.NOT_FOUND, "number")
    reason = _reason(body.reason)
    turn.log(
        "caller.unblocked",
        who=_name(turn, command.advisor),
        phone=turn.state.blocked[key].phone,
        details={"reason": reason},
    )
    turn.block(key, None)


# --- small change ---


def _own_call(turn: Turn, command: AdvisorCommand, contact: str) -> Record:
    record = owned(turn, command, contact)
    if record.contact.call is None:
        raise NotDone(Refusal.CHANNEL_MISMATCH, "contact")
    return record


def _name(turn: Turn, user: str) -> str:
    seat = turn.state.seats.get(user)
    return seat.advisor.user.name if seat else user


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if len(reason) > LONGEST_REASON:
        raise NotDone(Refusal.TOO_LONG, "reason", longest=LONGEST_REASON, length=len(reason))
    return reason


COMMANDS: dict[type[Struct], Callable[[Turn, AdvisorCommand, Any], None]] = {
    PauseRecording: pause_recording,
    ResumeRecording: resume_recording,
    CallEmergency: call_emergency,
    WarnCaller: warn_caller,
    BlockCaller: block_caller,
    UnblockCaller: unblock_caller,
}
