"""What workstations copy the directory from: compressed files of all of it, and sums to compare with.

A file is good for as long as the changes since are few: whoever has it pulls those. It is made in a thread, one for
those who may see restricted fields and one for the others, and anew when central starts.
"""

import asyncio
import gzip
import logging
import secrets
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.ports import StorageFailed
from catgem_tui.central.store.database import Database
from catgem_tui.central.store.records import read_records
from catgem_tui.central.store.tables import records
from catgem_tui.central.store.writing import read_counter
from catgem_tui.protocol.events import DIRECTORY
from catgem_tui.protocol.model import Record
from catgem_tui.protocol.sums import COPY_SCHEMA, CopyHeader, DirectorySums, Listing, bucket_of, sums_of

BEHIND = 2_000
"""Changes since a file was made up to which it is still given out."""
KEPT = 2
"""Files of each kind that are kept: the newest, and the one before for whoever is in the middle of it."""
STALE = 30.0
"""Seconds for which sums are given out although something has changed since."""
SOON = 2.0
"""The same for those who have that change already and cannot compare with what was before it."""
BATCH = 1_000
LEVEL = 3
"""Of compression: half as long as the usual one for a tenth more bytes."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Copy:
    path: Path
    cursor: int

    @property
    def etag(self) -> str:
        return f'"{self.path.name.partition(".")[0]}"'


class Copies:
    """``folder`` is this object's own: whatever is in it is deleted."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database, self._folder = database, folder
        self._made: dict[bool, list[Copy]] = {False: [], True: []}
        self._making = {False: asyncio.Lock(), True: asyncio.Lock()}
        self._summing = asyncio.Lock()
        self._sums: DirectorySums | None = None
        self._summed_at = 0.0
        self._fresh = False

    async def copy(self, cursor: int, *, restricted: bool, etag: str = "") -> Copy:
        """The file with this ``etag`` if it is still there, else one that is current enough for ``cursor``.

        Raises StorageFailed.
        """
        for made in self._made[restricted]:
            if made.etag == etag:
                return made
        async with self._making[restricted]:
            newest = self._made[restricted][-1:]
            if newest and 0 <= cursor - newest[0].cursor <= BEHIND and newest[0].path.is_file():
                return newest[0]
            return await self._make(restricted=restricted)

    async def _make(self, *, restricted: bool) -> Copy:
        begun = time.monotonic()
        making = self._folder / f"{secrets.token_hex(8)}.making"
        try:
            if not self._fresh:
                await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
                self._fresh = True
            self._folder.mkdir(exist_ok=True, mode=0o700)
            file = await asyncio.to_thread(gzip.open, making, "wb", LEVEL)
            try:
                async with self._database.read() as connection:
                    cursor = await read_counter(connection, DIRECTORY)
                    await self._fill(connection, file, cursor, restricted=restricted)
            finally:
                await asyncio.to_thread(file.close)
            kind = "r" if restricted else "p"
            copy = Copy(making.rename(self._folder / f"{kind}{cursor}-{making.stem}.gz"), cursor)
        except OSError as error:
            making.unlink(missing_ok=True)
            raise StorageFailed(str(error)) from error
        kept = [*self._made[restricted], copy]
        for old in kept[:-KEPT]:
            old.path.unlink(missing_ok=True)  # whoever reads it goes on reading
        self._made[restricted] = kept[-KEPT:]
        logger.info("a copy of the directory at %d in %.1f s", cursor, time.monotonic() - begun)
        return copy

    async def _fill(self, connection: AsyncConnection, file: Any, cursor: int, *, restricted: bool) -> None:
        there = records.c.retired.is_(False)
        count = (await connection.execute(select(func.count()).select_from(records).where(there))).scalar() or 0
        header = CopyHeader(schema=COPY_SCHEMA, cursor=cursor, count=count)
        await asyncio.to_thread(file.write, msgspec.json.encode(header) + b"\n")
        after = 0
        query = select(records.c.revision, records.c.body).where(there).order_by(records.c.revision).limit(BATCH)
        while rows := (await connection.execute(query.where(records.c.revision > after))).all():
            after = rows[-1][0]
            await asyncio.to_thread(_write, file, [row[1] for row in rows], restricted)

    # --- comparing ---

    async def sums(self, cursor: int, at: int = 0) -> DirectorySums:
        """Of the directory, which is at ``cursor``, for somebody who is ``at``. Raises StorageFailed."""
        async with self._summing:
            sums = self._sums
            if sums is not None:
                good_for = STALE if sums.cursor >= at else SOON
                if sums.cursor == cursor or time.monotonic() - self._summed_at < good_for:
                    return sums
            at, pairs = await self._pairs()
            self._sums = DirectorySums(cursor=at, sums=await asyncio.to_thread(sums_of, pairs))
            self._summed_at = time.monotonic()
            return self._sums

    async def listing(self, buckets: frozenset[int]) -> Listing:
        """Raises StorageFailed."""
        cursor, pairs = await self._pairs()
        found = await asyncio.to_thread(lambda: tuple(pair for pair in pairs if bucket_of(pair[0]) in buckets))
        return Listing(cursor=cursor, records=found)

    async def some(self, ids: Sequence[str]) -> tuple[Record, ...]:
        """Those of the records that are there, restricted fields included. Raises StorageFailed."""
        async with self._database.read() as connection:
            found = await read_records(connection, ids)
        return tuple(record for record in found.values() if not record.retired)

    async def _pairs(self) -> tuple[int, list[tuple[str, int]]]:
        query = select(records.c.id, records.c.revision).where(records.c.retired.is_(False))
        async with self._database.read() as connection:
            cursor = await read_counter(connection, DIRECTORY)
            return cursor, [(row[0], row[1]) for row in (await connection.execute(query)).all()]


def _write(file: Any, bodies: list[str], restricted: bool) -> None:
    for body in bodies:
        line = body.encode()
        if not restricted and b'"restricted"' in line:
            line = msgspec.json.encode(msgspec.structs.replace(msgspec.json.decode(line, type=Record), restricted={}))
        file.write(line + b"\n")
