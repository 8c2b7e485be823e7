"""What a file would change: its rows beside the records as they are."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from catgem_tui.config.i18n import _
from catgem_tui.exchange.cells import tidy
from catgem_tui.exchange.columns import EXTRA
from catgem_tui.exchange.faults import BadRow
from catgem_tui.exchange.reading import Row
from catgem_tui.protocol.editing import LONGEST_RECORD
from catgem_tui.protocol.model import Record

LONGEST_TITLE = 500
"""Characters, as central takes them."""
_encode = msgspec.json.Encoder().encode


class Change(NamedTuple):
    """A record that is new (``before`` is None) or different."""

    row: Row
    before: Record | None
    after: Record

    def differences(self) -> Iterator[tuple[str, Any, Any]]:
        """(field, before, after) of what is different, further fields one by one."""
        if self.before is None:
            return
        for name in self.row.columns:
            if name.startswith(EXTRA):
                key = name.removeprefix(EXTRA)
                before, after = self.before.extra.get(key, ""), self.after.extra.get(key, "")
            else:
                before, after = getattr(self.before, name), getattr(self.after, name)
            if before != after and name != "restricted":
                yield name, before, after


@dataclass
class Plan:
    changes: list[Change] = field(default_factory=list)
    unchanged: list[Row] = field(default_factory=list)
    retired: list[Row] = field(default_factory=list)
    """Of records that were retired; they stay so unless the row says otherwise."""
    bad: list[BadRow] = field(default_factory=list)

    @property
    def new(self) -> int:
        return sum(change.before is None for change in self.changes)


def make_plan(rows: Iterable[Row], current: Mapping[str, Record], *, overwrite: bool = False) -> Plan:
    """Only the fields that a row gives replace those of the record that there is.

    A row that was exported before the record's last change would undo that change: it is a bad one unless
    ``overwrite``.
    """
    plan = Plan()
    for row in rows:
        before = current.get(row.id)
        if before is not None and before.retired and "retired" not in row.columns:
            plan.retired.append(row)
            continue
        proposed = propose(row, before)
        if isinstance(proposed, BadRow):
            plan.bad.append(proposed)
        elif proposed is None:
            plan.unchanged.append(row)
        elif before is not None and row.revision and row.revision < before.revision and not overwrite:
            plan.bad.append(BadRow(row.line, "", _("the record was changed after the file was exported")))
        else:
            plan.changes.append(proposed)
    return plan


def propose(row: Row, before: Record | None) -> Change | BadRow | None:
    """The change that a row makes of this record; None when there is none."""
    if before is None:
        after = _new(row)
        if isinstance(after, BadRow):
            return after
    else:
        wanted = dict(_differences(row, before))
        if not wanted.keys() - {"support"}:
            return None  # the document alone is no change to central: it is what a change rests on
        after = msgspec.structs.replace(before, **wanted)
    fault = _fault(after)
    return BadRow(row.line, *fault) if fault else Change(row, before, after)


def find_clash(change: Change, current: Record | None, who: str) -> BadRow | None:
    """Whether the change would undo what somebody else did to the record since it was made: the row as a bad one."""
    by = {"who": who or "?"}
    if current is None:
        return None
    if change.before is None:
        return BadRow(change.row.line, "id", _("{who} has written this record meanwhile").format(**by))
    if current.retired and not change.before.retired:
        return BadRow(change.row.line, "", _("{who} has retired the record meanwhile").format(**by))
    for name, value in _differences(change.row, change.before):
        theirs = getattr(current, name)
        if name != "support" and theirs != getattr(change.before, name) and theirs != value:
            return BadRow(change.row.line, name, _("{who} has changed it meanwhile").format(**by))
    return None


def _new(row: Row) -> Record | BadRow:
    given: dict[str, Any] = {}
    extra: dict[str, str] = {}
    for name, value in zip(row.columns, row.values, strict=True):
        if not name.startswith(EXTRA):
            given[name] = value
        elif value:
            extra[name.removeprefix(EXTRA)] = value
    given.setdefault("kind", row.kind)
    for name in ("title", "kind"):
        if not given.get(name):
            return BadRow(row.line, name, _("is needed, because there is no record {id} yet").format(id=row.id))
    return Record(id=row.id, revision=0, extra=extra, **given)


def _differences(row: Row, before: Record) -> Iterator[tuple[str, Any]]:
    extra = dict(before.extra)
    for name, value in zip(row.columns, row.values, strict=True):
        if name.startswith(EXTRA):
            key = name.removeprefix(EXTRA)
            if value and value != tidy(extra.get(key, "")):
                extra[key] = value
            elif not value:
                extra.pop(key, None)
            continue
        had = getattr(before, name)
        if value != had and not _reads_alike(value, had):
            yield name, value
    if extra != before.extra:
        yield "extra", extra


def _reads_alike(value: Any, had: Any) -> bool:
    """What differs only in what no file shows: blanks, and less than a thousandth of a second."""
    if isinstance(value, float) and isinstance(had, float):
        return abs(value - had) < 0.001
    return isinstance(had, str) and tidy(had) == value


def _fault(record: Record) -> tuple[str, str] | None:
    """(field, reason) of what central would not take."""
    begin, end = record.valid_from, record.valid_until
    fault = None
    if len(record.title) > LONGEST_TITLE:
        fault = "title", _("longer than {limit} characters").format(limit=LONGEST_TITLE)
    elif not record.title.isprintable():
        fault = "title", _("has more than one line, or characters that cannot be seen")
    elif begin is not None and end is not None and end < begin:
        fault = "valid_until", _("is before the beginning")
    elif record.merged_into and not record.retired:
        fault = "merged_into", _("only a retired record is merged into another")
    elif record.merged_into == record.id:
        fault = "merged_into", _("is the record itself")
    elif len(_encode(record)) > LONGEST_RECORD:
        fault = "", _("the record has more than {limit} bytes").format(limit=LONGEST_RECORD)
    return fault
