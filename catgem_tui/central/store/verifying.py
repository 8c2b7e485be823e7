"""Whether the change log is as it was written, all of it, and the directory as the log says.

What it finds: a line that was altered, taken out, put in or cut off the end, also when the log went on after it, and a
record that was changed without a line. The end is known apart from the lines: every change has taken the next
revision, whose counter and whose records lie in tables of their own.

What it cannot find: a whole database put back to an earlier day, or one in which somebody who may write to all of it
has made every digest, record and counter anew. Against that there is only a copy of the log, or of a digest, kept
where that person cannot write: see ``Earlier``.
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.store.chain import COLUMNS, digest_of
from catgem_tui.central.store.changelog import SLICE, Head, read_head
from catgem_tui.central.store.tables import changes, records
from catgem_tui.central.store.writing import read_counter
from catgem_tui.protocol.events import DIRECTORY
from catgem_tui.protocol.model import Struct

Earlier = Mapping[int, str]
"""Digests by the number of their line, as an export kept elsewhere has them."""


class Wrong(StrEnum):
    """What is wrong with a line."""

    ALTERED = "altered"
    MISSING = "missing"
    CUT = "cut"
    """Lines before it were cut off the end, and the log went on."""
    END = "end"
    """It and what came after it was cut off."""
    RECORD = "record"
    """The record is not as this line, its last, left it; number 0: it has no line."""
    OTHER = "other"
    """It is not the line that was exported."""


class Fault(Struct, frozen=True, kw_only=True):
    wrong: Wrong
    number: int
    """Of the first line concerned."""
    record: str = ""


class Verified(Struct, frozen=True, kw_only=True):
    head: Head
    at: float = 0.0
    """When the last line was written."""
    fault: Fault | None = None


class _Numbered(Struct, frozen=True, kw_only=True):
    revision: int


class _Last(NamedTuple):
    """A record's last line."""

    number: int
    digest: bytes
    """Of the record's text after it."""


_revision = msgspec.json.Decoder(_Numbered)


async def verify(
    connection: AsyncConnection,
    earlier: Earlier | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Verified:
    """Read all of it, in one view of the database; the first fault is told and ends it. ``progress`` is told the lines
    that are read, and of how many."""
    whole = (await read_head(connection)).number
    head, at, last, offset = Head(), 0.0, dict[str, _Last](), None
    fault: Fault | None = None
    async for row in _lines(connection):
        number = head.number + 1
        revision = _revision.decode(row["after"]).revision
        if row["number"] != number:
            fault = Fault(wrong=Wrong.MISSING, number=number)
        elif row["digest"] != digest_of(head.digest, row):
            fault = Fault(wrong=Wrong.ALTERED, number=number)
        elif offset not in (None, revision - number):
            fault = Fault(wrong=Wrong.CUT, number=number)
        elif earlier and earlier.get(number, row["digest"]) != row["digest"]:
            fault = Fault(wrong=Wrong.OTHER, number=number)
        if fault is not None:
            return Verified(head=head, at=at, fault=fault)
        head, at, offset = Head(number, row["digest"]), row["at"], revision - number
        last[row["record"]] = _Last(number, _sum(row["after"]))
        if number % SLICE == 0:
            progress(number, whole)
    fault = await _missing_end(connection, head, offset, earlier or {}) or await _wrong_record(connection, last)
    return Verified(head=head, at=at, fault=fault)


async def _lines(connection: AsyncConnection) -> AsyncIterator[dict[str, Any]]:
    query = select(*(changes.c[name] for name in COLUMNS), changes.c.digest).order_by(changes.c.number).limit(SLICE)
    last = 0
    while rows := (await connection.execute(query.where(changes.c.number > last))).mappings().all():
        for row in rows:
            yield dict(row)
        last = rows[-1]["number"]


async def _missing_end(connection: AsyncConnection, head: Head, offset: int | None, earlier: Earlier) -> Fault | None:
    counted = await read_counter(connection, DIRECTORY)
    if (offset is None and counted) or (offset is not None and counted != head.number + offset):
        return Fault(wrong=Wrong.END, number=head.number + 1)
    if earlier and max(earlier) > head.number:
        return Fault(wrong=Wrong.END, number=head.number + 1)
    return None


async def _wrong_record(connection: AsyncConnection, last: dict[str, _Last]) -> Fault | None:
    query, after = select(records.c.id, records.c.body).order_by(records.c.id).limit(SLICE), ""
    while rows := (await connection.execute(query.where(records.c.id > after))).all():
        for row in rows:
            logged = last.pop(row.id, _Last(0, b""))
            if logged.digest != _sum(row.body):
                return Fault(wrong=Wrong.RECORD, number=logged.number, record=row.id)
        after = rows[-1].id
    # No record is ever deleted: a retired one stays as a tombstone.
    gone = min(last.items(), key=lambda item: item[1].number, default=None)
    return Fault(wrong=Wrong.RECORD, number=gone[1].number, record=gone[0]) if gone else None


def _sum(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
