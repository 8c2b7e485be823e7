"""Filling the copy and building its index from a whole download, in a process of its own and in one transaction.

Whoever reads the copy meanwhile sees what was there before; what ends early leaves nothing. A ``Job`` as JSON comes on
standard input; the number of records done and of all go to standard output, a line each time.
"""

import contextlib
import gzip
import io
import os
import sqlite3
import sys
import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from catgem_tui.directory.building import report
from catgem_tui.directory.sealing import Sealer, stream_cipher
from catgem_tui.directory.segment import write_segment
from catgem_tui.directory.store import FIELDS, INSERT, LONGEST_WAIT, row_of
from catgem_tui.directory.thesaurus import is_entry
from catgem_tui.protocol.model import Record
from catgem_tui.protocol.sums import COPY_SCHEMA, CopyHeader

DAMAGED = 3
"""Exit status: the download is not whole, or not what was meant; the copy is as it was."""
UNKNOWN = 4
"""Exit status: a newer central's way to write it down; pages are still understood."""
BATCH = 1_000


class Job(msgspec.Struct):
    copy: str
    folder: str
    """Of the index."""
    file: str
    key: str
    """Empty: the file is plain and restricted fields are not kept."""


class _Damaged(Exception):
    pass


class _Sealed(io.RawIOBase):
    """A sealed download, read from its beginning."""

    def __init__(self, file: io.BufferedReader, cipher: Any) -> None:
        self._file, self._cipher = file, cipher

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._cipher.update(self._file.read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)


def main() -> int:
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    with contextlib.suppress(OSError):
        os.nice(10)
    try:
        return ingest(job)
    except (EOFError, gzip.BadGzipFile, zlib.error, _Damaged, UnicodeDecodeError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}")
        return DAMAGED
    except (sqlite3.Error, OSError) as error:
        return report(error)


def ingest(job: Job) -> int:
    """Raises sqlite3.Error, OSError, and what gzip raises."""
    path = Path(job.file)
    key = job.key.encode()
    with path.open("rb") as raw, contextlib.closing(sqlite3.connect(job.copy, timeout=LONGEST_WAIT)) as connection:
        plain = io.BufferedReader(_Sealed(raw, stream_cipher(key, path.name, 0))) if key else raw
        lines = gzip.GzipFile(fileobj=plain)
        try:
            header = msgspec.json.decode(lines.readline(), type=CopyHeader)
        except msgspec.MsgspecError as error:
            raise _Damaged("no header") from error
        if header.schema != COPY_SCHEMA:
            return UNKNOWN
        connection.execute("PRAGMA cache_size=-20000")
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            _fill(connection, lines, header, job)
    return 0


def _fill(connection: sqlite3.Connection, lines: gzip.GzipFile, header: CopyHeader, job: Job) -> None:
    epoch, mark = connection.execute("SELECT epoch, mark FROM place").fetchone()
    keys = dict(connection.execute("SELECT id, key FROM records"))
    used = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'records'").fetchone()
    next_key = used[0] + 1 if used else 1
    sealer = Sealer(job.key.encode()) if job.key else None
    identity = uuid.uuid4().hex
    rows: list[tuple[Any, ...]] = []
    count = 0

    def write() -> None:
        connection.executemany(INSERT, rows)
        rows.clear()
        sys.stdout.write(f"{count} {header.count}\n")
        sys.stdout.flush()

    def records() -> Iterator[tuple[int, Record]]:
        nonlocal count, next_key, mark
        decode = msgspec.json.Decoder(Record).decode
        for line in lines:
            count += 1
            mark += 1
            try:
                record = decode(line)
            except msgspec.MsgspecError as error:
                sys.stderr.write(f"a record cannot be read and is left out: {error}\n")
                continue
            key = keys.get(record.id)
            if key is None:
                key, next_key = next_key, next_key + 1
            rows.append(row_of(key, record, epoch + 1, mark, sealer))
            if len(rows) == BATCH:
                write()
            if is_entry(record):
                yield key, record
        write()
        if count != header.count:
            raise _Damaged(f"{count} records of {header.count}")

    write_segment(Path(job.folder) / f"{identity}-{mark + header.count}", records(), mark + header.count)
    connection.execute("DELETE FROM records WHERE epoch <= ?", (epoch,))
    connection.execute("DELETE FROM gone")
    connection.execute(
        "UPDATE place SET cursor = ?, complete = 1, epoch = ?, mark = ?, identity = ?, fields = ?, sealed = ?",
        (header.cursor, epoch + 1, mark, identity, FIELDS, sealer.mark if sealer else 0),
    )
