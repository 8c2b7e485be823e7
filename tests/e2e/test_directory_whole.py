"""The whole directory as one file, from a real central into a desk's copy: through cuts, and after being killed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.central.app import Central
from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.intents import Login, Search, SetFetching
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import Line
from catgem_tui.directory.store import compare
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record
from catgem_tui.protocol.sums import BUCKETS
from tests.central_house import PASSWORD, PATIENCE, client_of, eventually, hire, running_central

COUNT = 3_000


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Central]:
    async with running_central(tmp_path / "central") as central:
        await hire(central, "ana")
        await central.directory.import_records([office(number) for number in range(COUNT)], "test", "")
        yield central


def office(number: int, title: str = "") -> Record:
    return Record(id=f"r{number}", kind=RecordKind.OFFICE, title=title or f"Oficialía {number:04d}", revision=0)


class Cutting:
    """Between a desk and central: passes everything, and cuts a connection after so many bytes of the copy, or lets
    nothing more of it through before it may ``go_on``."""

    def __init__(self, target: int, after: list[int], hold_after: int = 0) -> None:
        self.target = target
        self.after = after
        self.hold_after = hold_after
        self.go_on = asyncio.Event()
        self.passed = 0
        """Bytes of the copy, in all."""
        self.cuts = 0
        self.ranges: list[bytes] = []
        self.server: asyncio.Server

    async def __aenter__(self) -> "Cutting":
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.server.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up, down = await asyncio.open_connection("127.0.0.1", self.target)
        asked = {"copy": False}

        async def there() -> None:
            while data := await reader.read(65536):
                if b"GET /api/v1/directory/copy" in data:
                    asked["copy"] = True
                    self.ranges += [line for line in data.split(b"\r\n") if line.lower().startswith(b"range:")]
                down.write(data)
            down.close()

        async def back() -> None:
            passed = 0
            while data := await up.read(1024):
                if asked["copy"] and self.after:
                    passed += len(data)
                    if passed > self.after[0]:
                        self.after.pop(0)
                        self.cuts += 1
                        break
                if asked["copy"] and self.hold_after and passed + self.passed > self.hold_after:
                    await self.go_on.wait()
                self.passed += len(data) if asked["copy"] else 0
                writer.write(data)
                await writer.drain()
            writer.close()
            down.close()

        await asyncio.gather(there(), back(), return_exceptions=True)


def desk_in(folder: Path, url: str) -> Desk:
    return Desk(url, folder, None, credentials=Credentials(url, lambda: None))


def whole(desk: Desk, count: int = COUNT) -> bool:
    return desk.state.directory.records == count and not desk.state.directory.syncing


async def test_a_desk_takes_the_whole_directory_at_once_and_then_what_changes(house: Central, tmp_path: Path) -> None:
    desk = desk_in(tmp_path / "desk", house.url)
    await desk.start()
    seen: set[tuple[int, int]] = set()
    desk.subscribe(lambda state: seen.add(state.directory.progress))
    desk.do(Login("ana", PASSWORD))
    await desk.wait_for(lambda _state: whole(desk), PATIENCE)
    assert any(total and 0 < done <= total for done, total in seen), "how far it is was told"
    desk.do(Search("oficialia 2777"))
    state = await desk.wait_for(lambda state: bool(state.directory.hits), PATIENCE)
    assert state.directory.hits[0].id == "r2777"
    await house.directory.import_records([office(2777, "Módulo de licencias")], "test", "")
    desk.do(Search("licencias"))
    await desk.wait_for(lambda state: [hit.title for hit in state.directory.hits] == ["Módulo de licencias"], PATIENCE)
    await desk.close()
    async with client_of(house.url, "ana") as ana:
        listing = await ana.get("/directory/listing", params={"bucket": list(range(BUCKETS))})
    _sums, damaged, here = compare(tmp_path / "desk" / "directory.sqlite")
    assert damaged == []
    assert sorted(map(list, here)) == sorted(listing.json()["records"])
    assert not list((tmp_path / "desk").glob("*.part"))


async def test_a_download_that_is_cut_goes_on_where_it_was_even_in_the_next_process(
    house: Central, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catgem_tui.directory.local.LocalCopy.RETRY", 0.05)
    async with Cutting(house.port, [3_000, 5_000, 4_000]) as line:
        desk = desk_in(tmp_path / "desk", f"http://127.0.0.1:{line.port}")
        await desk.start()
        desk.do(Login("ana", PASSWORD))
        await eventually(lambda: line.cuts == 1)
        await desk.close()
        again = desk_in(tmp_path / "desk", f"http://127.0.0.1:{line.port}")
        await again.start()
        again.do(Login("ana", PASSWORD))
        await again.wait_for(lambda _state: whole(again), PATIENCE)
        assert line.cuts >= 1
        assert line.ranges, "what was here was not asked for again"
        again.do(Search("oficialia 0042"))
        state = await again.wait_for(lambda state: bool(state.directory.hits), PATIENCE)
        assert state.directory.hits[0].id == "r42"
        await again.close()


async def test_fetching_is_stopped_and_gone_on_with_and_nothing_is_fetched_twice(
    house: Central, tmp_path: Path
) -> None:
    async with Cutting(house.port, [], hold_after=9_000) as line:
        desk = desk_in(tmp_path / "desk", f"http://127.0.0.1:{line.port}")
        await desk.start()
        desk.do(Login("ana", PASSWORD))
        state = await desk.wait_for(lambda state: state.directory.progress[0] > 5_000, PATIENCE)
        assert (state.directory.stage, state.directory.complete) == ("fetching", False)
        desk.do(SetFetching(on=False))
        state = await desk.wait_for(lambda state: not state.directory.syncing, PATIENCE)
        here, total = state.directory.progress
        assert (state.directory.problem, state.directory.complete) == ("paused", False)
        (part,) = (tmp_path / "desk").glob("*.part")
        assert part.stat().st_size == here < total
        await desk.wait_for(lambda state: state.line is Line.ONLINE, PATIENCE)
        await house.directory.import_records([office(9_999, "Ventanilla nueva")], "test", "")
        desk.do(Search("ventanilla nueva"))
        state = await desk.wait_for(lambda state: bool(state.directory.hits), PATIENCE)
        assert state.directory.hits[0].id == "r9999", "what comes over the live line is taken meanwhile"
        assert (state.directory.problem, line.ranges) == ("paused", [])
        line.go_on.set()
        desk.do(SetFetching(on=True))
        state = await desk.wait_for(lambda _state: whole(desk, COUNT + 1), PATIENCE)
        assert (state.directory.problem, state.directory.complete, state.directory.progress) == ("", True, (0, 0))
        assert line.ranges == [f"Range: bytes={here}-".encode()]
        desk.do(Search("ventanilla nueva"))
        await desk.wait_for(lambda state: [hit.id for hit in state.directory.hits] == ["r9999"], PATIENCE)
        await desk.close()
    async with client_of(house.url, "ana") as ana:
        listing = await ana.get("/directory/listing", params={"bucket": list(range(BUCKETS))})
    _sums, damaged, kept = compare(tmp_path / "desk" / "directory.sqlite")
    assert damaged == []
    assert sorted(map(list, kept)) == sorted(listing.json()["records"])


async def test_what_was_stopped_begins_again_by_itself_at_the_next_start(house: Central, tmp_path: Path) -> None:
    async with Cutting(house.port, [], hold_after=9_000) as line:
        desk = desk_in(tmp_path / "desk", f"http://127.0.0.1:{line.port}")
        await desk.start()
        desk.do(Login("ana", PASSWORD))
        await desk.wait_for(lambda state: state.directory.progress[0] > 5_000, PATIENCE)
        desk.do(SetFetching(on=False))
        await desk.wait_for(lambda state: state.directory.problem == "paused", PATIENCE)
        await desk.close()
        line.go_on.set()
        again = desk_in(tmp_path / "desk", f"http://127.0.0.1:{line.port}")
        await again.start()
        again.do(Login("ana", PASSWORD))
        await again.wait_for(lambda _state: whole(again), PATIENCE)
        assert line.ranges, "what was here was not asked for again"
        await again.close()


async def test_a_damaged_download_is_never_half_taken(house: Central, tmp_path: Path) -> None:
    async with client_of(house.url, "ana") as ana:
        answer = await ana.get("/directory/copy")
    folder = tmp_path / "desk"
    folder.mkdir()
    content = bytearray(answer.content[:-200])
    content[len(content) // 2] ^= 0xFF
    (folder / f"{quote(answer.headers['etag'], safe='')}.part").write_bytes(content)
    desk = desk_in(folder, house.url)
    await desk.start()
    desk.do(Login("ana", PASSWORD))
    await desk.wait_for(lambda _state: whole(desk), PATIENCE)
    desk.do(Search("oficialia 1500"))
    state = await desk.wait_for(lambda state: bool(state.directory.hits), PATIENCE)
    assert state.directory.hits[0].id == "r1500"
    await desk.close()
