"""The authoritative directory: numbers, change log, import."""

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from catgem_tui.central.directory import service
from catgem_tui.central.directory.service import Directory
from catgem_tui.central.ports import StorageFailed
from catgem_tui.central.store.database import Database, sqlite_url
from catgem_tui.central.store.tables import changes
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    await opened.migrate()
    yield opened
    await opened.close()


def record(identifier: str, **fields: str) -> Record:
    return Record(id=identifier, kind=RecordKind.NUMBER, revision=0, **{"title": identifier, **fields})  # type: ignore[arg-type]


async def test_each_change_takes_the_next_number_and_a_line_of_the_log(database: Database) -> None:
    published: list[Record] = []
    directory = Directory(database, published.extend)
    await directory.start()
    first = directory.cursor
    assert await directory.import_records([record("a"), record("b")], "irma", "oficio 1") == 2
    assert await directory.import_records([record("a", phone="911"), record("b")], "irma", "oficio 2") == 1
    assert [(it.id, it.revision - first, it.phone) for it in published] == [("a", 1, ""), ("b", 2, ""), ("a", 3, "911")]
    async with database.read() as connection:
        log = (await connection.execute(changes.select().order_by(changes.c.number))).all()
    assert [(row.record, row.who, row.support) for row in log] == [
        ("a", "irma", "oficio 1"),
        ("b", "irma", "oficio 1"),
        ("a", "irma", "oficio 2"),
    ]
    assert log[0].before is None
    assert json.loads(log[2].before)["revision"] == first + 1
    assert json.loads(log[2].after)["phone"] == "911"


async def test_the_numbers_go_on_after_a_restart_and_a_new_directory_begins_later(
    database: Database, tmp_path: Path
) -> None:
    directory = Directory(database, lambda records: None)
    await directory.start()
    await directory.import_records([record("a")], "x", "")
    again = Directory(database, lambda records: None)
    await again.start()
    assert again.cursor == directory.cursor
    other = Database(sqlite_url(tmp_path / "other.sqlite"))
    await other.migrate()
    fresh = Directory(other, lambda records: None)
    await fresh.start()
    await other.close()
    assert fresh.cursor > directory.cursor


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # whose disk can be full on demand
async def test_nothing_is_published_that_was_not_kept(database: Database) -> None:
    published: list[Sequence[Record]] = []
    directory = Directory(database, published.append)
    await directory.start()
    before = directory.cursor
    async with database.writer.connect() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count = 1")
    with pytest.raises(StorageFailed):
        await directory.import_records([record(f"r{n}", requirements="x" * 4_000) for n in range(100)], "x", "")
    assert (published, directory.cursor) == ([], before)
    assert (await directory.page(0)).records == ()
    async with database.writer.connect() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert await directory.import_records([record("a")], "x", "") == 1


async def test_what_is_published_while_a_page_is_read_is_on_the_next_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = Directory(database, lambda records: None)
    await directory.start()
    await directory.import_records([record("a")], "irma", "oficio 1")
    begun = directory.cursor
    read = service.read_changed

    async def slowly(*given: Any) -> Sequence[Record]:
        found = await read(*given)
        await directory.import_records([record("b")], "irma", "oficio 2")
        return found

    monkeypatch.setattr(service, "read_changed", slowly)
    page = await directory.page(begun)
    monkeypatch.undo()
    assert (page.records, page.cursor) == ((), begun)
    assert [it.id for it in (await directory.page(page.cursor)).records] == ["b"]
