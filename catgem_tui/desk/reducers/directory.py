"""The local directory and the search in it."""

from msgspec.structs import replace

from catgem_tui.desk import intents
from catgem_tui.desk.effects import (
    ChangeDirectory,
    CompareDirectory,
    CountFacets,
    FetchLog,
    FindRecords,
    PauseDirectory,
    PullDirectory,
    ReadCard,
    ResumeDirectory,
    UseRecord,
)
from catgem_tui.desk.happenings import (
    CardRead,
    ComparisonDue,
    DirectoryChanged,
    FacetsCounted,
    LogFetched,
    RecordsFound,
)
from catgem_tui.desk.intents import EditDraft, Search, Send, SendRecord, SetFetching, ShowLog
from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers import writing
from catgem_tui.desk.state import Severity
from catgem_tui.protocol.commands import ReportRecord
from catgem_tui.protocol.enums import Channel, ContactState
from catgem_tui.protocol.events import RecordChanged
from catgem_tui.protocol.model import Record


def search(turn: Turn, intent: Search) -> None:
    turn.show(directory=replace(turn.view.directory, query=intent.query))
    turn.perform(FindRecords(intent.query, typed=True))


def show_hits(turn: Turn, event: RecordsFound) -> None:
    """Hits of what is no longer asked for are not shown."""
    if event.query == turn.view.directory.query:
        before = turn.view.directory
        turn.show(
            directory=replace(
                before,
                answered=event.query,
                hits=event.hits,
                marks=event.marks,
                reasons=event.reasons,
                milliseconds=event.milliseconds,
            )
        )


def count_facets(turn: Turn, _intent: intents.CountFacets) -> None:
    turn.perform(CountFacets())


def show_facets(turn: Turn, event: FacetsCounted) -> None:
    turn.show(directory=replace(turn.view.directory, facets=event.facets))


def send_record(turn: Turn, intent: SendRecord) -> None:
    """At once where nothing is being written in a chat; otherwise the words follow what is written, to be read over."""
    contact, title = turn.view.focused, _title(turn, intent.record)
    writable = (ContactState.ACTIVE, ContactState.PARKED)
    if contact is None or contact.channel is Channel.CALL or contact.state not in writable:
        turn.notify("nowhere_to_send", Severity.WARNING, title=title)
        return
    open_card = turn.view.directory
    if open_card.log_of == intent.record and (open_card.gone or (open_card.card and open_card.card.retired)):
        turn.notify("retired_not_sent", Severity.WARNING, title=title)
        return
    if not intent.text.strip():
        turn.notify("nothing_to_send", Severity.WARNING, title=title)
        return
    turn.perform(UseRecord(intent.record))
    written = turn.view.drafts.get(contact.id, contact.draft)
    if contact.channel is Channel.CHAT and not written.strip():
        writing.send(turn, Send(contact.id, intent.text))
        code = "record_sent"
    else:
        writing.edit_draft(turn, EditDraft(contact.id, _inserted(written, intent.at, intent.text)))
        code = "record_inserted"
    turn.notify(code, Severity.INFORMATION, contact=contact.id, title=title)
    if intent.left_out:
        args = {"count": intent.left_out}
        turn.notify("record_shortened", Severity.WARNING, args=args, contact=contact.id, title=title)


def _title(turn: Turn, record: str) -> str:
    """Of a record that is on the screen."""
    shown = turn.view.directory
    known = (*((shown.card,) if shown.card is not None else ()), *shown.hits, *shown.near.values())
    return next((each.title for each in known if each.id == record), "")


def _inserted(written: str, at: int | None, text: str) -> str:
    """The text in a paragraph of its own."""
    before, after = written[:at].rstrip(), "" if at is None else written[at:].lstrip()
    return "\n\n".join(filter(None, (before, text, after)))


def report(turn: Turn, body: ReportRecord) -> None:
    """Kept on disk until central has it."""
    turn.command(body)
    turn.notify("record_reported", Severity.INFORMATION, title=_title(turn, body.record))


def ask_log(turn: Turn, intent: ShowLog) -> None:
    before = turn.view.directory
    if intent.record != before.log_of:
        before = replace(before, log_of=intent.record, log=None, card=None, gone=False, near={})
    turn.show(directory=replace(before, log_missing=False))
    if intent.record:
        turn.perform(FetchLog(intent.record), UseRecord(intent.record), ReadCard(intent.record))


def ask_missing_log(turn: Turn) -> None:
    """Central is reached again: the open card lacks its log."""
    before = turn.view.directory
    if before.log_of and before.log_missing:
        turn.show(directory=replace(before, log_missing=False))
        turn.perform(FetchLog(before.log_of))


def show_log(turn: Turn, event: LogFetched) -> None:
    """The log also tells what became of a record that left the copy while nobody listened."""
    before = turn.view.directory
    if event.record != before.log_of:
        return
    turn.show(directory=replace(before, log=event.items, log_missing=event.items is None))
    last = event.items[0].after if event.items else None
    if before.gone and last is not None and last.retired:
        follow_card(turn, last)


def show_card(turn: Turn, event: CardRead) -> None:
    """What the copy does not have was retired, which may be known, or the copy is not whole yet."""
    before = turn.view.directory
    if event.record != before.log_of:
        return
    if event.known is not None:
        turn.show(directory=replace(before, card=event.known, gone=False, near=event.near))
    elif before.card is not None and before.card.retired:
        turn.show(directory=replace(before, near=event.near))
    else:
        gone = before.records > 0 and not before.syncing
        if gone and not before.gone:
            turn.perform(FetchLog(event.record))
        turn.show(directory=replace(before, gone=gone))


def follow_card(turn: Turn, record: Record) -> None:
    """The record of the open card, or one that it names, has changed."""
    before = turn.view.directory
    if record.id == before.log_of:
        turn.show(directory=replace(before, card=record, gone=False))
    if record.id == before.log_of or record.id in before.near:
        turn.perform(ReadCard(before.log_of))


def show_copy(turn: Turn, event: DirectoryChanged) -> None:
    before = turn.view.directory
    turn.show(
        directory=replace(
            before,
            records=event.records,
            syncing=event.syncing,
            problem=event.problem,
            progress=event.progress,
            stage=event.stage,
            complete=event.complete,
        )
    )
    if event.problem == "disk" and before.problem != "disk":
        turn.notify("directory_failed", Severity.WARNING)
    elif not event.problem and not event.syncing:
        turn.withdraw_notices("directory_failed")
    if before.query:
        turn.perform(FindRecords(before.query))
    if before.log_of:
        turn.perform(ReadCard(before.log_of))


def compare(turn: Turn, _event: ComparisonDue) -> None:
    turn.perform(CompareDirectory())


def switch_fetching(turn: Turn, intent: SetFetching) -> None:
    turn.perform(ResumeDirectory() if intent.on else PauseDirectory())


def catch_up(turn: Turn) -> None:
    turn.perform(PullDirectory())


def change(turn: Turn, event: RecordChanged, seq: int) -> None:
    turn.perform(ChangeDirectory(event.record, seq))
    follow_card(turn, event.record)
