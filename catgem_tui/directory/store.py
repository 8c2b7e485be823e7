"""The copy on disk: one SQLite file for one central, mode 0600, written from one thread of its own.

Restricted fields are kept sealed, and only with a key for it. A file that is damaged is thrown away:
central has everything and it is pulled again. What of it can be read is searched until then.
Without a disk the copy is kept in memory, for as long as this process runs.

Every write of a record takes the next *mark*; so "what has changed since the index was built" is one ordered read,
also across histories of two centrals, whose revisions cannot be compared. A new history is an *epoch*: what is left of
the one before is dropped when the new one is complete.
"""

import asyncio
import contextlib
import hashlib
import logging
import os
import sqlite3
import time
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from catgem_tui.directory.salvaging import salvage
from catgem_tui.directory.sealing import Sealer
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record
from catgem_tui.protocol.sums import sums_of

SCHEMA = 3
_TABLES = """
CREATE TABLE IF NOT EXISTS records (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    epoch INTEGER NOT NULL, revision INTEGER NOT NULL, mark INTEGER NOT NULL, kind TEXT NOT NULL,
    crc INTEGER NOT NULL, body BLOB NOT NULL, sealed BLOB
);
CREATE INDEX IF NOT EXISTS records_by_mark ON records (mark);
CREATE INDEX IF NOT EXISTS synonyms ON records (kind) WHERE kind = 'synonym';
CREATE TABLE IF NOT EXISTS gone (key INTEGER PRIMARY KEY, mark INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS place (
    one INTEGER PRIMARY KEY CHECK (one = 1), schema INTEGER NOT NULL, cursor INTEGER NOT NULL,
    complete INTEGER NOT NULL, epoch INTEGER NOT NULL, mark INTEGER NOT NULL, identity TEXT NOT NULL,
    fields TEXT NOT NULL, sealed INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS usage (
    id TEXT NOT NULL, who TEXT NOT NULL, weight REAL NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (id, who)
);
"""
INSERT = """INSERT INTO records (key, id, epoch, revision, mark, kind, crc, body, sealed)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET id = excluded.id, epoch = excluded.epoch,
revision = excluded.revision, mark = excluded.mark, kind = excluded.kind, crc = excluded.crc, body = excluded.body,
sealed = excluded.sealed"""
LONGEST_WAIT = 30.0
"""Seconds that filling the copy waits for another process that is writing it."""
WAIT = 5.0
"""The same for anything shorter, after which it can be said that the copy is locked."""
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_TABLE_NAMES = frozenset({"records", "gone", "place", "usage"})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
log = logging.getLogger(__name__)
T = TypeVar("T")


class StoreFailed(Exception):
    """The copy could not be read or written; what is in memory goes on working.

    ``code``: ``disk`` (full, no permission), ``locked`` (another program holds it) or ``damaged``.
    """

    def __init__(self, message: str, code: str = "disk") -> None:
        super().__init__(message)
        self.code = code


def code_of(error: Exception) -> str:
    """What an error of the database or the file system comes to, as StoreFailed has it."""
    number = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the upper bits say more than is asked
    if number in _LOCKED:
        return "locked"
    return "damaged" if number in _DAMAGED or type(error) is sqlite3.DatabaseError else "disk"


class Place(NamedTuple):
    """Where the copy stands."""

    cursor: int
    complete: bool
    """Whether a first pull ever came to its end."""
    epoch: int
    mark: int
    identity: str
    """Another one for every new file: an index of an earlier file is of no use."""
    records: int
    """Records of this epoch and of those before."""
    next_key: int
    """Never used before."""
    fields: str = ""
    """What a record had when the copy was pulled (``FIELDS``)."""
    sealed: int = 0
    """The mark of the key with which restricted fields are kept; 0 where they are not."""


FIELDS = hashlib.sha256(
    " ".join([*sorted(Record.__struct_fields__), *sorted(kind.value for kind in RecordKind)]).encode()
).hexdigest()[:16]
"""Stands for what this version knows of a record: with another one the copy is pulled anew."""


class Known(NamedTuple):
    """What is known of a record beside its body."""

    key: int
    epoch: int
    revision: int


class Changes(NamedTuple):
    records: list[tuple[int, Record]]
    """By key."""
    gone: list[int]


