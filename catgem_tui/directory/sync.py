"""Keeping the copy current: pull what changed from the cursor on over HTTP, then apply what the live line brings.

A copy that is far behind is replaced by the whole directory as one file, in a process of its own.

The cursor on disk only moves over what is on disk, so a pull cut short goes on where it was, in this process or the
next. A change is searchable at once; the index of everything else is built anew beside the screen when enough changed.
"""

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from catgem_tui.directory.building import BuildFailed, build_beside, fill_beside, open_latest
from catgem_tui.directory.comparing import fetch_wanted, find_difference
from catgem_tui.directory.facet import Facet
from catgem_tui.directory.facets import Facets
from catgem_tui.directory.highlight import highlight, reason
from catgem_tui.directory.index import Index
from catgem_tui.directory.query import parse
from catgem_tui.directory.segment import DAY, SegmentUnusable, build_segment
from catgem_tui.directory.source import NoCopy, Source
from catgem_tui.directory.store import Known, Place, Store, StoreFailed
from catgem_tui.directory.thesaurus import Thesaurus, is_entry
from catgem_tui.directory.usage import Row, Usage
from catgem_tui.protocol.model import Record

PAGE = 500
"""Records asked for at once."""
RETRY = 5.0
"""Seconds until a pull that failed is tried again."""
LAST_WRITES = 2.0
"""Seconds that closing waits for the disk."""
MOST_FRESH = 4_000
"""Changes that are searched beside the built index; what comes on top waits for the next one."""
SLICE = 20
"""Changes taken into the index in one turn of the loop: two milliseconds."""

log = logging.getLogger(__name__)
TRY_COMPARING = 60.0
"""The same where it could not be told: both were changing."""
COMPARE_AGAIN = 3600.0
"""Seconds after which a change is a reason to compare the copy with central's once more."""


class Found(NamedTuple):
    """One record that was found."""

    record: Record
    score: float
    marks: tuple[tuple[int, int], ...]
    """The places (from, to) in its title that met what was typed."""
    reason: tuple[str, str] = ("", "")
    """The field and its text that met it, where the title does not."""


class _Fresh(NamedTuple):
    """A record as it came since the index was built; None when it was retired."""

    known: Known
    record: Record | None


