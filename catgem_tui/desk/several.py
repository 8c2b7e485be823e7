"""One change to many records, and two records made into one: what would come of it. Pure."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from catgem_tui.desk.editing import FIELDS, LINES, PAIRS, BulkEdit, check, edit_in_bulk, field_text
from catgem_tui.desk.keeping import Fault
from catgem_tui.protocol.model import Record

MERGED_FIELDS = tuple(field for field in FIELDS if field not in {"confirmed_at", "review_at"})
"""What is chosen field by field when two records become one; when it was looked at stays the survivor's."""


class Planned(msgspec.Struct, frozen=True):
    """What an edit makes of one record."""

    record: Record
    after: Record
    faults: tuple[Fault, ...] = ()
    """Why central would refuse it."""

    @property
    def changed(self) -> bool:
        return self.after != self.record


def edit_of(form: Mapping[str, str]) -> BulkEdit:
    return BulkEdit(form.get("field", ""), form.get("operation", "set"), form.get("value", ""), form.get("find", ""))


def plan(records: Sequence[Record], edit: BulkEdit) -> tuple[Planned, ...]:
    """Each record as the edit leaves it. One that has gone, or cannot be as the edit wants it, says so."""
    return tuple(_planned(record, edit) for record in records)


def _planned(record: Record, edit: BulkEdit) -> Planned:
    if record.retired:
        return Planned(record, record, (Fault("", "gone"),))
    if not edit.field:
        return Planned(record, record)
    try:
        after = edit_in_bulk(record, edit)
    except ValueError:
        return Planned(record, record, (Fault(edit.field, "bad_value"),))
    return Planned(record, after, check(after) if after != record else ())


def joined(stays: Record, gone: Record, field: str) -> str:
    """Both values of a field in one: of lists and of pairs everything, where one is empty the other."""
    ours, theirs = getattr(stays, field), getattr(gone, field)
    if field in LINES:
        both = dict.fromkeys((*ours, *theirs))
        return "\n".join(value for value in both if field != "related" or value not in {stays.id, gone.id})
    if field in PAIRS:
        return field_text(replace(stays, **{field: {**theirs, **ours}}), field)
    return field_text(stays if ours else gone, field)


def union(stays: Record, gone: Record) -> dict[str, str]:
    """What the survivor of two begins with, as the fields of a form: its own and all that only the other has.

    The other's name becomes a keyword: whoever looks for it finds the survivor.
    """
    form = {field: joined(stays, gone, field) for field in MERGED_FIELDS}
    if gone.title.strip() and gone.title.casefold() != stays.title.casefold():
        form["keywords"] = "\n".join(dict.fromkeys((*form["keywords"].split("\n"), gone.title))).strip()
    return {field: text for field, text in form.items() if text != field_text(stays, field)}


def differing(stays: Record, gone: Record) -> tuple[str, ...]:
    """Fields in which there is something to choose."""
    return tuple(field for field in MERGED_FIELDS if field_text(stays, field) != field_text(gone, field))
