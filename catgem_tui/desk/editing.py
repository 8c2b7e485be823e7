"""Records as text to edit, what differs between two of them, and bringing two people's changes together. Pure.

A *form* is a record's fields as a person types them. It also holds what cannot be read yet: nothing typed is lost.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from catgem_tui.desk.keeping import Conflict, Fault
from catgem_tui.desk.numbers import Number, numbers_of, read
from catgem_tui.protocol.editing import LONGEST_RECORD
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record

Form = Mapping[str, str]

LINES = frozenset({"keywords", "related"})
"""Fields of several values, one a line."""
PAIRS = frozenset({"extra", "restricted"})
"""Fields of names and values, ``name: value`` a line."""
DATES = frozenset({"confirmed_at", "review_at", "valid_from", "valid_until"})
LONG = frozenset({"requirements", "text"}) | LINES | PAIRS
"""Fields of more than one line."""
FIELDS = (
    "title", "level", "post", "unit", "agency", "agency_acronym", "municipality", "address", "phone", "extension",
    "email", "hours", "url", "requirements", "cost", "text", "keywords", "responsible", "support", "valid_from",
    "valid_until", "confirmed_at", "review_at", "related", "extra", "restricted",
)  # fmt: skip
"""What a person may change, in the order of the form."""
OF_SYNONYM = ("title", "keywords")
MERGED = (*FIELDS, "kind", "merged_into", "retired")
"""Everything that can differ between two revisions."""
LEVELS = ("", "federal", "state", "municipal")
BULK_FIELDS = tuple(field for field in FIELDS if field not in PAIRS)
OPERATIONS = ("set", "replace", "append", "clear")
"""What can be done to one field of many records."""
DAY = 86400.0


class Difference(msgspec.Struct, frozen=True):
    field: str
    before: str
    after: str


class Merged(msgspec.Struct, frozen=True):
    record: Record
    """On top of theirs; where there is a conflict it has what is mine."""
    conflicts: tuple[Conflict, ...] = ()


class BulkEdit(msgspec.Struct, frozen=True):
    """One change to many records. ``operation``: ``set``, ``replace`` (``find`` by ``value``), ``append`` or ``clear``.

    Nothing is done while what is to be set, found or appended is empty: half a question empties no field.
    """

    field: str
    operation: str
    value: str
    find: str = ""


# --- text ---


def fields_of(kind: RecordKind) -> tuple[str, ...]:
    return OF_SYNONYM if kind is RecordKind.SYNONYM else FIELDS


def field_text(record: Record, field: str) -> str:
    """One field as it is typed."""
    value: Any = getattr(record, field)
    if field in DATES:
        return date_text(value)
    if field in LINES:
        return "\n".join(value)
    if field in PAIRS:
        return "\n".join(f"{name}: {text}" for name, text in value.items())
    if field == "retired":
        return "x" if value else ""
    return str(value.value if isinstance(value, RecordKind) else value)


def date_text(instant: float | None, *, clock: bool = False) -> str:
    """A date as it is typed, ``dd/mm/yyyy``, with ``hh:mm`` behind it if that is asked for, on this machine's wall
    clock; ``read_date`` reads it. How dates are shown is the screen's (``ui.figures``)."""
    if instant is None:
        return ""
    return time.strftime("%d/%m/%Y %H:%M" if clock else "%d/%m/%Y", time.localtime(instant))


def read_date(text: str, *, end: bool = False, clock: bool = False) -> float | None:
    """The instant of a date: its first second, or with ``end`` its last. Raises ValueError. None when empty."""
    text = " ".join(text.split())
    if not text:
        return None
    if clock and ":" in text:
        return time.mktime(time.strptime(text, "%d/%m/%Y %H:%M"))
    day = time.strptime(text, "%d/%m/%Y")
    try:
        start = time.mktime(day)
    except OverflowError as error:
        raise ValueError(text) from error
    return start + DAY - 1 if end else start


def read_value(record: Record, field: str, text: str) -> Any:
    """What a field's text says. A text that says what the record already says gives exactly that. Raises ValueError."""
    if text == field_text(record, field):
        return getattr(record, field)
    if field in DATES:
        return read_date(text, end=field == "valid_until")
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if field in LINES:
        return tuple(dict.fromkeys(lines))
    if field in PAIRS:
        pairs = [line.partition(":") for line in lines]
        if not all(colon and name.strip() for name, colon, _value in pairs):
            raise ValueError(text)
        return {name.strip(): value.strip() for name, _colon, value in pairs}
    if field in LONG:
        return text.strip()
    return " ".join(text.split())


def read_form(base: Record, form: Form) -> tuple[Record, tuple[Fault, ...]]:
    """The record that a form says, and what in it cannot be taken."""
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for field in fields_of(base.kind):
        if field in form:
            try:
                values[field] = read_value(base, field, form[field])
            except ValueError:
                faults.append(Fault(field, "bad_date" if field in DATES else "bad_pairs"))
    record = replace(base, **values)
    return record, (*faults, *check(record), *_check_reachable(base, record))


