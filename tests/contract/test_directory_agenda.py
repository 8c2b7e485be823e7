"""What waits for the information managers, and how current the directory is, with a real central."""

import time
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from catgem_tui.central.app import Central
from catgem_tui.central.store.tables import change_requests, reports
from catgem_tui.config.settings import Directory
from catgem_tui.protocol.commands import SetPresence
from catgem_tui.protocol.editing import ChangeRequest, Support
from catgem_tui.protocol.enums import Presence, RecordKind, Role
from catgem_tui.protocol.events import DIRECTORY, RecordChanged, WorkChanged
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Record
from catgem_tui.protocol.session import SignalArrived
from tests.central_house import Desk, client_of, desk_of, eventually, hire, log_in, running_central

pytestmark = pytest.mark.usefixtures("central_database")

OFFICE = Record(id="a", kind=RecordKind.OFFICE, title="Módulo", revision=0)
CHECKED = Directory(second_eyes=True)


async def staff(house: Central) -> None:
    await hire(house, "ana")
    await hire(house, "irma", Role.INFORMATION_MANAGER)
    await hire(house, "olga", Role.INFORMATION_MANAGER)


async def propose(client: httpx.AsyncClient, *records: Record, **fields: Any) -> dict[str, Any]:
    given = {"id": new_id(), "support": Support(reference="Oficio 7"), **fields}
    answer = await client.post(
        "/directory/changes", content=msgspec.json.encode(ChangeRequest(records=records, **given))
    )
    assert answer.status_code == 200, answer.text
    outcome: dict[str, Any] = answer.json()
    return outcome


async def verdict(client: httpx.AsyncClient, proposal: str, said: str, reason: str = "") -> tuple[int, str]:
    answer = await client.post(f"/directory/proposals/{proposal}", json={"verdict": said, "reason": reason})
    told = answer.json()
    return answer.status_code, told.get("state") or told["code"]


async def counts(client: httpx.AsyncClient) -> dict[str, int]:
    answer: dict[str, int] = (await client.get("/directory/work")).json()["counts"]
    return answer


def signalled(desk: Desk) -> list[dict[str, int]]:
    found = [it.body for it in desk.seen if isinstance(it, SignalArrived) and isinstance(it.body, WorkChanged)]
    return [msgspec.to_builtins(it.counts) for it in found]


async def test_a_change_waits_for_a_second_pair_of_eyes(tmp_path: Path) -> None:
    async with running_central(tmp_path / "data", directory=CHECKED) as house:
        await staff(house)
        async with client_of(house.url, "irma") as irma, client_of(house.url, "olga") as olga:
            made = await propose(irma, OFFICE)
            assert made["state"] == "pending"
            assert (await irma.get("/directory/records")).json()["records"] == []
            shown = (await olga.get(f"/directory/proposals/{made['id']}")).json()
            assert (shown["summary"]["who"], shown["records"][0]["title"], shown["current"]) == (
                "Irma",
                "Módulo",
                [None],
            )
            assert "mine" not in shown["summary"]
            assert await verdict(irma, made["id"], "approve") == (403, "own_proposal")
            assert await verdict(olga, made["id"], "withdraw") == (403, "not_allowed")
            assert await verdict(olga, made["id"], "reject") == (400, "malformed")
            assert await verdict(olga, made["id"], "bless") == (400, "malformed")
            assert await verdict(olga, "nothing", "approve") == (404, "not_found")
            assert await verdict(olga, made["id"], "approve") == (200, "published")
            assert await verdict(olga, made["id"], "approve") == (200, "published"), "a lost answer is asked for again"
            assert await verdict(olga, made["id"], "reject", "tarde") == (409, "wrong_state")
            (line,) = (await olga.get("/directory/changes")).json()["items"]
            assert (line["who"], line["approved_by"]) == ("Irma", "Olga")
            second = await propose(irma, msgspec.structs.replace(OFFICE, id="b"))
            third = await propose(irma, msgspec.structs.replace(OFFICE, id="c"))
            assert await verdict(olga, second["id"], "reject", "falta el oficio") == (200, "rejected")
            assert await verdict(irma, third["id"], "withdraw") == (200, "withdrawn")
            rejected = (await irma.get(f"/directory/proposals/{second['id']}")).json()["summary"]
            assert (rejected["decided_by"], rejected["reason"], rejected["mine"]) == ("Olga", "falta el oficio", True)
            (listed,) = (await irma.get("/directory/work")).json()["proposals"]
            assert (listed["id"], listed["reason"]) == (second["id"], "falta el oficio")
            assert (await olga.get("/directory/work")).json().get("proposals", []) == [], "only for who proposed it"
            assert await counts(irma) == {}


