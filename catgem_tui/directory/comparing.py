"""Finding where a copy of the directory differs from central's, without sending either, and mending it."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from catgem_tui.directory.local import LocalCopy
from catgem_tui.directory.source import Source
from catgem_tui.directory.store import StoreFailed, compare
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record
from catgem_tui.protocol.sums import MOST_WANTED, bucket_of

TRY_AGAIN = 60.0
"""Seconds until the next try where it could not be told: both were changing, or central was away."""
AGAIN = 3600.0
"""Seconds after which a change is a reason to compare once more."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Difference:
    wanted: tuple[str, ...]
    """Ids of records that are missing here, of another revision, or damaged."""
    extra: tuple[tuple[str, int], ...]
    """(id, revision) of what central does not have."""

    @property
    def empty(self) -> bool:
        return not self.wanted and not self.extra

    def tombstones(self) -> list[Record]:
        return [
            Record(id=record_id, kind=RecordKind.OTHER, title="", revision=revision, retired=True)
            for record_id, revision in self.extra
        ]


async def find_difference(path: Path, source: Source, cursor: Callable[[], int]) -> Difference | None:
    """None when it cannot be told now: central is away, or one of the two has moved on meanwhile.

    ``cursor`` tells where the copy stands. Raises sqlite3.Error.
    """
    theirs = await source.sums(cursor())
    if theirs is None or theirs.cursor != cursor():
        return None
    mine, damaged, pairs = await asyncio.to_thread(compare, path)
    apart = [bucket for bucket, (one, other) in enumerate(zip(mine, theirs.sums, strict=True)) if one != other]
    difference = Difference(tuple(damaged), ())
    if apart:
        listing = await source.listing(apart)
        if listing is None or listing.cursor != theirs.cursor:
            return None
        difference = await asyncio.to_thread(_differ, pairs, listing.records, frozenset(apart), damaged)
    return difference if theirs.cursor == cursor() else None


def _differ(
    pairs: Sequence[tuple[str, int]], listing: Sequence[tuple[str, int]], among: frozenset[int], damaged: Sequence[str]
) -> Difference:
    """Between our (id, revision) and central's, of these buckets."""
    listed = dict(listing)
    here = {record_id: revision for record_id, revision in pairs if bucket_of(record_id) in among}
    wanted = {record_id for record_id, revision in listed.items() if here.get(record_id) != revision}
    extra = tuple((record_id, revision) for record_id, revision in here.items() if record_id not in listed)
    return Difference((*wanted.union(damaged).difference(record_id for record_id, _ in extra),), extra)


async def fetch_wanted(source: Source, ids: Sequence[str]) -> list[Record]:
    """As many of the records as central gives now; what is missing is found by the next comparison."""
    found: list[Record] = []
    for start in range(0, len(ids), MOST_WANTED):
        found += await source.some(ids[start : start + MOST_WANTED]) or ()
    return found


class Comparing:
    """Compares the copy in use, one comparison at a time, and mends what differs beside everything else."""

    def __init__(self, copy: LocalCopy, source: Source) -> None:
        self._copy = copy
        self._source = source
        self._task: asyncio.Task[Difference | None] | None = None
        self._due_at = 0.0

    @property
    def active(self) -> bool:
        return self._task is not None

    @property
    def due(self) -> bool:
        return time.monotonic() >= self._due_at

    def begin(self) -> "asyncio.Task[Difference | None] | None":
        """What it comes to: what was mended, None where it could not be told; no task where it cannot be done now."""
        copy = self._copy
        if self._task is None and not copy.pulling and copy.place.complete and copy.store.on_disk:
            self._due_at = time.monotonic() + AGAIN
            self._task = asyncio.get_running_loop().create_task(self._compare(), name="directory comparison")
        return self._task

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _compare(self) -> Difference | None:
        copy = self._copy
        difference = None
        try:
            await copy.keep()
            difference = await find_difference(copy.path, self._source, lambda: copy.place.cursor)
            if difference is not None and not difference.empty:
                await self._mend(difference)
        except (StoreFailed, sqlite3.Error) as error:
            log.warning("the directory's copy could not be compared: %s", error)
            difference = None
        finally:
            self._task = None
            if difference is None:
                self._due_at = time.monotonic() + TRY_AGAIN
            copy.tell()
        return difference

    async def _mend(self, difference: Difference) -> None:
        log.warning(
            "the directory's copy had drifted: %d records fetched again, %d dropped",
            len(difference.wanted), len(difference.extra),
        )  # fmt: skip
        copy = self._copy
        records = [*await fetch_wanted(self._source, difference.wanted), *difference.tombstones()]
        for start in range(0, len(records), copy.SLICE):
            copy.take(records[start : start + copy.SLICE], anyway=True)
            await asyncio.sleep(0)  # the screen's turn
        await copy.keep()
