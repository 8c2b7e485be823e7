"""The copy in use: what is searched, what came since its index was built, and what of that is on disk.

The cursor on disk only moves over what is on disk. What the disk refuses stays searchable and is written when there is
room again.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from catgem_tui.directory.building import open_latest
from catgem_tui.directory.described import DAY
from catgem_tui.directory.facet import Facet
from catgem_tui.directory.facets import Facets
from catgem_tui.directory.fresh import Change, Fresh
from catgem_tui.directory.highlight import highlight, reason
from catgem_tui.directory.index import Index
from catgem_tui.directory.query import parse
from catgem_tui.directory.sealing import Sealer
from catgem_tui.directory.segment import build_segment
from catgem_tui.directory.store import FIELDS, Known, Place, Store, StoreFailed
from catgem_tui.directory.thesaurus import Thesaurus, is_entry
from catgem_tui.directory.usage import Row, Usage
from catgem_tui.protocol.model import Record

_GRAVEST = ("disk", "locked", "damaged", "another", "paused", "unreachable", "rebuilding")

log = logging.getLogger(__name__)


class Found(NamedTuple):
    """One record that was found."""

    record: Record
    score: float
    marks: tuple[tuple[int, int], ...]
    """The places (from, to) in its title that met what was typed."""
    reason: tuple[str, str] = ("", "")
    """The field and its text that met it, where the title does not."""
    whole: bool = True
    """Whether it met everything typed, and not only some of it."""


NOT_HERE = (Known(0, 0, 0), False)


class LocalCopy:
    """One store with its index. ``tell`` is called after anything changed that can be seen."""

    RETRY = 5.0
    """Seconds until what failed is tried again."""
    MOST_FRESH = 4_000
    """Changes that are searched beside the built index; what comes on top waits for the next one."""
    SLICE = 20
    """Changes taken into the index in one turn of the loop: two milliseconds."""
    GATHER = 0.05
    """Seconds from one writing to the next: what comes meanwhile is one transaction."""

    def __init__(self, path: Path, tell: Callable[[], None]) -> None:
        self.path = path
        self.tell = tell
        self.store = Store(path)
        self.place = Place(0, complete=False, epoch=1, mark=0, identity="", records=0, next_key=1, fields=FIELDS)
        self.index = Index()
        self.behind = False
        """Whether there are records in the store that the index does not know."""
        self.ours = False
        """Whether it is this program that writes the store."""
        self.pulling = False
        """Whether the cursor is the pull's to move."""
        self.journal: list[Change] | None = None
        """What came while an index is being built."""
        self._thesaurus = Thesaurus()
        self._usage = Usage()
        self._facets = Facets()
        self._user = ""
        self._served = False
        self._sealer: Sealer | None = None
        self._fresh = Fresh()
        self._unwritten: list[tuple[int, Record]] = []
        """What is not on disk yet; the cursor there may not pass it."""
        self._unkept: dict[tuple[str, str], Row] = {}
        """The same of what is used."""
        self._due = asyncio.Event()
        """Set while there is something to write."""
        self._writing = asyncio.Lock()
        self._problems: dict[str, str] = {}

    # --- how it is ---

    @property
    def problem(self) -> str:
        """The gravest one, or empty."""
        gravest = min(filter(None, self._problems.values()), key=_GRAVEST.index, default="")
        return "rebuilding" if gravest == "damaged" else gravest

    @property
    def damaged(self) -> bool:
        return "damaged" in self._problems.values()

    def say(self, part: str, problem: str) -> None:
        """How one part of the work is: ``store``, ``pull``, ``index`` or ``care`` (of who writes)."""
        self._problems[part] = problem
        self.tell()

    def say_once(self, part: str, problem: str) -> None:
        """The same, where it may have been said."""
        if self._problems.get(part, "") != problem:
            self.say(part, problem)

    def be_well(self) -> None:
        """Nothing is known to be wrong."""
        self._problems.clear()
        self.tell()

    @property
    def stale(self) -> bool:
        """Whether all of it has to be pulled anew: this version knows other fields, or this person may see more."""
        wanted = self._sealer.mark if self._sealer else 0
        return self.place.fields != FIELDS or wanted not in {0, self.place.sealed}

    @property
    def unwritten(self) -> bool:
        return bool(self._unwritten or self._unkept)

    # --- opening ---

    async def load(self, store: Store, place: Place, *, ours: bool) -> None:
        """Be this open store from now on, ``ours`` to write or not. Until its index is here, searches have what was
        there, and what changes has to be pulled. Raises StoreFailed."""
        thesaurus = Thesaurus(await store.synonyms())
        usage = Usage(await store.usage())
        index, behind = await self._open_index(store, place, thesaurus, tidy=ours)
        earlier, self.store, self.ours = self.store, store, ours
        self.place, self.index, self.behind = place, index, behind
        self._thesaurus, self._usage = thesaurus, usage
        self._fresh, self._unwritten = Fresh(), []
        self.journal = None
        store.sealer = self._sealer
        self._count_usage()
        self.tell()
        if earlier is not store:
            await earlier.close()

    async def _open_index(self, store: Store, place: Place, thesaurus: Thesaurus, *, tidy: bool) -> tuple[Index, bool]:
        segment = None
        if store.on_disk:
            segment = await asyncio.to_thread(open_latest, store.path, place.identity, tidy=tidy)
        changes = await store.changed_since(segment.mark if segment else 0, self.MOST_FRESH + 1)
        behind = len(changes.records) > self.MOST_FRESH
        if segment is None and not behind:
            entries = [(key, record) for key, record in changes.records if is_entry(record)]
            small = await asyncio.to_thread(build_segment, entries, place.mark)
            index = await asyncio.to_thread(Index, small)
            index.synonyms = thesaurus.synonyms()
        else:
            index = await asyncio.to_thread(Index, segment)
            index.synonyms = thesaurus.synonyms()
            await self._put_slowly(index, changes.records, changes.gone)
        return index, behind

    async def _put_slowly(self, index: Index, records: Sequence[tuple[int, Record]], gone: Sequence[int]) -> None:
        """Take changes as the store gives them into an index, in bites."""
        await self._put_in_bites(index, [(key, None) for key in gone])
        await self._put_in_bites(index, records[: self.MOST_FRESH])

    async def _put_in_bites(self, index: Index, changes: Sequence[tuple[int, Record | None]]) -> None:
        for start in range(0, len(changes), self.SLICE):
            for key, record in changes[start : start + self.SLICE]:
                _put(index, key, record)
            await asyncio.sleep(0)

    async def follow(self) -> None:
        """Take in what another program wrote. Raises StoreFailed."""
        store = self.store
        place = await store.place()
        if place.identity != self.place.identity or self.behind:
            await self.load(store, place, ours=self.ours)
            return
        changes = await store.changed_since(self.place.mark, self.MOST_FRESH + 1)
        if len(changes.records) + self.index.changes > self.MOST_FRESH:
            await self.load(store, place, ours=self.ours)
            return
        self._fresh.forget([record.id for _, record in changes.records], frozenset(changes.gone))
        synonyms = [record for _, record in changes.records if self._thesaurus.put(record)]
        if synonyms or changes.gone:
            self._thesaurus = Thesaurus(await store.synonyms())
            self.index.synonyms = self._thesaurus.synonyms()
        await self._put_slowly(self.index, changes.records, changes.gone)
        self.place = place
        self.tell()

    # --- searching ---

    def record(self, record_id: str) -> Record | None:
        """The record as the copy has it; None where it does not, or cannot be read."""
        known, here = self._known([record_id]).get(record_id, NOT_HERE)
        return self._read([known.key]).get(known.key) if here else None

    def search(self, query: str, limit: int) -> list[Found]:
        """The best ``limit`` records, best first."""
        hits = self.index.search(query, limit)
        records = self._read([hit.key for hit in hits])
        numbers = parse(query).numbers
        found = ((hit, records.get(hit.key)) for hit in hits)
        return [
            Found(record, hit.score, highlight(record.title, hit.words), reason(record, hit.words, numbers), hit.whole)
            for hit, record in found
            if record
        ]

    async def facets(self) -> tuple[Facet, ...]:
        """The filters there are, with how many records each leaves."""
        return await self._facets.count(self.index, self._read)

    def _read(self, keys: Sequence[int]) -> dict[int, Record]:
        """Records by key, as far as they can be read."""
        fresh = self._fresh.read(keys)
        missing = [key for key in keys if key not in fresh]
        try:
            read = self.store.read(missing) if missing else {}
        except StoreFailed as error:
            log.warning("the directory's copy cannot be read: %s", error)
            if error.code == "damaged":
                self.say_once("store", error.code)
            read = {}
        return read | fresh

    # --- who uses it ---

    def serve(self, user: str, sealer: Sealer | None) -> None:
        """Rank for this person from now on, and show restricted fields only where there is a ``sealer``."""
        self._user, self._served = user, True
        self._count_usage()
        self._show_restricted(sealer)

    def leave(self) -> None:
        """Nobody is there: what is restricted is not shown, and kept for whoever comes back."""
        self._served = False
        self._show_restricted(None)

    def _show_restricted(self, sealer: Sealer | None) -> None:
        self._sealer = self.store.sealer = sealer
        if sealer is None:
            self._fresh.hide_restricted()
        self.tell()

    @property
    def keeps_too_much(self) -> bool:
        """Whether restricted fields are on disk that this person may not see."""
        return self._served and self._sealer is None and self.place.sealed != 0

    async def drop_sealed(self) -> None:
        """Raises StoreFailed."""
        async with self._writing:
            await self.store.drop_sealed()
            self.place = self.place._replace(sealed=0)
        log.info("the restricted fields of the directory's copy are dropped")

    def use(self, record_id: str) -> Row:
        """This person opened the record, or gave it to a citizen; returns what ``keep_usage`` has to keep."""
        row = self._usage.use(record_id, self._user, _today())
        self._count_usage()
        return row

    async def keep_usage(self, row: Row) -> None:
        try:
            await self.store.keep_usage(row)
        except StoreFailed as error:
            log.warning("what is used cannot be kept now: %s", error)
            self._unkept[row[0], row[1]] = row
            self._due.set()
        else:
            self._unkept.pop((row[0], row[1]), None)

    def _count_usage(self) -> None:
        shares = self._usage.shares(self._user, _today())
        known = self._known(list(shares))
        self.index.usage = {each.key: shares[record_id] for record_id, (each, _here) in known.items()}

    # --- changes ---

    def take(self, records: Sequence[Record], *, anyway: bool = False) -> None:
        """Make these searchable as they now are, one after the other, where no newer one is here already, and let the
        next writing write them.

        ``anyway``: what is here is wrong, whatever revision it says it has.
        """
        known, epoch = self._known([record.id for record in records]), self.place.epoch
        for record in records:
            before, here = known.get(record.id, NOT_HERE)
            if not anyway and before.epoch == epoch and record.revision < before.revision:
                continue
            place = self.place
            key = before.key or place.next_key
            change = Change.of(key, epoch, record)
            self.place = place._replace(
                next_key=max(place.next_key, key + 1), records=place.records + (not record.retired) - here
            )
            known[record.id] = (change.known, not record.retired)
            self._take(change)
            self._unwritten.append((key, record))

    def _take(self, change: Change) -> None:
        if change.record is None or len(self._fresh) < self.MOST_FRESH or change.id in self._fresh:
            self._fresh.put(change)
            if self._tell_thesaurus(change):
                self.index.synonyms = self._thesaurus.synonyms()
            _put(self.index, change.known.key, change.record)
        else:
            self.index.remove(change.known.key)  # the older one is no longer true
            self.behind = True
        if self.journal is not None:
            self.journal.append(change)

    def _known(self, record_ids: Sequence[str]) -> dict[str, tuple[Known, bool]]:
        """What is known of each record, as far as it is, and whether the record is there."""
        fresh = self._fresh.known(record_ids)
        try:
            stored = self.store.known([each for each in record_ids if each not in fresh])
        except StoreFailed as error:
            log.warning("the directory's copy cannot be read: %s", error)
            stored = {}
        return fresh | {record_id: (known, True) for record_id, known in stored.items()}

    def _tell_thesaurus(self, change: Change) -> bool:
        """Whether that changed anything."""
        return self._thesaurus.remove(change.id) if change.record is None else self._thesaurus.put(change.record)

    # --- an index that is built ---

    def begin_journal(self) -> None:
        """Write down what an index that is built of what is on disk from now on does not know."""
        epoch = self.place.epoch
        self.journal = [Change.of(key, epoch, record) for key, record in self._unwritten]
        self.behind = False

    async def take_index(self, index: Index, gone: Sequence[int]) -> bool:
        """Search in this one, once it has what came while it was built. False where the copy is another one by then.

        ``gone``: keys of what was dropped meanwhile.
        """
        journal = [] if self.journal is None else self.journal
        await self._put_in_bites(index, [(key, None) for key in gone])
        first = done = max(0, len(journal) - self.MOST_FRESH)
        while done < len(journal):
            came = journal[done:]
            await self._put_in_bites(index, [(known.key, record) for _id, known, record in came])
            done += len(came)
        if self.journal is not journal:
            return False
        for change in journal[first:]:
            self._tell_thesaurus(change)
        self._fresh = Fresh(journal[first:])
        if self._sealer is None:
            self._fresh.hide_restricted()
        index.synonyms, index.usage = self._thesaurus.synonyms(), self.index.usage
        self.index = index
        return True

    # --- the disk ---

    def write_later(self, seq: int) -> None:
        """Everything up to this change is taken, and is to be on disk, the cursor with it."""
        if not self.pulling and seq > self.place.cursor:
            self.place = self.place._replace(cursor=seq)
        self._due.set()

    async def write(self) -> None:
        """Write what is due, for as long as it is awaited; what the disk refuses, again and again."""
        while True:
            await self._due.wait()
            self._due.clear()
            if not await self.keep() or self._unkept:
                await asyncio.sleep(self.RETRY)
                self._due.set()
            else:
                await asyncio.sleep(self.GATHER)

    async def keep(self) -> bool:
        """Write what is taken and not on disk; whether everything is there."""
        async with self._writing:
            batch, store = list(self._unwritten), self.store
            try:
                written = await store.put(batch, self.place)
                for row in list(self._unkept.values()):
                    await self.keep_usage(row)
            except StoreFailed as error:
                log.warning("the directory's copy cannot be written: %s", error)
                self.say("store", error.code)
                self._due.set()
                return False
            if store is self.store:
                self.place = self.place._replace(mark=written.mark)
                del self._unwritten[: len(batch)]
                if store.on_disk:
                    self.say_once("store", "")
        return True

    async def sweep(self) -> None:
        """Drop what is of an earlier history. Raises StoreFailed."""
        dropped = await self.store.sweep(self.place.epoch)
        for key in dropped:
            self.index.remove(key)
            self.place = self.place._replace(records=self.place.records - 1)
        self._fresh.forget((), frozenset(dropped))

    async def begin_anew(self) -> None:
        """A new epoch: searches keep what they have until the new history is here whole."""
        sealed = self._sealer.mark if self._sealer else 0
        self.place = self.place._replace(
            cursor=0, complete=False, epoch=self.place.epoch + 1, fields=FIELDS, sealed=sealed
        )
        await self.keep()


def _put(index: Index, key: int, record: Record | None) -> None:
    if record is not None and is_entry(record):
        index.put(key, record)
    else:
        index.remove(key)


def _today() -> int:
    return int(time.time() // DAY)
