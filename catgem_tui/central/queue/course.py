"""What each happening and each command sets in motion."""

from collections.abc import Callable
from typing import Any

from catgem_tui.central import ports
from catgem_tui.central.ports import AdvisorCommand, Happening, Tick
from catgem_tui.central.queue import (
    arrivals,
    calls,
    consulting,
    conversation,
    guarding,
    handing,
    offers,
    outside_phones,
    presence,
    wrap_up,
)
from catgem_tui.central.queue.turn import NotDone, Turn
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import ContactState, Refusal
from catgem_tui.protocol.model import Struct

_HAPPENINGS: dict[type[Happening], Callable[[Turn, Any], None]] = {
    ports.ContactArrived: arrivals.arrive,
    ports.CitizenLeft: arrivals.leave,
    ports.CitizenReturned: arrivals.come_back,
    ports.CitizenWrote: arrivals.write,
    ports.LineLost: arrivals.lose_line,
    ports.RecordingStarted: arrivals.start_recording,
    ports.SurveyAnswered: arrivals.answer_survey,
    ports.DeliveryChanged: arrivals.change_delivery,
    ports.LegChanged: calls.change_leg,
    ports.DeliveryFailed: calls.fail_delivery,
    ports.MonitorLeft: calls.lose_monitor,
    ports.PartyChanged: consulting.change_party,
    ports.AdvisorConnected: presence.connect,
    ports.AdvisorLost: presence.lose,
    ports.OutsideChanged: outside_phones.change,
}

_COMMANDS: dict[type[Struct], Callable[[Turn, AdvisorCommand, Any], None]] = {
    commands.SetPresence: presence.declare,
    commands.SetPhone: presence.set_phone,
    commands.SetOutsidePhone: outside_phones.set_outside_phone,
    commands.MuteOutside: outside_phones.mute,
    commands.AcceptOffer: offers.accept,
    commands.DeclineOffer: offers.decline,
    commands.Park: conversation.park,
    commands.Resume: conversation.resume,
    commands.EndContact: wrap_up.end,
    commands.ExtendWrapUp: wrap_up.extend,
    commands.CloseContact: wrap_up.close,
    commands.SaveNotes: conversation.save_notes,
    commands.CheckStep: conversation.check_step,
    commands.Transfer: handing.transfer,
    commands.SendChat: conversation.send_chat,
    commands.SaveDraft: conversation.save_draft,
    commands.SendMail: conversation.send_mail,
    commands.Hold: calls.hold,
    commands.Unhold: calls.unhold,
    commands.Consult: consulting.consult,
    commands.Swap: consulting.swap,
    commands.Conference: consulting.conference,
    commands.CompleteTransfer: consulting.complete,
    commands.EndConsult: consulting.end_consult,
    commands.ReportSound: calls.report_sound,
    commands.Monitor: calls.monitor,
    commands.StopMonitoring: calls.stop_monitoring,
    commands.Reassign: handing.reassign,
    **guarding.COMMANDS,
}


def take_course(turn: Turn, happening: Happening) -> None:
    """Let a happening take its course. Raises NotDone when it is refused."""
    if isinstance(happening, Tick):
        _meet_deadlines(turn)
    elif isinstance(happening, AdvisorCommand):
        turn.seat(happening.advisor)
        perform = _COMMANDS.get(type(happening.body))
        if perform is None:
            raise NotDone(Refusal.UNKNOWN_COMMAND)
        perform(turn, happening, happening.body)
    else:
        _HAPPENINGS[type(happening)](turn, happening)


def _meet_deadlines(turn: Turn) -> None:
    while (due := turn.state.due(turn.now)) is not None:
        kind, key = due
        if kind == "seat":
            presence.give_up_waiting(turn, turn.state.seats[key])
        else:
            _meet_deadline(turn, key)


def _meet_deadline(turn: Turn, contact: str) -> None:
    record = turn.record(contact)
    match record.contact.state:
        case ContactState.OFFERED:
            offers.leave_unanswered(turn, record)
        case ContactState.WRAP_UP:
            wrap_up.run_out(turn, record)
        case ContactState.QUEUED:
            offers.release_reservation(turn, record)
        case _:
            arrivals.forget(turn, record)
