"""The one function that changes the desk: a happening in, the new model and what is to be done out."""

from collections.abc import Callable
from typing import Any

from catgem_tui.desk import happenings, intents
from catgem_tui.desk.effects import Effect, FetchBlocked, ForgetCommand
from catgem_tui.desk.model import Model, Turn
from catgem_tui.desk.reducers import (
    alone,
    answers,
    away,
    consulting,
    contacts,
    direct,
    directory,
    drafts,
    editing,
    examining,
    guarding,
    line,
    outgoing,
    outside,
    registration,
    several,
    sound,
    telephone,
    unheard,
    writing,
)
from catgem_tui.desk.state import PhoneStatus, Severity
from catgem_tui.phone import port
from catgem_tui.protocol import commands, events
from catgem_tui.protocol.enums import Refusal
from catgem_tui.protocol.model import Struct
from catgem_tui.protocol.session import Answered, EventArrived, SignalArrived, SnapshotArrived, Welcomed

TRANSIENT = frozenset({Refusal.STORAGE, Refusal.UNAVAILABLE})
"""Refusals after which a durable command is asked again."""
SILENT = (commands.SetPhone, commands.EndContact, commands.EndConsult, commands.EditRecord, commands.ReportSound)
"""Commands the desk gives by itself too; that they no longer fit is no news."""

WRITTEN = (intents.EditNotes, intents.EditDraft, intents.EditForm, intents.Search, intents.Send)
"""Signs that somebody writes."""

Handler = Callable[[Turn, Any], object]


def reduce(model: Model, happening: object, now: float) -> tuple[Model, tuple[Effect, ...]]:
    """Pure. ``happening``: an intent, a wire command, an ``Incoming`` of the session, a phone event, or one of
    ``happenings``. ``now`` is this machine's wall clock, seconds since the epoch. What is not known changes nothing.
    """
    turn = Turn(model, now)
    if isinstance(happening, WRITTEN):
        turn.remember(typed_at=now)
    handler = HANDLERS.get(type(happening))
    if handler is not None:
        handler(turn, happening)
    telephone.tell_if_engaged(turn, model.view.phone)
    return turn.model, tuple(turn.effects)


def hear_contact(turn: Turn, event: events.ContactChanged) -> None:
    before = turn.view.contacts.get(event.contact.id)
    contacts.hear_contact(turn, event)
    guarding.alert(turn, before, event.contact)


def hear_event(turn: Turn, arrived: EventArrived) -> None:
    if isinstance(arrived.body, events.RecordChanged):
        directory.change(turn, arrived.body, arrived.seq)
        editing.hear_record(turn, arrived.body)
        return
    hear_body(turn, arrived.body)


def hear_body(turn: Turn, body: Struct) -> None:
    handler = BODIES.get(type(body))
    if handler is not None:
        handler(turn, body)


def hear_signal(turn: Turn, arrived: SignalArrived) -> None:
    hear_body(turn, arrived.body)


def hear_snapshot(turn: Turn, arrived: SnapshotArrived) -> None:
    match arrived.body:
        case events.FloorSnapshot() as snapshot:
            contacts.take_snapshot(turn, snapshot)
            if turn.view.phone.status is PhoneStatus.AWAY:
                telephone.tell_where(turn)
        case events.DirectorySnapshot():
            directory.catch_up(turn)
        case _:
            pass


def hear_answer(turn: Turn, answer: Answered) -> None:
    """A command has come to its end: it leaves the outbox, and what was shown too early is undone if it was refused."""
    body = turn.model.commands.get(answer.to)
    if body is None:
        turn.perform(ForgetCommand(answer.to))
        return
    refused = answer.refused
    durable = commands.is_durable(body)
    if refused is not None and refused.code in TRANSIENT and durable:
        turn.notify(refused.code.value, Severity.WARNING, args=refused.args, contact=getattr(body, "contact", ""))
        turn.later(line.REPEAT_PAUSE, happenings.RepeatDue(answer.to))
        return
    turn.remember(commands={i: c for i, c in turn.model.commands.items() if i != answer.to})
    turn.count_unsent()
    if durable:
        turn.perform(ForgetCommand(answer.to))
    match body:
        case commands.SaveNotes():
            writing.hear_of_notes(turn, answer.to, body, refused)
        case commands.SaveDraft():
            writing.hear_of_draft(turn, answer.to, body, refused)
        case commands.SendChat() | commands.SendMail():
            writing.hear_of_message(turn, answer.to, body, refused)
        case _:
            pass
    if refused is None:
        if (hear := DONE.get(type(body))) is not None:
            hear(turn, body)
        turn.withdraw_notices(*(code.value for code in TRANSIENT))
        return
    undo = contacts.REFUSED.get(type(body))
    if undo is not None:
        undo(turn, body)
    word_refusal(turn, body, refused.code, refused.args, refused.field)


