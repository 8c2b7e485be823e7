"""Reading and writing directory records."""

from collections.abc import Sequence, Set

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.store.tables import records
from catgem_tui.central.store.writing import upsert
from catgem_tui.protocol.model import Record, Struct


async def read_records(connection: AsyncConnection, record_ids: Sequence[str]) -> dict[str, Record]:
    """Those of the records that exist, by id."""
    query = select(records.c.body).where(records.c.id.in_(record_ids))
    found = (msgspec.json.decode(body, type=Record) for body in (await connection.execute(query)).scalars())
    return {record.id: record for record in found}


async def read_changed(connection: AsyncConnection, after: int, limit: int) -> tuple[Record, ...]:
    """Records whose last change came after the cursor, oldest change first, ``limit`` at most."""
    query = select(records.c.body).where(records.c.revision > after).order_by(records.c.revision).limit(limit)
    return tuple(msgspec.json.decode(body, type=Record) for body in (await connection.execute(query)).scalars())


class _Related(Struct, frozen=True, kw_only=True):
    id: str
    related: tuple[str, ...] = ()


async def read_relating(connection: AsyncConnection, record_ids: Set[str]) -> dict[str, Record]:
    """Records that are there and name one of these as related, by id."""
    query = select(records.c.body).where(records.c.retired.is_(False), records.c.body.contains('"related":['))
    bodies = (await connection.execute(query)).scalars()
    found = [body for body in bodies if record_ids & set(msgspec.json.decode(body, type=_Related).related)]
    return {record.id: record for record in (msgspec.json.decode(body, type=Record) for body in found)}


async def write_records(connection: AsyncConnection, changed: Sequence[Record]) -> None:
    """Write each record as it now is; the change log is written apart."""
    rows = [
        {
            "id": record.id,
            "kind": record.kind.value,
            "revision": record.revision,
            "retired": record.retired,
            "review_at": record.review_at,
            "valid_until": record.valid_until,
            "body": msgspec.json.encode(record).decode(),
        }
        for record in changed
    ]
    await upsert(connection, records, rows)
