"""The copy on disk: resumable, damaged, full; and what comes while it is pulled."""

import asyncio
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from catgem_tui.directory.local import LocalCopy
from catgem_tui.directory.store import Store, compare
from catgem_tui.directory.sync import Directory
from catgem_tui.directory.usage import HALF, OTHERS, Usage
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.http import RecordPage
from catgem_tui.protocol.model import Record
from tests.copy_house import Central, Watched, record, settled


async def test_a_first_pull_fills_the_copy_and_the_next_start_has_it(tmp_path: Path) -> None:
    central = Central(1200)
    path = tmp_path / "d" / "directory.sqlite"
    first = Watched(path, central)
    await first.directory.start()
    assert first.directory.cursor is None
    first.directory.pull()
    await first.until(settled(1200))
    await first.directory.close()
    assert central.asked == [0, 500, 1000]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"5512345678" not in path.read_bytes()

    again = Watched(path, central)
    await again.directory.start()
    assert again.directory.cursor == 1200
    assert [r.record.id for r in again.directory.search("oficina 77", 1)] == ["r77"]
    await again.directory.close()


async def test_a_pull_cut_short_goes_on_in_the_next_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalCopy, "RETRY", 0.01)
    central = Central(1200)
    central.answers_left = 1
    first = Watched(tmp_path / "directory.sqlite", central)
    await first.directory.start()
    first.directory.pull()
    await first.until(lambda d: d.problem == "unreachable")
    assert len(first.directory) == 500
    assert first.directory.cursor is None
    await first.directory.close()

    central.answers_left, central.asked = 100, []
    again = Watched(tmp_path / "directory.sqlite", central)
    await again.directory.start()
    assert again.directory.cursor is None
    again.directory.pull()
    await again.until(settled(1200))
    await again.directory.close()
    assert central.asked[0] == 500


async def test_changes_are_found_at_once_and_kept(tmp_path: Path) -> None:
    central = Central(10)
    watched = Watched(tmp_path / "directory.sqlite", central)
    await watched.directory.start()
    watched.directory.pull()
    await watched.until(settled(10))
    watched.directory.apply(record(3, "módulo de licencias", revision=11), 11)
    assert [r.record.id for r in watched.directory.search("licencias", 5)] == ["r3"]
    watched.directory.apply(record(4, retired=True, revision=12), 12)
    await watched.until(lambda d: d.cursor == 12)
    await watched.directory.close()

    again = Watched(tmp_path / "directory.sqlite", central)
    await again.directory.start()
    assert again.directory.cursor == 12
    assert len(again.directory) == 9
    assert [r.record.id for r in again.directory.search("licencias", 5)] == ["r3"]
    await again.directory.close()


async def test_a_change_during_the_pull_is_not_lost(tmp_path: Path) -> None:
    waiting = asyncio.Event()
    go_on = asyncio.Event()

    class Slow(Central):
        async def page(self, after: int, limit: int) -> RecordPage | None:
            page = await super().page(after, limit)
            waiting.set()
            await go_on.wait()
            return page

    central = Slow(3)
    watched = Watched(tmp_path / "directory.sqlite", central)
    await watched.directory.start()
    watched.directory.pull()
    await waiting.wait()
    changed = record(2, "cambiada", revision=4)
    central.records.append(changed)
    watched.directory.apply(changed, 4)  # made after the page on its way
    go_on.set()
    await watched.until(lambda d: d.cursor == 4)
    await watched.directory.close()
    store = Store(tmp_path / "directory.sqlite")
    place = await store.open()
    kept = await store.changed_since(0, 100)
    await store.close()
    assert place.cursor == 4
    assert "cambiada" in {record.title for _key, record in kept.records}