class Store:
    """Methods that are awaited run in the store's thread; all raise StoreFailed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.on_disk = True
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="directory")
        self._connection: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self.sealer: Sealer | None = None
        """For whoever may see restricted fields: reads and writes them. None: they are as if they were not there."""
        self.replaced = False
        """Whether a damaged file was thrown away."""
        self._inode = 0
        self.followed = False
        """Whether another program keeps the file: nothing but what is used is written here."""

    # --- in the store's thread ---

    async def open(self) -> Place:
        """A damaged file is replaced by an empty one."""
        return await self._run(self._open_sound)

    async def open_followed(self) -> Place:
        """The file that another program keeps, as it is."""
        self.followed = True
        return await self._run(lambda: self._connect(f"{self.path.absolute().as_uri()}?mode=rw"))

    async def open_in_memory(self) -> Place:
        """For as long as there is no disk."""
        return await self._run(self._open_in_memory)

    async def put(self, records: Sequence[tuple[int, Record]], place: Place) -> Place:
        """Write records by key with cursor, completeness and epoch of ``place``, in one transaction.

        Retired ones are dropped. Returns the place with its new mark.
        """
        return await self._run(lambda: self._put(records, place))

    async def sweep(self, epoch: int) -> list[int]:
        """Drop what is left of earlier epochs; returns the keys."""
        return await self._run(lambda: self._sweep(epoch))

    async def changed_since(self, mark: int, limit: int) -> Changes:
        """Records and droppings after a mark, ``limit`` records at most, oldest first."""
        return await self._run(lambda: self._changed_since(mark, limit))

    async def place(self) -> Place:
        """Where the copy stands on disk, after another process filled it."""
        return await self._run(self._place)

    async def synonyms(self) -> list[Record]:
        """The records that are no entries but help for the search."""
        return await self._run(lambda: _decoded(self._writer(), "SELECT key, body FROM records WHERE kind = 'synonym'"))

    async def drop_sealed(self) -> None:
        """Forget all restricted fields."""

        def drop() -> None:
            with self._writer() as connection:
                connection.execute("UPDATE records SET sealed = NULL WHERE sealed IS NOT NULL")
                connection.execute("UPDATE place SET sealed = 0")

        await self._run(drop)

    async def usage(self) -> list[tuple[str, str, float, int]]:
        """(id of a record, who, weight, day it was last used)."""
        return await self._run(lambda: self._writer().execute("SELECT id, who, weight, day FROM usage").fetchall())

    async def keep_usage(self, row: tuple[str, str, float, int]) -> None:
        def keep() -> None:
            with self._writer() as connection:
                connection.execute("INSERT OR REPLACE INTO usage VALUES (?, ?, ?, ?)", row)

        await self._run(keep)

    async def close(self) -> None:
        """Never raises."""
        with contextlib.suppress(StoreFailed):
            await self._run(self._close)
        self._thread.shutdown(wait=False)

    # --- on the caller's thread: quick reads ---

    def read(self, keys: Sequence[int]) -> dict[int, Record]:
        """The records with these keys, as far as they are there."""
        if self._reader is None:
            return {}
        try:
            return read_records(self._reader, keys, self.sealer)
        except sqlite3.Error as error:
            raise StoreFailed(str(error), code_of(error)) from error

    def version(self) -> int:
        """Another number after another connection, of this program or not, wrote something."""
        rows = self._ask("PRAGMA data_version", ())
        return int(rows[0][0]) if rows else 0

    def known(self, record_ids: Sequence[str]) -> dict[str, Known]:
        """What is known of each, as far as they are there."""
        if not record_ids:
            return {}
        marks = ",".join("?" * len(record_ids))
        question = f"SELECT id, key, epoch, revision FROM records WHERE id IN ({marks})"  # noqa: S608 - only marks
        return {row[0]: Known(*row[1:]) for row in self._ask(question, record_ids)}

    @property
    def moved(self) -> bool:
        """Whether another program has put another file in this one's place."""
        if not self.on_disk or self._reader is None:
            return False
        try:
            return self.path.stat().st_ino != self._inode
        except OSError:
            return True

    def _ask(self, question: str, values: Sequence[object]) -> list[Any]:
        if self._reader is None:
            return []
        try:
            return self._reader.execute(question, values).fetchall()
        except sqlite3.Error as error:
            raise StoreFailed(str(error), code_of(error)) from error

    # --- what runs in the thread ---

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (sqlite3.Error, OSError) as error:
            raise StoreFailed(str(error), code_of(error)) from error

    def _open_sound(self) -> Place:
        try:
            return self._open()
        except sqlite3.OperationalError:
            raise  # locked, full, not allowed: the file may be good
        except sqlite3.DatabaseError as error:
            log.warning("the directory's copy is damaged and will be pulled again: %s", error)
            self._close()
            self.replaced = True
            aside = self._set_aside()
            try:
                self._open()
                log.warning(
                    "records of the damaged copy that can be searched meanwhile: %d", salvage(aside, self._writer())
                )
            except (sqlite3.DatabaseError, OSError) as failed:
                log.warning("nothing of the damaged copy could be saved: %s", failed)
            self._close()
            _remove(aside)
            return self._open()

    def _set_aside(self) -> Path:
        """Make room for a new file."""
        aside = self.path.with_name(self.path.name + ".damaged")
        _remove(aside)
        for suffix in ("", "-wal"):
            with contextlib.suppress(FileNotFoundError):
                self.path.with_name(self.path.name + suffix).rename(aside.with_name(aside.name + suffix))
        _remove(self.path)
        return aside

    def _open(self) -> Place:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        self.path.chmod(0o600)
        return self._connect(str(self.path))

    def _open_in_memory(self) -> Place:
        self.on_disk = False
        return self._connect(f"file:{uuid.uuid4().hex}?mode=memory&cache=shared")

    def _connect(self, name: str) -> Place:
        connection = sqlite3.connect(name, check_same_thread=False, timeout=WAIT, uri=name.startswith("file:"))
        try:
            if self.followed:
                check_schema(connection)
            else:
                self._make_ready(connection)
            self._reader = sqlite3.connect(name, check_same_thread=False, timeout=0.05, uri=name.startswith("file:"))
            self._reader.execute("PRAGMA query_only=1")
            if not self.on_disk:
                self._reader.execute("PRAGMA read_uncommitted=1")
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        self._inode = self.path.stat().st_ino if self.on_disk else 0
        return self._place()

    def _make_ready(self, connection: sqlite3.Connection) -> None:
        if self.on_disk:
            connection.execute("PRAGMA journal_mode=WAL")
            check_soundness(connection)
            check_schema(connection)
        if not holds_copy(connection):
            # Whoever opens it meanwhile sees all of it or nothing. A file that has it is not written: it may be locked.
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                for statement in _TABLES.split(";"):
                    connection.execute(statement)
                empty = (SCHEMA, uuid.uuid4().hex, FIELDS)
                connection.execute("INSERT OR IGNORE INTO place VALUES (1, ?, 0, 0, 1, 0, ?, ?, 0)", empty)

    def _writer(self) -> sqlite3.Connection:
        if self._connection is None:
            raise sqlite3.OperationalError("the copy is not open")
        return self._connection

    def _place(self) -> Place:
        connection = self._writer()
        cursor, complete, epoch, mark, identity, fields, sealed = connection.execute(
            "SELECT cursor, complete, epoch, mark, identity, fields, sealed FROM place"
        ).fetchone()
        (count,) = connection.execute("SELECT count(*) FROM records").fetchone()
        used = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'records'").fetchone()
        return Place(cursor, bool(complete), epoch, mark, identity, count, used[0] + 1 if used else 1, fields, sealed)

    def _put(self, records: Sequence[tuple[int, Record]], place: Place) -> Place:
        sealer = self.sealer if self.sealer is not None and self.sealer.mark == place.sealed else None
        with self._writer() as connection:
            (mark,) = connection.execute("SELECT mark FROM place").fetchone()
            kept, gone = [], []
            for key, record in dict(records).items():  # of one key only what came last
                mark += 1
                if record.retired:
                    gone.append((key, mark))
                else:
                    kept.append(row_of(key, record, place.epoch, mark, sealer))
            # A row with the same id and another key is left of a damaged copy.
            connection.executemany("DELETE FROM records WHERE id = ? AND key <> ?", ((r[1], r[0]) for r in kept))
            connection.executemany(INSERT, kept)
            connection.executemany("DELETE FROM records WHERE key = ?", ((key,) for key, _ in gone))
            connection.executemany("INSERT OR REPLACE INTO gone VALUES (?, ?)", gone)
            connection.executemany("DELETE FROM gone WHERE key = ?", ((row[0],) for row in kept))
            connection.execute(
                "UPDATE place SET cursor = ?, complete = ?, epoch = ?, mark = ?, fields = ?, sealed = ?",
                (place.cursor, place.complete, place.epoch, mark, place.fields, place.sealed),
            )
        return place._replace(mark=mark)

    def _sweep(self, epoch: int) -> list[int]:
        with self._writer() as connection:
            keys = [key for (key,) in connection.execute("SELECT key FROM records WHERE epoch < ?", (epoch,))]
            connection.execute("UPDATE place SET mark = mark + 1")
            connection.execute(
                "INSERT OR REPLACE INTO gone SELECT key, (SELECT mark FROM place) FROM records WHERE epoch < ?",
                (epoch,),
            )
            connection.execute("DELETE FROM records WHERE epoch < ?", (epoch,))
        return keys

    def _changed_since(self, mark: int, limit: int) -> Changes:
        connection = self._writer()
        question = "SELECT key, body FROM records WHERE mark > ? ORDER BY mark LIMIT ?"
        decode = msgspec.json.Decoder(Record).decode
        records = []
        for key, body in connection.execute(question, (mark, limit)):
            with contextlib.suppress(msgspec.MsgspecError):  # rot in the file: the next comparison mends it
                records.append((key, decode(body)))
        gone = [key for (key,) in connection.execute("SELECT key FROM gone WHERE mark > ?", (mark,))]
        return Changes(records, gone)

    def _close(self) -> None:
        for connection in (self._reader, self._connection):
            if connection is not None:
                connection.close()
        self._reader = self._connection = None


