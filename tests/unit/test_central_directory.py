"""The authoritative directory: numbers, change log, import."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest

from catgem_tui.central.directory.imports import parse_rows
from catgem_tui.central.directory.service import Directory
from catgem_tui.central.ports import StorageFailed
from catgem_tui.central.store.database import Database, sqlite_url
from catgem_tui.central.store.tables import changes
from catgem_tui.config import i18n
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(sqlite_url(tmp_path / "central.sqlite"))
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


@pytest.fixture
def english() -> Iterator[None]:
    before = i18n.current()
    i18n.use("en")
    yield
    i18n.use(before)


@pytest.mark.usefixtures("english")
def test_each_bad_line_is_named_with_its_reason_and_the_good_ones_are_kept() -> None:
    lines = [
        '{"id": "a", "kind": "office", "title": "Oficina Ñ"}',
        "",
        "no es JSON",
        '{"id": "b", "kind": "castle", "title": "x"}',
        '{"id": "c", "kind": "office"}',
        '{"id": "d", "kind": "office", "title": "x", "phnoe": "1"}',
        '{"id": "a", "kind": "office", "title": "otra vez"}',
        '{"id": " ", "kind": "office", "title": "x"}',
        '["a"]',
        '{"id": "e", "kind": "office", "title": "\udcff"}',
        '{"id": "f", "kind": "office", "title": "' + "x" * 100_000 + '"}',
        '{"id": "g", "kind": "person", "title": "Última", "revision": 12, "keywords": ["uno"]}',
    ]
    records, bad = parse_rows(lines)
    assert [it.id for it in records] == ["a", "g"]
    assert {row.line for row in bad} == {3, 4, 5, 6, 7, 8, 9, 10, 11}
    reasons = {row.line: row.reason for row in bad}
    assert reasons[4]
    _, (refused,) = parse_rows(['{"id": "a", "kind": "\\u001b]0;mine\\u0007", "title": "x"}'])
    assert refused.reason.isprintable()
    assert "title" in reasons[5]
    assert "phnoe" in reasons[6]
    assert "line 1" in reasons[7]