@pytest.mark.parametrize("damage", [b"this is no database at all", None])
async def test_a_damaged_copy_is_pulled_again(tmp_path: Path, damage: bytes | None) -> None:
    central = Central(900)
    path = tmp_path / "directory.sqlite"
    first = Watched(path, central)
    await first.directory.start()
    first.directory.pull()
    await first.until(settled(900))
    await first.directory.close()
    if damage is None:
        content = bytearray(path.read_bytes())
        content[4096 : len(content) // 2] = b"\xa5" * (len(content) // 2 - 4096)
        damage = bytes(content)
    path.write_bytes(damage)

    again = Watched(path, central)
    await again.directory.start()
    assert (again.directory.cursor, again.directory.problem) == (None, "rebuilding")
    again.directory.pull()
    await again.until(settled(900))
    await again.directory.close()
    assert [file.name for file in await asyncio.to_thread(lambda: [*tmp_path.glob("directory.sqlite*")])] == [path.name]


@pytest.mark.usefixtures("little_room")
async def test_what_of_a_damaged_copy_can_be_read_is_searched_until_central_is_there(tmp_path: Path) -> None:
    central = Central(2_000)
    path = tmp_path / "directory.sqlite"
    await (await Watched(path, central).pulled()).directory.close()
    content = bytearray(await asyncio.to_thread(path.read_bytes))
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 8192] = b"\xa5" * 8192
    await asyncio.to_thread(path.write_bytes, content)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE records SET body = replace(body, 'oficina 11', 'oficina 99') WHERE id = 'r11'")

    central.answers_left = 0
    central.change(record(5, "licencias", revision=2_001), record(6, retired=True, revision=2_002))
    again = Watched(path, central)
    await again.directory.start()
    again.directory.pull()
    await again.until(lambda d: d.problem == "unreachable")
    assert 1_000 < len(again.directory) < 2_000
    await again.until(indexed("oficina 1999", "r1999"))
    assert first_hit(again.directory, "oficina 11") != "r11", "it is not as it was written"
    central.answers_left = 100
    await again.until(lambda d: d.settled and len(d) == 1_999)
    await again.until(indexed("licencias", "r5"))
    assert first_hit(again.directory, "oficina 11") == "r11"
    await again.directory.close()
    theirs = await central.sums()
    assert theirs is not None
    assert compare(path)[:2] == (theirs.sums, [])


async def test_another_central_with_a_shorter_history_replaces_the_copy(tmp_path: Path) -> None:
    first = Watched(tmp_path / "directory.sqlite", Central(30))
    await first.directory.start()
    first.directory.pull()
    await first.until(settled(30))
    await first.directory.close()
    other = Central(5)
    other.records[2] = record(3, "de otra historia")
    again = Watched(tmp_path / "directory.sqlite", other)
    await again.directory.start()
    again.directory.pull()
    await again.until(settled(5))
    assert [r.record.id for r in again.directory.search("historia", 5)] == ["r3"]
    await again.directory.close()


async def test_another_history_with_higher_numbers_replaces_the_copy(tmp_path: Path) -> None:
    """Central says that it cannot go on from our cursor: what is not in its directory must go."""
    first = Watched(tmp_path / "directory.sqlite", Central(30))
    await first.directory.start()
    first.directory.pull()
    await first.until(settled(30))
    other = Central(0)
    other.records = [record(7, "la misma", revision=1001), record(99, "otra", revision=1002)]
    first.central.become(other)
    assert first.directory.tell_cursor() == 30
    first.directory.pull()
    await first.until(settled(2))
    assert {r.record.title for r in first.directory.search("la misma otra oficina", 50)} == {"la misma", "otra"}
    await first.directory.close()
    again = Watched(tmp_path / "directory.sqlite", other)
    await again.directory.start()
    assert (len(again.directory), again.directory.cursor) == (2, 1002)
    await again.directory.close()


