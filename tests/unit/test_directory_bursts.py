"""Many changes at once: taken in together, in their order, in turns that leave the loop to others."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from catgem_tui.directory.index import Index
from catgem_tui.directory.local import LocalCopy
from catgem_tui.directory.store import Place, Store, compare
from catgem_tui.directory.sync import MOST_TOGETHER
from catgem_tui.protocol.model import Record
from tests.copy_house import Central, Watched, record

BURST = 5 * MOST_TOGETHER


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    """A copy of ten records that keeps up."""
    pulled = await Watched(tmp_path / "directory.sqlite", Central(10)).pulled()
    yield pulled
    await pulled.directory.close()


@asynccontextmanager
async def others() -> AsyncIterator[list[int]]:
    """Somebody else on the loop; how often it was their turn."""
    turns = [0]

    async def count() -> None:
        while True:
            await asyncio.sleep(0)
            turns[0] += 1

    counting = asyncio.create_task(count())
    try:
        yield turns
    finally:
        counting.cancel()
        await asyncio.wait([counting])


def first_hit(copy: LocalCopy, query: str) -> str:
    return next((found.record.id for found in copy.search(query, 1)), "")


async def test_a_burst_is_told_a_few_times_and_acknowledged_up_to_its_last_change(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, told = watched.directory, 0

    def hear() -> None:
        nonlocal told
        told += 1
        watched.event.set()

    monkeypatch.setattr(directory, "_changed", hear)
    for number in range(11, 11 + BURST):
        directory.apply(record(number), number)
        assert directory.reached < number or number % MOST_TOGETHER == 10, "what is not taken in is not acknowledged"
    await watched.until(lambda d: d.reached == 10 + BURST)
    assert len(directory) == 10 + BURST
    assert told <= BURST / MOST_TOGETHER + 3


async def test_what_comes_soon_after_a_writing_is_one_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = await Watched(tmp_path / "directory.sqlite", Central(10)).pulled()
    comparing = watched.directory.compare()  # which writes, too, and is not due again for long
    assert comparing is not None
    await comparing
    monkeypatch.setattr(LocalCopy, "GATHER", 3600.0)
    written: list[int] = []
    first = asyncio.Event()
    put = Store.put

    async def count(store: Store, records: Sequence[tuple[int, Record]], place: Place) -> Place:
        written.append(len(records))
        first.set()
        return await put(store, records, place)

    monkeypatch.setattr(Store, "put", count)
    watched.directory.apply(record(11), 11)
    await first.wait()
    for number in range(12, 62):
        watched.directory.apply(record(number), number)
        await asyncio.to_thread(compare, tmp_path / "directory.sqlite")  # time enough to write it
    await watched.directory.close()
    assert written == [1, 50]


async def test_of_several_versions_in_one_burst_the_last_one_stays(watched: Watched) -> None:
    directory = watched.directory
    directory.apply(record(3, "licencias", revision=11), 11)
    directory.apply(record(99, "ventanilla", revision=12), 12)
    directory.apply(record(3, "tenencias", revision=13), 13)
    directory.apply(record(99, retired=True, revision=14), 14)
    directory.apply(record(4, retired=True, revision=15), 15)
    directory.apply(record(4, "vuelve", revision=16), 16)
    directory.apply(record(5, "de antes", revision=2), 17)  # an older version comes late
    titles = [directory.record(f"r{number}") for number in (3, 4, 5, 99)]
    assert [each and each.title for each in titles] == ["tenencias", "vuelve", "oficina 5", None]
    assert (len(directory), directory.cursor) == (10, 17)


async def test_what_came_last_is_kept_when_the_line_goes(tmp_path: Path) -> None:
    watched = await Watched(tmp_path / "directory.sqlite", Central(10)).pulled()
    watched.directory.apply(record(3, "licencias", revision=11), 11)
    watched.directory.rest()
    await watched.directory.close()
    again = Watched(tmp_path / "directory.sqlite", watched.central)
    await again.directory.start()
    assert again.directory.cursor == 11
    assert [found.record.id for found in again.directory.search("licencias", 1)] == ["r3"]
    await again.directory.close()


async def test_a_built_index_is_taken_over_in_turns_with_what_came_until_then(tmp_path: Path) -> None:
    copy = LocalCopy(tmp_path / "directory.sqlite", lambda: None)
    store = Store(copy.path)
    await copy.load(store, await store.open(), ours=True)
    copy.begin_journal()
    many = 20 * copy.SLICE
    copy.take([record(number, f"ventanilla {number}") for number in range(1, 1 + many)])
    async with others() as turns:
        taking = asyncio.create_task(copy.take_index(Index(), ()))
        await asyncio.sleep(0)
        copy.take([record(7, "licencias", revision=many + 1), record(8, retired=True, revision=many + 2)])
        assert first_hit(copy, "licencias") == "r7", "the old index goes on meanwhile"
        assert await taking
        assert turns[0] >= many / copy.SLICE
    assert first_hit(copy, "licencias") == "r7"
    assert first_hit(copy, f"ventanilla {many}") == f"r{many}"
    assert "r8" not in [found.record.id for found in copy.search("ventanilla 8", 50)]
    await store.close()


async def test_an_index_that_was_built_of_another_copy_is_not_taken(tmp_path: Path) -> None:
    copy = LocalCopy(tmp_path / "directory.sqlite", lambda: None)
    store = Store(copy.path)
    await copy.load(store, await store.open(), ours=True)
    copy.begin_journal()
    copy.take([record(number) for number in range(1, 2 * copy.SLICE)])
    before = copy.index
    taking = asyncio.create_task(copy.take_index(Index(), ()))
    await asyncio.sleep(0)
    copy.journal = None  # another copy is in use from now on
    assert not await taking
    assert copy.index is before
    await store.close()
