"""The local directory and the search in it."""

from msgspec.structs import replace

from catgem_tui.desk.effects import ChangeDirectory, CompareDirectory, FetchLog, FindRecords, PullDirectory, UseRecord
from catgem_tui.desk.happenings import ComparisonDue, DirectoryChanged, LogFetched, RecordsFound
from catgem_tui.desk.intents import EditDraft, Search, Send, SendRecord, ShowLog
from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers import writing
from catgem_tui.desk.state import Severity
from catgem_tui.protocol.commands import ReportRecord
from catgem_tui.protocol.enums import Channel, ContactState
from catgem_tui.protocol.events import RecordChanged


def search(turn: Turn, intent: Search) -> None:
    turn.show(directory=replace(turn.view.directory, query=intent.query))
    turn.perform(FindRecords(intent.query, typed=True))


def show_hits(turn: Turn, event: RecordsFound) -> None:
    """Hits of what is no longer asked for are not shown."""
    if event.query == turn.view.directory.query:
        before = turn.view.directory
        turn.show(
            directory=replace(
                before, hits=event.hits, marks=event.marks, reasons=event.reasons, milliseconds=event.milliseconds
            )
        )


def send_record(turn: Turn, intent: SendRecord) -> None:
    """At once where nothing is being written in a chat; otherwise the words follow what is written, to be read over."""
    contact = turn.view.focused
    writable = (ContactState.ACTIVE, ContactState.PARKED)
    if contact is None or contact.channel is Channel.CALL or contact.state not in writable:
        turn.notify("nowhere_to_send", Severity.WARNING)
        return
    turn.perform(UseRecord(intent.record))
    written = turn.view.drafts.get(contact.id, contact.draft)
    if contact.channel is Channel.CHAT and not written.strip():
        writing.send(turn, Send(contact.id, intent.text))
        turn.notify("record_sent", Severity.INFORMATION, contact=contact.id)
        return
    joined = f"{written.rstrip()}\n\n{intent.text}" if written.strip() else intent.text
    writing.edit_draft(turn, EditDraft(contact.id, joined))
    turn.notify("record_inserted", Severity.INFORMATION, contact=contact.id)


def report(turn: Turn, body: ReportRecord) -> None:
    """Kept on disk until central has it."""
    turn.command(body)
    turn.notify("record_reported", Severity.INFORMATION)


def ask_log(turn: Turn, intent: ShowLog) -> None:
    turn.show(directory=replace(turn.view.directory, log_of=intent.record, log=None, log_missing=False))
    if intent.record:
        turn.perform(FetchLog(intent.record), UseRecord(intent.record))


def show_log(turn: Turn, event: LogFetched) -> None:
    if event.record == turn.view.directory.log_of:
        missing = event.items is None
        turn.show(directory=replace(turn.view.directory, log=event.items, log_missing=missing))


def show_copy(turn: Turn, event: DirectoryChanged) -> None:
    before = turn.view.directory
    now = {"records": event.records, "syncing": event.syncing, "problem": event.problem, "progress": event.progress}
    turn.show(directory=replace(before, **now))
    if event.problem == "disk" and before.problem != "disk":
        turn.notify("directory_failed", Severity.WARNING)
    if before.query:
        turn.perform(FindRecords(before.query))


def compare(turn: Turn, _event: ComparisonDue) -> None:
    turn.perform(CompareDirectory())


def catch_up(turn: Turn) -> None:
    turn.perform(PullDirectory())


def change(turn: Turn, event: RecordChanged, seq: int) -> None:
    turn.perform(ChangeDirectory(event.record, seq))