def _check_reachable(base: Record, record: Record) -> tuple[Fault, ...]:
    """Of what was changed: a telephone that cannot be called, and an address to which no mail goes."""
    faults = []
    phone, email = record.phone.strip(), record.email.strip()
    if phone and record.phone != base.phone and not numbers_of(phone) and not isinstance(read(phone, ""), Number):
        faults.append(Fault("phone", "bad_phone"))
    if email and record.email != base.email and "@" not in email:
        faults.append(Fault("email", "bad_email"))
    return tuple(faults)


def check(record: Record) -> tuple[Fault, ...]:
    """What central would refuse, found before it is asked."""
    faults = []
    if not record.title.strip():
        faults.append(Fault("title", "empty"))
    if record.kind is RecordKind.SYNONYM and not record.keywords:
        faults.append(Fault("keywords", "empty"))
    if record.kind is RecordKind.AGREEMENT and not record.retired:
        faults += [Fault(field, "empty") for field in ("agency", "responsible") if not getattr(record, field).strip()]
        if record.valid_until is None and record.review_at is None:
            faults.append(Fault("valid_until", "no_end"))
    if record.level not in LEVELS:
        faults.append(Fault("level", "bad_level"))
    if record.valid_from is not None and record.valid_until is not None and record.valid_until < record.valid_from:
        faults.append(Fault("valid_until", "ends_before"))
    if len(msgspec.json.encode(record)) > LONGEST_RECORD:
        longest = max(FIELDS, key=lambda field: len(field_text(record, field)))
        faults.append(Fault(longest, "too_long"))
    return tuple(faults)


def read_problem(detail: str) -> Fault:
    """Central's ``ID: FIELD: REASON`` (``Problem.detail``) as a fault beside its field."""
    parts = [part.strip() for part in detail.split(":", 2)]
    if len(parts) == 3 and parts[1] in FIELDS:
        return Fault(parts[1], "refused", parts[2])
    return Fault("", "refused", detail)


# --- comparing and merging ---


def differences(before: Record | None, after: Record | None) -> tuple[Difference, ...]:
    """Field by field what changed, as text; a record that is not there has every field empty."""
    told = []
    for field in MERGED:
        old = field_text(before, field) if before is not None else ""
        new = field_text(after, field) if after is not None else ""
        if old != new:
            told.append(Difference(field, old, new))
    return tuple(told)


def merge(base: Record, mine: Record, theirs: Record) -> Merged:
    """Both changes to ``base`` on top of ``theirs``: what only one side changed is taken, lists are joined by value and
    pairs by name; what both changed differently is a conflict.
    """
    values: dict[str, Any] = {}
    conflicts = []
    for field in MERGED:
        old, ours, others = (getattr(record, field) for record in (base, mine, theirs))
        if ours in (old, others):
            continue
        values[field] = ours
        if old == others:
            continue
        if field in LINES:
            values[field] = _merge_lines(old, ours, others)
        elif field in PAIRS and (joined := _merge_pairs(old, ours, others)) is not None:
            values[field] = joined
        else:
            conflicts.append(Conflict(field, *(field_text(record, field) for record in (base, mine, theirs))))
    return Merged(replace(theirs, **values), tuple(conflicts))


def _merge_lines(old: Iterable[str], ours: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    old, ours, others = tuple(old), tuple(ours), tuple(others)
    kept = (value for value in others if value in ours or value not in old)
    added = (value for value in ours if value not in old)
    return tuple(dict.fromkeys((*kept, *added)))


def _merge_pairs(old: Mapping[str, str], ours: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str] | None:
    """None when both changed one name differently."""
    joined: dict[str, str] = {}
    for name in dict.fromkeys((*others, *ours)):
        was, here, there = old.get(name), ours.get(name), others.get(name)
        if was not in (here, there) and here != there:
            return None
        value = here if here != was else there
        if value is not None:
            joined[name] = value
    return joined


# --- many at once ---


def edit_in_bulk(record: Record, edit: BulkEdit) -> Record:
    """The record with the edit done; the same one where it changes nothing. Raises ValueError."""
    before = field_text(record, edit.field)
    if not edit.value.strip() and edit.operation in {"set", "append"}:
        return record
    if edit.operation == "clear":
        after = ""
    elif edit.operation == "set":
        after = edit.value
    elif edit.operation == "replace":
        after = before.replace(edit.find, edit.value) if edit.find else before
    else:
        after = f"{before}\n{edit.value}" if edit.field in LONG and before else f"{before} {edit.value}".strip()
    value = read_value(record, edit.field, after)
    return record if value == getattr(record, edit.field) else replace(record, **{edit.field: value})
