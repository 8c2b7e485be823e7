"""How quickly changes are everywhere: measured for every publication, kept in the store, told in figures."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

import msgspec

from catgem_tui.central.directory.reach import Reach
from catgem_tui.central.ports import StorageFailed
from catgem_tui.central.store.database import Database
from catgem_tui.central.store.publications import read_currency, write_publications
from catgem_tui.protocol.editing import Currency, Publication

logger = logging.getLogger(__name__)

PATIENCE = 120.0
"""Seconds after which a workstation that has not acknowledged a change counts as not having confirmed it."""
LATE = 5.0
"""Seconds after which it is told who has not got a change."""
NAMED = 20
"""Of them at most."""
FLUSH = 1.0
"""Seconds between two writes at least: many publications are one transaction."""
STOP = 2.0
"""Seconds that the last write may take."""


class CurrencyBook:
    """Publications on their way. ``follow`` says how far a revision has come, from now on, on the connected lines;
    ``changed`` is called when ``figures`` would say something else."""

    def __init__(
        self,
        database: Database,
        follow: Callable[[int], Reach],
        clock: Callable[[], float],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._database, self._follow, self._clock, self._changed = database, follow, clock, changed
        self._open: dict[str, tuple[Publication, Reach]] = {}
        self._written: dict[str, Publication] = {}
        """As the store has them, those that are open."""
        self._any = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._work(), name="directory currency")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with suppress(TimeoutError, StorageFailed):
            await asyncio.wait_for(self.flush(), STOP)

    def published(self, publication: Publication, revision: int) -> None:
        """Begin to measure; to be called before any line can have acknowledged it."""
        self._open[publication.change] = (publication, self._follow(revision))
        self._any.set()

    async def flush(self) -> None:
        """Write what is new since the last time. Raises StorageFailed; then all of it is written the next time."""
        now = self._clock()
        rows, settled = [], []
        for change, (publication, reach) in self._open.items():
            age = now - publication.published_at
            if age > PATIENCE:
                reach.given_up = True
            row = msgspec.structs.replace(
                publication,
                workstations=reach.workstations,
                confirmed=reach.confirmed,
                reached_at=reach.reached_at,
                last=reach.last,
                late=reach.late(NAMED) if age > LATE else (),
            )
            if reach.settled:
                settled.append(change)
            if row != self._written.get(change):
                rows.append(row)
        if rows:
            async with self._database.write() as connection:
                await write_publications(connection, rows)
            self._written.update((row.change, row) for row in rows)
            self._changed()
        for change in settled:
            self._open.pop(change, None)  # another flush may have written it meanwhile
            self._written.pop(change, None)

    async def figures(self, days: int) -> Currency:
        """Of the last days. Raises StorageFailed."""
        async with self._database.read() as connection:
            return await read_currency(connection, self._clock(), days, settled=LATE)

    async def _work(self) -> None:
        while True:
            await self._any.wait()
            await asyncio.sleep(FLUSH)
            try:
                await self.flush()
            except StorageFailed:
                continue
            if not self._open:
                self._any.clear()
