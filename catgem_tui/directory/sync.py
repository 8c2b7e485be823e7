"""Keeping the copy current: pull pages from the cursor over HTTP, then apply what the live line brings.

The cursor on disk only moves over what is on disk, so a pull cut short goes on where it was, in this process or the
next. Changes that arrive during a pull are searchable at once; the pull brings them again for the disk.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from catgem_tui.directory.index import Index
from catgem_tui.directory.store import Store, StoreFailed
from catgem_tui.protocol.http import RecordPage
from catgem_tui.protocol.model import Record

PAGE = 500
"""Records asked for at once."""
RETRY = 5.0
"""Seconds until a pull that failed is tried again."""
LAST_WRITES = 2.0
"""Seconds that closing waits for the disk."""

log = logging.getLogger(__name__)
FetchPage = Callable[[int, int], Awaitable[RecordPage | None]]
"""(after, limit) to a page; None when central cannot give it now."""


class Directory:
    """The local directory: ``start`` it, ``pull`` when the line says the copy is behind, ``apply`` what changes."""

    def __init__(self, path: Path, fetch: FetchPage, changed: Callable[[], None]) -> None:
        self.problem = ""
        """Empty, ``unreachable``, ``rebuilding`` or ``disk``."""
        self.syncing = False
        self._store = Store(path)
        self._fetch = fetch
        self._changed = changed
        self._index = Index()
        self._cursor = 0
        self._complete = False
        self._pulling: asyncio.Task[None] | None = None
        self._again = False
        self._seen: set[str] | None = None
        """While everything is pulled anew: the records that are in the new history."""
        self._writes: asyncio.Queue[tuple[Record, int]] = asyncio.Queue()
        self._writing: asyncio.Task[None] | None = None
        self._unwritten: list[Record] = []
        """What the disk refused so far; the cursor on disk may not pass it."""

    def __len__(self) -> int:
        return len(self._index)

    @property
    def cursor(self) -> int | None:
        """The last change the copy holds; None before the first pull came to its end."""
        return self._cursor if self._complete and self._pulling is None else None

    async def start(self) -> None:
        """Load the copy and make it searchable; the building runs beside the event loop."""
        try:
            records, self._cursor, self._complete = await self._store.load()
        except StoreFailed as error:
            log.warning("no copy of the directory: %s", error)
            self.problem = "disk"
        else:
            self._index = await asyncio.to_thread(Index, records)
        self._writing = asyncio.get_running_loop().create_task(self._write(), name="directory writer")
        self._changed()

    def search(self, query: str, limit: int) -> list[Record]:
        return self._index.search(query, limit)

    def pull(self) -> None:
        """Catch up over HTTP until there is no more; asked for while it runs, it is looked at once more.

        Central asks for it where it cannot go on from the copy's cursor. A complete copy is then of another history,
        or far behind: all of it is pulled, found by searches meanwhile, and what did not come again is dropped.
        """
        anew = self.cursor is not None
        self._again = True
        if self._pulling is None:
            self._pulling = asyncio.get_running_loop().create_task(self._pull(anew), name="directory pull")

    def apply(self, record: Record, seq: int) -> None:
        """One change from the live line."""
        self._index.put(record)
        if self._seen is not None:
            self._seen.add(record.id)
        if self._pulling is None:
            self._writes.put_nowait((record, seq))
        else:
            self._again = True  # the page on its way may be older than this change
        self._changed()

    async def close(self) -> None:
        """After what is queued for the disk is there. Never raises."""
        with contextlib.suppress(TimeoutError):
            # Not asyncio.timeout: before Python 3.11.3 it raises CancelledError in a task once cancelled.
            await asyncio.wait_for(self._writes.join(), LAST_WRITES)
        for task in (self._pulling, self._writing):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await self._store.close()

    async def _pull(self, anew: bool) -> None:
        self.syncing = True
        self._changed()
        try:
            if anew:
                await self._begin_anew()
            while self._again:
                self._again = False
                await self._pull_pages()
        finally:
            self._pulling = None
            self.syncing = False
            self._changed()

    async def _pull_pages(self) -> None:
        more = True
        while more:
            page = await self._fetch(self._cursor, PAGE)
            if page is None:
                self._say("unreachable")
                await asyncio.sleep(RETRY)
                continue
            if not page.records and page.cursor < self._cursor:
                await self._begin_anew()  # central's history is shorter than ours
                continue
            more = page.more
            await self._take(page)
            self._complete = self._complete or not more
            self._say("" if await self._keep(page.records) else "disk")
        self._sweep()

    async def _take(self, page: RecordPage) -> None:
        for position, record in enumerate(page.records):
            if self._seen is not None and record.id not in self._seen:
                self._index.remove(record.id)  # revisions of two histories cannot be compared
                self._seen.add(record.id)
            self._index.put(record)
            if position % 50 == 49:
                await asyncio.sleep(0)  # the screen's turn
        self._cursor = page.cursor

    async def _begin_anew(self) -> None:
        """The disk is emptied at once, so that a pull cut short leaves nothing old; searches keep what they have."""
        self._cursor, self._complete, self._seen = 0, False, set()
        self._unwritten.clear()
        self._say("rebuilding")
        try:
            await self._store.clear()
        except StoreFailed as error:
            log.warning("the directory's copy cannot be cleared: %s", error)

    def _sweep(self) -> None:
        if self._seen is not None:
            for record_id in self._index.ids() - self._seen:
                self._index.remove(record_id)
            self._seen = None

    async def _keep(self, records: Iterable[Record]) -> bool:
        self._unwritten.extend(records)
        batch = list(self._unwritten)
        try:
            await self._store.put(batch, self._cursor, complete=self._complete)
        except StoreFailed as error:
            log.warning("the directory's copy cannot be written: %s", error)
            return False
        del self._unwritten[: len(batch)]
        return True

    async def _write(self) -> None:
        while True:
            record, seq = await self._writes.get()
            if self._pulling is None and seq > self._cursor:
                self._cursor = seq
            self._say("" if await self._keep([record]) else "disk")
            self._writes.task_done()

    def _say(self, problem: str) -> None:
        self.problem = problem
        self._changed()