async def test_without_a_disk_the_directory_still_searches(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    watched = Watched(tmp_path / "file" / "directory.sqlite", Central(20))
    await watched.directory.start()
    assert watched.directory.problem == "disk"
    watched.directory.pull()
    await watched.until(lambda d: not d.syncing and len(d) == 20)
    assert watched.directory.problem == "disk"
    assert [r.record.id for r in watched.directory.search("oficina 7", 1)] == ["r7"]
    await watched.directory.close()


def first_hit(directory: Directory, query: str) -> str:
    return next((found.record.id for found in directory.search(query, 1)), "")


def indexed(query: str, record_id: str) -> Callable[[Directory], bool]:
    return lambda directory: first_hit(directory, query) == record_id


@pytest.fixture
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """An index is built from a few hundred changes on."""
    monkeypatch.setattr(LocalCopy, "MOST_FRESH", 300)
    monkeypatch.setattr(LocalCopy, "RETRY", 0.01)


@pytest.mark.usefixtures("little_room")
async def test_a_large_copy_gets_a_built_index_that_the_next_start_opens(tmp_path: Path) -> None:
    central = Central(2_000)
    path = tmp_path / "directory.sqlite"
    first = Watched(path, central)
    await first.directory.start()
    first.directory.pull()
    await first.until(settled(2_000))
    await first.until(lambda directory: directory.settled)  # on a slow machine a second index follows the first
    assert first_hit(first.directory, "oficina 1999") == "r1999"
    assert first_hit(first.directory, "oficina 3") == "r3"
    await first.directory.close()
    (segment,) = (tmp_path / "directory.index").iterdir()
    assert stat.S_IMODE(segment.stat().st_mode) == 0o700

    again = Watched(path, central)
    await again.directory.start()
    assert first_hit(again.directory, "oficina 1999") == "r1999"
    again.directory.apply(record(1999, "módulo de licencias", revision=2001), 2001)
    again.directory.apply(record(2005, "ventanilla", revision=2002), 2002)
    again.directory.apply(record(7, retired=True, revision=2003), 2003)
    assert [first_hit(again.directory, query) for query in ("licencias", "ventanilla")] == ["r1999", "r2005"]
    await again.until(lambda directory: directory.cursor == 2003)
    await again.directory.close()

    third = Watched(path, central)
    await third.directory.start()
    assert len(third.directory) == 2_000
    assert [first_hit(third.directory, query) for query in ("licencias", "ventanilla")] == ["r1999", "r2005"]
    assert "r7" not in [found.record.id for found in third.directory.search("oficina 7", 50)]
    assert [entry.name for entry in (tmp_path / "directory.index").iterdir()] == [segment.name]
    await third.directory.close()


@pytest.mark.usefixtures("little_room")
async def test_what_changes_while_an_index_is_built_is_in_it(tmp_path: Path) -> None:
    central = Central(900)
    watched = Watched(tmp_path / "directory.sqlite", central)
    await watched.directory.start()
    watched.directory.pull()
    await watched.until(settled(900))
    for number in range(901, 1_400):  # more than there is room for, while the first index is still being built
        watched.directory.apply(record(number, f"módulo {number}"), number)
    watched.directory.apply(record(5, "licencias", revision=1_400), 1_400)
    watched.directory.apply(record(6, retired=True, revision=1_401), 1_401)
    await watched.until(indexed("modulo 1399", "r1399"))
    await watched.until(indexed("oficina 899", "r899"))
    assert first_hit(watched.directory, "licencias") == "r5"
    assert first_hit(watched.directory, "modulo 901") == "r901"
    assert "r6" not in [found.record.id for found in watched.directory.search("oficina 6", 50)]
    await watched.directory.close()


@pytest.mark.usefixtures("little_room")
async def test_another_history_replaces_a_built_index(tmp_path: Path) -> None:
    first = Watched(tmp_path / "directory.sqlite", Central(800))
    await first.directory.start()
    first.directory.pull()
    await first.until(settled(800))
    await first.until(indexed("oficina 800", "r800"))
    other = Central(0)
    other.records = [record(number, f"plaza {number}", revision=5_000 + number) for number in range(500, 1_100)]
    first.central.become(other)
    first.directory.tell_cursor()
    first.directory.pull()
    await first.until(settled(600))
    await first.until(indexed("plaza 1099", "r1099"))
    assert first_hit(first.directory, "plaza 600") == "r600"
    assert not [found for found in first.directory.search("oficina", 5) if found.record.id == "r3"]
    await first.directory.close()


@pytest.mark.usefixtures("little_room")
async def test_an_index_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    in_the_way = tmp_path / "directory.index"
    in_the_way.write_text("")
    watched = Watched(tmp_path / "directory.sqlite", Central(900))
    await watched.directory.start()
    watched.directory.pull()
    await watched.until(settled(900))
    assert first_hit(watched.directory, "oficina 3") == "r3"
    in_the_way.unlink()
    await watched.until(indexed("oficina 899", "r899"))
    await watched.directory.close()


async def test_restricted_fields_are_neither_kept_nor_indexed(tmp_path: Path) -> None:
    watched = Watched(tmp_path / "directory.sqlite", Central(3))
    await watched.directory.start()
    watched.directory.pull()
    await watched.until(settled(3))
    assert watched.directory.search("5512345678", 5) == []
    await watched.directory.close()


# --- drift ---

DRIFTS = {
    "a row is gone": "DELETE FROM records WHERE id = 'r3'",
    "a body rotted": "UPDATE records SET body = replace(body, 'oficina 3', 'oficina 8') WHERE id = 'r3'",
    "a body is no JSON any more": "UPDATE records SET body = '{' WHERE id = 'r3'",
    "an old revision stayed": "UPDATE records SET revision = 1, body = replace(body, ' 3', ' 9') WHERE id = 'r3'",
    "a revision nobody gave": "UPDATE records SET revision = 900 WHERE id = 'r3'",
    "a record central never had": "UPDATE records SET id = 'r3b' WHERE id = 'r3'",
}


@pytest.mark.parametrize("drift", DRIFTS)
async def test_a_copy_that_drifted_mends_itself(tmp_path: Path, drift: str) -> None:
    central = Central(10)
    watched = await Watched(tmp_path / "directory.sqlite", central).pulled()
    await watched.directory.close()
    with closing(sqlite3.connect(tmp_path / "directory.sqlite")) as connection, connection:
        assert connection.execute(DRIFTS[drift]).rowcount == 1
    again = Watched(tmp_path / "directory.sqlite", central)
    await again.directory.start()
    theirs = await central.sums()
    assert theirs is not None
    again.directory.compare()
    await again.until(lambda _d: compare(tmp_path / "directory.sqlite")[:2] == (theirs.sums, []))
    assert [r.record.title for r in again.directory.search("oficina 3", 1)] == ["oficina 3"]
    assert len(again.directory) == 10
    await again.directory.close()


# --- synonyms ---


def synonym(title: str, *meanings: str, revision: int, retired: bool = False) -> Record:
    return Record(id="s1", kind=RecordKind.SYNONYM, title=title, keywords=meanings, revision=revision, retired=retired)


async def test_a_synonym_helps_to_find_and_is_never_found(tmp_path: Path) -> None:
    central = Central(0)
    central.records = [record(1, "Reemplacamiento vehicular"), synonym("placas", "reemplacamiento", revision=2)]
    watched = await Watched(tmp_path / "directory.sqlite", central).pulled()

    def found(directory: Directory, query: str) -> list[str]:
        return [each.record.id for each in directory.search(query, 5)]

    assert found(watched.directory, "placas") == ["r1"]
    await watched.directory.close()
    again = Watched(tmp_path / "directory.sqlite", central)
    await again.directory.start()
    assert found(again.directory, "placas") == ["r1"], "after a restart too"
    again.directory.apply(synonym("laminas", "reemplacamiento", revision=3), 3)
    assert (found(again.directory, "placas"), found(again.directory, "láminas")) == ([], ["r1"])
    again.directory.apply(synonym("laminas", revision=4, retired=True), 4)
    assert found(again.directory, "laminas") == []
    await again.directory.close()


# --- use ---


async def test_what_is_used_comes_before_its_equals_and_never_before_what_fits_better(tmp_path: Path) -> None:
    central = Central(0)
    titles = ["Módulo de licencias norte", "Módulo de licencias sur", "Módulo de licencias"]
    central.records = [record(number, title) for number, title in enumerate(titles, 1)]
    watched = await Watched(tmp_path / "directory.sqlite", central).pulled()
    watched.directory.serve("ana")

    def found(directory: Directory, query: str) -> list[str]:
        return [each.record.id for each in directory.search(query, 5)]

    assert found(watched.directory, "modulo licencias norte sur")[:2] == ["r1", "r2"]
    watched.directory.use("r2")
    assert found(watched.directory, "modulo licencias norte sur")[:2] == ["r2", "r1"]
    assert found(watched.directory, "modulo de licencias")[0] == "r3", "an exact title stays in front"
    assert found(watched.directory, "licencias norte")[0] == "r1"
    await watched.directory.close()
    again = Watched(tmp_path / "directory.sqlite", central)
    await again.directory.start()
    again.directory.serve("ana")
    assert found(again.directory, "modulo licencias norte sur")[:2] == ["r2", "r1"], "after a restart too"
    await again.directory.close()


def test_use_fades_and_what_others_use_counts_less() -> None:
    usage = Usage()
    usage.use("old", "ana", 0)
    usage.use("mine", "ana", HALF)
    usage.use("theirs", "beto", HALF)
    assert usage.shares("ana", HALF) == {"mine": 1.0, "old": 0.5, "theirs": OTHERS}
    assert list(usage.shares("beto", HALF)) == ["theirs", "mine", "old"]


# --- versions ---


@pytest.mark.parametrize("whole", [False, True], ids=["by pages", "as a file"])
async def test_a_copy_of_another_version_s_fields_is_pulled_anew_and_searched_meanwhile(
    tmp_path: Path, whole: bool
) -> None:
    path = tmp_path / "directory.sqlite"
    central = Central(1_100)
    await (await Watched(path, central).pulled()).directory.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE place SET fields = 'of another version'")
        connection.execute("UPDATE records SET body = replace(body, '\"title\"', '\"heading\"') WHERE id = 'r9'")

    go_on = asyncio.Event()

    class Slow(Central):
        async def page(self, after: int, limit: int) -> RecordPage | None:
            await go_on.wait()
            return await super().page(after, limit)

    later = Slow(1_100)
    later.gives_files = whole
    again = Watched(path, later)
    await again.directory.start()
    assert again.directory.tell_cursor() is None, "central shall not go on from there"
    again.directory.pull()
    await again.until(lambda d: d.syncing)
    assert [r.record.id for r in again.directory.search("oficina 77", 1)] == ["r77"]
    go_on.set()
    await again.until(lambda d: d.settled)
    assert later.files == whole
    assert [r.record.id for r in again.directory.search("oficina 9", 1)] == ["r9"]
    await again.directory.close()
    third = Watched(path, later)
    await third.directory.start()
    assert (third.directory.cursor, len(third.directory)) == (1_100, 1_100)
    await third.directory.close()


async def test_a_newer_central_s_fields_and_kinds_are_taken_as_far_as_they_are_known(tmp_path: Path) -> None:
    row = {"id": "r1", "kind": "gallery", "title": "Sala de arte", "revision": 1, "curator": {"name": "Eva"}}
    kept = msgspec.json.decode(msgspec.json.encode(row), type=Record)
    central = Central(2)
    central.change(kept)
    watched = await Watched(tmp_path / "directory.sqlite", central).pulled()
    (found,) = watched.directory.search("sala de arte", 1)
    assert (found.record.id, found.record.kind) == ("r1", RecordKind.OTHER)
    await watched.directory.close()
