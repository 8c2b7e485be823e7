"""The directory's change log: lines are added, read and verified, never altered."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.store.chain import COLUMNS, digest_of
from catgem_tui.central.store.folding import fold, folded_line
from catgem_tui.central.store.tables import changes
from catgem_tui.protocol.editing import LoggedChange, Support
from catgem_tui.protocol.model import Record, Struct

SLICE = 1000
"""Lines read at a time."""


class Head(NamedTuple):
    """The end of the log: the last line's number and digest."""

    number: int = 0
    digest: str = ""


class Note(Struct, frozen=True, kw_only=True):
    """What is written beside each record of a change."""

    at: float
    who: str
    """Name of the person, or of the program."""
    approved_by: str = ""
    support: Support = Support()
    comment: str = ""
    change: str = ""


async def read_head(connection: AsyncConnection) -> Head:
    query = select(changes.c.number, changes.c.digest).order_by(changes.c.number.desc()).limit(1)
    row = (await connection.execute(query)).first()
    return Head(row.number, row.digest) if row else Head()


async def add_lines(
    connection: AsyncConnection, head: Head, pairs: Sequence[tuple[Record | None, Record]], note: Note
) -> Head:
    """One line for each record, before and after. Returns the new end of the log."""
    rows: list[dict[str, Any]] = []
    for before, after in pairs:
        row = {
            "number": head.number + 1,
            "record": after.id,
            "at": note.at,
            "who": note.who,
            "approved_by": note.approved_by,
            "support": note.support.reference,
            "document": note.support.document,
            "dated_at": note.support.dated_at,
            "comment": note.comment,
            "change": note.change,
            "before": msgspec.json.encode(before).decode() if before else None,
            "after": msgspec.json.encode(after).decode(),
        }
        head = Head(head.number + 1, digest_of(head.digest, row))
        folded = folded_line(note.who, after.title, note.support.reference, after.id)
        rows.append({**row, "folded": folded, "digest": head.digest})
    if rows:
        await connection.execute(changes.insert(), rows)
    return head


async def first_broken_line(connection: AsyncConnection) -> int | None:
    """Number of the first line that is not as it was written, or that is missing; None when all is well."""
    head = Head()
    query = select(*(changes.c[name] for name in COLUMNS), changes.c.digest).order_by(changes.c.number).limit(SLICE)
    while rows := (await connection.execute(query.where(changes.c.number > head.number))).mappings().all():
        for row in rows:
            if row["number"] != head.number + 1 or row["digest"] != digest_of(head.digest, dict(row)):
                return head.number + 1
            head = Head(row["number"], row["digest"])
    return None


async def last_line_of(connection: AsyncConnection, record: str) -> tuple[str, float]:
    """Who changed the record last, and when; empty and 0 when nobody did."""
    query = select(changes.c.who, changes.c.at).where(changes.c.record == record).order_by(changes.c.number.desc())
    row = (await connection.execute(query.limit(1))).first()
    return (row.who, row.at) if row else ("", 0.0)


async def read_lines(
    connection: AsyncConnection,
    *,
    record: str = "",
    who: str = "",
    text: str = "",
    since: float | None = None,
    until: float | None = None,
    before: int | None = None,
    limit: int,
) -> tuple[LoggedChange, ...]:
    """Lines of the log, newest first. ``who`` is how the name begins; it and ``text`` forgive case and accents."""
    query = select(changes).order_by(changes.c.number.desc()).limit(limit)
    if record:
        query = query.where(changes.c.record == record)
    if fold(who):
        query = query.where(changes.c.folded.startswith(fold(who), autoescape=True))
    if fold(text):
        query = query.where(changes.c.folded.contains(fold(text), autoescape=True))
    if since is not None:
        query = query.where(changes.c.at >= since)
    if until is not None:
        query = query.where(changes.c.at < until)
    if before is not None:
        query = query.where(changes.c.number < before)
    return tuple(_logged(row) for row in await connection.execute(query))


def _logged(row: Row[Any]) -> LoggedChange:
    after = msgspec.json.decode(row.after, type=Record)
    return LoggedChange(
        number=row.number,
        record=row.record,
        at=row.at,
        who=row.who,
        title=after.title,
        approved_by=row.approved_by,
        support=Support(reference=row.support, document=row.document, dated_at=row.dated_at),
        comment=row.comment,
        change=row.change,
        before=msgspec.json.decode(row.before, type=Record) if row.before else None,
        after=after,
        digest=row.digest,
    )
