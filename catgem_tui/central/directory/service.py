"""The directory's only writer: numbers the changes, keeps the change log, tells the live lines."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence

import msgspec

from catgem_tui.central.store.database import Database
from catgem_tui.central.store.records import read_changed, read_records, write_records
from catgem_tui.central.store.writing import read_counter, write_counters
from catgem_tui.protocol.events import DIRECTORY
from catgem_tui.protocol.http import RecordPage
from catgem_tui.protocol.model import Record

logger = logging.getLogger(__name__)

PAGE = 1000
"""Records in one answer at most."""
SLICE = 500
"""Records in one transaction at most: the floor's writes wait for it."""


class Directory:
    """Records by revision: each change takes the next number, so "what came after" is one ordered read."""

    def __init__(self, database: Database, publish: Callable[[Sequence[Record]], None]) -> None:
        self._database = database
        self._publish = publish
        self._one_writer = asyncio.Lock()
        self.cursor = 0
        """Revision of the last change that is on disk."""

    async def start(self) -> None:
        """Raises StorageFailed."""
        async with self._database.read() as connection:
            # As the floor's: a new directory is not taken for an older one whose numbers a workstation remembers.
            self.cursor = await read_counter(connection, DIRECTORY, int(time.time() * 1000))

    async def import_records(self, records: Iterable[Record], who: str, support: str) -> int:
        """Save those of the records that are new or differ from what is kept; returns how many.

        ``who`` is a user id or names the program, ``support`` the document it rests on. Raises StorageFailed; then the
        slices before are kept, and importing all of it again does the rest.
        """
        wanted = list({record.id: record for record in records}.values())
        changed = 0
        async with self._one_writer:
            for start in range(0, len(wanted), SLICE):
                changed += await self._save(wanted[start : start + SLICE], who, support)
        logger.info("directory: %d of %d records changed by %s", changed, len(wanted), who)
        return changed

    async def _save(self, wanted: Sequence[Record], who: str, support: str) -> int:
        """All of them in one transaction, or none."""
        cursor = self.cursor
        async with self._database.write() as connection:
            known = await read_records(connection, [record.id for record in wanted])
            pairs: list[tuple[Record | None, Record]] = []
            for record in wanted:
                before = known.get(record.id)
                if before is not None and msgspec.structs.replace(record, revision=before.revision) == before:
                    continue
                cursor += 1
                pairs.append((before, msgspec.structs.replace(record, revision=cursor)))
            await write_records(connection, pairs, at=time.time(), who=who, support=support)
            if pairs:
                await write_counters(connection, {DIRECTORY: cursor})
        self.cursor = cursor
        if pairs:
            self._publish([after for _, after in pairs])
        return len(pairs)

    async def page(self, after: int, limit: int = PAGE) -> RecordPage:
        """What changed after the cursor, restricted fields included. Raises StorageFailed."""
        limit = max(1, min(limit, PAGE))
        async with self._database.read() as connection:
            records = await read_changed(connection, after, limit + 1)
        more = len(records) > limit
        records = records[:limit]
        return RecordPage(records=records, cursor=records[-1].revision if records else self.cursor, more=more)
