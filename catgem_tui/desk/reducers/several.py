"""Choosing many records, changing them at once, and making two records one."""

from collections.abc import Mapping

from msgspec.structs import replace

from catgem_tui.desk.intents import (
    ClearMarks,
    DropFromBulk,
    EditInBulk,
    LeaveDraft,
    MergeRecords,
    SwapMerged,
    ToggleMark,
)
from catgem_tui.desk.keeping import Draft, Fault
from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers.drafts import leave, put, rebase, show, show_form
from catgem_tui.desk.several import union
from catgem_tui.desk.state import Severity
from catgem_tui.protocol.editing import MOST_RECORDS
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Record

# --- choosing ---


def toggle_mark(turn: Turn, intent: ToggleMark) -> None:
    marks = dict(turn.view.keeping.marks)
    if marks.pop(intent.record.id, None) is None:
        marks[intent.record.id] = intent.record
    keep_marks(turn, marks)


def mark_found(turn: Turn, found: tuple[Record, ...]) -> None:
    keep_marks(turn, {**turn.view.keeping.marks, **{record.id: record for record in found}})


def clear_marks(turn: Turn, _intent: ClearMarks) -> None:
    keep_marks(turn, {})


def keep_marks(turn: Turn, marks: Mapping[str, Record]) -> None:
    """As many as one change takes: it is published whole or not at all."""
    if len(marks) > MOST_RECORDS:
        turn.notify("too_many_marked", Severity.WARNING)
    show(turn, marks=dict(list(marks.items())[:MOST_RECORDS]))


# --- one change to many ---


def edit_in_bulk(turn: Turn, intent: EditInBulk) -> None:
    """The choice stays as it is until the change has been sent: whoever throws it away chooses again from there."""
    if intent.records:
        draft = Draft(id=new_id(turn.now), base=intent.records[0], purpose="bulk", others=intent.records)
        show_form(turn, draft)


def drop_from_bulk(turn: Turn, intent: DropFromBulk) -> None:
    draft = turn.view.keeping.drafts.get(intent.draft)
    if draft is None or draft.sending:
        return
    left = tuple(record for record in draft.others if record.id not in intent.records)
    if left:
        clashed = {record: who for record, who in draft.clashed.items() if record not in intent.records}
        put(turn, draft, others=left, clashed=clashed, faults=(), request="")
    else:
        leave(turn, LeaveDraft(draft.id, keep=False))


def take_bulk(turn: Turn, draft: Draft, current: Mapping[str, Record]) -> Draft:
    """The records as central has them; one that is not there any more says so when it is shown."""
    others = tuple(current.get(record.id) or replace(record, retired=True) for record in draft.others)
    return put(turn, draft, others=others, whole=True, sending="")


# --- two records become one ---


def merge_records(turn: Turn, intent: MergeRecords) -> None:
    """What was being written of the one that stays goes into it."""
    stays, gone = intent.stays, intent.gone
    if stays.id == gone.id:
        return
    known = turn.view.keeping.drafts.get(stays.id)
    form = {**union(stays, gone), **(known.form if known is not None else {})}
    report = known.report if known is not None else ""
    draft = Draft(id=stays.id, base=stays, purpose="merge", form=form, others=(into(gone, stays.id),), report=report)
    show_form(turn, draft)


def into(gone: Record, stays: str) -> Record:
    """The record retired, with the way to the one that stays."""
    return replace(gone, retired=True, merged_into=stays)


def swap_merged(turn: Turn, intent: SwapMerged) -> None:
    """What has been written about the change itself stays; what was chosen of the records begins anew."""
    draft = turn.view.keeping.drafts.get(intent.draft)
    if draft is None or draft.sending or draft.purpose != "merge":
        return
    stays, gone = replace(draft.others[0], retired=False, merged_into=""), draft.base
    about = {name: text for name, text in draft.form.items() if not hasattr(gone, name)}
    leave(turn, LeaveDraft(draft.id, keep=False))
    show_form(
        turn,
        Draft(id=stays.id, base=stays, purpose="merge", form={**union(stays, gone), **about},
              others=(into(gone, stays.id),), whole=draft.whole),
    )  # fmt: skip


def take_merged(turn: Turn, draft: Draft, current: Mapping[str, Record]) -> Draft:
    """Both records as central has them."""
    stays, gone = current.get(draft.id), current.get(draft.others[0].id)
    if stays is None or gone is None or gone.retired:
        return put(turn, draft, sending="", faults=(Fault("", "gone"),))
    unseen = {} if draft.whole else {"restricted": union(stays, gone).get("restricted")}
    form = {**draft.form, **{name: text for name, text in unseen.items() if text is not None}}
    draft = replace(draft, form=form, others=(into(gone, stays.id),))
    return rebase(turn, draft, stays, draft.theirs)
