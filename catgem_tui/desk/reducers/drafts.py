"""Drafts: shown, kept on disk, opened, left, and put on top of what central has."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from catgem_tui.desk.editing import differences, merge, read_form
from catgem_tui.desk.effects import DropText, FetchRecord, FetchRecords, KeepText, RunErrand
from catgem_tui.desk.intents import LeaveDraft
from catgem_tui.desk.keeping import Draft
from catgem_tui.desk.model import Turn
from catgem_tui.protocol.commands import EditRecord
from catgem_tui.protocol.model import Record

SAVED = PUBLISHED, PENDING, SCHEDULED = "change_published", "change_pending", "change_scheduled"
"""What is said of a change that central has."""
FIELD = "record"
"""Of a kept text that is a draft."""


def show(turn: Turn, **changes: Any) -> None:
    turn.show(keeping=replace(turn.view.keeping, **changes))


def put(turn: Turn, draft: Draft, **changes: Any) -> Draft:
    """Replace a draft here and on disk."""
    draft = replace(draft, **changes)
    show(turn, drafts={**turn.view.keeping.drafts, draft.id: draft})
    turn.perform(KeepText(draft.id, FIELD, msgspec.json.encode(draft).decode()))
    return draft


def drop(turn: Turn, draft_id: str) -> None:
    show(turn, drafts={key: draft for key, draft in turn.view.keeping.drafts.items() if key != draft_id})
    turn.perform(DropText(draft_id, FIELD))


def restore_drafts(turn: Turn, texts: Iterable[KeepText]) -> None:
    """What an earlier process left; drafts already here are newer."""
    drafts = dict(turn.view.keeping.drafts)
    for text in texts:
        if text.field == FIELD and text.contact not in drafts:
            try:
                drafts[text.contact] = replace(msgspec.json.decode(text.text, type=Draft), sending="")
            except msgspec.MsgspecError:
                continue
    show(turn, drafts=drafts)


def tell_editing(turn: Turn, record: str) -> None:
    turn.transmit(EditRecord(record=record))


def show_form(turn: Turn, draft: Draft) -> None:
    put(turn, draft)
    show(turn, open=draft.id)
    turn.withdraw_notices(*SAVED)  # of the form before
    tell_editing(turn, "" if draft.purpose == "bulk" else draft.id)
    if not draft.whole:
        fetch_whole(turn, draft)


def fetch_whole(turn: Turn, draft: Draft) -> None:
    """Ask central for everything of the draft, restricted fields included."""
    if not draft.others:
        turn.perform(RunErrand(FetchRecord(draft.id)))
        return
    ids = tuple(record.id for record in draft.others)
    turn.perform(RunErrand(FetchRecords(draft.id, (draft.id, *ids) if draft.purpose == "merge" else ids)))


def leave(turn: Turn, intent: LeaveDraft) -> None:
    draft = turn.view.keeping.drafts.get(intent.draft)
    if draft is not None and not (intent.keep and draft.touched):
        drop(turn, intent.draft)
    if turn.view.keeping.open == intent.draft:
        show(turn, open="")
        tell_editing(turn, "")


def rebase(turn: Turn, draft: Draft, current: Record, who: str) -> Draft:
    """The draft on top of the record as it now is; what both sides changed differently waits to be chosen."""
    base = draft.base if draft.whole else replace(draft.base, restricted=current.restricted)
    mine, faults = read_form(base, draft.form)
    unread = {fault.field: draft.form[fault.field] for fault in faults if fault.field in draft.form}
    merged = merge(base, mine, current)
    kept = {name: text for name, text in draft.form.items() if not hasattr(base, name)}
    ours = {change.field: change.after for change in differences(current, merged.record)}
    return put(
        turn, draft, base=current, whole=True, sending="", request="", conflicts=merged.conflicts, theirs=who,
        newer=False, form={**kept, **ours, **unread},
    )  # fmt: skip
