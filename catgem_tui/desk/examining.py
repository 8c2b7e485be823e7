"""Examining this workstation (``catgem doctor``) beside the work: what is asked, what comes of it, and who runs it."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from catgem_tui.desk.happenings import ExaminationOver, PartExamined

log = logging.getLogger(__name__)


class ExaminationFailed(Exception):
    """The message says why, for the log."""


class Examiner(Protocol):
    async def examine(self, parts: Sequence[str], hear: Callable[[PartExamined], None]) -> None:
        """``hear`` is told of each part as it is done. Cancelled, nothing of it goes on. Raises ExaminationFailed."""
        ...


class Examining:
    """One examination at a time."""

    def __init__(self, examiner: Examiner | None, report: Callable[[object], None]) -> None:
        self._examiner = examiner
        self._report = report
        self._task: asyncio.Task[None] | None = None

    def begin(self, parts: Sequence[str]) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(parts), name="examination")

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self, parts: Sequence[str]) -> None:
        failed = self._examiner is None
        try:
            if self._examiner is not None:
                await self._examiner.examine(parts, self._report)
        except ExaminationFailed as error:
            log.warning("the workstation could not be examined: %s", error)
            failed = True
        except Exception:
            log.exception("the examination broke")  # nobody watches this task
            failed = True
        finally:
            self._task = None
            self._report(ExaminationOver(failed=failed))
