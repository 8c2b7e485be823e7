"""Reading records from a file of JSON lines: each bad line is named with its reason, the good ones are kept."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from catgem_tui.central.plaintext import clean_line
from catgem_tui.config.i18n import _
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record

LONGEST_LINE = 100_000
LONGEST_REASON = 300
"""Characters. Reasons quote the file, and are shown on a terminal."""


class _Row(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of the file: a record as people write it, without the number that central gives it."""

    revision: int = 0
    """Ignored: an exported file may be imported again."""


@dataclass(frozen=True)
class BadRow:
    """A line that was not taken."""

    line: int
    reason: str


def parse_rows(lines: Iterable[str]) -> tuple[list[Record], list[BadRow]]:
    """The records of the good lines, and why the others are bad. Empty lines count but are skipped."""
    records: list[Record] = []
    bad: list[BadRow] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = _parse(line)
        except ValueError as error:
            bad.append(BadRow(number, clean_line(str(error), LONGEST_REASON)))
            continue
        if record.id in seen:
            reason = _("the id {id} is already on line {line}").format(id=record.id, line=seen[record.id])
            bad.append(BadRow(number, clean_line(reason, LONGEST_REASON)))
            continue
        seen[record.id] = number
        records.append(record)
    return records, bad


def _parse(line: str) -> Record:
    """Raises ValueError with a reason."""
    if len(line) > LONGEST_LINE:
        raise ValueError(_("longer than {limit} characters").format(limit=LONGEST_LINE))
    try:
        row = msgspec.json.decode(line, type=_Row)
    except msgspec.ValidationError as error:
        raise ValueError(_("not a record: {detail}").format(detail=error)) from error
    except (msgspec.DecodeError, UnicodeError) as error:
        raise ValueError(_("not JSON: {detail}").format(detail=error)) from error
    if row.kind is RecordKind.OTHER:
        raise ValueError(_("a kind of record that there is not"))
    if not row.id.strip() or not row.title.strip():
        raise ValueError(_("id and title must not be empty"))
    return Record(**{name: getattr(row, name) for name in row.__struct_fields__})
