"""A directory's local copy and a central that is only pages, for tests of the copy alone."""

import asyncio
import gzip
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from catgem_tui.directory.sealing import Sealer, stream_cipher
from catgem_tui.directory.source import NoCopy, Progress
from catgem_tui.directory.sync import Directory
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.http import RecordPage
from catgem_tui.protocol.model import Record
from catgem_tui.protocol.sums import COPY_SCHEMA, CopyHeader, DirectorySums, Listing, bucket_of, sums_of


def record(number: int, title: str = "", *, retired: bool = False, revision: int | None = None) -> Record:
    return Record(
        id=f"r{number}",
        kind=RecordKind.OFFICE,
        title=title or f"oficina {number}",
        revision=number if revision is None else revision,
        restricted={"celular": "5512345678"},
        retired=retired,
    )


def public(record: Record) -> Record:
    return msgspec.structs.replace(record, restricted={})


class Central:
    """Pages of a directory; may be away."""

    def __init__(self, count: int) -> None:
        self.records = [record(n) for n in range(1, count + 1)]
        self.asked: list[int] = []
        self.answers_left = 1_000_000
        self.gives_files = False
        self.files = 0
        self.restricted = True
        """Whether who asks may see restricted fields."""

    def seen(self, record: Record) -> Record:
        return record if self.restricted else public(record)

    def change(self, *records: Record) -> None:
        """They are as these say from now on."""
        changed = {each.id for each in records}
        self.records = [each for each in self.records if each.id not in changed] + list(records)

    def become(self, other: "Central") -> None:
        self.records = other.records

    async def page(self, after: int, limit: int) -> RecordPage | None:
        self.asked.append(after)
        if self.answers_left == 0:
            return None
        self.answers_left -= 1
        later = sorted((r for r in self.records if r.revision > after), key=lambda r: r.revision)
        page = tuple(map(self.seen, later[:limit]))
        latest = max((r.revision for r in self.records), default=0)
        return RecordPage(
            records=page, cursor=page[-1].revision if page else min(after, latest), more=len(later) > limit
        )

    async def copy(self, folder: Path, progress: Progress, sealer: Sealer | None) -> Path | None:
        """Where the directory is given as a file, that is written anew each time."""
        if not self.gives_files:
            raise NoCopy
        self.files += 1
        latest = max((r.revision for r in self.records), default=0)
        seen = [r if sealer else public(r) for r in map(self.seen, self.records) if not r.retired]
        header = CopyHeader(schema=COPY_SCHEMA, cursor=latest, count=len(seen))
        content = gzip.compress(b"".join(msgspec.json.encode(line) + b"\n" for line in (header, *seen)))
        file = folder / f"{self.files}-{latest}.part"
        file.write_bytes(stream_cipher(sealer.key, file.name, 0).update(content) if sealer else content)
        progress(len(content), len(content))
        return file

    async def sums(self, at: int = 0) -> DirectorySums | None:
        pairs = [(r.id, r.revision) for r in self.records if not r.retired]
        return DirectorySums(cursor=max(r.revision for r in self.records), sums=sums_of(pairs))

    async def listing(self, buckets: Sequence[int]) -> Listing | None:
        pairs = [(r.id, r.revision) for r in self.records if not r.retired and bucket_of(r.id) in buckets]
        return Listing(cursor=max(r.revision for r in self.records), records=tuple(pairs))

    async def some(self, ids: Sequence[str]) -> tuple[Record, ...] | None:
        return tuple(self.seen(r) for r in self.records if r.id in ids and not r.retired)


class Watched:
    """A directory with a way to wait for it."""

    def __init__(self, path: Path, central: Central) -> None:
        self.event = asyncio.Event()
        self.central = central
        self.directory = Directory(path, central, self.event.set)
        self.directory.attend()

    async def pulled(self) -> "Watched":
        """Started, and current."""
        await self.directory.start()
        self.directory.pull()
        await self.until(lambda d: not d.syncing and d.cursor is not None)
        return self

    async def until(self, condition: Callable[[Directory], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition(self.directory):
                self.event.clear()
                await self.event.wait()


def settled(count: int) -> Callable[[Directory], bool]:
    return lambda directory: not directory.syncing and directory.cursor is not None and len(directory) == count