class Directory:
    """The local directory: ``start`` it, ``pull`` when the line says the copy is behind, ``apply`` what changes."""

    def __init__(self, path: Path, source: Source, changed: Callable[[], None]) -> None:
        self.problem = ""
        """Empty, ``unreachable``, ``rebuilding`` or ``disk``."""
        self.syncing = False
        self.progress = (0, 0)
        """Bytes of the whole directory that are here, and of how many; (0, 0) while it is not being fetched."""
        self._store = Store(path)
        self._source = source
        self._changed = changed
        self._index = Index()
        self._thesaurus = Thesaurus()
        self._usage = Usage()
        self._facets = Facets()
        self._user = ""
        self._keeping_usage: set[asyncio.Task[None]] = set()
        self._filling = False
        """Whether another process is making a download the copy."""
        self._comparing: asyncio.Task[None] | None = None
        self._compared_at = -COMPARE_AGAIN
        self._place = Place(0, complete=False, epoch=1, mark=0, identity="", records=0, next_key=1)
        self._fresh: dict[str, _Fresh] = {}
        self._records: dict[int, Record] = {}
        """The fresh ones by key."""
        self._behind = False
        """Whether there are records in the store that the index does not know."""
        self._building: asyncio.Task[None] | None = None
        self._journal: list[_Fresh] | None = None
        """What came while an index is being built."""
        self._pulling: asyncio.Task[None] | None = None
        self._again = False
        self._writes: asyncio.Queue[tuple[int, Record, int]] = asyncio.Queue()
        self._writing: asyncio.Task[None] | None = None
        self._unwritten: list[tuple[int, Record]] = []
        """What the disk refused so far; the cursor on disk may not pass it."""

    def __len__(self) -> int:
        return self._place.records

    @property
    def cursor(self) -> int | None:
        """The last change the copy holds; None before the first pull came to its end."""
        return self._place.cursor if self._place.complete and self._pulling is None else None

    # --- life ---

    async def start(self) -> None:
        """Open the copy and its index; what takes longer runs beside the event loop."""
        try:
            self._place = await self._store.open()
        except StoreFailed as error:
            log.warning("no copy of the directory: %s", error)
            self.problem = "disk"
            self._place = await self._store.open_in_memory()
        if self._store.replaced:
            self.problem = "rebuilding"
        try:
            self._thesaurus = Thesaurus(await self._store.synonyms())
            self._usage = Usage(await self._store.usage())
            await self._open_index()
            self._count_usage()
        except StoreFailed as error:
            log.warning("the directory's copy cannot be read: %s", error)
            self.problem = "disk"
        self._writing = asyncio.get_running_loop().create_task(self._write(), name="directory writer")
        self._changed()

    async def _open_index(self) -> None:
        segment = None
        if self._store.on_disk:
            segment = await asyncio.to_thread(open_latest, self._store.path, self._place.identity)
        changes = await self._store.changed_since(segment.mark if segment else 0, MOST_FRESH + 1)
        self._behind = len(changes.records) > MOST_FRESH
        if segment is None and not self._behind:
            entries = [(key, record) for key, record in changes.records if is_entry(record)]
            small = await asyncio.to_thread(build_segment, entries, self._place.mark)
            self._index = await asyncio.to_thread(Index, small)
            self._index.synonyms = self._thesaurus.synonyms()
        else:
            self._index = await asyncio.to_thread(Index, segment)
            self._index.synonyms = self._thesaurus.synonyms()
            await self._put_slowly(self._index, changes.records, changes.gone)
        self._consider_building()

    async def close(self) -> None:
        """After what is queued for the disk is there. Never raises."""
        with contextlib.suppress(TimeoutError):
            # Not asyncio.timeout: before Python 3.11.3 it raises CancelledError in a task once cancelled.
            await asyncio.wait_for(self._writes.join(), LAST_WRITES)
        if self._keeping_usage:
            await asyncio.wait(self._keeping_usage, timeout=LAST_WRITES)
        for task in (self._pulling, self._comparing, self._building, self._writing):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await self._store.close()

    # --- searching ---

    def record(self, record_id: str) -> Record | None:
        """The record as the copy has it; None where it does not, or cannot be read."""
        fresh = self._fresh.get(record_id)
        if fresh is not None:
            return fresh.record
        try:
            known = self._store.known(record_id)
            return None if known is None else self._store.read([known.key]).get(known.key)
        except StoreFailed as error:
            log.warning("the directory's copy cannot be read: %s", error)
            return None

    def search(self, query: str, limit: int) -> list[Found]:
        """The best ``limit`` records, best first."""
        hits = self._index.search(query, limit)
        records = self._read([hit.key for hit in hits])
        numbers = parse(query).numbers
        found = ((hit, records.get(hit.key)) for hit in hits)
        return [
            Found(record, hit.score, highlight(record.title, hit.words), reason(record, hit.words, numbers))
            for hit, record in found
            if record
        ]

    async def facets(self) -> tuple[Facet, ...]:
        """The filters there are, with how many records each leaves."""
        return await self._facets.count(self._index, self._read)

    def _read(self, keys: Sequence[int]) -> dict[int, Record]:
        """Records by key, as far as they can be read."""
        try:
            read = self._store.read([key for key in keys if key not in self._records])
        except StoreFailed as error:
            log.warning("the directory's copy cannot be read: %s", error)
            read = {}
        return read | {key: self._records[key] for key in keys if key in self._records}

    # --- use ---

    def serve(self, user: str) -> None:
        """Rank for this person from now on."""
        self._user = user
        self._count_usage()

    def use(self, record_id: str) -> None:
        """This person opened the record, or gave it to a citizen."""
        row = self._usage.use(record_id, self._user, _today())
        self._count_usage()
        task = asyncio.get_running_loop().create_task(self._keep_usage(row), name="directory usage")
        self._keeping_usage.add(task)
        task.add_done_callback(self._keeping_usage.discard)

    async def _keep_usage(self, row: Row) -> None:
        try:
            await self._store.keep_usage(row)
        except StoreFailed as error:
            log.warning("what is used cannot be kept: %s", error)

    def _count_usage(self) -> None:
        shares = self._usage.shares(self._user, _today())
        known = ((self._known(record_id)[0], share) for record_id, share in shares.items())
        self._index.usage = {each.key: share for each, share in known if each is not None}

    # --- changes ---

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
        key = self._take(record)
        if self._pulling is not None:
            self._again = True  # the page on its way may be older than this change
        if key is not None and self._pulling is None:
            self._writes.put_nowait((key, record, seq))
        if time.monotonic() - self._compared_at > COMPARE_AGAIN:
            self.compare()
        self._consider_building()
        self._changed()

    def _take(self, record: Record, *, anyway: bool = False) -> int | None:
        """Make a record searchable as it now is; its key, or None when a newer one is here already.

        ``anyway``: what is here is wrong, whatever revision it says it has.
        """
        known, here = self._known(record.id)
        epoch = self._place.epoch
        if not anyway and known is not None and known.epoch == epoch and record.revision < known.revision:
            return None
        if known is None:
            known = Known(self._place.next_key, epoch, record.revision)
            self._place = self._place._replace(next_key=known.key + 1)
        known = known._replace(epoch=epoch, revision=record.revision)
        fresh = _Fresh(known, None if record.retired else record)
        self._place = self._place._replace(records=self._place.records + (fresh.record is not None) - here)
        if fresh.record is None or len(self._fresh) < MOST_FRESH or record.id in self._fresh:
            self._make_fresh(record.id, fresh)
        else:
            self._index.remove(known.key)  # the older one is no longer true
            self._behind = True
        if self._journal is not None:
            self._journal.append(fresh)
        return known.key

    def _known(self, record_id: str) -> tuple[Known | None, bool]:
        """What is known of the record, and whether it is there."""
        fresh = self._fresh.get(record_id)
        if fresh is not None:
            return fresh.known, fresh.record is not None
        try:
            known = self._store.known(record_id)
        except StoreFailed as error:
            log.warning("the directory's copy cannot be read: %s", error)
            known = None
        return known, known is not None

    def _make_fresh(self, record_id: str, fresh: _Fresh) -> None:
        self._fresh[record_id] = fresh
        thesaurus = self._thesaurus
        if thesaurus.remove(record_id) if fresh.record is None else thesaurus.put(fresh.record):
            self._index.synonyms = thesaurus.synonyms()
        _put(self._index, fresh)
        if fresh.record is None:
            self._records.pop(fresh.known.key, None)
        else:
            self._records[fresh.known.key] = fresh.record

    # --- pulling ---

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
            self._consider_building()
            self._changed()

    async def _pull_pages(self) -> None:
        more = True
        while more:
            page = await self._source.page(self._place.cursor, PAGE)
            if page is None:
                self._say("unreachable")
                await asyncio.sleep(RETRY)
                continue
            if not page.records and page.cursor < self._place.cursor:
                await self._begin_anew()  # central's history is shorter than ours
                continue
            more = page.more
            if more and not self._place.cursor and await self._pull_whole():
                continue  # with what came after it, or with another try
            keyed: list[tuple[int, Record]] = []
            for position, record in enumerate(page.records):
                key = self._take(record)
                if key is not None:
                    keyed.append((key, record))
                if position % SLICE == SLICE - 1:
                    await asyncio.sleep(0)  # the screen's turn
            self._place = self._place._replace(cursor=page.cursor, complete=self._place.complete or not more)
            self._say("" if await self._keep(keyed) else "disk")
            self._consider_building()
        await self._sweep()

    async def _pull_whole(self) -> bool:
        """All of it at once, as one file. False where pages have to do; true when it is here, or central was away.

        Searches keep what they have until it is here.
        """
        if not self._store.on_disk:
            return False
        try:
            download = await self._source.copy(self._store.path.parent, self._tell_progress)
            if download is None:
                self._say("unreachable")
                await asyncio.sleep(RETRY)
                return True
            await self._writes.join()
            self._filling = True
            if self._building is not None:
                await asyncio.wait([self._building])
            try:
                await fill_beside(self._store, download)
            finally:
                await asyncio.to_thread(download.unlink, missing_ok=True)
            await self._take_filled()
        except (NoCopy, BuildFailed, StoreFailed, SegmentUnusable, OSError) as error:
            log.warning("the whole directory could not be taken at once: %s", error)
            return False
        finally:
            self._filling = False
            self.progress = (0, 0)
        self._say("")
        return True

    async def _take_filled(self) -> None:
        """Go on with what another process made the copy; what came meanwhile is pulled once more."""
        place = await self._store.place()
        segment = await asyncio.to_thread(open_latest, self._store.path, place.identity)
        if segment is None:
            raise BuildFailed("the new index cannot be opened")
        index = await asyncio.to_thread(Index, segment)
        self._thesaurus = Thesaurus(await self._store.synonyms())
        index.synonyms, index.usage = self._thesaurus.synonyms(), self._index.usage
        self._place, self._index = place, index
        self._fresh, self._records, self._unwritten = {}, {}, []
        self._count_usage()
        self._journal, self._behind, self._again = None, False, True
        log.info("the whole directory is here: %d records", place.records)

    def _tell_progress(self, done: int, total: int) -> None:
        before = self.progress
        self.progress = (done, total)
        if total and (not before[1] or 100 * done // total != 100 * before[0] // before[1]):
            self._changed()

    async def _begin_anew(self) -> None:
        """A new epoch: searches keep what they have until the new history is here whole."""
        self._place = self._place._replace(cursor=0, complete=False, epoch=self._place.epoch + 1)
        self._say("rebuilding")
        await self._keep([])

    async def _sweep(self) -> None:
        """Drop what the new history does not have."""
        epoch = self._place.epoch
        with contextlib.suppress(StoreFailed):
            for key in await self._store.sweep(epoch):
                self._index.remove(key)
                self._records.pop(key, None)
                self._place = self._place._replace(records=self._place.records - 1)
        for record_id in [each for each, fresh in self._fresh.items() if fresh.known.epoch < epoch]:
            del self._fresh[record_id]

    # --- comparing ---

    def compare(self) -> None:
        """Compare the copy with central's, range by range, and mend what differs; beside everything else."""
        if self._comparing is None and self._pulling is None and self._place.complete and self._store.on_disk:
            self._compared_at = time.monotonic()
            self._comparing = asyncio.get_running_loop().create_task(self._compare(), name="directory comparison")

    async def _compare(self) -> None:
        try:
            await self._writes.join()
            difference = await find_difference(self._store.path, self._source, lambda: self._place.cursor)
            if difference is None:
                self._compared_at += TRY_COMPARING - COMPARE_AGAIN
            if difference is None or difference.empty:
                return
            log.warning(
                "the directory's copy had drifted: %d records fetched again, %d dropped",
                len(difference.wanted), len(difference.extra),
            )  # fmt: skip
            keyed: list[tuple[int, Record]] = []
            for record in [*await fetch_wanted(self._source, difference.wanted), *difference.tombstones()]:
                key = self._take(record, anyway=True)
                if key is not None:
                    keyed.append((key, record))
            await self._keep(keyed)
        except (StoreFailed, sqlite3.Error) as error:
            log.warning("the directory's copy could not be compared: %s", error)
        finally:
            self._comparing = None
            self._consider_building()
            self._changed()

    # --- the disk ---

    async def _keep(self, records: Sequence[tuple[int, Record]]) -> bool:
        self._unwritten.extend(records)
        batch = list(self._unwritten)
        try:
            written = await self._store.put(batch, self._place)
        except StoreFailed as error:
            log.warning("the directory's copy cannot be written: %s", error)
            return False
        self._place = self._place._replace(mark=written.mark)
        del self._unwritten[: len(batch)]
        return self._store.on_disk

    async def _write(self) -> None:
        while True:
            key, record, seq = await self._writes.get()
            if self._pulling is None and seq > self._place.cursor:
                self._place = self._place._replace(cursor=seq)
            self._say("" if await self._keep([(key, record)]) else "disk")
            self._writes.task_done()

    def _say(self, problem: str) -> None:
        self.problem = problem
        self._changed()

    # --- the index ---

    def _consider_building(self) -> None:
        if self._building is None and not self._filling and (self._behind or self._index.changes > MOST_FRESH):
            self._building = asyncio.get_running_loop().create_task(self._build(), name="directory index")

    async def _build(self) -> None:
        """Build an index of the whole copy, and let what came meanwhile follow."""
        begun = time.monotonic()
        try:
            await self._writes.join()
            self._journal, self._behind = [], False
            segment = await build_beside(self._store, self._place)
            index = await asyncio.to_thread(Index, segment)
            index.synonyms, index.usage = self._index.synonyms, self._index.usage
            changes = await self._store.changed_since(segment.mark, MOST_FRESH + 1)
            self._behind = self._behind or len(changes.records) > MOST_FRESH
            await self._put_slowly(index, changes.records, changes.gone)
        except (BuildFailed, StoreFailed) as error:
            log.warning("no new index of the directory: %s", error)
            await asyncio.sleep(RETRY)
            self._behind = True
        else:
            self._take_index(index)
            log.info("a new index of %d records in %.1f s", len(index), time.monotonic() - begun)
        finally:
            self._journal = self._building = None
        self._consider_building()
        self._changed()

    def _take_index(self, index: Index) -> None:
        came, self._index = self._journal or [], index
        ids = {fresh.known.key: record_id for record_id, fresh in self._fresh.items()}
        self._fresh, self._records = {}, {}
        epoch = self._place.epoch
        came += [_Fresh(Known(key, epoch, record.revision), record) for key, record in self._unwritten]
        for fresh in came[-MOST_FRESH:]:
            record_id = fresh.record.id if fresh.record else ids.get(fresh.known.key)
            if record_id is not None:
                self._make_fresh(record_id, fresh)

    async def _put_slowly(self, index: Index, records: Sequence[tuple[int, Record]], gone: Sequence[int]) -> None:
        for key in gone:
            index.remove(key)
        for position, (key, record) in enumerate(records[:MOST_FRESH]):
            if is_entry(record):
                index.put(key, record)
            else:
                index.remove(key)
            if position % SLICE == SLICE - 1:
                await asyncio.sleep(0)


def _today() -> int:
    return int(time.time() // DAY)


def _put(index: Index, fresh: _Fresh) -> None:
    if fresh.record is None or not is_entry(fresh.record):
        index.remove(fresh.known.key)
    else:
        index.put(fresh.known.key, fresh.record)
