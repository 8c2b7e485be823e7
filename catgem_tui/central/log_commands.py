"""What `catgem central changes` and `… audit` do, whether central is running or not: read, export and verify the
change log and the audit trail."""

import asyncio
import csv
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from catgem_tui.central.commands import CommandFailed, sentences
from catgem_tui.central.directory.evidence import export
from catgem_tui.central.ports import DataFolder
from catgem_tui.central.store import guarding
from catgem_tui.central.store.changelog import Wanted, count_lines, read_head, read_lines
from catgem_tui.central.store.database import Database, sqlite_url
from catgem_tui.central.store.guarding import WantedEntries
from catgem_tui.central.store.verifying import Verified, verify
from catgem_tui.config.i18n import _
from catgem_tui.config.settings import Settings
from catgem_tui.protocol.editing import LineCount, LoggedChange
from catgem_tui.protocol.guarding import AuditEntry

Progress = Callable[[int, int], None]


def read_log(settings: Settings, wanted: Wanted, limit: int) -> tuple[LoggedChange, ...]:
    """Newest first. Raises CommandFailed."""

    async def read() -> tuple[LoggedChange, ...]:
        async with _existing(settings) as database, database.read() as connection:
            return await read_lines(connection, wanted, limit=limit)

    with sentences(settings):
        return asyncio.run(read())


def verify_log(settings: Settings, against: Path | None, progress: Progress) -> Verified:
    """``against`` is an export made earlier; ``progress`` is told the lines read, and of how many. Raises
    CommandFailed."""

    async def run() -> Verified:
        earlier = dict(read_digests(against)) if against else {}
        async with _existing(settings) as database, database.read() as connection:
            return await verify(connection, earlier, progress)

    with sentences(settings):
        return asyncio.run(run())


def export_log(settings: Settings, file: BinaryIO, form: str, wanted: Wanted, progress: Progress) -> int:
    """Write the log, oldest line first, in a format of ``evidence``. Returns the number of its last line; ``progress``
    is told the lines written, and of how many.

    Raises CommandFailed.
    """

    async def run() -> int:
        lines = LineCount(form)
        async with _existing(settings) as database:
            async with database.read() as connection:
                head = await read_head(connection)
                count = await count_lines(connection, wanted, head)
            async for block in export(database, wanted, head, form):
                file.write(block)
                progress(lines.take(block), count)
            return head.number

    with sentences(settings):
        return asyncio.run(run())


def read_audit(settings: Settings, wanted: WantedEntries) -> list[AuditEntry]:
    """Oldest first. Raises CommandFailed."""

    async def read() -> list[AuditEntry]:
        async with _existing(settings) as database, database.read() as connection:
            return [entry async for entry in guarding.read_all(connection, wanted)]

    with sentences(settings):
        return asyncio.run(read())


def verify_audit(settings: Settings, against: Path | None, progress: Progress) -> guarding.Verified:
    """As ``verify_log``. Raises CommandFailed."""

    async def run() -> guarding.Verified:
        earlier = dict(read_digests(against)) if against else {}
        async with _existing(settings) as database, database.read() as connection:
            return await guarding.verify(connection, earlier, progress)

    with sentences(settings):
        return asyncio.run(run())


def read_digests(file: Path) -> Iterator[tuple[int, str]]:
    """Number and digest of each line of an export. Raises CommandFailed, OSError."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            start = text.read(1)
            text.seek(0)
            rows: Iterator[Mapping[str, Any]]
            rows = (msgspec.json.decode(line) for line in text) if start == "{" else csv.DictReader(text)
            for row in rows:
                yield int(row["number"]), str(row["digest"])
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise CommandFailed(_("%s is no export of the change log.") % file) from error


@asynccontextmanager
async def _existing(settings: Settings) -> AsyncIterator[Database]:
    """The database as it is: reading disturbs no central that runs on it, so nothing is locked and nothing migrated."""
    folder = DataFolder(root=settings.central_data)
    if not folder.database.is_file():
        raise CommandFailed(_("There is no database in {folder}.").format(folder=folder.root))
    database = Database(sqlite_url(folder.database))
    try:
        yield database
    finally:
        with suppress(OSError):
            await database.close()
