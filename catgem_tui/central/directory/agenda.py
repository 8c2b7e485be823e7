"""What waits for the information managers, and what has its hour: scheduled changes, reviews, ends of validity."""

import asyncio
import logging
from collections.abc import Callable

import msgspec

from catgem_tui.central.directory.changes import Changes
from catgem_tui.central.directory.validation import LONGEST_COMMENT, RefusedChange
from catgem_tui.central.plaintext import clean
from catgem_tui.central.ports import StorageFailed
from catgem_tui.central.store.database import Database
from catgem_tui.central.store.proposals import read_waiting
from catgem_tui.central.store.work import (
    close_report,
    find_report,
    next_instant,
    read_answered,
    read_counts,
    read_expiring,
    read_open_reports,
    read_reviews,
)
from catgem_tui.config.settings import Directory as DirectorySettings
from catgem_tui.protocol.editing import Answer, Report, Work, WorkCounts
from catgem_tui.protocol.model import User

logger = logging.getLogger(__name__)

NAP = 30.0
"""Seconds of sleep at most: a system's clock that is set forward is noticed this late."""
RETRY = 2.0
"""Seconds until it is tried again after the store failed."""
COALESCE = 0.5
"""Seconds between two counts at least, however much changes."""
REJECTED_SHOWN = 7 * 86_400.0
"""Seconds that who proposed a change finds it, and why it was rejected, in the list."""
LISTED = 500
"""Of each list at most."""


class Agenda:
    """One task that sleeps until the next thing is due. ``show`` is told the counts whenever they are different,
    ``answered`` each report that was dealt with and the user id of who made it."""

    def __init__(
        self,
        database: Database,
        settings: DirectorySettings,
        show: Callable[[WorkCounts], None],
        clock: Callable[[], float],
        answered: Callable[[Report, str], None] = lambda report, user: None,
    ) -> None:
        self._database, self._settings, self._show, self._clock = database, settings, show, clock
        self._answered = answered
        self._notice = settings.expiry_notice * 86_400.0
        self._wake = asyncio.Event()
        self._shown: WorkCounts | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, changes: Changes) -> None:
        """Begin with what came due while central was not running."""
        self._task = asyncio.create_task(self._work(changes), name="directory agenda")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def changed(self) -> None:
        """What waits may be different: count again, soon."""
        self._wake.set()

    async def read(self, user: User) -> Work:
        """The lists. Raises StorageFailed."""
        now = self._clock()
        async with self._database.read() as connection:
            return Work(
                counts=await read_counts(connection, now, self._notice),
                reports=await read_open_reports(connection, LISTED),
                due=await read_reviews(connection, now, LISTED),
                expiring=await read_expiring(connection, now + self._notice, LISTED),
                proposals=await read_waiting(connection, user, LISTED, rejected_since=now - REJECTED_SHOWN),
                second_eyes=self._settings.second_eyes,
                support_required=self._settings.support_required,
            )

    async def answer(self, report_id: str, answer: Answer, user: User) -> Report:
        """Close a report. Raises RefusedChange (``not_found``, ``wrong_state``, ``too_long``), StorageFailed.

        Repeating an answer returns the report as it is.
        """
        if len(answer.text) > LONGEST_COMMENT:
            raise RefusedChange("too_long", "text")
        text = clean(answer.text, LONGEST_COMMENT)
        async with self._database.write() as connection:
            report = await find_report(connection, report_id)
            if report is None:
                raise RefusedChange("not_found")
            if report.closed_at is not None:
                if (report.answer, report.closed_by) == (text, user.name):
                    return report
                raise RefusedChange("wrong_state")
            report = msgspec.structs.replace(report, answer=text, closed_by=user.name, closed_at=self._clock())
            reporter = await close_report(connection, report)
        self._answered(report, reporter)
        self.changed()
        return report

    async def answered_since(self, user: User, since: float) -> tuple[Report, ...]:
        """The person's reports that were answered after the instant, the first answer first. Raises StorageFailed."""
        async with self._database.read() as connection:
            return await read_answered(connection, user.id, since, LISTED)

    async def _work(self, changes: Changes) -> None:
        while True:
            self._wake.clear()
            try:
                nap = await self._look(changes)
            except StorageFailed:
                nap = RETRY
            except Exception:
                # One change that cannot be read must not end what all the others wait for.
                logger.exception("the directory's agenda failed")
                nap = NAP
            try:
                await asyncio.wait_for(self._wake.wait(), nap)
                await asyncio.sleep(COALESCE)
            except TimeoutError:
                pass

    async def _look(self, changes: Changes) -> float:
        """Do what is due and count; returns the seconds until it is time to look again."""
        now = self._clock()
        async with self._database.read() as connection:
            due = await next_instant(connection, now, self._notice)
        if due is not None and due <= now:
            await changes.publish_due()
        now = self._clock()
        async with self._database.read() as connection:
            counts = await read_counts(connection, now, self._notice)
            due = await next_instant(connection, now, self._notice)
        if counts != self._shown:
            self._shown = counts
            self._show(counts)
        return NAP if due is None else min(NAP, max(0.0, due - self._clock()))
