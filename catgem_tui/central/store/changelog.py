"""The directory's change log: lines are added and read, never altered."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.store.chain import digest_of
from catgem_tui.central.store.database import Database
from catgem_tui.central.store.folding import fold, folded_line, words_of
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


class Wanted(Struct, frozen=True, kw_only=True):
    """Which lines of the log. ``who`` is how the name begins; it and ``text`` forgive case and accents.

    ``since`` and ``until`` are instants, the second not included.
    """

    record: str = ""
    who: str = ""
    text: str = ""
    since: float | None = None
    until: float | None = None


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


async def last_line_of(connection: AsyncConnection, record: str) -> tuple[str, float]:
    """Who changed the record last, and when; empty and 0 when nobody did."""
    query = select(changes.c.who, changes.c.at).where(changes.c.record == record).order_by(changes.c.number.desc())
    row = (await connection.execute(query.limit(1))).first()
    return (row.who, row.at) if row else ("", 0.0)


async def read_lines(
    connection: AsyncConnection, wanted: Wanted, *, before: int | None = None, limit: int
) -> tuple[LoggedChange, ...]:
    """Lines of the log, newest first; with ``before`` those of smaller numbers."""
    query = _filtered(wanted).order_by(changes.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(changes.c.number < before)
    return tuple(_logged(row) for row in await connection.execute(query))


async def count_lines(connection: AsyncConnection, wanted: Wanted, head: Head) -> int:
    """How many lines ``read_rows`` gives."""
    query = _filtered(wanted).where(changes.c.number <= head.number).with_only_columns(func.count())
    return (await connection.execute(query)).scalar_one()


async def read_rows(database: Database, wanted: Wanted, head: Head) -> AsyncIterator[Sequence[Row[Any]]]:
    """The lines up to ``head`` as they are stored, oldest first, a few at a time. Raises StorageFailed.

    Lines are only ever added, so nothing is held open between two slices, however slowly they are taken.
    """
    query, last = _filtered(wanted).order_by(changes.c.number).limit(SLICE), 0
    while last < head.number:
        async with database.read() as connection:
            between = (changes.c.number > last, changes.c.number <= head.number)
            rows = (await connection.execute(query.where(*between))).all()
        if not rows:
            return
        last = rows[-1].number
        yield rows


def _filtered(wanted: Wanted) -> Select[Any]:
    query = select(changes)
    if wanted.record:
        query = query.where(changes.c.record == wanted.record)
    if fold(wanted.who):
        query = query.where(changes.c.folded.startswith(fold(wanted.who), autoescape=True))
    for words in words_of(wanted.text):
        query = query.where(changes.c.folded.contains(words, autoescape=True))
    if wanted.since is not None:
        query = query.where(changes.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(changes.c.at < wanted.until)
    return query


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
