"""The copy on disk: one SQLite file for one central, used from one thread of its own, mode 0600.

Only public fields are kept. A file that is damaged is thrown away: central has everything and it is pulled again.
"""

import asyncio
import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from catgem_tui.protocol.model import Record

SCHEMA = 1
log = logging.getLogger(__name__)
T = TypeVar("T")


class StoreFailed(Exception):
    """The copy could not be read or written (full disk, no permission); what is in memory goes on working."""


class Kept(NamedTuple):
    """What the file held."""

    records: list[Record]
    cursor: int
    complete: bool
    """Whether a first pull ever came to its end."""


class Store:
    """Every method runs in the store's thread. All raise StoreFailed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="directory")
        self._connection: sqlite3.Connection | None = None

    async def load(self) -> Kept:
        """Everything kept. A damaged file is replaced by an empty one."""
        return await self._run(self._load)

    async def put(self, records: Iterable[Record], cursor: int, *, complete: bool) -> None:
        """Write records and the new cursor in one transaction; retired ones are dropped."""
        batch = list(records)
        await self._run(lambda: self._put(batch, cursor, complete))

    async def clear(self) -> None:
        await self._run(self._rebuild)

    async def close(self) -> None:
        """Never raises."""
        with contextlib.suppress(StoreFailed):
            await self._run(self._close)
        self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (sqlite3.Error, OSError) as error:
            raise StoreFailed(str(error)) from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None:
            return self._connection
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        self._path.chmod(0o600)
        connection = sqlite3.connect(self._path, check_same_thread=False, timeout=5)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            check_soundness(connection)
            with connection:
                connection.execute("CREATE TABLE IF NOT EXISTS records (id TEXT PRIMARY KEY, body BLOB NOT NULL)")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1),"
                    " schema INTEGER NOT NULL, cursor INTEGER NOT NULL, complete INTEGER NOT NULL)"
                )
                connection.execute("INSERT OR IGNORE INTO place VALUES (1, ?, 0, 0)", (SCHEMA,))
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _load(self) -> Kept:
        try:
            return self._read()
        except sqlite3.OperationalError:
            raise  # locked, full, not allowed: the file may be good
        except (sqlite3.DatabaseError, msgspec.MsgspecError, UnicodeError) as error:
            log.warning("the directory's copy is damaged and will be pulled again: %s", error)
            self._rebuild()
            return self._read()

    def _read(self) -> Kept:
        connection = self._open()
        schema, cursor, complete = connection.execute("SELECT schema, cursor, complete FROM place").fetchone()
        if schema != SCHEMA:
            raise sqlite3.DatabaseError(f"schema {schema}")
        decode = msgspec.json.Decoder(Record).decode
        records = [decode(body) for (body,) in connection.execute("SELECT body FROM records")]
        return Kept(records, cursor, bool(complete))

    def _put(self, records: list[Record], cursor: int, complete: bool) -> None:
        encode = msgspec.json.Encoder().encode
        kept = [(r.id, encode(msgspec.structs.replace(r, restricted={}))) for r in records if not r.retired]
        gone = [(r.id,) for r in records if r.retired]
        with self._open() as connection:
            connection.executemany("INSERT OR REPLACE INTO records VALUES (?, ?)", kept)
            connection.executemany("DELETE FROM records WHERE id = ?", gone)
            connection.execute("UPDATE place SET cursor = ?, complete = ?", (cursor, complete))

    def _rebuild(self) -> None:
        self._close()
        for suffix in ("", "-wal", "-shm", "-journal"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._open()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def check_soundness(connection: sqlite3.Connection) -> None:
    """Raises sqlite3.DatabaseError when the file's structure is damaged."""
    (verdict,) = connection.execute("PRAGMA quick_check").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)
