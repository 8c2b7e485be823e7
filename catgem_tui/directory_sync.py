"""``catgem directory sync``: this machine's copy of the directory brought up to date without the workstation."""

import asyncio
import contextlib
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from catgem_tui.config.i18n import _, ngettext
from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.source import CentralSource
from catgem_tui.directory.sync import Directory
from catgem_tui.link.address import Failed
from catgem_tui.link.api import Api
from catgem_tui.protocol.enums import RESTRICTED_READERS
from catgem_tui.terminal_login import Admitted, NotAdmitted, admitted, sentence
from catgem_tui.terminal_progress import Tell, progress

TRIES = 3
"""Times that central may not answer in a row."""
PATIENCE = 60.0
"""Seconds that another program may take to bring the copy up to date."""
CHECKS = 4
"""Comparisons at most: one that finds nothing ends them, and central may be changing meanwhile."""
BREAK = 1.0
"""Seconds between two of them."""

T = TypeVar("T")


class SyncFailed(Exception):
    """The copy is not up to date; the message is a sentence."""


@dataclass(frozen=True)
class Wanted:
    """What the person asked for."""

    copy: Path
    check: bool = False
    quiet: bool = False
    as_json: bool = False


class Summary(msgspec.Struct):
    """What came of it, as ``--json`` prints it."""

    ok: bool = False
    problem: str = ""
    """Empty, a ``Failed`` code, a problem of the copy's (``Directory.problem``), or ``not_compared``."""
    records: int = 0
    cursor: int | None = None
    whole: bool = False
    """Whether the directory was fetched as one file."""
    pulled: int = 0
    """Records that came one by one, retired ones among them."""
    kept_by_another: bool = False
    """Whether a workstation on this machine did the work."""
    compared: bool = False
    mended: int = 0
    dropped: int = 0
    seconds: float = 0.0


def sync(wanted: Wanted, central: str, username: str, password: str) -> int:
    """Returns the exit status: 0 when the copy is as central has it. Raises SyncFailed."""
    summary = Summary()
    begun = time.monotonic()
    failed = ""
    try:
        asyncio.run(_sync(wanted, central, username, password, summary))
    except KeyboardInterrupt:
        if not wanted.quiet:
            print(_("Stopped. What came stays here, and the next time it goes on from there."), file=sys.stderr)
        raise
    except (NotAdmitted, SyncFailed) as error:
        failed = str(error)
        summary.problem = summary.problem or "not_admitted"
    summary.seconds = round(time.monotonic() - begun, 2)
    summary.ok = not failed
    if wanted.as_json:
        print(msgspec.json.encode(summary).decode())
    if failed:
        kept = _(" What is on this machine stays and can be searched.") if wanted.copy.is_file() else ""
        raise SyncFailed(failed + kept)
    if not (wanted.as_json or wanted.quiet):
        print(_told(summary))
    return 0


async def _sync(wanted: Wanted, central: str, username: str, password: str, summary: Summary) -> None:
    async with admitted(central, username, password) as session:
        with progress(quiet=wanted.quiet) as tell:
            work = _Work(session, wanted, central, summary, tell)
            try:
                await work.run()
            finally:
                await work.close()


