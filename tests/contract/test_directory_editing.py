"""Editing the directory over HTTP, with a real central."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from catgem_tui.central.app import Central
from catgem_tui.protocol.editing import ChangeRequest, Support
from catgem_tui.protocol.enums import RecordKind, Role
from catgem_tui.protocol.events import RecordChanged
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Record
from tests.central_house import client_of, desk_of, hire, running_central

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
