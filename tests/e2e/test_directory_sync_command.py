"""``catgem directory sync`` with a real central: first, again, beside a workstation, without central, after drift."""

import asyncio
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from sqlalchemy import select

from catgem_tui.central.app import Central
from catgem_tui.central.store.tables import sessions
from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.intents import Login, Search
from catgem_tui.desk.runtime import Desk
from catgem_tui.directory.claim import Claim
from catgem_tui.directory.lookup import copy_at
from catgem_tui.directory.store import compare
from catgem_tui.protocol.enums import RecordKind, Role
from catgem_tui.protocol.model import Record
from catgem_tui.protocol.sums import BUCKETS
from tests.central_house import PASSWORD, PATIENCE, client_of, eventually, hire, running_central
from tests.sync_command import Run, synced


def office(number: int, title: str = "", **fields: Any) -> Record:
    given = {"kind": RecordKind.OFFICE, "title": title or f"Oficialía {number:04d}", "revision": 0, **fields}
    return Record(id=f"r{number}", **given)


@asynccontextmanager
async def house_of(folder: Path, count: int) -> AsyncIterator[Central]:
    async with running_central(folder / "central") as central:
        await hire(central, "ana")
        await hire(central, "irma", Role.INFORMATION_MANAGER)
        await central.directory.import_records([office(number) for number in range(count)], "test", "")
        yield central


def found(folder: Path, query: str) -> list[str]:
    with copy_at(folder / "desk" / "directory.sqlite") as lookup:
        return [record.id for record, _score in lookup.search(query, 3).found]


async def equal(folder: Path, house: Central) -> bool:
    async with client_of(house.url, "ana") as ana:
        listing = (await ana.get("/directory/listing", params={"bucket": list(range(BUCKETS))})).json()
    _sums, damaged, here = compare(folder / "desk" / "directory.sqlite")
    return sorted(map(list, here)) == sorted(listing["records"]) and not damaged


async def test_first_all_of_it_and_then_what_changed(tmp_path: Path) -> None:
    async with house_of(tmp_path, 1_500) as house:
        run = Run(tmp_path, house.url)
        assert await run.ended() == 0
        assert run.said == "The copy is up to date: 1500 records. All of it was fetched.\n"
        assert await equal(tmp_path, house)
        assert found(tmp_path, "oficialia 0777") == ["r777"]

        await house.directory.import_records([office(3, "Módulo de licencias"), office(4, retired=True)], "test", "")
        told = await synced(tmp_path, house.url)
        assert (told["ok"], told["records"], told["pulled"], told["whole"]) == (True, 1_499, 2, False)
        assert told["cursor"] == house.directory.cursor
        assert await equal(tmp_path, house)
        assert found(tmp_path, "licencias") == ["r3"]
        quiet = Run(tmp_path, house.url, "--quiet")
        assert (await quiet.ended(), quiet.said, quiet.told) == (0, "", "")


async def test_what_drifted_is_mended_when_asked_for(tmp_path: Path) -> None:
    async with house_of(tmp_path, 700) as house:
        await synced(tmp_path, house.url)
        with closing(sqlite3.connect(tmp_path / "desk" / "directory.sqlite")) as connection, connection:
            connection.execute("UPDATE records SET body = replace(body, '0005', '0006') WHERE id = 'r5'")
            connection.execute("DELETE FROM records WHERE id = 'r6'")
            connection.execute("UPDATE records SET id = 'never there' WHERE id = 'r7'")
        told = await synced(tmp_path, house.url, "--check")
        assert (told["compared"], told["mended"], told["dropped"], told["records"]) == (True, 3, 1, 700)
        assert await equal(tmp_path, house)


async def test_beside_a_workstation_that_keeps_the_copy_nothing_is_done_twice(tmp_path: Path) -> None:
    async with house_of(tmp_path, 1_200) as house:
        desk = Desk(house.url, tmp_path / "desk", None, credentials=Credentials(house.url, lambda: None))
        await desk.start()
        desk.do(Login("irma", PASSWORD))
        await desk.wait_for(lambda s: s.directory.records == 1_200 and not s.directory.syncing, PATIENCE)
        run = Run(tmp_path, house.url)
        assert await run.ended() == 0
        assert run.said == "The copy is up to date: 1200 records. Another catgem on this machine keeps it.\n"
        await house.directory.import_records([office(9, "Módulo de licencias")], "test", "")
        desk.do(Search("licencias"))
        await desk.wait_for(lambda s: [hit.id for hit in s.directory.hits] == ["r9"], PATIENCE)
        await desk.close()
        assert (await synced(tmp_path, house.url))["kept_by_another"] is False
        assert await equal(tmp_path, house)


async def test_without_central_it_says_so_and_the_copy_stays(tmp_path: Path) -> None:
    async with house_of(tmp_path, 600) as house:
        await synced(tmp_path, house.url)
        wrong = Run(tmp_path, house.url, password="not this one")
        assert await wrong.ended() == 1
        assert "password is wrong" in wrong.told
    run = Run(tmp_path, house.url, "--json")
    assert await run.ended() == 1
    assert "Central does not answer" in run.told
    assert "What is on this machine stays" in run.told
    assert len(run.told.splitlines()) == 1
    assert run.summary["ok"] is False
    assert found(tmp_path, "oficialia 0444") == ["r444"]


async def test_a_copy_in_other_hands_is_waited_for_until_it_is_free_or_somebody_has_enough(tmp_path: Path) -> None:
    async with house_of(tmp_path, 5) as house:
        claim = Claim(tmp_path / "desk" / "directory.sqlite")
        assert claim.take()
        waiting, tired = Run(tmp_path, house.url), Run(tmp_path, house.url)
        answers = [asyncio.create_task(run.ended()) for run in (waiting, tired)]

        async def logged_in() -> bool:
            async with house.database.read() as connection:
                return len((await connection.execute(select(sessions))).all()) == 2

        await eventually(logged_in)
        tired.process.send_signal(signal.SIGINT)
        assert await answers[1] == 130
        assert waiting.process.poll() is None
        claim.release()
        assert await answers[0] == 0
        assert "5 records" in waiting.said
