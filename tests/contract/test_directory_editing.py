"""Editing the directory over HTTP, with a real central."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from catgem_tui.central.app import Central
from catgem_tui.protocol.editing import EXPORTED, ChangeRequest, Support
from catgem_tui.protocol.enums import RecordKind, Role
from catgem_tui.protocol.events import RecordChanged
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Record
from tests.central_house import client_of, desk_of, hire, running_central

pytestmark = pytest.mark.usefixtures("central_database")

OFFICE = Record(id="a", kind=RecordKind.OFFICE, title="Módulo", revision=0, restricted={"mobile": "7229999999"})


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Central]:
    async with running_central(tmp_path / "data") as central:
        await hire(central, "ana")
        await hire(central, "irma", Role.INFORMATION_MANAGER)
        yield central


def body(*records: Record) -> bytes:
    return msgspec.json.encode(ChangeRequest(id=new_id(), records=records, support=Support(reference="Oficio 7/2026")))


async def test_a_change_is_on_every_desk_and_in_the_log_as_each_role_may_see_it(house: Central) -> None:
    async with client_of(house.url, "irma") as irma, client_of(house.url, "ana") as ana, desk_of(house, "ana") as desk:
        await desk.ready()
        saved = await irma.post("/directory/changes", content=body(OFFICE))
        assert (saved.status_code, saved.json()["state"], saved.json()["changed"]) == (200, "published", 1)
        event = (await desk.until(lambda: desk.events(RecordChanged)))[0].body
        assert (event.record.support, event.record.restricted) == ("Oficio 7/2026", {})
        for asked in ({"text": "MODULO"}, {"text": "oficio 7"}, {"who": "IRM"}, {"record": "a"}):
            (line,) = (await irma.get("/directory/changes", params=asked)).json()["items"]
            assert (line["who"], line["support"]["reference"], len(line["digest"])) == ("Irma", "Oficio 7/2026", 64)
        assert (await irma.get("/directory/changes", params={"text": "100%"})).json()["items"] == []
        mine = await ana.get("/directory/changes", params={"record": "a"})
        assert mine.status_code == 200
        assert "7229999999" not in mine.text
        assert (await ana.get("/directory/changes")).status_code == 403


async def test_garbage_is_malformed_and_never_a_fault(house: Central) -> None:
    async with client_of(house.url, "irma") as irma:
        for garbage in (
            b"",
            b"{",
            b"[]",
            b"null",
            b'{"id": 1}',
            b'{"id": "x", "records": [{}]}',
            b"\xff\xfe",
            b"[" * 9999,
        ):
            answer = await irma.post("/directory/changes", content=garbage)
            assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), garbage[:20]
        for asked in ({"since": "x"}, {"before": 0}, {"limit": 10_000}, {"until": "nan"}):
            assert (await irma.get("/directory/changes", params=asked)).status_code == 400, asked
        refused = await irma.post("/directory/changes", content=body(msgspec.structs.replace(OFFICE, title="")))
        assert (refused.status_code, refused.json()) == (400, {"code": "bad_record", "detail": "a: title: empty"})


async def test_the_log_is_exported_as_evidence_oldest_first_and_without_restricted_values(house: Central) -> None:
    async with client_of(house.url, "irma") as irma, client_of(house.url, "ana") as ana:
        stored = (await irma.post("/directory/documents", params={"name": "oficio.pdf"}, content=b"%PDF-")).json()
        await irma.post("/directory/changes", content=body(OFFICE))
        (created,) = (await irma.get("/directory/records")).json()["records"]
        changed = msgspec.convert(
            {**created, "title": "=SUMA(A1)", "phone": "7221234567", "restricted": {"mobile": "7228888888"}}, Record
        )
        support = Support(reference="Oficio 8", document=stored["sha256"], dated_at=1_790_000_000.0)
        request = ChangeRequest(id=new_id(), records=(changed,), support=support, comment="cambió")
        assert (await irma.post("/directory/changes", content=msgspec.json.encode(request))).json()["changed"] == 1
        retired = msgspec.structs.replace(changed, revision=created["revision"] + 1, retired=True)
        await irma.post("/directory/changes", content=body(retired))

        answer = await irma.get("/directory/changes/export")
        assert answer.headers["content-type"].startswith("application/jsonl")
        assert answer.headers[EXPORTED] == "3"
        lines = [msgspec.json.decode(line) for line in answer.text.splitlines()]
        assert [(it["number"], it["deed"], it["who"]) for it in lines] == [
            (1, "created", "Irma"), (2, "changed", "Irma"), (3, "retired", "Irma")
        ]  # fmt: skip
        second = lines[1]
        assert (second["support"], second["document"], second["comment"]) == ("Oficio 8", stored["sha256"], "cambió")
        assert second["dated"] == "2026-09-21T14:13:20.000+00:00"
        assert set(second["changed"]) == {"title", "phone", "support", "restricted.mobile"}
        assert (second["before"]["title"], second["after"]["phone"]) == ("Módulo", "7221234567")
        assert [it["digest"] for it in lines] == [
            it["digest"] for it in reversed((await irma.get("/directory/changes")).json()["items"])
        ]

        table = await irma.get("/directory/changes/export", params={"format": "csv"})
        rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
        assert [row["title"] for row in rows] == ["Módulo", "'=SUMA(A1)", "'=SUMA(A1)"]
        assert msgspec.json.decode(rows[1]["after"])["phone"] == "7221234567"
        for told in (answer.text, table.text):
            assert "7229999999" not in told
            assert "7228888888" not in told

        async def numbers(**asked: object) -> list[int]:
            exported = await irma.get("/directory/changes/export", params=asked)  # type: ignore[arg-type]
            found = [msgspec.json.decode(line)["number"] for line in exported.text.splitlines()]
            assert exported.headers[EXPORTED] == str(len(found))
            return found

        assert await numbers(text="oficio 8") == await numbers(text="8 oficio irma") == [2]
        assert await numbers(text='"oficio 8"') == [2]
        assert await numbers(text='"8 oficio"') == []
        assert await numbers(who="irm") == await numbers(record="a") == [1, 2, 3]
        assert await numbers(who="ana") == await numbers(until=1.0) == await numbers(record="b") == []
        assert await numbers(since=1.0) == [1, 2, 3]
        assert (await ana.get("/directory/changes/export")).status_code == 403
        assert (await irma.get("/directory/changes/export", params={"format": "pdf"})).status_code == 400
