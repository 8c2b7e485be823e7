"""The directory's change log: append-only, and held together by digests."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from catgem_tui.central.directory.service import Directory
from catgem_tui.central.store import database as database_module
from catgem_tui.central.store.changelog import first_broken_line
from catgem_tui.central.store.database import Database, sqlite_url
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record

REFUSED = "append-only"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(sqlite_url(tmp_path / "central.sqlite"))
    await opened.migrate()
    yield opened
    await opened.close()


async def fill(database: Database, count: int = 5) -> None:
    directory = Directory(database, lambda records: None)
    await directory.start()
    records = [Record(id=f"r{n}", kind=RecordKind.OFFICE, title=f"Oficina {n}", revision=0) for n in range(count)]
    await directory.import_records(records, "Irma", "Oficio 1/2026")


async def broken(database: Database) -> int | None:
    async with database.read() as connection:
        return await first_broken_line(connection)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE changes SET who = 'nadie' WHERE number = 2",
        "DELETE FROM changes WHERE number = 2",
        "INSERT OR REPLACE INTO changes SELECT * FROM changes WHERE number = 2",
    ],
)
async def test_the_database_itself_refuses_to_alter_a_line(database: Database, tmp_path: Path, statement: str) -> None:
    await fill(database)
    with (
        closing(sqlite3.connect(tmp_path / "central.sqlite")) as raw,
        pytest.raises(sqlite3.IntegrityError, match=REFUSED),
    ):
        raw.execute(statement)
    assert await broken(database) is None


@pytest.mark.parametrize(
    "statement",
    ["UPDATE changes SET who = 'nadie' WHERE number = 3", "DELETE FROM changes WHERE number = 3"],
)
async def test_a_line_altered_behind_the_triggers_is_named(database: Database, tmp_path: Path, statement: str) -> None:
    await fill(database)
    with closing(sqlite3.connect(tmp_path / "central.sqlite")) as raw:
        raw.execute("DROP TRIGGER changes_never_altered")
        raw.execute("DROP TRIGGER changes_never_deleted")
        raw.execute(statement)
        raw.commit()
    assert await broken(database) == 3


async def test_the_chain_goes_on_after_a_restart(database: Database) -> None:
    await fill(database, 3)
    await fill(database, 6)
    assert await broken(database) is None


async def test_lines_of_the_first_version_get_their_digests(tmp_path: Path) -> None:
    def to_first(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(database_module.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")

    old = Database(sqlite_url(tmp_path / "old.sqlite"))
    body = '{"id":"a","kind":"office","title":"Oficina Ñ","revision":1,"valid_until":5.0}'
    async with old.write() as connection:
        await connection.run_sync(to_first)
        row = {"body": body}
        await connection.execute(text("INSERT INTO records VALUES ('a', 'office', 1, 0, :body)"), row)
        await connection.execute(text("INSERT INTO changes VALUES (1, 'a', 1.5, 'Irma', 'o', NULL, :body)"), row)
    await old.migrate()
    assert await broken(old) is None
    async with old.read() as connection:
        assert (await connection.execute(text("SELECT valid_until FROM records"))).scalar() == 5.0
        assert "oficina n" in str((await connection.execute(text("SELECT folded FROM changes"))).scalar())
    await fill(old)
    assert await broken(old) is None
    await old.close()
