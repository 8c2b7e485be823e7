"""Several programs on one copy: one writes, the others follow and take over; and a program that is not ours."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from catgem_tui.directory import store as stores
from catgem_tui.directory.local import LocalCopy
from catgem_tui.directory.store import compare
from tests.copy_house import Central, Watched, record, settled


def ids(watched: Watched, query: str) -> list[str]:
    return [found.record.id for found in watched.directory.search(query, 50)]


async def found(watched: Watched, query: str, *wanted: str) -> None:
    await watched.until(lambda _d: ids(watched, query) == list(wanted))


async def test_one_writes_and_the_other_follows_and_takes_over(tmp_path: Path) -> None:
    central = Central(900)
    path = tmp_path / "directory.sqlite"
    one = await Watched(path, central).pulled()
    other = Watched(path, central)
    await other.directory.start()
    assert (one.directory.keeps, other.directory.keeps) == (True, False)
    assert other.directory.cursor == 900
    assert ids(other, "oficina 77")[0] == "r77"

    changes = [record(5, "licencias", revision=901), record(6, retired=True, revision=902), record(950, revision=903)]
    central.change(*changes)
    for change in changes:
        for directory in (one.directory, other.directory):  # both have a line
            directory.apply(change, change.revision)
    await found(other, "licencias", "r5")
    await other.until(lambda d: d.cursor == 903 and len(d) == 900)
    assert "r6" not in ids(other, "oficina 6")
    assert not other.directory.keeps

    await one.directory.close()
    await other.until(lambda d: d.keeps and not d.syncing)
    central.change(record(7, "ventanilla", revision=904))
    other.directory.apply(central.records[-1], 904)
    await other.until(lambda d: d.cursor == 904)
    await other.directory.close()
    assert compare(path)[0] == (await central.sums()).sums  # type: ignore[union-attr]


async def test_who_has_no_line_lets_the_other_write(tmp_path: Path) -> None:
    """The same person logs in at a second terminal: central ends the first one's line."""
    central = Central(30)
    path = tmp_path / "directory.sqlite"
    one = await Watched(path, central).pulled()
    other = Watched(path, central)
    await other.directory.start()
    one.directory.rest()
    await other.until(lambda d: d.keeps)
    await one.until(lambda d: not d.keeps)
    central.change(record(3, "licencias", revision=31))
    other.directory.apply(central.records[-1], 31)
    await found(one, "licencias", "r3")
    other.directory.rest()
    one.directory.attend()
    await one.until(lambda d: d.keeps)
    one.directory.apply(record(4, "ventanilla", revision=32), 32)
    await found(other, "ventanilla", "r4")
    await one.directory.close()
    await other.directory.close()


async def test_what_was_missed_between_two_writers_is_pulled(tmp_path: Path) -> None:
    central = Central(30)
    path = tmp_path / "directory.sqlite"
    one = await Watched(path, central).pulled()
    other = Watched(path, central)
    await other.directory.start()
    central.change(record(3, "licencias", revision=31))
    other.directory.apply(central.records[-1], 31)  # the one that writes never hears of it
    assert ids(other, "licencias") == []
    await one.directory.close()
    await found(other, "licencias", "r3")
    await other.until(lambda d: d.cursor == 31)
    await other.directory.close()


async def test_two_that_begin_at_once_make_one_copy(tmp_path: Path) -> None:
    central = Central(1_100)
    watched = [Watched(tmp_path / "directory.sqlite", central) for _ in range(3)]
    await asyncio.gather(*(each.directory.start() for each in watched))
    for each in watched:
        each.directory.pull()
    for each in watched:
        await each.until(lambda d: d.cursor == 1_100 and len(d) == 1_100)
        assert ids(each, "oficina 1077")[0] == "r1077"
    assert sum(each.directory.keeps for each in watched) == 1
    for each in watched:
        await each.directory.close()
    with closing(sqlite3.connect(tmp_path / "directory.sqlite")) as connection:
        assert connection.execute("SELECT count(*), max(key) FROM records").fetchone() == (1_100, 1_100)


@pytest.mark.usefixtures("little_room")
async def test_whoever_follows_opens_the_index_that_the_other_builds(tmp_path: Path) -> None:
    central = Central(100)
    path = tmp_path / "directory.sqlite"
    one = await Watched(path, central).pulled()
    other = Watched(path, central)
    await other.directory.start()
    central.change(*(record(number, f"plaza {number}") for number in range(101, 1_000)))
    one.directory.pull()
    await one.until(settled(999))
    await other.until(lambda d: ids(other, "plaza 998")[:1] == ["r998"] and ids(other, "plaza 102")[:1] == ["r102"])
    await one.directory.close()
    await other.directory.close()


