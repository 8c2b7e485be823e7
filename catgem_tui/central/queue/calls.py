"""The telephone side: legs, hold, and coordinators who listen."""

from dataclasses import replace
from typing import TypeVar

from catgem_tui.central.ports import (
    AdvisorCommand,
    DeliveryFailed,
    EndMonitoring,
    LegChanged,
    MonitorLeft,
    SetHold,
    StartMonitoring,
)
from catgem_tui.central.queue.offers import PHONE, leave_unanswered, put_in_front
from catgem_tui.central.queue.state import Record
from catgem_tui.central.queue.turn import NotDone, Turn, is_floor
from catgem_tui.central.queue.wrap_up import begin_wrap_up, in_state, owned
from catgem_tui.protocol.commands import Hold, Monitor, ReportSound, StopMonitoring, Unhold
from catgem_tui.protocol.enums import Channel, ContactState, Monitoring, Refusal
from catgem_tui.protocol.events import CallExpected
from catgem_tui.protocol.model import Call

T = TypeVar("T")


def change_leg(turn: Turn, happening: LegChanged) -> None:
    """The advisor's telephone joined or left. What concerns an earlier advisor's telephone changes nothing.

    Leaving an active call is hanging up, as long as workstation and telephone are there; otherwise the telephone died
    and the citizen returns to the front, kept for the same advisor for a moment. So does a citizen during a
    consultation: who lays a receiver down then means who was consulted. Leaving an offered one is declining.
    """
    record = turn.record(happening.contact)
    call = _call(record)
    contact = record.contact
    if happening.connected and happening.advisor in dict(call.monitors):
        turn.put(_without_expected(record, happening.advisor, happening.token))
        return
    if contact.advisor != happening.advisor or contact.state not in (ContactState.OFFERED, ContactState.ACTIVE):
        return
    if _is_of_earlier(record, happening.token):
        return
    if happening.connected:
        turn.change_call(replace(record, expected=None), advisor_leg=True)
    elif not call.advisor_leg:
        return
    elif contact.state is ContactState.OFFERED:
        leave_unanswered(turn, record)
    elif _is_reachable(turn, happening.advisor) and call.consultation is None:
        begin_wrap_up(turn, record)
    else:
        put_in_front(turn, record, reserved_for=happening.advisor)


def _is_reachable(turn: Turn, advisor: str) -> bool:
    seat = turn.seat(advisor)
    return seat.advisor.connected and bool(seat.uri)


def fail_delivery(turn: Turn, happening: DeliveryFailed) -> None:
    """A telephone can't be reached: the advisor's, who is no better off for having accepted, or a coordinator's."""
    record = turn.record(happening.contact)
    call = _call(record)
    contact = record.contact
    if contact.advisor == happening.advisor and _is_of_earlier(record, happening.token):
        return
    unreached = contact.state is ContactState.OFFERED or (contact.state is ContactState.ACTIVE and not call.advisor_leg)
    if contact.advisor == happening.advisor and unreached:
        leave_unanswered(turn, record, PHONE)
    else:
        _forget_monitor(turn, record, happening.advisor)


def _is_of_earlier(record: Record, token: str) -> bool:
    """Whether news of its advisor's telephone is about an earlier call to it than the last one."""
    return bool(token) and token != record.leg_token


def _without_expected(record: Record, coordinator: str, token: str = "") -> Record:
    """A coordinator's telephone need not be let in any more: with ``token``, not for that call."""
    kept = (
        (user, one) for user, one in record.monitors_expected if user != coordinator or (token and one.token != token)
    )
    return replace(record, monitors_expected=tuple(kept))


def hold(turn: Turn, command: AdvisorCommand, body: Hold) -> None:
    _set_hold(turn, command, body.contact, held=True)


def unhold(turn: Turn, command: AdvisorCommand, body: Unhold) -> None:
    _set_hold(turn, command, body.contact, held=False)


def _set_hold(turn: Turn, command: AdvisorCommand, contact: str, *, held: bool) -> None:
    """Refused during a consultation: there is always somebody to be spoken with, and ``Swap`` changes who."""
    record = owned(turn, command, contact)
    call = _call(record)
    in_state(record, ContactState.ACTIVE)
    if call.consultation is not None:
        raise NotDone(Refusal.WRONG_STATE, "contact", state=record.contact.state.value)
    if call.held is not held:
        turn.change_call(record, held=held, held_since=turn.now if held else None)
        turn.perform(SetHold(contact=contact, channel=Channel.CALL, held=held))


