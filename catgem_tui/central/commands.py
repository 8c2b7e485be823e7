"""What `catgem central …` does. Everything that can go wrong is raised as CommandFailed, a sentence for the user."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from catgem_tui.central.app import Broken, run
from catgem_tui.central.auth.accounts import BadAccount, create_user
from catgem_tui.central.directory.service import Directory
from catgem_tui.central.lock import DataInUse, hold
from catgem_tui.central.ports import DataFolder, PortTaken, StorageFailed
from catgem_tui.central.store.database import Database, sqlite_url
from catgem_tui.central.store.publications import write_publications
from catgem_tui.central.store.records import read_records
from catgem_tui.central.store.users import UsernameTaken
from catgem_tui.config.i18n import _
from catgem_tui.config.reasons import reason, store_reason
from catgem_tui.config.settings import Settings
from catgem_tui.exchange.faults import BadFile, BadRow
from catgem_tui.exchange.mapping import ColumnMapping
from catgem_tui.exchange.planning import make_plan
from catgem_tui.exchange.reading import read_file
from catgem_tui.protocol.editing import MOST_RECORDS, Publication
from catgem_tui.protocol.enums import Role
from catgem_tui.protocol.model import Record, User

logger = logging.getLogger(__name__)
_PORTS_IN = {"HTTP": "central", "SMTP": "central.mail", "SIP": "central.voice"}
"""The section of the settings that has a service's port."""


class CommandFailed(Exception):
    """A sentence in the user's language."""


@dataclass(frozen=True)
class Imported:
    """What became of a file of records."""

    read: int
    """Good rows."""
    changed: int
    """Those of them that were new or different."""
    bad: tuple[BadRow, ...]


def serve(settings: Settings) -> None:
    """Run central until SIGINT or SIGTERM. Raises CommandFailed."""
    with sentences(settings):
        asyncio.run(run(settings))


def init(settings: Settings) -> Path:
    """Make the data folder and an empty database, or bring an old one up to date. Returns the folder.

    Raises CommandFailed.
    """
    asyncio.run(_init(settings))
    return settings.central_data


def add_user(
    settings: Settings, *, username: str, name: str, role: Role, password: str, skills: tuple[str, ...] = ()
) -> User:
    """Somebody new, while central is not running. Raises CommandFailed."""
    with sentences(settings):
        return asyncio.run(
            _add_user(settings, username=username, name=name, role=role, password=password, skills=skills)
        )


def import_file(
    settings: Settings,
    file: Path,
    *,
    who: str,
    support: str,
    mapping: ColumnMapping | None = None,
    all_or_nothing: bool = False,
    overwrite: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Imported:
    """Import directory records while central is not running: good rows are kept, bad ones named.

    ``support`` is the document the change rests on; with ``all_or_nothing`` a bad row keeps all of them out; without
    ``overwrite`` a row exported before its record's last change is a bad one. ``progress`` is told the records that are
    saved, and of how many; interrupted, those are kept. Raises CommandFailed, and SheetsMissing.
    """
    mapping = mapping or ColumnMapping(restricted=True)
    with sentences(settings):
        return asyncio.run(
            _import(
                settings,
                file,
                mapping,
                who=who,
                support=support,
                all_or_nothing=all_or_nothing,
                overwrite=overwrite,
                progress=progress,
            )
        )


@contextmanager
def sentences(settings: Settings) -> Iterator[None]:
    """Turn whatever keeps central from its work into CommandFailed; the log has the rest."""
    folder = settings.central_data
    try:
        yield
    except DataInUse as error:
        raise CommandFailed(
            _(
                "Another central (process {process}) is using the data folder {folder}. Stop it first, or name another "
                "folder in the settings: data in [central]."
            ).format(process=error.process or "?", folder=error.folder)
        ) from error
    except PortTaken as error:
        raise CommandFailed(
            _(
                "{service}: another program is using port {port} on {host}. End it, or choose another port in the "
                "settings: port in [{section}]."
            ).format(service=error.service, port=error.port, host=error.host, section=_PORTS_IN[error.service])
        ) from error
    except StorageFailed as error:
        logger.exception("the store failed")
        raise CommandFailed(
            _("The database in {folder} cannot be used: {detail}.").format(
                folder=folder, detail=store_reason(str(error))
            )
        ) from error
    except Broken as error:
        raise CommandFailed(_("Central ended because of a fault of its own; the log has the details.")) from error
    except BadAccount as error:
        raise CommandFailed(str(error)) from error
    except BadFile as error:
        raise CommandFailed(str(error)) from error
    except UsernameTaken as error:
        raise CommandFailed(_("The user name {name} is taken.").format(name=error.username)) from error
    except OSError as error:
        logger.exception("central cannot run")
        raise CommandFailed(
            _("{file}: {detail}.").format(file=error.filename or folder, detail=reason(error))
        ) from error


async def _init(settings: Settings) -> None:
    with sentences(settings):
        async with _open(settings):
            pass


async def _add_user(
    settings: Settings, *, username: str, name: str, role: Role, password: str, skills: tuple[str, ...]
) -> User:
    async with _open(settings) as database:
        return await create_user(database, username=username, name=name, role=role, password=password, skills=skills)


async def _import(
    settings: Settings,
    file: Path,
    mapping: ColumnMapping,
    *,
    who: str,
    support: str,
    all_or_nothing: bool,
    overwrite: bool,
    progress: Callable[[int, int], None],
) -> Imported:
    read = await asyncio.to_thread(read_file, file, mapping)
    async with _open(settings) as database:
        current: dict[str, Record] = {}
        async with database.read() as connection:
            for start in range(0, len(read.rows), MOST_RECORDS):
                current |= await read_records(connection, [row.id for row in read.rows[start : start + MOST_RECORDS]])
        plan = make_plan(read.rows, current, overwrite=overwrite)
        bad = tuple(sorted([*read.bad, *plan.bad]))
        changed = 0
        if not (bad and all_or_nothing):
            told: list[Publication] = []
            directory = Directory(
                database, lambda changed: None, lambda publication, _revision: told.append(publication)
            )
            await directory.start()
            changed = await directory.import_records([change.after for change in plan.changes], who, support, progress)
            async with database.write() as connection:
                await write_publications(connection, told[-1:])
    return Imported(read=len(read.rows) - len(plan.bad), changed=changed, bad=bad)


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[Database]:
    """The database of a central that is not running, its tables up to date."""
    folder = DataFolder(root=settings.central_data)
    folder.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.recordings.mkdir(exist_ok=True, mode=0o700)
    with hold(folder.lock):
        database = Database(sqlite_url(folder.database))
        try:
            await database.migrate()
            yield database
        finally:
            await database.close()