def word_refusal(turn: Turn, body: Struct, code: Refusal, args: dict[str, str | int | float], field: str) -> None:
    merged_by_itself = isinstance(body, commands.SaveNotes) and code is Refusal.STALE
    out_of_date = isinstance(body, SILENT) and code in (Refusal.WRONG_STATE, Refusal.NOT_FOUND, Refusal.NOT_YOURS)
    if merged_by_itself or out_of_date:
        return
    contact = getattr(body, "contact", "")
    if isinstance(body, commands.AcceptOffer) and code in (Refusal.OFFER_EXPIRED, Refusal.WRONG_STATE):
        turn.notify("offer_missed", Severity.WARNING, args=args, contact=contact)
        return
    if outside.word(turn, body, code) or consulting.word(turn, body, code, args):
        return
    without_address = isinstance(body, commands.SendMail) and code is Refusal.NO_SUCH_TARGET
    worded = "no_address" if without_address else guarding.word(body, code) or code.value
    turn.notify(worded, args=args, field=field, contact=contact)


def hear_errand(turn: Turn, event: happenings.ErrandDone) -> None:
    if isinstance(event.errand, FetchBlocked):
        guarding.show_blocked(turn, event)
    else:
        editing.hear_done(turn, event)


DONE: dict[type[Struct], Handler] = {
    commands.Monitor: contacts.hear_of_monitoring,
    commands.Hold: lambda turn, _body: direct.take_back_waiting(turn),
    commands.CallEmergency: guarding.hear_of_emergency,
    commands.UnblockCaller: guarding.hear_of_unblocking,
}
"""What follows here once central has done it."""
BODIES: dict[type[Struct], Handler] = {
    events.ContactChanged: hear_contact,
    events.MessageAdded: writing.hear_message,
    events.AdvisorChanged: contacts.hear_advisor,
    events.CallExpected: contacts.hear_expected,
    events.QueueChanged: contacts.hear_queue,
    events.ContactShown: consulting.hear_shown,
    events.ContactHidden: consulting.hear_hidden,
    events.ColleaguesChanged: consulting.hear_colleagues,
    events.CitizenTyping: contacts.hear_typing,
    events.EditorsChanged: editing.hear_editors,
    events.WorkChanged: editing.hear_work,
    events.CurrencyChanged: editing.hear_currency,
    events.BlockedChanged: guarding.hear_change,
    events.ReportAnswered: answers.hear,
    events.ProposalDecided: answers.hear_decision,
}

