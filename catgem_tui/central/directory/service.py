"""The directory's only writer: numbers the changes, keeps the change log, tells the live lines."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.store.changelog import Head, Note, add_lines, read_head
from catgem_tui.central.store.database import Database
from catgem_tui.central.store.records import read_changed, read_records, write_records
from catgem_tui.central.store.writing import read_counter, write_counters
from catgem_tui.protocol.editing import Publication, Support
from catgem_tui.protocol.events import DIRECTORY
from catgem_tui.protocol.http import RecordPage
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Record

logger = logging.getLogger(__name__)

PAGE = 1000
"""Records in one answer at most."""
SLICE = 500
"""Records in one transaction at most: the floor's writes wait for it."""


class Writing:
    """A transaction on the directory: where its numbers and its change log stand."""

    def __init__(self, connection: AsyncConnection, cursor: int, head: Head) -> None:
        self.connection, self.cursor, self.head = connection, cursor, head
        self.changed: list[Record] = []

    async def apply(self, wanted: Sequence[Record], note: Note) -> int:
        """Write those of the records that are new or differ from what is kept; returns how many."""
        known = await read_records(self.connection, [record.id for record in wanted])
        pairs: list[tuple[Record | None, Record]] = []
        for record in wanted:
            before = known.get(record.id)
            if before is not None and msgspec.structs.replace(record, revision=before.revision) == before:
                continue
            self.cursor += 1
            pairs.append((before, msgspec.structs.replace(record, revision=self.cursor)))
        after = [record for _, record in pairs]
        await write_records(self.connection, after)
        self.head = await add_lines(self.connection, self.head, pairs, note)
        self.changed += after
        return len(pairs)


class Directory:
    """Records by revision: each change takes the next number, so "what came after" is one ordered read."""

    def __init__(
        self,
        database: Database,
        publish: Callable[[Sequence[Record]], None],
        imported: Callable[[Publication, int], None] | None = None,
    ) -> None:
        """``publish`` puts records on the live lines; ``imported`` is told of an import, in the same breath, and of the
        revision it has come to: again, with more records, for every slice of it."""
        self._database = database
        self._publish = publish
        self._imported = imported
        self._one_writer = asyncio.Lock()
        self._head = Head()
        self.cursor = 0
        """Revision of the last change that is on disk."""

    async def start(self) -> None:
        """Raises StorageFailed."""
        async with self._database.read() as connection:
            # As the floor's: a new directory is not taken for an older one whose numbers a workstation remembers.
            self.cursor = await read_counter(connection, DIRECTORY, int(time.time() * 1000))
            self._head = await read_head(connection)

    async def import_records(
        self,
        records: Iterable[Record],
        who: str,
        support: str,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> int:
        """Save those of the records that are new or differ from what is kept; returns how many.

        ``who`` is a user id or names the program, ``support`` the document it rests on; ``progress`` is told the
        records that are saved, and of how many. Raises StorageFailed; then the slices before are kept, and importing
        all of it again does the rest.
        """
        wanted = list({record.id: record for record in records}.values())
        changed, change, title = 0, new_id(time.time()), ""
        for start in range(0, len(wanted), SLICE):
            async with self.writing() as writing:
                note = Note(at=time.time(), who=who, support=Support(reference=support), change=change)
                done = await writing.apply(wanted[start : start + SLICE], note)
            changed += done
            progress(min(start + SLICE, len(wanted)), len(wanted))
            title = title or (writing.changed[0].title if done else "")
            if done and self._imported is not None:
                publication = Publication(
                    change=change, who=who, published_at=note.at, title=title, records=changed, reference=support
                )
                self._imported(publication, writing.cursor)
        logger.info("directory: %d of %d records changed by %s", changed, len(wanted), who)
        return changed

    @asynccontextmanager
    async def writing(self) -> AsyncIterator["Writing"]:
        """One transaction of the only writer; what it changed is published once it is on disk. Raises StorageFailed."""
        async with self._one_writer:
            async with self._database.write() as connection:
                writing = Writing(connection, self.cursor, self._head)
                yield writing
                if writing.changed:
                    await write_counters(connection, {DIRECTORY: writing.cursor})
            self.cursor, self._head = writing.cursor, writing.head
            if writing.changed:
                self._publish(writing.changed)

    async def known(self, ids: Iterable[str]) -> set[str]:
        """Those of the ids that records have, retired ones too. Raises StorageFailed."""
        wanted, found = list(ids), set[str]()
        async with self._database.read() as connection:
            for start in range(0, len(wanted), SLICE):
                found |= (await read_records(connection, wanted[start : start + SLICE])).keys()
        return found

    async def page(self, after: int, limit: int = PAGE) -> RecordPage:
        """What changed after the cursor, restricted fields included. Raises StorageFailed."""
        limit = max(1, min(limit, PAGE))
        cursor = self.cursor  # as it is before reading: what is published meanwhile may not be among what is read
        async with self._database.read() as connection:
            records = await read_changed(connection, after, limit + 1)
        more = len(records) > limit
        records = records[:limit]
        return RecordPage(records=records, cursor=records[-1].revision if records else cursor, more=more)
