"""The connection to the database: one writer, several readers, errors in one shape.

``synchronous=FULL``: nothing is told to anyone before it is on disk, and that has to hold through a power cut too (mail
is answered 250 after the commit). In WAL mode that is one fsync per transaction, and the actor commits in groups.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from catgem_tui.central.ports import StorageFailed

logger = logging.getLogger(__name__)

BUSY_SECONDS = 2.0
"""How long to wait for a file that another program has locked before giving up."""
READERS = 4
_ONE_VIEW = {"isolation_level": "REPEATABLE READ"}
"""PostgreSQL's usual level sees, in the middle of a block, what others commit meanwhile."""


def sqlite_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


class Database:
    """An open database. ``writer`` has one connection, so that writes never contend; ``reader`` has a few."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sqlite = url.startswith("sqlite")
        self.writer = self._engine(1)
        self.reader = self._engine(READERS) if self.sqlite else self.writer.execution_options(**_ONE_VIEW)

    def _engine(self, size: int) -> AsyncEngine:
        if not self.sqlite:
            return create_async_engine(self.url, pool_size=READERS, pool_pre_ping=True, hide_parameters=True)
        engine = create_async_engine(
            self.url,
            pool_size=size,
            max_overflow=0,
            hide_parameters=True,  # an error's text must not carry what a citizen said into the log
            connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "invalidate", _abandon)
        begin = "BEGIN IMMEDIATE" if size == 1 else "BEGIN"
        event.listen(engine.sync_engine, "begin", lambda connection: _begin(connection, begin))
        return engine

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed at the end of the block. Raises StorageFailed, and then nothing was kept."""
        try:
            async with self.writer.begin() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            logger.warning("the store could not write: %s", getattr(error, "orig", error))
            raise StorageFailed(str(getattr(error, "orig", error))) from error

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One consistent view. Raises StorageFailed."""
        try:
            async with self.reader.connect() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            logger.warning("the store could not read: %s", getattr(error, "orig", error))
            raise StorageFailed(str(getattr(error, "orig", error))) from error

    async def migrate(self) -> None:
        """Bring the tables to this version's shape. Raises StorageFailed."""
        async with self.write() as connection:
            await connection.run_sync(_upgrade)

    async def close(self) -> None:
        await self.writer.dispose()
        await self.reader.dispose()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _abandon(connection: Any, _record: object, _error: object) -> None:
    """Whoever asked was cancelled in the middle of a statement. Closed as it is, the connection would keep the file
    locked for as long as anybody remembers the statement, as a task does that was cancelled."""
    with suppress(Exception):  # it is closed next, whatever state it is in
        connection.rollback()


def _begin(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
