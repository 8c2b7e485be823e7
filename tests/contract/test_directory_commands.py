"""Over the live line: an advisor reports a wrong record, and two managers see that they edit the same one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from catgem_tui.central.app import Central
from catgem_tui.protocol.commands import EditRecord, ReportRecord
from catgem_tui.protocol.enums import RecordKind, Refusal, Role
from catgem_tui.protocol.events import EditorsChanged, WorkChanged
from catgem_tui.protocol.model import Record, Struct
from catgem_tui.protocol.session import SignalArrived
from tests.central_house import Desk, client_of, desk_of, hire, running_central

pytestmark = pytest.mark.usefixtures("central_database")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Central]:
    async with running_central(tmp_path) as central:
        await hire(central, "ana")
        for manager in ("elena", "ines"):
            await hire(central, manager, Role.INFORMATION_MANAGER)
        office = Record(id="r1", kind=RecordKind.OFFICE, title="Registro Civil", revision=0)
        await central.directory.import_records([office], "test", "test")
        yield central


def last(desk: Desk, kind: type[Struct]) -> Struct | None:
    heard = [it.body for it in desk.seen if isinstance(it, SignalArrived) and isinstance(it.body, kind)]
    return heard[-1] if heard else None


def editors(desk: Desk) -> tuple[str, ...] | None:
    shown = last(desk, EditorsChanged)
    return shown.editors if isinstance(shown, EditorsChanged) else None


def reports(desk: Desk) -> int:
    shown = last(desk, WorkChanged)
    return shown.counts.reports if isinstance(shown, WorkChanged) else -1


async def test_a_report_reaches_the_managers_once_however_often_it_is_sent(house: Central) -> None:
    report = ReportRecord(record="r1", text=" ya no contestan ", contact="none such")
    async with desk_of(house, "elena") as elena, desk_of(house, "ana") as ana:
        await ana.ready()
        await elena.ready()
        assert await ana.command(report, "the-report") is None
        await elena.until(lambda: reports(elena) == 1)
        assert await ana.command(report, "the-report") is None
    async with client_of(house.url, "elena") as manager:
        (listed,) = (await manager.get("/directory/work")).json()["reports"]
        assert (listed["id"], listed["text"], listed["title"], listed["who"]) == (
            "the-report", "ya no contestan", "Registro Civil", "Ana",
        )  # fmt: skip
        closed = await manager.post("/directory/reports/the-report", json={"text": "corregido"})
        assert closed.status_code == 200
        assert (await manager.get("/directory/work")).json().get("reports", []) == []


async def test_zero_characters_do_no_harm(house: Central) -> None:
    """PostgreSQL keeps them in no text."""
    async with desk_of(house, "ana") as ana:
        await ana.ready()
        assert await ana.command(ReportRecord(record="r\x001", text="no\0 contestan", contact="c\0"), "a") is None
        refused = await ana.command(ReportRecord(record="\0"), "b")
        assert refused is not None
        assert refused.code is Refusal.NOT_FOUND
    async with client_of(house.url, "elena") as manager:
        (listed,) = (await manager.get("/directory/work")).json()["reports"]
        assert listed["text"] == "no contestan"
        assert (await manager.post("/directory/reports/a", json={"text": "ya\0"})).json()["answer"] == "ya"
        assert (await manager.post("/directory/reports/%00", json={"text": "ya"})).status_code == 400
        assert (await manager.get("/directory/changes?text=%00")).status_code == 400


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (ReportRecord(record="nothing"), Refusal.NOT_FOUND),
        (ReportRecord(record="r1", text="x" * 2001), Refusal.TOO_LONG),
    ],
)
async def test_a_report_that_cannot_be_kept_is_refused_and_stays_refused(
    house: Central, report: ReportRecord, code: Refusal
) -> None:
    async with desk_of(house, "ana") as ana:
        await ana.ready()
        for _ in range(2):
            refused = await ana.command(report, "the-report")
            assert refused is not None
            assert refused.code is code


async def test_the_answer_to_a_report_is_not_given_to_another_person(house: Central) -> None:
    async with desk_of(house, "ana") as ana, desk_of(house, "elena") as elena:
        await ana.ready()
        await elena.ready()
        assert await ana.command(ReportRecord(record="r1"), "the-report") is None
        refused = await elena.command(ReportRecord(record="r1"), "the-report")
        assert refused is not None
        assert refused.code is Refusal.NOT_ALLOWED


async def test_two_managers_see_each_other_on_a_record_until_one_leaves(house: Central) -> None:
    async with desk_of(house, "elena") as elena:
        await elena.ready()
        await elena.command(EditRecord(record="r1"))
        await elena.until(lambda: editors(elena) == ("Elena",))
        async with desk_of(house, "ines") as ines:
            await ines.ready()
            await ines.command(EditRecord(record="r1"))
            await ines.until(lambda: editors(ines) == ("Elena", "Ines"))
            await elena.until(lambda: editors(elena) == ("Elena", "Ines"))
        await elena.until(lambda: editors(elena) == ("Elena",))


async def test_only_managers_edit(house: Central) -> None:
    async with desk_of(house, "ana") as ana:
        await ana.ready()
        refused = await ana.command(EditRecord(record="r1"))
        assert refused is not None
        assert refused.code is Refusal.NOT_ALLOWED
