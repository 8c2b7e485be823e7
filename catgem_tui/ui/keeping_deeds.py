"""What the actions of the information managers' place do, as far as they are about several records."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from catgem_tui.desk.effects import FindAll
from catgem_tui.desk.intents import (
    AskKeeping,
    ClearMarks,
    EditInBulk,
    MergeRecords,
    OpenDraft,
    ToggleMark,
)
from catgem_tui.protocol.model import Record
from catgem_tui.ui.screens.candidates import CandidatesDialog

if TYPE_CHECKING:
    from catgem_tui.ui.deeds import Work


def record_chosen(work: "Work") -> Record | None:
    """The record whose card is open, or the one under the cursor."""
    intent = work.opening("change")
    return intent.record if isinstance(intent, OpenDraft) else work.keeping_screen.record()


def mark(work: "Work") -> None:
    """Choose the record or leave it out again, and go on to the next."""
    record = record_chosen(work)
    if record is not None:
        work.desk.do(ToggleMark(record))
        work.keeping_screen.go_on()


def mark_all(work: "Work") -> None:
    query = work.state.directory.query
    if query.strip():
        work.desk.do(AskKeeping(FindAll(query)))


def change_marked(work: "Work") -> None:
    marked = tuple(work.state.keeping.marks.values())
    if marked:
        work.close_dialogs()
        work.desk.do(EditInBulk(marked))


def merge(work: "Work") -> None:
    record = record_chosen(work)
    if record is None:
        return
    work.close_dialogs()
    dialog = CandidatesDialog(record, work.desk)

    def go(chosen: str) -> None:
        other = dialog.known.get(chosen)
        if other is not None:
            work.desk.do(MergeRecords(record, other))

    work.ask(dialog, go)


DEEDS: dict[str, Callable[["Work"], None]] = {
    "keep.mark": mark,
    "keep.mark_all": mark_all,
    "keep.mark_none": lambda work: work.desk.do(ClearMarks()),
    "keep.bulk": change_marked,
    "keep.merge": merge,
}
