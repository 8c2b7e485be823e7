"""Catching up with central over HTTP: page by page from the cursor on, or all of it at once as one file.

A pull cut short goes on where it was, in this process or the next.
"""

import asyncio
import logging
import sqlite3
from functools import partial
from pathlib import Path
from typing import NamedTuple

from catgem_tui.directory.building import BuildFailed
from catgem_tui.directory.claim import Claim
from catgem_tui.directory.comparing import find_difference
from catgem_tui.directory.filling import fill_beside
from catgem_tui.directory.local import LocalCopy
from catgem_tui.directory.source import NoCopy, Source
from catgem_tui.directory.store import StoreFailed
from catgem_tui.directory.upkeep import Upkeep
from catgem_tui.protocol.http import RecordPage

PAGE = 500
"""Records asked for at once."""
WORTHWHILE = 20
"""Pages up to which it is tried to catch up, where a copy is perhaps not of central's history."""

log = logging.getLogger(__name__)


class Progress(NamedTuple):
    """How much of the whole directory is here."""

    stage: str = ""
    """``fetching``: in bytes; ``filling``: in records, of which all have come and are being put into the copy; empty:
    all of it is not being fetched."""
    done: int = 0
    total: int = 0

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


class Pulling:
    """One pull at a time, until there is no more."""

    def __init__(self, copy: LocalCopy, source: Source, upkeep: Upkeep, claim: Claim) -> None:
        self._copy = copy
        self._source = source
        self._upkeep = upkeep
        self._claim = claim
        self._task: asyncio.Task[None] | None = None
        self._again = self._anew = self._doubted = False
        self.paused = False
        """Somebody wants no more to be fetched before they say so."""
        self.progress = Progress()
        self.pulled = 0
        """Records that came in pages so far, retired ones among them."""
        self.whole = False
        """Whether all of it has come as a file."""

    @property
    def active(self) -> bool:
        return self._task is not None

    @property
    def unfinished(self) -> bool:
        """Whether there is perhaps more to be pulled: the cursor says nothing of what came beside."""
        return self.active or self.paused

    def begin(self, *, anew: bool = False, doubted: bool = False) -> None:
        """Catch up; asked for while it runs, it is looked at once more.

        ``anew``: what is here is of no use. ``doubted``: it may be of another history, or only far behind. While it is
        paused nothing is fetched, and everything that is asked for is done by ``resume``.
        """
        self._again = True
        if self._task is not None:
            return
        self._anew, self._doubted = self._anew or anew, self._doubted or doubted
        if not self.paused:
            self._copy.pulling = True
            self._task = asyncio.get_running_loop().create_task(self._pull(), name="directory pull")

    async def pause(self) -> None:
        """Stop, and do not begin again: what is here stays, and ``resume`` goes on with it."""
        self.paused = True
        self._copy.pulling = True
        reached = self.progress
        await self.stop()
        if self.paused:
            self.progress = reached
            self.tell_paused()

    def resume(self) -> None:
        if self.paused:
            self.paused = False
            self._copy.say("pull", "")
            self.begin()

    def tell_paused(self) -> None:
        if self.paused:
            self._copy.say_once("pull", "paused")

    async def stop(self) -> None:
        """What is here stays, and is gone on with."""
        task = self._task
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
            self._copy.say("pull", "" if self._copy.place.complete else "unreachable")

    async def _pull(self) -> None:
        self._copy.tell()
        try:
            if self._anew or (self._doubted and not await self._becomes_equal()):
                await self._begin_anew()
            self._anew = self._doubted = False
            while self._again:
                self._again = False
                await self._pull_pages()
        finally:
            self._task = None
            self._copy.pulling = self.paused
            self._upkeep.consider()
            self._copy.tell()

    async def _becomes_equal(self) -> bool:
        """Whether what changed since makes the copy equal to central's, as it is now."""
        copy = self._copy
        if not copy.store.on_disk:
            return False
        for _ in range(WORTHWHILE):
            page = await self._source.page(copy.place.cursor, PAGE)
            if page is None:
                await self._pause("unreachable")
                continue
            if not page.records and page.cursor < copy.place.cursor:
                return False
            await self._take(page)
            if not page.more:
                break
        while not await copy.keep():  # noqa: ASYNC110 - no event tells that the disk, which is compared, has room
            await asyncio.sleep(copy.RETRY)
        try:
            difference = await find_difference(copy.path, self._source, lambda: copy.place.cursor)
        except sqlite3.Error as error:
            log.warning("the directory's copy could not be compared: %s", error)
            return False
        return difference is not None and difference.empty

    async def _pull_pages(self) -> None:
        copy = self._copy
        more = True
        while more:
            page = await self._source.page(copy.place.cursor, PAGE)
            if page is None:
                await self._pause("unreachable")
                continue
            if not page.records and page.cursor < copy.place.cursor:
                await self._begin_anew()  # central's history is shorter than ours
                continue
            more = page.more
            if more and not copy.place.cursor and await self._pull_whole():
                continue  # with what came after it, or with another try
            await self._take(page)
        try:
            await copy.sweep()
        except StoreFailed as error:
            log.warning("what is no longer in the directory stays for now: %s", error)

    async def _take(self, page: RecordPage) -> None:
        copy = self._copy
        for start in range(0, len(page.records), copy.SLICE):
            copy.take(page.records[start : start + copy.SLICE])
            await asyncio.sleep(0)  # the screen's turn
        self.pulled += len(page.records)
        copy.place = copy.place._replace(cursor=page.cursor, complete=copy.place.complete or not page.more)
        copy.say("pull", "")
        while not await copy.keep() and copy.behind:  # noqa: ASYNC110 - memory alone can search no more than it has
            await asyncio.sleep(copy.RETRY)
        self._upkeep.consider()

    async def _pull_whole(self) -> bool:
        """All of it at once, as one file. False where pages have to do; true when it is here, or has to be tried again.

        Searches keep what they have until it is here.
        """
        copy = self._copy
        if not copy.store.on_disk:
            return False
        sealer = copy.store.sealer
        try:
            fetching = partial(self._tell_progress, "fetching")
            download = await self._source.copy(copy.path.parent, fetching, sealer)
            if download is None:
                await self._pause("unreachable")
                return True
            await self._fill(download, sealer.key if sealer else b"")
        except (StoreFailed, OSError) as error:
            log.warning("the whole directory could not be taken now: %s", error)
            await self._pause(getattr(error, "code", "disk"))
            return True
        except (NoCopy, BuildFailed) as error:
            log.warning("the whole directory could not be taken at once: %s", error)
            return False
        finally:
            self.progress = Progress()
        copy.say("pull", "")
        return True

    async def _fill(self, download: Path, key: bytes) -> None:
        """Make the download the copy. It stays where it is only if it may be of use later."""
        copy = self._copy
        await copy.keep()
        self._upkeep.suspended = True
        try:
            await self._upkeep.wait()
            await fill_beside(copy.path, download, key, self._claim.files, partial(self._tell_progress, "filling"))
            await asyncio.to_thread(download.unlink, missing_ok=True)
            await copy.load(copy.store, await copy.store.place(), ours=True)
        except BuildFailed:
            await asyncio.to_thread(download.unlink, missing_ok=True)
            raise
        finally:
            self._upkeep.suspended = False
        self._again = self.whole = True  # again: for what came meanwhile
        log.info("the whole directory is here: %d records", copy.place.records)

    async def _begin_anew(self) -> None:
        if self._copy.place.records:
            self._copy.say("pull", "rebuilding")
        await self._copy.begin_anew()

    async def _pause(self, problem: str) -> None:
        self._copy.say("pull", problem)
        await asyncio.sleep(self._copy.RETRY)

    def _tell_progress(self, stage: str, done: int, total: int) -> None:
        before, self.progress = self.progress, Progress(stage, done, total)
        if (stage, self.progress.percent) != (before.stage, before.percent):
            self._copy.tell()
