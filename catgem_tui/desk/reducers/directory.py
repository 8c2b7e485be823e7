"""The local directory and the search in it."""

from msgspec.structs import replace

from catgem_tui.desk.effects import ChangeDirectory, FindRecords, PullDirectory
from catgem_tui.desk.happenings import DirectoryChanged, RecordsFound
from catgem_tui.desk.intents import Search
from catgem_tui.desk.model import Turn
from catgem_tui.desk.state import Severity
from catgem_tui.protocol.events import RecordChanged


def search(turn: Turn, intent: Search) -> None:
    turn.show(directory=replace(turn.view.directory, query=intent.query))
    turn.perform(FindRecords(intent.query))


def show_hits(turn: Turn, event: RecordsFound) -> None:
    """Hits of what is no longer asked for are not shown."""
    if event.query == turn.view.directory.query:
        before = turn.view.directory
        found = replace(before, hits=event.hits, marks=event.marks, milliseconds=event.milliseconds)
        turn.show(directory=found)


def show_copy(turn: Turn, event: DirectoryChanged) -> None:
    before = turn.view.directory
    turn.show(directory=replace(before, records=event.records, syncing=event.syncing, problem=event.problem))
    if event.problem == "disk" and before.problem != "disk":
        turn.notify("directory_failed", Severity.WARNING)
    if before.query:
        turn.perform(FindRecords(before.query))


def catch_up(turn: Turn) -> None:
    turn.perform(PullDirectory())


def change(turn: Turn, event: RecordChanged, seq: int) -> None:
    turn.perform(ChangeDirectory(event.record, seq))
