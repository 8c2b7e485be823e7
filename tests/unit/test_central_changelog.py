"""The directory's change log: append-only, and held together by digests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from catgem_tui.central.directory.service import Directory
from catgem_tui.central.ports import StorageFailed
from catgem_tui.central.store import database as database_module
from catgem_tui.central.store.changelog import Wanted, read_lines
from catgem_tui.central.store.database import Database, sqlite_url
from catgem_tui.central.store.verifying import Earlier, verify
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record

REFUSED = "append-only"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    await opened.migrate()
    yield opened
    await opened.close()


async def fill(database: Database, count: int = 5) -> None:
    directory = Directory(database, lambda records: None)
    await directory.start()
    records = [Record(id=f"r{n}", kind=RecordKind.OFFICE, title=f"Oficina {n}", revision=0) for n in range(count)]
    await directory.import_records(records, "Irma", "Oficio 1/2026")


async def found(database: Database, earlier: Earlier | None = None) -> tuple[str, int] | None:
    """What is wrong, and from which line on."""
    async with database.read() as connection:
        fault = (await verify(connection, earlier)).fault
    return (fault.wrong.value, fault.number) if fault else None


async def meddle(database: Database, *statements: str) -> None:
    """What somebody does who may write to all of it and takes the triggers away."""
    guards = ("changes_never_altered", "changes_never_deleted", "changes_follow_each_other")
    without = (
        [f"DROP TRIGGER IF EXISTS {name}" for name in guards]
        if database.sqlite
        else ["ALTER TABLE changes DISABLE TRIGGER ALL"]
    )
    async with database.write() as connection:
        for statement in (*without, *statements):
            await connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE changes SET who = 'nadie' WHERE number = 2",
        "DELETE FROM changes WHERE number = 2",
        {
            "sqlite": "INSERT OR REPLACE INTO changes SELECT * FROM changes WHERE number = 2",
            "postgresql": "TRUNCATE changes",
        },
    ],
)
async def test_the_database_itself_refuses_to_alter_a_line(database: Database, statement: str | dict[str, str]) -> None:
    await fill(database)
    if isinstance(statement, dict):
        statement = statement["sqlite" if database.sqlite else "postgresql"]
    with pytest.raises(StorageFailed, match=REFUSED):
        async with database.write() as connection:
            await connection.exec_driver_sql(statement)
    assert await found(database) is None


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE changes SET who = 'nadie' WHERE number = 3", ("altered", 3)),
        ("UPDATE changes SET after = replace(after, 'Oficina 2', 'Oficina X') WHERE number = 3", ("altered", 3)),
        ("DELETE FROM changes WHERE number = 3", ("missing", 3)),
        ("DELETE FROM changes WHERE number = 1", ("missing", 1)),
        ("DELETE FROM changes WHERE number > 3", ("end", 4)),
        ("DELETE FROM changes", ("end", 1)),
        ("UPDATE records SET body = replace(body, 'Oficina 2', 'Oficina X') WHERE id = 'r2'", ("record", 3)),
        ("DELETE FROM records WHERE id = 'r2'", ("record", 3)),
        ("INSERT INTO records SELECT 'r9', kind, 9, retired, body, NULL, NULL FROM records WHERE id = 'r2'",
         ("record", 0)),
    ],
)  # fmt: skip
async def test_what_was_done_behind_the_triggers_is_named(
    database: Database, statement: str, fault: tuple[str, int]
) -> None:
    await fill(database)
    assert await found(database) is None
    await meddle(database, statement)
    assert await found(database) == fault


async def test_an_end_cut_off_is_noticed_also_when_the_log_went_on(database: Database) -> None:
    await fill(database, 5)
    await meddle(database, "DELETE FROM changes WHERE number > 3")
    await fill(database, 7)
    assert await found(database) == ("cut", 4)


async def test_only_a_copy_kept_elsewhere_tells_of_a_log_made_anew(database: Database) -> None:
    await fill(database, 3)
    async with database.read() as connection:
        kept = {line.number: line.digest for line in await read_lines(connection, Wanted(), limit=9)}
    assert await found(database, kept) is None
    await meddle(database, "DELETE FROM changes", "DELETE FROM records", "DELETE FROM counters")
    await fill(database, 2)
    assert await found(database) is None
    assert await found(database, kept) == ("other", 1)
    assert await found(database, {3: kept[3]}) == ("end", 3)


async def test_the_chain_goes_on_after_a_restart(database: Database) -> None:
    await fill(database, 3)
    await fill(database, 6)
    assert await found(database) is None


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
        await connection.execute(text("INSERT INTO counters VALUES ('directory', 1)"))
    await old.migrate()
    assert await found(old) is None
    async with old.read() as connection:
        assert (await connection.execute(text("SELECT valid_until FROM records"))).scalar() == 5.0
        assert "oficina n" in str((await connection.execute(text("SELECT folded FROM changes"))).scalar())
    await fill(old)
    assert await found(old) is None
    await old.close()
