"""The change log as a file: a line for each change, in words and figures that an auditor can read elsewhere.

Restricted values stay out: what of them changed is named, not told.
"""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Row

from catgem_tui.central.store.changelog import Head, Wanted, read_rows
from catgem_tui.central.store.database import Database
from catgem_tui.exchange.cells import neutralise

FORMATS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}
"""Media types by name."""
COLUMNS = (
    "number", "when", "who", "approved_by", "deed", "kind", "record", "title", "changed", "before", "after", "support",
    "document", "dated", "comment", "change", "digest",
)  # fmt: skip
"""``when`` and ``dated`` are UTC (ISO 8601), ``document`` the SHA-256 of the file, ``before`` and ``after`` JSON."""
_PARTS = ("extra", "restricted")
"""Fields that hold named values of their own."""


async def export(database: Database, wanted: Wanted, head: Head, form: str) -> AsyncIterator[bytes]:
    """The lines up to ``head``, oldest first, in one of ``FORMATS``. Raises StorageFailed."""
    if form == "csv":
        yield b"\xef\xbb\xbf" + _csv([COLUMNS])
    async for rows in read_rows(database, wanted, head):
        yield await asyncio.to_thread(_block, rows, form)


def _block(rows: Sequence[Row[Any]], form: str) -> bytes:
    lines = [_line(row) for row in rows]
    if form == "csv":
        return _csv([[_cell(line[name]) for name in COLUMNS] for line in lines])
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


def _line(row: Row[Any]) -> dict[str, Any]:
    before: dict[str, Any] = msgspec.json.decode(row.before) if row.before else {}
    after: dict[str, Any] = msgspec.json.decode(row.after)
    return {
        "number": row.number,
        "when": _instant(row.at),
        "who": row.who,
        "approved_by": row.approved_by,
        "deed": deed_of(before, after),
        "kind": after.get("kind", ""),
        "record": row.record,
        "title": after.get("title", ""),
        "changed": _changed(before, after),
        "before": _public(before) or None,
        "after": _public(after),
        "support": row.support,
        "document": row.document,
        "dated": _instant(row.dated_at),
        "comment": row.comment,
        "change": row.change,
        "digest": row.digest,
    }


def deed_of(before: dict[str, Any], after: dict[str, Any]) -> str:
    """``created``, ``changed``, ``retired``, ``merged`` or ``restored``."""
    if after.get("retired") and not before.get("retired"):
        return "merged" if after.get("merged_into") else "retired"
    if not before:
        return "created"
    return "restored" if before.get("retired") and not after.get("retired") else "changed"


def _changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Names of the fields that differ; of those with parts, the parts. Nothing of a new record: all of it is new."""
    if not before:
        return []
    old, new = _flat(before), _flat(after)
    return [name for name in (new | old) if old.get(name) != new.get(name)]


def _flat(body: dict[str, Any]) -> dict[str, Any]:
    flat = {name: value for name, value in body.items() if name not in (*_PARTS, "revision")}
    parts = {f"{name}.{key}": value for name in _PARTS for key, value in body.get(name, {}).items()}
    return flat | parts


def _public(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "restricted"}


def _instant(at: float | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case dict():
            return msgspec.json.encode(value).decode()
        case list():
            return ", ".join(value)
        case _:
            return neutralise(str(value))


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