def _remove(file: Path) -> None:
    """A database with everything that belongs to it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


@contextlib.contextmanager
def open_to_read(path: Path, timeout: float = 5.0) -> Iterator[sqlite3.Connection]:
    """A copy that is there already, for looking only. Raises sqlite3.Error.

    Opened for writing all the same: what a killed program was in the middle of is undone by whoever opens it next.
    """
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=timeout)) as found:
        found.execute("PRAGMA query_only = ON")
        yield found


def check_soundness(connection: sqlite3.Connection) -> None:
    """Raises sqlite3.DatabaseError when the file's structure is damaged."""
    (verdict,) = connection.execute("PRAGMA quick_check").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)


def holds_copy(connection: sqlite3.Connection) -> bool:
    """Whether a copy was ever begun in this file. Raises sqlite3.Error."""
    return _tables_of(connection) >= _TABLE_NAMES


def check_schema(connection: sqlite3.Connection) -> None:
    """Raises sqlite3.DatabaseError when the file is of another version of this program."""
    if "place" in _tables_of(connection):
        (schema,) = connection.execute("SELECT schema FROM place").fetchone()
        if schema != SCHEMA:
            raise sqlite3.DatabaseError(f"schema {schema}")


def _tables_of(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def row_of(key: int, record: Record, epoch: int, mark: int, sealer: Sealer | None) -> tuple[Any, ...]:
    """A record as ``INSERT`` takes it: public fields plain, restricted ones sealed or left out."""
    sealed = sealer.seal(record.id, record.revision, record.restricted) if sealer and record.restricted else None
    body = msgspec.json.encode(msgspec.structs.replace(record, restricted={}) if record.restricted else record)
    return (key, record.id, epoch, record.revision, mark, record.kind.value, zlib.crc32(body), body, sealed)


def _decoded(connection: sqlite3.Connection, question: str) -> list[Record]:
    return [record for _key, record in _rows(connection.execute(question))]


def _rows(rows: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, Record]]:
    decode = msgspec.json.Decoder(Record).decode
    for key, body in rows:
        with contextlib.suppress(msgspec.MsgspecError):  # rot in the file: the next comparison mends it
            yield key, decode(body)


