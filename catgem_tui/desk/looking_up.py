"""Looking into the local directory: what is searched for, the record on the card, the numbers of the filters."""

import asyncio
import time
from collections.abc import Callable

from catgem_tui.desk import effects, happenings
from catgem_tui.desk.state import MOST_HITS
from catgem_tui.desk.timers import Timers
from catgem_tui.directory.sync import Directory
from catgem_tui.protocol.model import Record

SEARCH_AGAIN = 0.1
"""Seconds between two searches at least that only changes of the directory ask for."""
MOST_NEAR = 100
"""Records named by one that a card tells of."""


class LookingUp:
    """``card`` gives the record that is shown, ``report`` hears what was found."""

    def __init__(
        self, directory: Directory, card: Callable[[], Record | None], report: Callable[[object], None]
    ) -> None:
        self._directory = directory
        self._card = card
        self._report = report
        self._timers = Timers()
        self._sought_at = 0.0

    def seek(self, effect: effects.FindRecords) -> None:
        """What is typed is sought at once; many changes are one reason to seek again, which they do not put off."""
        if effect.typed:
            self._find(effect.query)
        elif effect not in self._timers:
            pause = self._sought_at + SEARCH_AGAIN - asyncio.get_running_loop().time()
            self._timers.start(max(0.0, pause), effect, lambda: self._find(effect.query))

    def read_card(self, record: str) -> None:
        """Many changes in one turn of the loop are one reason to read it."""
        self._timers.start(0.0, record, lambda: self._read_card(record))

    async def count_facets(self) -> None:
        self._report(happenings.FacetsCounted(await self._directory.facets()))

    def stop(self) -> None:
        self._timers.stop()

    def _find(self, query: str) -> None:
        self._sought_at = asyncio.get_running_loop().time()
        begun = time.perf_counter()
        found = self._directory.search(query, MOST_HITS)
        taken = (time.perf_counter() - begun) * 1000
        hits = tuple(each.record for each in found)
        marks, reasons = tuple(each.marks for each in found), tuple(each.reason for each in found)
        self._report(happenings.RecordsFound(query, hits, marks, taken, reasons))

    def _read_card(self, record: str) -> None:
        known = self._directory.record(record)
        shown = known or self._card()
        names = (shown.merged_into, *shown.related) if shown is not None and shown.id == record else ()
        near = {each: found for each in names[:MOST_NEAR] if each and (found := self._directory.record(each))}
        self._report(happenings.CardRead(record, known, near))