async def test_what_changed_in_the_meantime_is_pulled_from_the_cursor_on_if_that_makes_it_equal(tmp_path: Path) -> None:
    """Central will not tell so many changes one by one: the copy asks for them, and no more."""
    central = Central(2_000)
    central.gives_files = True
    path = tmp_path / "directory.sqlite"
    await (await Watched(path, central).pulled()).directory.close()
    assert central.files == 1
    central.change(*(record(number, f"plaza {number}", revision=2_000 + number) for number in range(1, 700)))
    central.change(*(record(number, retired=True, revision=3_000 + number) for number in range(1_000, 1_100)))
    central.asked.clear()
    again = Watched(path, central)
    await again.directory.start()
    assert again.directory.tell_cursor() == 2_000
    again.directory.pull()
    await again.until(settled(1_900))
    assert central.asked[:2] == [2_000, 2_500]
    assert central.files == 1
    assert ids(again, "plaza 698")[0] == "r698"
    await again.directory.close()
    assert compare(path)[0] == (await central.sums()).sums  # type: ignore[union-attr]


@pytest.fixture
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalCopy, "MOST_FRESH", 300)
    monkeypatch.setattr(LocalCopy, "RETRY", 0.01)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalCopy, "RETRY", 0.05)
    monkeypatch.setattr(stores, "WAIT", 0.2)


@pytest.mark.usefixtures("impatient")
async def test_a_copy_that_another_program_writes_is_searched_and_gone_on_with_when_it_is_free(tmp_path: Path) -> None:
    central = Central(40)
    path = tmp_path / "directory.sqlite"
    watched = await Watched(path, central).pulled()
    with closing(sqlite3.connect(path, isolation_level=None)) as intruder:
        intruder.execute("BEGIN IMMEDIATE")
        watched.directory.apply(record(3, "licencias", revision=41), 41)
        watched.directory.serve("ana")
        watched.directory.use("r9")
        await watched.until(lambda d: d.problem == "locked")
        assert ids(watched, "licencias") == ["r3"]
        assert ids(watched, "oficina 7")[0] == "r7"
        intruder.execute("ROLLBACK")
    await watched.until(lambda d: d.problem == "" and d.settled)
    await watched.directory.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT id, who FROM usage").fetchall() == [("r9", "ana")]
    again = Watched(path, central)
    await again.directory.start()
    assert (again.directory.cursor, ids(again, "licencias")) == (41, ["r3"])
    await again.directory.close()


@pytest.mark.usefixtures("impatient")
async def test_a_copy_that_is_locked_when_it_is_opened_is_kept_in_memory_until_it_is_free(tmp_path: Path) -> None:
    central = Central(40)
    path = tmp_path / "directory.sqlite"
    await (await Watched(path, central).pulled()).directory.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as intruder:
        intruder.execute("PRAGMA locking_mode=EXCLUSIVE")
        intruder.execute("BEGIN EXCLUSIVE")
        intruder.execute("UPDATE place SET mark = mark")
        watched = Watched(path, central)
        await watched.directory.start()
        assert watched.directory.problem == "locked"
        watched.directory.pull()
        await watched.until(lambda d: ids(watched, "oficina 7")[:1] == ["r7"])
        assert watched.directory.problem == "locked"
        intruder.execute("ROLLBACK")
    await watched.until(lambda d: d.settled and d.problem == "")
    watched.directory.apply(record(3, "licencias", revision=41), 41)
    await watched.until(lambda d: d.cursor == 41 and d.settled)
    await watched.directory.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT cursor FROM place").fetchone() == (41,)


def kept(path: Path) -> int:
    """Records in the file that is there now."""
    try:
        return len(compare(path)[2])
    except sqlite3.Error:
        return 0


async def test_a_copy_that_is_removed_under_a_program_is_made_anew(tmp_path: Path) -> None:
    central = Central(40)
    path = tmp_path / "directory.sqlite"
    watched = await Watched(path, central).pulled()
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink()
    central.change(record(3, "licencias", revision=41))
    watched.directory.apply(
        record(3, "licencias", revision=41), 41
    )  # nobody looks at the file before there is a reason
    await watched.until(lambda d: d.settled and d.cursor == 41 and kept(path) == 40)
    await watched.directory.close()
    assert compare(path)[0] == (await central.sums()).sums  # type: ignore[union-attr]


async def test_a_database_damaged_under_a_program_is_made_anew(tmp_path: Path) -> None:
    central = Central(900)
    path = tmp_path / "directory.sqlite"
    watched = await Watched(path, central).pulled()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[4096 : len(content) - 4096] = b"\xa5" * (len(content) - 8192)
    path.write_bytes(content)
    watched.directory.apply(record(3, "licencias", revision=901), 901)
    central.change(record(3, "licencias", revision=901))
    await watched.until(lambda d: d.problem == "rebuilding" or d.cursor == 901)
    await watched.until(lambda d: d.settled and d.cursor == 901)
    await watched.directory.close()
    assert compare(path)[0] == (await central.sums()).sums  # type: ignore[union-attr]