def entries(connection: sqlite3.Connection) -> Iterator[tuple[int, Record]]:
    """Every record that is found by the search, by key. Raises sqlite3.Error."""
    return _rows(connection.execute("SELECT key, body FROM records WHERE kind <> 'synonym'"))


def synonym_records(connection: sqlite3.Connection) -> list[Record]:
    """The records that are no entries. Raises sqlite3.Error."""
    return _decoded(connection, "SELECT key, body FROM records WHERE kind = 'synonym'")


def read_records(
    connection: sqlite3.Connection, keys: Sequence[int], sealer: Sealer | None = None
) -> dict[int, Record]:
    """The records with these keys, as far as they are there. Raises sqlite3.Error."""
    marks = ",".join("?" * len(keys))
    question = f"SELECT key, body, sealed FROM records WHERE key IN ({marks})"  # noqa: S608 - only marks
    found = {}
    for key, body, sealed in connection.execute(question, keys):
        with contextlib.suppress(msgspec.MsgspecError):  # rot in the file: the next comparison mends it
            record = msgspec.json.decode(body, type=Record)
            if sealed is not None and sealer is not None:
                fields = sealer.unseal(record.id, record.revision, sealed)
                record = msgspec.structs.replace(record, restricted=fields)
            found[key] = record
    return found


def compare(path: Path) -> tuple[tuple[int, ...], list[str], list[tuple[str, int]]]:
    """The sums of every bucket, the ids whose stored body is damaged, and every (id, revision). Raises sqlite3.Error.

    In short bites: the screen wants the interpreter too.
    """
    pairs: list[tuple[str, int]] = []
    damaged: list[str] = []

    def read(rows: sqlite3.Cursor) -> Iterator[tuple[str, int]]:
        while bite := rows.fetchmany(200):
            for record_id, revision, crc, body in bite:
                pairs.append((record_id, revision))
                if zlib.crc32(body) != crc:
                    damaged.append(record_id)
                yield pairs[-1]
            time.sleep(0.001)

    with open_to_read(path) as connection:
        sums = sums_of(read(connection.execute("SELECT id, revision, crc, CAST(body AS BLOB) FROM records")))
    return sums, damaged, pairs