async def test_of_two_proposals_for_one_record_the_second_clashes_when_it_is_approved(tmp_path: Path) -> None:
    async with running_central(tmp_path / "data", directory=CHECKED) as house:
        await staff(house)
        async with client_of(house.url, "irma") as irma, client_of(house.url, "olga") as olga:
            first = await propose(irma, OFFICE)
            second = await propose(irma, msgspec.structs.replace(OFFICE, title="Otro"))
            assert await verdict(olga, first["id"], "approve") == (200, "published")
            answer = await olga.post(f"/directory/proposals/{second['id']}", json={"verdict": "approve"})
            assert (answer.json()["state"], answer.json()["clashes"][0]["who"]) == ("clashed", "Irma")
            assert await counts(irma) == {"clashed": 1}
            assert [it["title"] for it in (await irma.get("/directory/records")).json()["records"]] == ["Módulo"]
            assert await verdict(irma, second["id"], "withdraw") == (200, "withdrawn")


async def test_a_scheduled_change_is_published_at_its_hour_and_once_whatever_is_restarted(tmp_path: Path) -> None:
    async with running_central(tmp_path / "data") as house:
        await staff(house)
        async with client_of(house.url, "irma") as irma, desk_of(house, "ana") as desk:
            await desk.ready()
            hour = time.time() + 1.0
            soon = await propose(irma, OFFICE, publish_at=hour, support=Support(reference="x", dated_at=1.0))
            later = await propose(irma, msgspec.structs.replace(OFFICE, id="b"), publish_at=time.time() + 3600)
            assert (soon["state"], later["state"]) == ("scheduled", "scheduled")
            assert desk.events(RecordChanged) == []
            await desk.until(lambda: desk.events(RecordChanged))
            assert time.time() >= hour
            await eventually(lambda: counted(irma, {"scheduled": 1}))
            await eventually(lambda: published(irma))
            (publication,) = await published(irma)
            assert "document_at" not in publication, "it waited because it was meant to"
    async with running_central(tmp_path / "data") as house, house.database.write() as connection:
        # Its hour comes while central is not running.
        await connection.execute(
            change_requests.update().where(change_requests.c.id == later["id"]).values(publish_at=1.0)
        )
    for _ in range(2):
        async with running_central(tmp_path / "data") as house, client_of(house.url, "irma") as irma:
            await eventually(lambda: counted(irma, {}))
            lines = (await irma.get("/directory/changes")).json()["items"]
            assert [it["record"] for it in lines] == ["b", "a"]


