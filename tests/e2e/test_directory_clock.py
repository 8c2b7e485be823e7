"""Central's clock set hours back and forward between two starts: the copy, its changes and its dates do not mind."""

import time
from pathlib import Path

import httpx
import msgspec
import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from collections.abc import AsyncIterator, Callable

from catgem_tui.config import i18n
from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.intents import Login, Search
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import Line
from catgem_tui.directory.store import compare
from catgem_tui.protocol.editing import ChangeRequest, Support
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Record
from catgem_tui.ui.records import validity
from tests.central_house import PASSWORD, client_of, eventually
from tests.desk_house import PATIENCE, CentralProcess

HOUR = 3600.0
JUMPS = [7 * HOUR, -9 * HOUR]


async def publish(url: str, *records: Record) -> str:
    wanted = ChangeRequest(id=new_id(), records=records, support=Support(reference="Oficio 7"))
    async with client_of(url, "irma") as irma:
        answer = await irma.post("/directory/changes", content=msgspec.json.encode(wanted))
        assert answer.json()["state"] == "published", answer.text
    return wanted.id


async def measured(client: httpx.AsyncClient, change: str) -> float:
    """Seconds from publication to the last workstation, once they are known."""
    found: list[dict[str, float]] = []

    async def known() -> bool:
        told = (await client.get("/directory/currency")).json().get("publications", [])
        found[:] = [each for each in told if each["change"] == change and "reached_at" in each]
        return bool(found)

    await eventually(known)
    return found[0]["reached_at"] - found[0]["published_at"]


def office(name: str, **dates: float) -> Record:
    return Record(id=name, kind=RecordKind.OFFICE, title=f"Ventanilla {name}", revision=0, **dates)


@pytest.fixture
async def central(tmp_path: Path, free_port: Callable[[], int]) -> AsyncIterator[CentralProcess]:
    made = CentralProcess(tmp_path / "central", free_port())
    await made.hire("ana")
    await made.hire("irma", "information_manager")
    await made.start()
    yield made
    await made.kill()


async def test_changes_arrive_and_dates_hold_whatever_central_s_clock_says(
    tmp_path: Path, central: CentralProcess
) -> None:
    i18n.use("en")
    now = time.time()
    await publish(central.url, office("alfa", valid_until=now + HOUR), office("beta", review_at=now - 30 * HOUR))
    desk = Desk(central.url, tmp_path / "desk", None, credentials=Credentials(central.url, lambda: None))
    await desk.start()
    desk.do(Login("ana", PASSWORD))
    await desk.wait_for(lambda s: s.directory.records == 2 and not s.directory.syncing, PATIENCE)
    for count, ahead in enumerate(JUMPS, start=3):
        await central.kill()
        await desk.wait_for(lambda s: s.line is not Line.ONLINE, PATIENCE)
        central.clock_ahead = ahead
        await central.start()
        await desk.wait_for(lambda s: s.line is Line.ONLINE, PATIENCE)
        change = await publish(central.url, office(f"gamma{count}"))
        begun = time.monotonic()
        await desk.wait_for(lambda s, count=count: s.directory.records == count, PATIENCE)  # type: ignore[misc]
        assert time.monotonic() - begun < 5
        assert abs(desk.state.clock_offset - ahead) < 60
        desk.do(Search("ventanilla alfa"))
        state = await desk.wait_for(lambda s: [h.id for h in s.directory.hits[:1]] == ["alfa"], PATIENCE)
        words, _style = validity(state.directory.hits[0], state.now(time.time()))
        assert words.startswith("No longer valid" if ahead > HOUR else "Valid until")
        async with client_of(central.url, "irma") as irma:
            due = (await irma.get("/directory/work")).json()["counts"].get("due", 0)
            assert due == 1
            assert 0 <= await measured(irma, change) < 60
        async with client_of(central.url, "ana") as ana:
            listing = (await ana.get("/directory/listing", params={"bucket": list(range(256))})).json()["records"]
        await eventually(
            lambda listing=listing: (
                sorted(map(list, compare(tmp_path / "desk" / "directory.sqlite")[2]))  # type: ignore[misc]
                == sorted(listing)
            )
        )
    await desk.close()
