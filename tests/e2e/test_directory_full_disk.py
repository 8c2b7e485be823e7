"""A disk that fills up while the copy is fetched, made, indexed or changed: said, searched meanwhile, and gone on with.

On a small file system of its own; where nothing may be mounted, with a limit to the size of files.
"""

import asyncio
import os
import resource
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from random import Random
from typing import Protocol

import msgspec
import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.intents import Login, Search
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import DeskState, Line
from catgem_tui.directory.local import LocalCopy
from catgem_tui.directory.store import compare
from catgem_tui.protocol.editing import MOST_RECORDS, ChangeRequest, Support
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Record
from tests.central_house import PASSWORD, client_of, eventually
from tests.desk_house import CentralProcess

FIRST, LATER = 300, 2_400
PATIENCE = 15.0
PLENTY = 64 << 20


class Room(Protocol):
    folder: Path

    def leave(self, size: int) -> None:
        """So many bytes and not one more."""

    def give(self) -> None:
        """As much as anybody wants."""


class SmallDisk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self._mount("-t", "tmpfs", "-o", f"size={PLENTY}", "tmpfs")

    def _mount(self, *options: str) -> None:
        subprocess.run(["mount", *options, str(self.folder)], check=True, capture_output=True)

    def leave(self, size: int) -> None:
        there = os.statvfs(self.folder)
        used = (there.f_blocks - there.f_bfree) * there.f_frsize
        self._mount("-o", f"remount,size={used + size}")

    def give(self) -> None:
        self._mount("-o", f"remount,size={PLENTY}")

    def remove(self) -> None:
        subprocess.run(["umount", "-l", str(self.folder)], check=True)


