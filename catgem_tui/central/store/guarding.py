"""The audit trail, whose lines are added and read and never altered, and the block list."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Row, Select, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.store.chain import digest_of
from catgem_tui.central.store.changelog import SLICE, Head
from catgem_tui.central.store.tables import audit, blocked
from catgem_tui.central.store.writing import read_counter, upsert, write_counters
from catgem_tui.protocol.guarding import AuditEntry, Blocked
from catgem_tui.protocol.model import Struct

AUDIT = "audit"
"""Name of the counter that knows the trail's end apart from its lines."""
COLUMNS = ("number", "at", "who", "kind", "contact", "phone", "details")
"""What a line's digest is made of, in this order for ever."""


class Wrong(StrEnum):
    """What is wrong with the trail."""

    ALTERED = "altered"
    MISSING = "missing"
    END = "end"
    """It and what came after it was cut off."""
    OTHER = "other"
    """It is not the line that was exported."""


class Verified(Struct, frozen=True, kw_only=True):
    head: Head
    """Of the last line that is whole."""
    at: float = 0.0
    wrong: Wrong | None = None
    """Of the line after it."""


class WantedEntries(Struct, frozen=True, kw_only=True):
    """Which lines; ``since`` and ``until`` are instants, the second not included."""

    kind: str = ""
    contact: str = ""
    since: float | None = None
    until: float | None = None


async def read_head(connection: AsyncConnection) -> Head:
    query = select(audit.c.number, audit.c.digest).order_by(audit.c.number.desc()).limit(1)
    row = (await connection.execute(query)).first()
    return Head(row.number, row.digest) if row else Head()


async def add_entries(connection: AsyncConnection, entries: Sequence[AuditEntry]) -> None:
    """Number them, chain them and write them. One writer at a time: the actor's transaction."""
    if not entries:
        return
    head, rows = await read_head(connection), []
    for entry in entries:
        row = {
            "number": head.number + 1,
            "at": entry.at,
            "who": entry.who,
            "kind": entry.kind,
            "contact": entry.contact,
            "phone": entry.phone,
            "details": msgspec.json.encode(entry.details, order="sorted").decode(),
        }
        head = Head(head.number + 1, digest_of(head.digest, row, COLUMNS))
        rows.append({**row, "digest": head.digest})
    await connection.execute(audit.insert(), rows)
    await write_counters(connection, {AUDIT: head.number})


async def read_entries(
    connection: AsyncConnection, wanted: WantedEntries, *, before: int | None = None, limit: int
) -> tuple[AuditEntry, ...]:
    """Newest first; with ``before`` those of smaller numbers."""
    query = _filtered(wanted).order_by(audit.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.number < before)
    return tuple(_entry(row) for row in await connection.execute(query))


async def read_all(connection: AsyncConnection, wanted: WantedEntries) -> AsyncIterator[AuditEntry]:
    """Oldest first, a few at a time, in the connection's one view."""
    query, last = _filtered(wanted).order_by(audit.c.number).limit(SLICE), 0
    while rows := (await connection.execute(query.where(audit.c.number > last))).all():
        for row in rows:
            yield _entry(row)
        last = rows[-1].number


async def verify(
    connection: AsyncConnection,
    earlier: Mapping[int, str] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Verified:
    """Read all of it in one view; the first fault ends it. ``earlier``: digests by number, of an export kept elsewhere;
    ``progress`` is told the lines that are read, and of how many.

    What it cannot find is in ``store.verifying``.
    """
    earlier = earlier or {}
    head, at = Head(), 0.0
    written = await read_counter(connection, AUDIT)
    query, last = select(audit).order_by(audit.c.number).limit(SLICE), 0
    while rows := (await connection.execute(query.where(audit.c.number > last))).mappings().all():
        for row in rows:
            number = head.number + 1
            if row["number"] != number:
                return Verified(head=head, at=at, wrong=Wrong.MISSING)
            if row["digest"] != digest_of(head.digest, dict(row), COLUMNS):
                return Verified(head=head, at=at, wrong=Wrong.ALTERED)
            if earlier.get(number, row["digest"]) != row["digest"]:
                return Verified(head=head, at=at, wrong=Wrong.OTHER)
            head, at = Head(number, row["digest"]), row["at"]
        last = head.number
        progress(last, written)
    cut = written > head.number or max(earlier, default=0) > head.number
    return Verified(head=head, at=at, wrong=Wrong.END if cut else None)


def _filtered(wanted: WantedEntries) -> Select[Any]:
    query = select(audit)
    if wanted.kind:
        query = query.where(audit.c.kind == wanted.kind)
    if wanted.contact:
        query = query.where(audit.c.contact == wanted.contact)
    if wanted.since is not None:
        query = query.where(audit.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(audit.c.at < wanted.until)
    return query


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        number=row.number,
        at=row.at,
        who=row.who,
        kind=row.kind,
        contact=row.contact,
        phone=row.phone,
        details=msgspec.json.decode(row.details),
        digest=row.digest,
    )


# --- the block list ---


async def read_blocks(connection: AsyncConnection, now: float) -> dict[str, Blocked]:
    """Who is refused at ``now``, by number, the last blocked first."""
    rows = await connection.execute(select(blocked).where(blocked.c.until > now))
    found = {row.phone: msgspec.json.decode(row.body, type=Blocked) for row in rows}
    return dict(sorted(found.items(), key=lambda item: -item[1].at))


async def forget_expired_blocks(connection: AsyncConnection, now: float) -> None:
    """Drop the blocks that are over: nobody's number is kept longer than it is refused, but in the audit trail."""
    await connection.execute(delete(blocked).where(blocked.c.until <= now))


async def write_blocks(connection: AsyncConnection, changed: Mapping[str, Blocked | None]) -> None:
    rows = [
        {"phone": key, "until": one.until, "body": msgspec.json.encode(one).decode()}
        for key, one in changed.items()
        if one is not None
    ]
    await upsert(connection, blocked, rows)
    gone = [key for key, one in changed.items() if one is None]
    if gone:
        await connection.execute(delete(blocked).where(blocked.c.phone.in_(gone)))
