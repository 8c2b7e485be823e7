"""Reading and writing directory records and their change log."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.store.tables import changes, records
from catgem_tui.central.store.writing import upsert
from catgem_tui.protocol.model import Record


async def read_records(connection: AsyncConnection, record_ids: Sequence[str]) -> dict[str, Record]:
    """Those of the records that exist, by id."""
    query = select(records.c.body).where(records.c.id.in_(record_ids))
    found = (msgspec.json.decode(body, type=Record) for body in (await connection.execute(query)).scalars())
    return {record.id: record for record in found}


async def read_changed(connection: AsyncConnection, after: int, limit: int) -> tuple[Record, ...]:
    """Records whose last change came after the cursor, oldest change first, ``limit`` at most."""
    query = select(records.c.body).where(records.c.revision > after).order_by(records.c.revision).limit(limit)
    return tuple(msgspec.json.decode(body, type=Record) for body in (await connection.execute(query)).scalars())


async def read_latest_revision(connection: AsyncConnection) -> int:
    return (await connection.execute(select(func.max(records.c.revision)))).scalar() or 0


async def write_records(
    connection: AsyncConnection, changed: Iterable[tuple[Record | None, Record]], *, at: float, who: str, support: str
) -> None:
    """Write each record as it now is, and a line of the change log with what it was before."""
    rows, log = [], []
    for before, after in changed:
        body = msgspec.json.encode(after).decode()
        rows.append(
            {
                "id": after.id,
                "kind": after.kind.value,
                "revision": after.revision,
                "retired": after.retired,
                "body": body,
            }
        )
        log.append(
            {
                "record": after.id,
                "at": at,
                "who": who,
                "support": support,
                "before": msgspec.json.encode(before).decode() if before else None,
                "after": body,
            }
        )
    if rows:
        await upsert(connection, records, rows)
        await connection.execute(changes.insert(), log)
