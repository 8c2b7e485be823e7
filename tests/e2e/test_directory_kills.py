"""kill -9 while the copy is made and while it follows changes: whatever was being written, it is sound and goes on."""

import asyncio
import os
import random
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.central.app import Central
from catgem_tui.directory.lookup import copy_at
from catgem_tui.directory.store import compare, open_to_read
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record
from tests import copy_child
from tests.central_house import client_of, eventually, hire, log_in, running_central
from tests.sync_command import synced

KILLS = int(os.environ.get("CATGEM_KILLS", "20"))
"""Half of them while the first copy is made, the others while it follows changes."""
RECORDS = int(os.environ.get("CATGEM_KILL_RECORDS", "2000"))
LATEST = 0.9
"""Seconds after its start within which a program is killed, per 2,000 records."""
MOST_FRESH = 150
SEED = 20261124


def office(number: int, title: str = "") -> Record:
    return Record(
        id=f"r{number}", kind=RecordKind.OFFICE, title=title or f"Oficialía {number:06d}", unit="x" * 200, revision=0
    )


def children_of(process: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{process}/task").iterdir():
        with suppress(OSError):
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


@asynccontextmanager
async def program(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, copy_child.__file__, *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def kill_some_time(copy: Path, house: Central, token: str, chance: random.Random) -> str:
    """Returns what it was in the middle of. Now and then what it has started lives on."""
    async with program(house.url, token, str(copy), str(MOST_FRESH)) as process:
        await asyncio.sleep(chance.uniform(0, LATEST * max(1, RECORDS / 2000)))
        assert process.returncode is None
        children = children_of(process.pid)
        process.kill()
        if chance.random() < 0.5:
            for child in children:
                os.kill(child, signal.SIGKILL)
        await process.wait()
    parts = any(copy.parent.glob("*.part"))
    return "another process at work" if children else "download" if parts else "itself"


def state_of(copy: Path) -> str:
    """As whoever looks at it now finds it: there may be no copy yet, but never half of one."""
    with open_to_read(copy, timeout=20) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'place'").fetchone()
        if tables == (0,):
            return "empty"
        ((complete, count),) = connection.execute("SELECT complete, (SELECT count(*) FROM records) FROM place")
        return "whole" if complete and count else "partial" if count else "empty"


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the children of a program are found in /proc")
@pytest.mark.timeout(100 + 10 * KILLS)
async def test_the_copy_is_sound_and_goes_on_whenever_it_was_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(SEED)  # noqa: S311 - the same moments each time
    seen: Counter[str] = Counter()
    async with running_central(tmp_path / "central") as house:
        await hire(house, "ana")
        await house.directory.import_records([office(number) for number in range(RECORDS)], "test", "")
        token = (await log_in(house.url, "ana")).access_token
        folder = tmp_path / "first"
        for number in range(KILLS // 2):
            copy = folder / "directory.sqlite"
            middle = await kill_some_time(copy, house, token, chance)
            after = await asyncio.to_thread(state_of, copy) if copy.exists() else "none"
            seen[f"first copy, {middle}: {after}"] += 1
            if after == "whole":
                folder = tmp_path / f"first{number}"  # and once more from nothing

        await synced(tmp_path, house.url)
        copy = tmp_path / "desk" / "directory.sqlite"
        enough = asyncio.Event()
        changing = asyncio.create_task(keep_changing(house, chance, enough))
        for _ in range(KILLS - KILLS // 2):
            middle = await kill_some_time(copy, house, token, chance)
            after = await asyncio.to_thread(state_of, copy)
            assert after == "whole"
            seen[f"changes, {middle}: {after}"] += 1
        enough.set()
        await changing  # to its end: central is to know of all that it has written

        for each in (copy, folder / "directory.sqlite"):
            await finished(each, house, token)
            with copy_at(each) as lookup:
                for query in (f"oficialia {RECORDS - 7:06d}", "oficialia 000003"):
                    assert lookup.search(query, 1).found[0][0].title.lower().startswith(query[:4]), query
    with capsys.disabled():
        if "CATGEM_KILLS" in os.environ:
            print(f"\n{KILLS} kills, {RECORDS} records: {dict(sorted(seen.items()))}")


async def keep_changing(house: Central, chance: random.Random, enough: asyncio.Event) -> None:
    """Changed, new and retired ones, a few at a time."""
    number = RECORDS
    while not enough.is_set():
        some = [office(chance.randrange(10, RECORDS - 10), f"Ventanilla {number + n}") for n in range(20)]
        gone = Record(id=f"r{number}", kind=RecordKind.OFFICE, title="", revision=0, retired=True)
        await house.directory.import_records([*{r.id: r for r in some}.values(), office(number + 1), gone], "t", "")
        number += 1
        await asyncio.sleep(0.05)


async def finished(copy: Path, house: Central, token: str) -> None:
    """Brought to its end by one more program, and equal to central's."""
    async with client_of(house.url, "ana") as ana:
        async with program(house.url, token, str(copy), str(MOST_FRESH)):
            await eventually(lambda: current(copy, house))
        listing = (await ana.get("/directory/listing", params={"bucket": list(range(256))})).json()
    _sums, damaged, here = compare(copy)
    mine, theirs = set(here), set(map(tuple, listing["records"]))
    assert (damaged, mine - theirs, theirs - mine) == ([], set(), set())


async def current(copy: Path, house: Central) -> bool:
    return await asyncio.to_thread(cursor_of, copy) == house.directory.cursor


def cursor_of(copy: Path) -> int:
    if not copy.exists():
        return -1
    with open_to_read(copy, timeout=20) as connection, suppress(sqlite3.Error):
        rows = connection.execute("SELECT cursor FROM place WHERE complete = 1").fetchall()
        return int(rows[0][0]) if rows else -1
    return -1