HANDLERS: dict[type, Handler] = {
    intents.Login: line.log_in,
    intents.Logout: line.log_out,
    intents.Reconnect: line.reconnect,
    intents.Dismiss: line.dismiss,
    intents.AcceptOffer: contacts.accept,
    intents.DeclineOffer: contacts.decline,
    intents.Focus: contacts.focus,
    intents.EditNotes: writing.edit_notes,
    intents.EditDraft: writing.edit_draft,
    intents.Send: writing.send,
    intents.Search: directory.search,
    intents.CountFacets: directory.count_facets,
    intents.SetFetching: directory.switch_fetching,
    intents.SendRecord: directory.send_record,
    intents.ShowLog: directory.ask_log,
    commands.ReportRecord: directory.report,
    intents.SetMute: outside.mute,
    intents.GivePhonePassword: registration.give_password,
    intents.ShowSound: sound.show,
    intents.ChangeSound: sound.change,
    intents.TrySound: sound.try_out,
    intents.SendDigits: outgoing.send_digits,
    intents.CallNumber: outgoing.call_number,
    intents.HangUpOutgoing: outgoing.hang_up,
    intents.HoldOutgoing: direct.hold,
    intents.JoinOutgoing: direct.join,
    intents.HandOnOutgoing: direct.hand_on,
    intents.AnswerDirect: direct.answer,
    intents.AnswerColleague: consulting.answer,
    intents.LeaveColleague: consulting.leave,
    intents.SetAutoAnswer: alone.switch,
    intents.OpenDraft: editing.open_draft,
    intents.NewDraft: editing.new_draft,
    intents.OpenRecord: editing.open_record,
    intents.MergeRecords: several.merge_records,
    intents.SwapMerged: several.swap_merged,
    intents.EditInBulk: several.edit_in_bulk,
    intents.DropFromBulk: several.drop_from_bulk,
    intents.EditForm: editing.edit_form,
    intents.ResolveConflict: editing.resolve,
    intents.SaveDraft: editing.save,
    intents.LeaveDraft: drafts.leave,
    intents.ReturnToDraft: editing.return_to,
    intents.ToggleMark: several.toggle_mark,
    intents.ClearMarks: several.clear_marks,
    intents.AskKeeping: editing.ask,
    intents.CancelErrand: editing.cancel,
    intents.Examine: examining.begin,
    intents.StopExamining: examining.stop,
    happenings.PartExamined: examining.hear,
    happenings.ExaminationOver: examining.end,
    happenings.ErrandDone: hear_errand,
    happenings.ErrandProgress: editing.hear_progress,
    happenings.WorkDue: editing.fetch_work,
    commands.SetPresence: contacts.ask,
    commands.SetOutsidePhone: contacts.ask,
    commands.Park: contacts.ask,
    commands.Resume: contacts.ask,
    commands.EndContact: contacts.ask,
    commands.ExtendWrapUp: contacts.ask,
    commands.Hold: contacts.hold,
    commands.Unhold: contacts.take_off_hold,
    commands.Consult: consulting.ask,
    commands.Swap: contacts.ask,
    commands.Conference: contacts.ask,
    commands.CompleteTransfer: contacts.give_away,
    commands.EndConsult: consulting.end,
    commands.Monitor: contacts.ask,
    commands.StopMonitoring: contacts.ask,
    commands.CloseContact: contacts.give_away,
    commands.Transfer: contacts.give_away,
    commands.Reassign: contacts.give_away,
    commands.CheckStep: contacts.check_step,
    commands.PauseRecording: contacts.ask,
    commands.ResumeRecording: contacts.ask,
    commands.CallEmergency: contacts.ask,
    commands.WarnCaller: contacts.ask,
    commands.BlockCaller: guarding.block_caller,
    commands.UnblockCaller: contacts.ask,
    intents.ShowBlocked: lambda turn, _intent: guarding.fetch(turn),
    Welcomed: line.be_welcome,
    SnapshotArrived: hear_snapshot,
    EventArrived: hear_event,
    SignalArrived: hear_signal,
    Answered: hear_answer,
    happenings.Prepared: line.take_stock,
    happenings.LoggedIn: line.settle_in,
    happenings.LoginFailed: line.stay_out,
    happenings.LineLost: line.lose_line,
    happenings.OutboxFailed: line.hear_of_outbox,
    happenings.RepeatDue: line.repeat,
    happenings.PhoneFailed: registration.fail,
    happenings.PhonePasswordMissing: registration.miss_password,
    happenings.PhoneUnavailable: away.miss_phone,
    happenings.CallLeft: telephone.leave_call,
    happenings.CallOver: telephone.drop_call,
    happenings.ExtensionDue: outgoing.dial_extension,
    happenings.AutoAnswerDue: contacts.accept_alone,
    happenings.HistoryFetched: contacts.show_history,
    happenings.TypingOver: contacts.stop_typing,
    happenings.DirectoryChanged: directory.show_copy,
    happenings.ComparisonDue: directory.compare,
    happenings.LogFetched: directory.show_log,
    happenings.FacetsCounted: directory.show_facets,
    happenings.CardRead: directory.show_card,
    happenings.RecordsFound: directory.show_hits,
    happenings.NoticeOver: line.dismiss,
    happenings.NotesDue: writing.save_notes,
    happenings.DraftDue: writing.save_draft,
    port.Ready: registration.take_phone,
    port.RegistrationChanged: registration.hear,
    port.Moved: registration.move,
    port.EngineAway: away.lose_sight,
    port.EngineStopped: registration.lose_engine,
    port.CallArrived: direct.arrive,
    port.CallChanged: outgoing.change_call,
    port.TransferChanged: direct.hear_of_transfer,
    port.LevelsMeasured: unheard.measure,
    port.QualityMeasured: sound.measure,
    port.SoundChanged: sound.hear_of_sound,
    port.DevicesListed: sound.hear_of_devices,
    port.MicrophoneTried: sound.hear_of_trial,
}