class SmallFiles:
    """No file of this program and of those that it starts may grow beyond a size."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def leave(self, size: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, self._before[1]))

    def give(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)

    remove = give


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made: SmallDisk | SmallFiles
    try:
        made = SmallDisk(tmp_path / "disk")
    except (subprocess.CalledProcessError, FileNotFoundError):
        made = SmallFiles(tmp_path / "files")
    yield made
    made.remove()


def office(number: int, title: str = "", length: int = 300) -> Record:
    text = Random(number).randbytes(length // 2).hex()  # noqa: S311 - so that it is long when compressed
    return Record(
        id=f"r{number}", kind=RecordKind.OFFICE, title=title or f"Oficialía {number:04d}", text=text, revision=0
    )


async def add(url: str, records: Sequence[Record], at_once: int = MOST_RECORDS) -> None:
    async with client_of(url, "irma") as irma:
        for start in range(0, len(records), at_once):
            part = tuple(records[start : start + at_once])
            wanted = ChangeRequest(id=new_id(), records=part, support=Support(reference="Oficio 7"))
            answer = await irma.post("/directory/changes", content=msgspec.json.encode(wanted))
            assert answer.json()["state"] == "published", answer.text


@pytest.fixture
async def house(
    tmp_path: Path, free_port: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[CentralProcess]:
    monkeypatch.setattr(LocalCopy, "RETRY", 0.3)
    central = CentralProcess(tmp_path / "central", free_port())
    await central.hire("ana")
    await central.hire("irma", "information_manager")
    file = tmp_path / "first.jsonl"
    file.write_bytes(b"\n".join(msgspec.json.encode(office(number)) for number in range(FIRST)))
    await central.run("central", "import", str(file), "--support", "x")
    await central.start()
    yield central
    await central.kill()


@asynccontextmanager
async def desk_in(room: Room, url: str) -> AsyncIterator[Desk]:
    desk = Desk(url, room.folder, None, credentials=Credentials(url, lambda: None))
    await desk.start()
    try:
        desk.do(Login("ana", PASSWORD))
        await desk.wait_for(lambda s: s.line is Line.ONLINE, PATIENCE)
        yield desk
    finally:
        room.give()
        await desk.close()


async def current(desk: Desk, count: int) -> None:
    await desk.wait_for(lambda s: s.directory.records == count and well(s), PATIENCE)


def well(state: DeskState) -> bool:
    return not state.directory.syncing and not state.directory.problem


async def finds(desk: Desk, query: str, record: str) -> None:
    desk.do(Search(query))
    await desk.wait_for(lambda s: s.directory.query == query and [h.id for h in s.directory.hits[:1]] == [record], 10)


async def says_that_it_is_full(desk: Desk) -> None:
    await desk.wait_for(lambda s: s.directory.problem == "disk", PATIENCE)
    assert [notice.code for notice in desk.state.notices].count("directory_failed") == 1, "one line"


async def equal(room: Room, url: str) -> bool:
    async with client_of(url, "ana") as ana:
        listing = (await ana.get("/directory/listing", params={"bucket": list(range(256))})).json()
    _sums, damaged, here = await asyncio.to_thread(compare, room.folder / "directory.sqlite")
    return not damaged and sorted(map(list, here)) == sorted(listing["records"])


@pytest.mark.parametrize("left", [200_000, 1_200_000], ids=["while it is downloaded", "while it is made of that"])
async def test_a_disk_that_fills_while_all_of_it_is_fetched(house: CentralProcess, room: Room, left: int) -> None:
    async with desk_in(room, house.url) as desk:
        await current(desk, FIRST)
    await add(house.url, [office(number) for number in range(FIRST, LATER)])
    with closing(sqlite3.connect(room.folder / "directory.sqlite")) as connection, connection:
        connection.execute("UPDATE place SET fields = 'of another version'")  # so that all of it is wanted anew
    room.leave(left)
    async with desk_in(room, house.url) as desk:
        await says_that_it_is_full(desk)
        await finds(desk, "oficialia 0007", "r7")
        parts = [part.stat().st_size for part in room.folder.glob("*.part")]
        assert len(parts) == 1, "what came is kept to be gone on with"
        room.give()
        await current(desk, LATER)
        await finds(desk, f"oficialia {LATER - 1:04d}", f"r{LATER - 1}")
        assert await equal(room, house.url)
        assert not list(room.folder.glob("*.part"))


async def test_a_disk_that_is_full_when_something_changes(house: CentralProcess, room: Room) -> None:
    async with desk_in(room, house.url) as desk:
        await current(desk, FIRST)
        room.leave(0 if isinstance(room, SmallDisk) else 4096)
        await add(house.url, [office(number, f"Ventanilla {number}", 8_000) for number in range(FIRST, 500)])
        await says_that_it_is_full(desk)
        await finds(desk, "ventanilla 477", "r477")
        room.give()
        await desk.wait_for(lambda s: well(s) and "directory_failed" not in {told.code for told in s.notices}, PATIENCE)
        await eventually(lambda: equal(room, house.url))


async def test_a_disk_that_is_full_when_an_index_is_to_be_written(
    house: CentralProcess, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalCopy, "MOST_FRESH", 200)
    index = room.folder / "directory.index"
    async with desk_in(room, house.url) as desk:
        await current(desk, FIRST)
        await asyncio.to_thread(settle_into, index)
        before = names(index)
        # More than the changes take, less than the index does.
        room.leave(400_000 if isinstance(room, SmallDisk) else max(file.stat().st_size for file in index.rglob("*")))
        await add(house.url, [office(number, f"Módulo {number}") for number in range(FIRST, FIRST + 240)], at_once=40)
        await says_that_it_is_full(desk)
        await finds(desk, "modulo 307", "r307")
        await finds(desk, "oficialia 0277", "r277")
        await eventually(lambda: names(index) == before)  # between two tries nothing half done takes up the room
        room.give()
        await desk.wait_for(well, PATIENCE)
        await eventually(lambda: names(index) != before)
        await finds(desk, "modulo 539", "r539")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def settle_into(index: Path) -> None:
    """There is an index on disk, and nothing else in its folder."""
    import time

    until = time.monotonic() + PATIENCE
    while not index.is_dir() or [path.suffix for path in index.iterdir()] != [""]:
        assert time.monotonic() < until
        time.sleep(0.05)
