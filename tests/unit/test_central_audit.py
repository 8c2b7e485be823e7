"""The audit trail: append-only, held together by digests; and the block list, kept beside it."""

from collections.abc import AsyncIterator

import pytest

from catgem_tui.central.ports import StorageFailed
from catgem_tui.central.store.database import Database
from catgem_tui.central.store.guarding import (
    WantedEntries,
    add_entries,
    forget_expired_blocks,
    read_all,
    read_blocks,
    read_entries,
    verify,
    write_blocks,
)
from catgem_tui.protocol.guarding import AuditEntry, Blocked


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    await opened.migrate()
    yield opened
    await opened.close()


async def fill(database: Database, count: int = 4) -> None:
    for number in range(count):
        entry = AuditEntry(
            at=100.0 + number,
            who="Ana",
            kind="caller.warned" if number % 2 else "caller.blocked",
            contact=f"c{number}",
            phone="7225550134",
            details={"until": 200.5, "reason": "ofensas"},
        )
        async with database.write() as connection:
            await add_entries(connection, [entry])


async def found(database: Database, earlier: dict[int, str] | None = None) -> tuple[str, int] | None:
    """What is wrong, and with which line."""
    async with database.read() as connection:
        verified = await verify(connection, earlier)
    return (verified.wrong.value, verified.head.number + 1) if verified.wrong else None


async def meddle(database: Database, *statements: str) -> None:
    """What somebody does who may write to all of it and takes the triggers away."""
    guards = ("audit_never_altered", "audit_never_deleted", "audit_follow_each_other")
    without = (
        [f"DROP TRIGGER IF EXISTS {name}" for name in guards]
        if database.sqlite
        else ["ALTER TABLE audit DISABLE TRIGGER ALL"]
    )
    async with database.write() as connection:
        for statement in (*without, *statements):
            await connection.exec_driver_sql(statement)


async def test_what_was_done_is_read_newest_first_and_whole(database: Database) -> None:
    await fill(database)
    async with database.read() as connection:
        newest = await read_entries(connection, WantedEntries(), limit=2)
        before = await read_entries(connection, WantedEntries(), before=newest[-1].number, limit=2)
        of_kind = [each.contact async for each in read_all(connection, WantedEntries(kind="caller.warned"))]
        late = [each.contact async for each in read_all(connection, WantedEntries(since=102.0, until=103.0))]
    assert [each.contact for each in (*newest, *before)] == ["c3", "c2", "c1", "c0"]
    assert newest[0].details == {"until": 200.5, "reason": "ofensas"}
    assert of_kind == ["c1", "c3"]
    assert late == ["c2"]
    assert await found(database) is None


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'Eva'", "DELETE FROM audit WHERE number = 4"])
async def test_the_database_itself_refuses_to_alter_a_line(database: Database, statement: str) -> None:
    await fill(database)
    with pytest.raises(StorageFailed, match="append-only"):
        async with database.write() as connection:
            await connection.exec_driver_sql(statement)
    assert await found(database) is None


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit SET who = 'Eva' WHERE number = 2", ("altered", 2)),
        ("UPDATE audit SET details = '{}' WHERE number = 3", ("altered", 3)),
        ("DELETE FROM audit WHERE number = 2", ("missing", 2)),
        ("DELETE FROM audit WHERE number > 2", ("end", 3)),
    ],
)
async def test_what_was_done_behind_the_triggers_is_named(
    database: Database, statement: str, fault: tuple[str, int]
) -> None:
    await fill(database)
    await meddle(database, statement)
    assert await found(database) == fault


async def test_an_export_kept_elsewhere_tells_of_a_trail_made_anew(database: Database) -> None:
    await fill(database)
    async with database.read() as connection:
        kept = {each.number: each.digest async for each in read_all(connection, WantedEntries())}
    assert await found(database, kept) is None
    assert await found(database, {**kept, 3: "0" * 64}) == ("other", 3)
    assert await found(database, {**kept, 5: "0" * 64}) == ("end", 5)


async def test_the_block_list_is_read_until_its_time_is_over(database: Database) -> None:
    first = Blocked(phone="7225550134", until=500.0, at=100.0, by="Ana")
    second = Blocked(phone="+52 722 555 0199", until=900.0, at=101.0, by="Eva", reason="ofensas")
    async with database.write() as connection:
        await write_blocks(connection, {"7225550134": first, "7225550199": second})
    async with database.read() as connection:
        assert await read_blocks(connection, 400.0) == {"7225550199": second, "7225550134": first}
        assert list(await read_blocks(connection, 500.0)) == ["7225550199"]
    async with database.write() as connection:
        await write_blocks(connection, {"7225550199": None})
    async with database.read() as connection:
        assert list(await read_blocks(connection, 400.0)) == ["7225550134"]
        await forget_expired_blocks(connection, first.until)
        assert await read_blocks(connection, 0.0) == {}
