"""What SQLAlchemy says differently for each database, in one place; and the counters."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.store.tables import counters


async def upsert(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], *, keep: str = ""
) -> None:
    """Insert the rows, or replace those whose primary key is there.

    ``keep`` names a column that says whose the row is: a row that differs in it is another's and stays as it was.
    """
    if not rows:
        return
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys and name != keep}
    if changed:
        ours = table.c[keep] == statement.excluded[keep] if keep else None
        statement = statement.on_conflict_do_update(index_elements=keys, set_=changed, where=ours)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    await connection.execute(statement, list(rows))


async def read_counter(connection: AsyncConnection, name: str, default: int = 0) -> int:
    value = (await connection.execute(select(counters.c.value).where(counters.c.name == name))).scalar()
    return default if value is None else value


async def write_counters(connection: AsyncConnection, values: Mapping[str, int]) -> None:
    await upsert(connection, counters, [{"name": name, "value": value} for name, value in values.items()])
