"""What SQLAlchemy says differently for each database, in one place; and the counters."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.store.tables import counters


async def upsert(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], *, keep: str = ""
) -> None:
    """Insert the rows, or replace those whose primary key is there. All of them have the same columns.

    ``keep`` names a column that says whose the row is: a row that differs in it is another's and stays as it was.
    """
    if rows:
        await connection.execute(_statement(connection.dialect.name, table, tuple(rows[0]), keep), list(rows))


@lru_cache(maxsize=64)
def _statement(dialect: str, table: Table, columns: tuple[str, ...], keep: str) -> Executable:
    """Made once for each table: building it takes SQLAlchemy longer than SQLite takes to run it."""
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in columns if name not in keys and name != keep}
    if not changed:
        return statement.on_conflict_do_nothing(index_elements=keys)
    ours = table.c[keep] == statement.excluded[keep] if keep else None
    return statement.on_conflict_do_update(index_elements=keys, set_=changed, where=ours)


async def read_counter(connection: AsyncConnection, name: str, default: int = 0) -> int:
    value = (await connection.execute(select(counters.c.value).where(counters.c.name == name))).scalar()
    return default if value is None else value


async def write_counters(connection: AsyncConnection, values: Mapping[str, int]) -> None:
    await upsert(connection, counters, [{"name": name, "value": value} for name, value in values.items()])