async def published(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get("/directory/currency", params={"days": 1})
    found: list[dict[str, Any]] = answer.json().get("publications", [])
    return found


async def counted(client: httpx.AsyncClient, wanted: dict[str, int]) -> bool:
    return await counts(client) == wanted


async def test_a_scheduled_change_that_somebody_else_overtook_is_in_the_work_list(tmp_path: Path) -> None:
    async with running_central(tmp_path / "data") as house:
        await staff(house)
        async with client_of(house.url, "irma") as irma, client_of(house.url, "olga") as olga:
            made = await propose(irma, OFFICE, publish_at=time.time() + 1.0)
            assert (await propose(olga, msgspec.structs.replace(OFFICE, title="Otro")))["state"] == "published"
            await eventually(lambda: counted(irma, {"clashed": 1}))
            (waiting,) = (await olga.get("/directory/work")).json()["proposals"]
            assert (waiting["id"], waiting["state"], waiting["records"]) == (made["id"], "clashed", [["a", "Módulo"]])
            assert await verdict(olga, made["id"], "reject", "ya está") == (200, "rejected")


async def test_an_approved_change_still_waits_for_its_hour(tmp_path: Path) -> None:
    async with running_central(tmp_path / "data", directory=CHECKED) as house:
        await staff(house)
        async with client_of(house.url, "irma") as irma, client_of(house.url, "olga") as olga:
            made = await propose(irma, OFFICE, publish_at=time.time() + 3600)
            assert made["state"] == "pending"
            assert await verdict(olga, made["id"], "approve") == (200, "scheduled")
            assert await verdict(irma, made["id"], "withdraw") == (200, "withdrawn")


async def test_managers_see_what_waits_when_they_connect_and_when_it_changes(tmp_path: Path) -> None:
    async with running_central(tmp_path / "data") as house:
        await staff(house)
        now = time.time()
        async with client_of(house.url, "irma") as irma, desk_of(house, "irma") as desk, desk_of(house, "ana") as other:
            await desk.until(lambda: signalled(desk) == [{}])
            await propose(
                irma,
                msgspec.structs.replace(OFFICE, id="due", review_at=now - 1, responsible="Archivo"),
                msgspec.structs.replace(OFFICE, id="ends", valid_until=now + 29 * 86_400),
                msgspec.structs.replace(OFFICE, id="far", valid_until=now + 31 * 86_400),
                msgspec.structs.replace(OFFICE, id="gone", review_at=now - 1, valid_until=now - 1, retired=True),
            )
            await desk.until(lambda: {"due": 1, "expiring": 1} in signalled(desk))
            await propose(irma, msgspec.structs.replace(OFFICE, id="soon", review_at=time.time() + 1.0))
            await desk.until(lambda: {"due": 2, "expiring": 1} in signalled(desk))
            async with house.database.write() as connection:
                report = {"id": "r", "record": "due", "at": now, "user_id": "u", "who": "Ana", "title": "Módulo"}
                rest = dict.fromkeys(("text", "contact", "folio", "answer", "closed_by"), "")
                await connection.execute(reports.insert().values(**report, **rest))
            house.agenda.changed()
            await desk.until(lambda: {"reports": 1, "due": 2, "expiring": 1} in signalled(desk))
            work = (await irma.get("/directory/work")).json()
            assert [it["record"] for it in work["due"]] == ["due", "soon"]
            assert (work["due"][0]["responsible"], work["expiring"][0]["record"]) == ("Archivo", "ends")
            closed = await irma.post("/directory/reports/r", json={"text": "corregido"})
            assert (closed.json()["answer"], closed.json()["closed_by"]) == ("corregido", "Irma")
            assert (await irma.post("/directory/reports/r", json={"text": "corregido"})).json() == closed.json()
            assert (await irma.post("/directory/reports/r", json={"text": "otra"})).json()["code"] == "wrong_state"
            assert (await irma.post("/directory/reports/x", json={})).json()["code"] == "not_found"
            await desk.until(lambda: signalled(desk)[-1] == {"due": 2, "expiring": 1})
            assert signalled(other) == []
            async with desk_of(house, "olga") as late:
                await late.until(lambda: signalled(late) == [{"due": 2, "expiring": 1}])


async def test_the_currency_tells_when_the_last_workstation_had_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catgem_tui.central.directory.currency.FLUSH", 0.01)
    async with running_central(tmp_path / "data") as house:
        await staff(house)
        async with client_of(house.url, "irma") as irma, desk_of(house, "ana") as desk, desk_of(house, "olga") as slow:
            await desk.ready()
            await slow.ready()
            await eventually(lambda: [line.has_directory for line in house.hub._lines.values()] == [True, True])
            slow.stop_reading()
            await propose(irma, OFFICE, support=Support(reference="x", dated_at=time.time() - 60))

            async def confirmed(number: int) -> bool:
                found = await published(irma)
                return bool(found) and found[0].get("confirmed", 0) == number

            await eventually(lambda: confirmed(1))
            waiting = (await irma.get("/directory/currency")).json()
            assert waiting["publications"][0]["workstations"] == 2
            assert "reached_at" not in waiting["publications"][0]
            assert "reach_median" not in waiting
            slow.go_on_reading()
            await eventually(lambda: confirmed(2))
            told = (await irma.get("/directory/currency")).json()
            assert 60 <= told["document_median"] < 90
            assert 0 < told["reach_median"] == told["reach_p95"]
            assert (await irma.get("/directory/currency", params={"days": 0})).status_code == 400
    async with running_central(tmp_path / "data") as house, client_of(house.url, "irma") as irma:
        assert (await irma.get("/directory/currency")).json() == told


async def test_a_workstation_that_makes_its_first_copy_is_not_waited_for_and_then_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catgem_tui.central.directory.currency.FLUSH", 0.01)
    async with running_central(tmp_path / "data") as house:
        await staff(house)
        new = Desk(house.url, (await log_in(house.url, "ana")).access_token)
        new.session.reached[DIRECTORY] = -1
        async with client_of(house.url, "irma") as irma, new:
            await new.ready()
            await propose(irma, OFFICE)
            await new.until(lambda: new.events(RecordChanged))
            await eventually(lambda: published(irma))
            assert (await published(irma))[0].get("workstations", 0) == 0
            new.session.reached[DIRECTORY] = house.directory.cursor
            await new.command(SetPresence(presence=Presence.AVAILABLE))  # whatever is said next takes it along
            await eventually(lambda: [line.has_directory for line in house.hub._lines.values()] == [True])
            await propose(irma, msgspec.structs.replace(OFFICE, title="Otra", revision=house.directory.cursor))
            new.session.reached[DIRECTORY] = house.directory.cursor

            async def reached() -> bool:
                newest = max(await published(irma), key=lambda each: each["published_at"])
                return (newest.get("workstations"), newest.get("confirmed")) == (1, 1)

            await eventually(reached)
