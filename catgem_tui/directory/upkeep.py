"""Keeping the index short: it is built anew beside the screen when enough has changed since."""

import asyncio
import logging
import time

from catgem_tui.directory.building import BuildFailed, build_beside
from catgem_tui.directory.filling import clear_unfinished
from catgem_tui.directory.index import Index
from catgem_tui.directory.local import LocalCopy
from catgem_tui.directory.store import StoreFailed

log = logging.getLogger(__name__)


class Upkeep:
    """``consider`` it after changes; it does nothing while it is ``suspended``."""

    def __init__(self, copy: LocalCopy) -> None:
        self._copy = copy
        self._building: asyncio.Task[None] | None = None
        self.suspended = False
        """While another process makes the copy."""

    @property
    def active(self) -> bool:
        return self._building is not None

    def consider(self) -> None:
        copy = self._copy
        wanted = copy.behind or copy.index.changes > copy.MOST_FRESH
        if wanted and copy.ours and self._building is None and not self.suspended:
            self._building = asyncio.get_running_loop().create_task(self._build(), name="directory index")

    async def wait(self) -> None:
        if self._building is not None:
            await asyncio.wait([self._building])

    async def stop(self) -> None:
        if self._building is not None:
            self._building.cancel()
            await asyncio.wait([self._building])

    async def _build(self) -> None:
        """Build an index of the whole copy, and let what came meanwhile follow."""
        copy, store = self._copy, self._copy.store
        begun = time.monotonic()
        try:
            await copy.keep()
            copy.begin_journal()
            segment = await build_beside(store, copy.place)
            index = await asyncio.to_thread(Index, segment)
            changes = await store.changed_since(segment.mark, 0)
        except (BuildFailed, StoreFailed) as error:
            log.warning("no new index of the directory: %s", error)
            copy.behind = True
            copy.say("index", error.code)
            await asyncio.to_thread(clear_unfinished, store.path)
            await asyncio.sleep(copy.RETRY)
        else:
            copy.say("index", "")
            if await copy.take_index(index, changes.gone):
                log.info("a new index of %d records in %.1f s", len(index), time.monotonic() - begun)
        finally:
            copy.journal = self._building = None
        self.consider()
        copy.tell()
