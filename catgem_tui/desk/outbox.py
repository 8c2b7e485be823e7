"""What must outlive this process: commands central has not answered, and texts being typed.

One SQLite file per workstation, mode 0600, written in a thread of its own, by user. With a key its contents are
encrypted (Fernet); without one they are plain. A write is on disk when it returns, whatever kills the process next.

Two workstations on one folder write into one file, each for its user: a command has its id and takes effect at most
once, whoever repeats it. Only who came first may put a damaged file aside.
"""

import asyncio
import contextlib
import errno
import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from catgem_tui.desk.effects import KeepText
from catgem_tui.directory.claim import Claim
from catgem_tui.protocol.commands import COMMANDS, kind_of
from catgem_tui.protocol.model import Struct

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

TEXTS_KEPT = 30 * 86400.0
"""Seconds an unsaved text is kept for a contact that does not come back."""
LEAST_SPACE = 65_536
"""Bytes below which a disk is taken for full."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS commands (
    position INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    sealed INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS texts (
    user TEXT NOT NULL, contact TEXT NOT NULL, field TEXT NOT NULL, at REAL NOT NULL,
    sealed INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (user, contact, field));
"""

log = logging.getLogger(__name__)
T = TypeVar("T")


class OutboxError(Exception):
    """``code``: ``disk_full``, ``outbox_busy`` (another program keeps it locked), ``outbox_unwritable`` (a folder that
    may only be read, say) or ``outbox_unreadable``."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


class Kept(NamedTuple):
    commands: tuple[tuple[str, Struct], ...]
    """(id, body), oldest first."""
    texts: tuple[KeepText, ...]
    unreadable: int
    """Entries that the present key does not open; they are left where they are."""


class Outbox:
    """Every method runs in the outbox's thread, in the order of the calls. All but ``close`` raise OutboxError."""

    def __init__(self, path: Path, key: bytes | None = None) -> None:
        self._path = path
        self._key = key
        self._cipher: Fernet | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="outbox")
        self._connection: sqlite3.Connection | None = None
        self._claim = Claim(path)
        self.shared = False
        """Whether another workstation had the file before, once it is open."""

    async def open(self) -> bool:
        """False when the file was damaged: it was put aside and a new one begun."""
        return await self._run(self._open_or_replace)

    async def load(self, user: str) -> Kept:
        return await self._run(lambda: self._load(user))

    async def put(self, user: str, command_id: str, body: Struct) -> None:
        """Keep a command, after those kept before it; one already kept stays as it is."""
        row = (user, command_id, kind_of(body), *self._seal(body))
        await self._run(
            lambda: self._write(
                "INSERT OR IGNORE INTO commands (user, id, kind, sealed, body) VALUES (?, ?, ?, ?, ?)", row
            )
        )

    async def remove(self, command_id: str) -> None:
        await self._run(lambda: self._write("DELETE FROM commands WHERE id = ?", (command_id,)))

    async def keep_text(self, user: str, text: KeepText) -> None:
        row = (user, text.contact, text.field, time.time(), *self._seal(text))
        await self._run(lambda: self._write("INSERT OR REPLACE INTO texts VALUES (?, ?, ?, ?, ?, ?)", row))

    async def drop_text(self, user: str, contact: str, field: str) -> None:
        key = (user, contact, field)
        await self._run(lambda: self._write("DELETE FROM texts WHERE user = ? AND contact = ? AND field = ?", key))

    async def close(self) -> None:
        """After what was asked before is written. Never raises."""
        with contextlib.suppress(OutboxError):
            await self._run(self._leave)
        self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (sqlite3.Error, OSError) as error:
            raise OutboxError(_code(error, self._path.parent), str(error)) from error

    # --- in the thread ---

    def _open_or_replace(self) -> bool:
        if self._key is not None:
            from cryptography.fernet import Fernet

            self._cipher = Fernet(self._key)
        with contextlib.suppress(OSError):  # a file system without locks: as if nobody else were there
            self.shared = not self._claim.take()
        try:
            self._open()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            if self.shared:
                raise OutboxError("outbox_unreadable", str(error)) from error
            log.warning("the outbox is damaged and put aside: %s", error)
            self._close()
            for suffix in ("-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            self._path.rename(self._path.with_name(f"{self._path.name}.damaged-{int(time.time())}"))
            self._open()
            return False
        return True

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            self._path.chmod(0o600)
            connection = sqlite3.connect(self._path, check_same_thread=False, timeout=5)
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute("PRAGMA secure_delete=ON")
                (verdict,) = connection.execute("PRAGMA quick_check").fetchone()
                if verdict != "ok":
                    raise sqlite3.DatabaseError(verdict)
                connection.executescript(SCHEMA)
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _write(self, statement: str, row: tuple[object, ...]) -> None:
        with self._open() as connection:
            connection.execute(statement, row)

    def _load(self, user: str) -> Kept:
        connection = self._open()
        with connection:
            connection.execute("DELETE FROM texts WHERE at < ?", (time.time() - TEXTS_KEPT,))
        commands, texts, unreadable = [], [], 0
        rows = connection.execute(
            "SELECT id, kind, sealed, body FROM commands WHERE user = ? ORDER BY position", (user,)
        )
        for command_id, kind, sealed, body in rows:
            command = self._unseal(COMMANDS.get(kind), sealed, body)
            if command is None:
                unreadable += 1
            else:
                commands.append((command_id, command))
        for sealed, body in connection.execute("SELECT sealed, body FROM texts WHERE user = ?", (user,)):
            text = self._unseal(KeepText, sealed, body)
            if text is None:
                unreadable += 1
            else:
                texts.append(text)
        return Kept(tuple(commands), tuple(texts), unreadable)

    def _seal(self, body: object) -> tuple[bool, bytes]:
        plain = msgspec.json.encode(body)
        return (False, plain) if self._cipher is None else (True, self._cipher.encrypt(plain))

    def _unseal(self, kind: type[T] | None, sealed: bool, body: bytes) -> T | None:
        if kind is None or (sealed and self._cipher is None):
            return None
        try:
            if sealed and self._cipher is not None:
                from cryptography.fernet import InvalidToken

                try:
                    body = self._cipher.decrypt(body)
                except InvalidToken:
                    return None
            return msgspec.json.decode(body, type=kind)
        except msgspec.MsgspecError:
            return None

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _leave(self) -> None:
        self._close()
        self._claim.release()


def _code(error: sqlite3.Error | OSError, folder: Path) -> str:
    """Why nothing can be written there."""
    if isinstance(error, OSError):
        return "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "outbox_unwritable"
    kind = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the extended codes are in the upper bits
    if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "outbox_busy"
    full = kind == sqlite3.SQLITE_FULL or (kind == sqlite3.SQLITE_IOERR and _is_full(folder))
    return "disk_full" if full else "outbox_unwritable"


def _is_full(folder: Path) -> bool:
    """Of a file that it cannot make larger SQLite says no more than that it could not be written."""
    try:
        return shutil.disk_usage(folder).free < LEAST_SPACE
    except OSError:
        return False
