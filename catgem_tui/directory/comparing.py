"""Finding where a copy of the directory differs from central's, without sending either."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from catgem_tui.directory.source import Source
from catgem_tui.directory.store import compare
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record
from catgem_tui.protocol.sums import MOST_WANTED, bucket_of


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
    theirs = await source.sums()
    if theirs is None or theirs.cursor != cursor():
        return None
    mine, damaged, pairs = await asyncio.to_thread(compare, path)
    apart = [bucket for bucket, (one, other) in enumerate(zip(mine, theirs.sums, strict=True)) if one != other]
    listed: dict[str, int] = {}
    if apart:
        listing = await source.listing(apart)
        if listing is None or listing.cursor != theirs.cursor:
            return None
        listed = dict(listing.records)
    if theirs.cursor != cursor():
        return None
    among = set(apart)
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
