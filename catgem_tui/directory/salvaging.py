"""What a damaged copy still holds: searched until central has given all of it again."""

import contextlib
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_ROW = "SELECT key, id, revision, kind, crc, CAST(body AS BLOB) FROM records WHERE key > ? ORDER BY key LIMIT ?"
BITE = 200
HOLE = 20_000
"""Keys in a row that cannot be read, after which nothing more is expected."""
EARLIER = 0
"""The epoch of what was saved: before any other, so that it goes when a copy is complete."""


def salvage(damaged: Path, connection: sqlite3.Connection) -> int:
    """Copy the records that can be read and are as they were written into a new, empty copy; returns how many.

    Raises sqlite3.Error when nothing can be read at all, or the new copy not be written.
    """
    count = 0
    with (
        contextlib.closing(sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True)) as source,
        connection,
    ):
        for key, record_id, revision, kind, crc, body in _readable(source):
            if zlib.crc32(body) == crc:
                row = (key, record_id, EARLIER, revision, kind, crc, body)
                saved = connection.execute(
                    "INSERT OR IGNORE INTO records (key, id, epoch, revision, mark, kind, crc, body)"
                    " VALUES (?, ?, ?, ?, 0, ?, ?, ?)", row,
                )  # fmt: skip
                count += saved.rowcount
        connection.execute("UPDATE records SET mark = key")
        connection.execute("UPDATE place SET mark = (SELECT coalesce(max(key), 0) FROM records)")
    return count


def _readable(source: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    """Row by row where a bite of them cannot be read, and over what cannot be read at all."""
    after = hole = singly = 0
    while hole < HOLE:
        try:
            rows = source.execute(_ROW, (after, 1 if singly else BITE)).fetchall()
        except sqlite3.DatabaseError:
            if singly:
                after, hole = after + 1, hole + 1
            singly = BITE
            continue
        if not rows:
            return
        yield from (row for row in rows if isinstance(row[5], bytes))
        after, hole, singly = rows[-1][0], 0, max(0, singly - 1)
