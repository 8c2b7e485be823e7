"""The store: its tables' shape, its errors, what it keeps."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from catgem_tui.central.ports import StorageFailed
from catgem_tui.central.store import floor
from catgem_tui.central.store.archive import Archive
from catgem_tui.central.store.database import Database, sqlite_url
from catgem_tui.central.store.tables import counters, metadata
from catgem_tui.central.store.writing import read_counter, write_counters
from catgem_tui.protocol.enums import Author, Channel, ContactState, Delivery
from catgem_tui.protocol.model import Citizen, Contact, MailHeaders, Message

PATIENCE = 30.0


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(sqlite_url(tmp_path / "central.sqlite"))
    await opened.migrate()
    yield opened
    await opened.close()


def contact(identifier: str, state: ContactState = ContactState.QUEUED, **fields: object) -> Contact:
    given = {
        "folio": "482-1057",
        "channel": Channel.MAIL,
        "queue": "general",
        "arrived_at": 100.0,
        "state_since": 100.0,
        **fields,
    }
    return Contact(id=identifier, state=state, **given)  # type: ignore[arg-type]


def mail(identifier: str, of: str, message_id: str, **fields: object) -> Message:
    headers = MailHeaders(message_id=message_id)
    given = {"author": Author.CITIZEN, "text": "hola", "sent_at": 1.0, "mail": headers, **fields}
    return Message(id=identifier, contact=of, **given)  # type: ignore[arg-type]


async def test_the_migrations_end_in_the_tables_of_the_code(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_again_changes_nothing(database: Database) -> None:
    async with database.write() as connection:
        await write_counters(connection, {"x": 7})
    await database.migrate()
    async with database.read() as connection:
        assert await read_counter(connection, "x") == 7


async def test_sqlite_is_set_up_to_survive_a_power_cut(database: Database) -> None:
    async with database.writer.connect() as connection:
        pragmas = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 2000}


async def test_a_block_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.write() as connection:
            await write_counters(connection, {"x": 1})
            _ = 1 / 0
    async with database.read() as connection:
        assert await read_counter(connection, "x", default=-1) == -1


async def test_who_is_cancelled_while_writing_leaves_nothing_and_the_file_to_others(database: Database) -> None:
    loop, begun, cancelled = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def dawdle() -> int:
        loop.call_soon_threadsafe(begun.set)
        cancelled.wait(PATIENCE)
        return 1

    async def write() -> None:
        async with database.write() as connection:
            sqlite = (await connection.get_raw_connection()).driver_connection
            assert sqlite is not None
            await sqlite.create_function("dawdle", 0, dawdle)
            names = [{"name": name} for name in ("a", "b", "c")]
            await connection.execute(text("INSERT INTO counters VALUES (:name, dawdle())"), names)

    writing = asyncio.create_task(write())
    await begun.wait()
    writing.cancel()
    cancelled.set()
    await asyncio.wait([writing])
    assert writing.cancelled()  # and is remembered, with the statement that it was in
    async with database.write() as connection:
        await write_counters(connection, {"after": 7})
    async with database.read() as connection:
        assert [await read_counter(connection, name) for name in ("a", "after")] == [0, 7]


async def test_a_full_disk_is_storage_failed_and_leaves_nothing(database: Database) -> None:
    async with database.writer.connect() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count = 1")  # SQLite takes the present size instead
    with pytest.raises(StorageFailed, match="full"):
        async with database.write() as connection:
            await connection.execute(counters.insert(), [{"name": "x" * 5_000 + str(n), "value": n} for n in range(50)])
    async with database.read() as connection:
        assert (await connection.execute(counters.select())).all() == []


async def test_a_locked_file_is_storage_failed_and_reading_goes_on(database: Database, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "central.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageFailed, match="locked"):
        async with database.write() as connection:
            await write_counters(connection, {"x": 1})
    async with database.read() as connection:
        assert await read_counter(connection, "x", default=-1) == -1
    other.execute("ROLLBACK")
    other.close()
    async with database.write() as connection:
        await write_counters(connection, {"x": 1})


async def test_a_file_that_is_no_database_is_storage_failed(tmp_path: Path) -> None:
    (tmp_path / "central.sqlite").write_bytes(b"no soy una base de datos " * 100)
    broken = Database(sqlite_url(tmp_path / "central.sqlite"))
    with pytest.raises(StorageFailed):
        await broken.migrate()
    await broken.close()


async def test_an_error_says_nothing_of_what_a_citizen_said(database: Database) -> None:
    with pytest.raises(StorageFailed) as failure:
        async with database.write() as connection:
            await floor.write_messages(connection, [mail("m", "no-such-contact", "<1@x>", text="mi secreto")])
    chain: list[BaseException | None] = [failure.value, failure.value.__cause__]
    assert not any("mi secreto" in str(error) for error in chain)


async def test_another_contacts_message_of_the_same_id_stays_as_it_was(database: Database) -> None:
    async with database.write() as connection:
        await floor.write_contacts(connection, [contact("a"), contact("b")])
        await floor.write_messages(connection, [mail("m", "a", "<1@x>", text="primero")])
        await floor.write_messages(connection, [mail("m", "b", "<1@x>", text="segundo")])
    async with database.read() as connection:
        assert [message.text for message in await floor.read_messages(connection, ["a", "b"])] == ["primero"]


async def test_what_the_queue_is_rebuilt_from(database: Database) -> None:
    async with database.write() as connection:
        await floor.write_contacts(
            connection,
            [
                contact("waiting", arrived_at=1.0),
                contact("old", ContactState.CLOSED, arrived_at=2.0, ended_at=3.0),
                contact("unsent", ContactState.CLOSED, arrived_at=3.0, ended_at=4.0),
                contact("today", ContactState.CLOSED, arrived_at=4.0, ended_at=60.0),
            ],
        )
        unsent = mail("m", "unsent", "<1@x>", author=Author.ADVISOR, delivery=Delivery.PENDING)
        await floor.write_messages(connection, [unsent])
    async with database.read() as connection:
        found = await floor.read_contacts_for_queue(connection, 50.0)
    assert [it.id for it in found] == ["waiting", "unsent", "today"]


async def test_the_archive_finds_threads_open_ones_first(database: Database) -> None:
    archive = Archive(database)
    async with database.write() as connection:
        await floor.write_contacts(
            connection,
            [
                contact("ended", ContactState.CLOSED, arrived_at=9.0, ended_at=10.0),
                contact("open", arrived_at=1.0, channel=Channel.CHAT),
            ],
        )
        await floor.write_messages(connection, [mail("1", "ended", "<1@x>"), mail("2", "open", "<2@x>")])
        pending = mail("3", "ended", "<3@x>", author=Author.ADVISOR, delivery=Delivery.PENDING, sent_at=2.0)
        await floor.write_messages(connection, [pending])
    assert await archive.find(["<0@x>"]) is None
    assert await archive.find([]) is None
    assert await archive.find(["<1@x>"]) == "ended"
    assert await archive.find(["<1@x>", "<2@x>"]) == "open"
    assert await archive.has_message("1")
    assert not await archive.has_message("9")
    assert await archive.pending() == [pending]
    assert await archive.open_chats() == ["open"]
    assert [message.id for message in await archive.messages("ended")] == ["1", "3"]
    stored = await archive.contact("open")
    assert stored is not None and stored.state is ContactState.QUEUED
    assert await archive.contact("none") is None


async def test_history_is_by_telephone_or_mail_whatever_its_case(database: Database) -> None:
    ana = Citizen(email="Ana@Ejemplo.MX", phone="7221")
    async with database.write() as connection:
        await floor.write_contacts(
            connection,
            [
                contact("now", citizen=ana, arrived_at=9.0),
                contact("mail", citizen=Citizen(email="ana@ejemplo.mx"), arrived_at=2.0),
                contact("call", citizen=Citizen(phone="7221"), arrived_at=3.0),
                contact("other", citizen=Citizen(phone="7222"), arrived_at=4.0),
                contact("nobody", arrived_at=5.0),
            ],
        )
    async with database.read() as connection:
        now = await floor.read_detail(connection, "now")
        nobody = await floor.read_detail(connection, "nobody")
        assert now is not None and nobody is not None
        assert [item.contact for item in await floor.read_history(connection, now.contact)] == ["call", "mail"]
        assert await floor.read_history(connection, nobody.contact) == ()


async def test_old_events_and_answers_are_forgotten_in_time(database: Database) -> None:
    event = floor.LoggedEvent(seq=1, kind="k", readers=frozenset({"u"}), floor=True, body=b"{}")
    week = 7 * 24 * 3600.0
    async with database.write() as connection:
        await floor.write_events(connection, "floor", 0.0, [event])
        await floor.write_answers(connection, 0.0, {"c": ("u", None)})
        await floor.forget_old(connection, week)
        assert await floor.read_events(connection, "floor", 0, 10) == ()
        assert await floor.read_answers(connection, ["c"]) == {"c": ("u", None)}
        await floor.forget_old(connection, week * 2)
        assert await floor.read_answers(connection, ["c"]) == {}