class _Work:
    def __init__(self, session: Admitted, wanted: Wanted, central: str, summary: Summary, tell: Tell) -> None:
        self._session, self._wanted, self._central, self._summary = session, wanted, central, summary
        self._tell = tell
        self._changed = asyncio.Event()
        self._failed = Failed("unreachable")
        self._failures = 0
        """In a row."""
        self._source = CentralSource(self._ask)
        self._directory = Directory(wanted.copy, self._source, self._changed.set)

    async def run(self) -> None:
        """Raises SyncFailed."""
        directory, user = self._directory, self._session.user
        restricted = user.role in RESTRICTED_READERS
        if restricted:
            directory.key = await self._key()
        directory.serve(user.id, restricted=restricted)
        await directory.start()
        directory.attend()
        directory.pull()
        await self._settle()
        if self._wanted.check:
            await self._check()
        self._note()

    async def close(self) -> None:
        await self._directory.close()

    async def _key(self) -> bytes | None:
        """What restricted fields are sealed with; the workstation's own."""
        credentials = Credentials(self._central)
        await credentials.open()
        return await credentials.directory_key()

    async def _ask(self, ask: Callable[[Api, str], Awaitable[T | Failed]]) -> T | None:
        answer = await self._session.account.ask(lambda token: ask(self._session.api, token))
        if isinstance(answer, Failed):
            self._failed = answer
            self._failures += 1
            self._changed.set()
            return None
        self._failures = 0
        return answer

    async def _settle(self) -> None:
        """Until everything is here and can be searched. Raises SyncFailed."""
        directory = self._directory
        until = time.monotonic() + PATIENCE
        while not directory.settled:
            self._changed.clear()
            self._note()
            self._show()
            self._see_failure()
            if directory.keeps:
                until = time.monotonic() + PATIENCE
            elif directory.reached >= 0 and await self._is_current():
                self._summary.kept_by_another = True
                return
            elif time.monotonic() > until:
                raise self._fail("another", _("Another catgem on this machine keeps the copy, and is not done yet."))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._changed.wait()

    async def _is_current(self) -> bool:
        page = await self._source.page(self._directory.reached, 1)
        return page is not None and not page.records

    def _see_failure(self) -> None:
        """Raises SyncFailed where waiting is of no use."""
        problem = self._directory.problem
        if self._failures >= TRIES or (self._failures and self._failed.code != "unreachable"):
            raise self._fail(self._failed.code, sentence(self._failed, self._central))
        if problem == "disk":
            raise self._fail(problem, _("The copy cannot be written: the disk is full, or its folder may not be used."))
        if problem == "locked":
            raise self._fail(problem, _("Another program holds the copy's database; try again when it is done."))

    def _fail(self, problem: str, told: str) -> SyncFailed:
        self._summary.problem = problem
        return SyncFailed(told)

    async def _check(self) -> None:
        """Compare with central and mend, until they are equal. Raises SyncFailed."""
        for attempt in range(CHECKS):
            if attempt:
                await asyncio.sleep(BREAK)
            comparison = self._directory.compare()
            difference = None if comparison is None else await comparison
            if difference is not None and difference.empty:
                self._summary.compared = True
                return
            if difference is not None:
                self._summary.mended += len(difference.wanted)
                self._summary.dropped += len(difference.extra)
            self._see_failure()
        raise self._fail("not_compared", _("The copy could not be compared with central."))

    def _note(self) -> None:
        directory, summary = self._directory, self._summary
        summary.records, summary.cursor = len(directory), directory.cursor
        summary.whole, summary.pulled = directory.pulled_whole, directory.pulled

    def _show(self) -> None:
        stage, done, total = self._directory.progress
        if total:
            self._tell(_("Putting it in place:") if stage == "filling" else _("Fetching the directory:"), done, total)
        elif not self._directory.keeps:
            self._tell(_("Another catgem on this machine keeps the copy; waiting for it…"), 0, 0)
        else:
            self._tell(_("Records here: %d") % len(self._directory), 0, 0)


def _told(summary: Summary) -> str:
    records = ngettext("The copy is up to date: %d record.", "The copy is up to date: %d records.", summary.records)
    told = [records % summary.records]
    if summary.kept_by_another:
        told.append(_("Another catgem on this machine keeps it."))
    elif summary.whole:
        told.append(_("All of it was fetched."))
    elif summary.pulled:
        told.append(ngettext("%d change was fetched.", "%d changes were fetched.", summary.pulled) % summary.pulled)
    if summary.compared:
        words = {"mended": summary.mended, "dropped": summary.dropped}
        told.append(_("Compared with central: %(mended)d mended, %(dropped)d dropped.") % words)
    return " ".join(told)