def report_sound(turn: Turn, command: AdvisorCommand, body: ReportSound) -> None:
    """How the call sounded, kept with its contact, also when that was closed meanwhile.

    Of several telephone calls for one contact (a telephone that broke down in between) the longest counts.
    """
    record = owned(turn, command, body.contact)
    call = _call(record)
    if call.sound is None or call.sound.seconds <= body.sound.seconds:
        turn.change_call(record, sound=body.sound)


def monitor(turn: Turn, command: AdvisorCommand, body: Monitor) -> None:
    """Join an active call as a coordinator, or change how; one can't listen to oneself, nor to two calls at once."""
    record = _monitored(turn, command, body.contact)
    call = _call(record)
    in_state(record, ContactState.ACTIVE)
    if command.advisor in (record.contact.advisor, record.consulted):
        raise NotDone(Refusal.NOT_ALLOWED, "contact")
    uri = turn.seat(command.advisor).uri
    if not uri:
        raise NotDone(Refusal.NO_PHONE)
    token = ""
    if command.advisor not in dict(call.monitors):
        leave_every_call(turn, command.advisor)
        expected = CallExpected(contact=body.contact, token=turn.new_token(), monitoring=body.mode)
        token = expected.token
        turn.announce(command.advisor, expected)
        record = replace(
            record,
            monitors_expected=(*record.monitors_expected, (command.advisor, expected)),
            monitor_tokens=(*_others(record.monitor_tokens, command.advisor), (command.advisor, token)),
        )
    turn.change_call(record, monitors=_with_monitor(call.monitors, command.advisor, body.mode))
    turn.perform(
        StartMonitoring(
            contact=body.contact,
            channel=Channel.CALL,
            coordinator=command.advisor,
            mode=body.mode,
            uri=uri,
            token=token,
        )
    )


def stop_monitoring(turn: Turn, command: AdvisorCommand, body: StopMonitoring) -> None:
    record = _monitored(turn, command, body.contact)
    _call(record)
    _leave_call(turn, record, command.advisor)


def lose_monitor(turn: Turn, happening: MonitorLeft) -> None:
    """A coordinator hung up. What concerns an earlier call to them changes nothing."""
    record = turn.record(happening.contact)
    _call(record)
    if happening.token and dict(record.monitor_tokens).get(happening.coordinator) != happening.token:
        return
    _forget_monitor(turn, record, happening.coordinator)


def leave_every_call(turn: Turn, coordinator: str) -> None:
    """Stop listening, wherever it is."""
    for record in list(turn.state.records.values()):
        if record.contact.call is not None and record.contact.call.monitors:
            _leave_call(turn, record, coordinator)


def _leave_call(turn: Turn, record: Record, coordinator: str) -> None:
    if _forget_monitor(turn, record, coordinator):
        turn.perform(EndMonitoring(contact=record.contact.id, channel=Channel.CALL, coordinator=coordinator))


def _forget_monitor(turn: Turn, record: Record, coordinator: str) -> bool:
    """Whether they were listening at all."""
    call = _call(record)
    if coordinator not in dict(call.monitors):
        return False
    turn.change_call(_without_expected(record, coordinator), monitors=_with_monitor(call.monitors, coordinator, None))
    return True


def _with_monitor(
    monitors: tuple[tuple[str, Monitoring], ...], coordinator: str, mode: Monitoring | None
) -> tuple[tuple[str, Monitoring], ...]:
    others = _others(monitors, coordinator)
    return others if mode is None else (*others, (coordinator, mode))


def _others(pairs: tuple[tuple[str, T], ...], user: str) -> tuple[tuple[str, T], ...]:
    return tuple(each for each in pairs if each[0] != user)


def _monitored(turn: Turn, command: AdvisorCommand, contact: str) -> Record:
    if not is_floor(turn.state, command.advisor):
        raise NotDone(Refusal.NOT_ALLOWED)
    return turn.record(contact)


def _call(record: Record) -> Call:
    """Raises NotDone for a contact that is no call."""
    if record.contact.call is None:
        raise NotDone(Refusal.CHANNEL_MISMATCH, "contact")
    return record.contact.call
