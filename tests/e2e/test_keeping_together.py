"""Two information managers and an advisor at one central: nothing that anybody saves is lost."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from msgspec.structs import replace

from catgem_tui.central.app import Central
from catgem_tui.central.store.tables import change_requests
from catgem_tui.config import settings as configuration
from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.editing import date_text
from catgem_tui.desk.effects import AnswerReport, Decide, FetchProposal, FindAll, FindDuplicates
from catgem_tui.desk.intents import (
    AskKeeping,
    EditForm,
    EditInBulk,
    Login,
    MergeRecords,
    OpenDraft,
    OpenRecord,
    ResolveConflict,
    ReturnToDraft,
    SaveDraft,
    Search,
    ShowLog,
)
from catgem_tui.desk.keeping import Draft
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import Line
from catgem_tui.protocol.commands import ReportRecord
from catgem_tui.protocol.enums import ChangeState, RecordKind, Role
from catgem_tui.protocol.model import Record
from tests.central_house import PASSWORD, PATIENCE, eventually, hire, running_central

OFFICES = [
    Record(id=f"r{number}", kind=RecordKind.OFFICE, title=f"Oficialía {number:02} de Toluca", revision=0,
           phone=f"722555010{number}", hours="9 a 15", municipality="Toluca", restricted={"móvil": f"72200{number}"})
    for number in range(1, 6)
]  # fmt: skip
ROOT = str(Path(__file__).resolve().parents[2])


@asynccontextmanager
async def centre(folder: Path, **directory: bool) -> AsyncIterator[tuple[Central, Desk, Desk, Desk]]:
    """Central, the information managers Eva and Luis, and Ana at a desk; each has the directory."""
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(
            running_central(folder / "central", directory=configuration.Directory(**directory))
        )
        await hire(house, "ana")
        await hire(house, "eva", Role.INFORMATION_MANAGER)
        await hire(house, "luis", Role.INFORMATION_MANAGER)
        await house.directory.import_records(OFFICES, "test", "")
        desks = []
        for name in ("eva", "luis", "ana"):
            desk = Desk(house.url, folder / name, None, credentials=Credentials(house.url, lambda: None))
            stack.push_async_callback(desk.close)
            await desk.start()
            desk.do(Login(name, PASSWORD))
            await desk.wait_for(lambda s: s.directory.records == len(OFFICES) and not s.directory.syncing, PATIENCE)
            await desk.wait_for(lambda s: s.line is Line.ONLINE, PATIENCE)
            desks.append(desk)
        eva, luis, ana = desks
        yield house, eva, luis, ana


def draft_of(desk: Desk) -> Draft:
    keeping = desk.state.keeping
    return keeping.drafts[keeping.open]


async def found(desk: Desk, query: str) -> tuple[Record, ...]:
    desk.do(Search(query))
    state = await desk.wait_for(lambda s: s.directory.query == query and bool(s.directory.hits), PATIENCE)
    return state.directory.hits


async def opened(desk: Desk, record: str, report: str = "") -> Draft:
    """The form of a record, with everything that central has of it."""
    desk.do(OpenRecord(record, report=report))
    await desk.wait_for(lambda s: s.keeping.open == record and s.keeping.drafts[record].whole, PATIENCE)
    return draft_of(desk)


def write(desk: Desk, **texts: str) -> None:
    for field, text in texts.items():
        desk.do(EditForm(desk.state.keeping.open, field, text))


async def saved(desk: Desk) -> None:
    """Save what is open; it is closed once central has it."""
    desk.do(SaveDraft(desk.state.keeping.open))
    await desk.wait_for(lambda s: not s.keeping.open, PATIENCE)


async def at_central(house: Central, *ids: str) -> list[Record]:
    kept = {record.id: record for record in (await house.directory.page(0)).records}
    return [kept[record] for record in ids]


async def test_two_edit_one_record_and_nothing_is_lost(tmp_path: Path) -> None:
    async with centre(tmp_path) as (house, eva, luis, _ana):
        await opened(eva, "r1")
        await opened(luis, "r1")
        await eva.wait_for(lambda s: s.keeping.editors.get("r1") == ("Eva", "Luis"), PATIENCE)
        await luis.wait_for(lambda s: s.keeping.editors.get("r1") == ("Eva", "Luis"), PATIENCE)
        write(eva, phone="7225550199", hours="8 a 15", reference="Oficio 1")
        write(luis, address="Av. Juárez 1", hours="10 a 14", reference="Oficio 2")
        await saved(eva)
        await luis.wait_for(lambda s: s.keeping.drafts["r1"].newer, PATIENCE)
        luis.do(SaveDraft("r1"))
        await luis.wait_for(lambda s: bool(s.keeping.drafts["r1"].conflicts), PATIENCE)
        (conflict,) = draft_of(luis).conflicts
        assert (conflict.field, conflict.mine, conflict.theirs) == ("hours", "10 a 14", "8 a 15")
        luis.do(ResolveConflict("r1", "hours", conflict.mine))
        await saved(luis)
        (record,) = await at_central(house, "r1")
        assert (record.phone, record.address, record.hours) == ("7225550199", "Av. Juárez 1", "10 a 14")
        assert record.restricted == OFFICES[0].restricted


async def test_many_records_in_one_change_with_a_clash_in_the_middle(tmp_path: Path) -> None:
    async with centre(tmp_path) as (house, eva, luis, ana):
        eva.do(AskKeeping(FindAll("oficialia toluca")))
        await eva.wait_for(lambda s: len(s.keeping.marks) == len(OFFICES), PATIENCE)
        eva.do(EditInBulk(tuple(eva.state.keeping.marks.values())))
        await eva.wait_for(lambda s: bool(s.keeping.open) and draft_of(eva).whole, PATIENCE)
        write(eva, field="hours", operation="append", value="(sábado no)", reference="Circular 3")

        await opened(luis, "r3")
        write(luis, hours="10 a 14", reference="Oficio 9")
        await saved(luis)

        eva.do(SaveDraft(eva.state.keeping.open))
        await eva.wait_for(lambda s: draft_of(eva).clashed == {"r3": "Luis"}, PATIENCE)
        assert [record.hours for record in await at_central(house, "r1")] == ["9 a 15"], "all of it or nothing"
        await saved(eva)
        records = await at_central(house, *(office.id for office in OFFICES))
        assert [each.hours for each in records] == [
            "9 a 15 (sábado no)", "9 a 15 (sábado no)", "10 a 14 (sábado no)", "9 a 15 (sábado no)",
            "9 a 15 (sábado no)",
        ]  # fmt: skip
        assert [each.restricted for each in records] == [each.restricted for each in OFFICES]
        assert not eva.state.keeping.marks
        await ana.wait_for(lambda s: s.directory.records == len(OFFICES), PATIENCE)

        async def heard() -> bool:
            return all("sábado" in record.hours for record in await found(ana, "oficialia toluca"))

        await eventually(heard)


async def test_two_records_become_one_and_are_found_by_either_name(tmp_path: Path) -> None:
    async with centre(tmp_path) as (house, eva, _luis, ana):
        twin = replace(OFFICES[0], id="twin", title="Registro Civil de Toluca número uno", email="rc1@example.mx",
                       restricted={"casa": "1"})  # fmt: skip
        neighbour = replace(OFFICES[1], related=("r3", "twin", "r1"))
        await house.directory.import_records([twin, neighbour], "test", "")
        await eva.wait_for(lambda s: s.directory.records == len(OFFICES) + 1, PATIENCE)
        stays = next(record for record in await found(eva, "oficialia 01") if record.id == "r1")
        eva.do(AskKeeping(FindDuplicates(stays)))
        await eva.wait_for(lambda s: s.keeping.candidates[0] == "r1" and s.keeping.candidates[1] is not None, PATIENCE)
        candidates = eva.state.keeping.candidates[1] or ()
        gone = next(each for each in candidates if each.record.id == "twin")
        assert "phone" in gone.why
        eva.do(MergeRecords(stays, gone.record))
        await eva.wait_for(lambda s: bool(s.keeping.open) and draft_of(eva).whole, PATIENCE)
        write(eva, reference="Oficio 5")
        await saved(eva)
        one, other = await at_central(house, "r1", "twin")
        assert (one.title, one.email) == (OFFICES[0].title, "rc1@example.mx")
        assert one.restricted == {"móvil": "722001", "casa": "1"}
        assert (other.retired, other.merged_into) == (True, "r1")
        assert (await at_central(house, "r2"))[0].related == ("r3", "r1"), "who follows it lands on the one that stays"
        await ana.wait_for(lambda s: s.directory.records == len(OFFICES), PATIENCE)
        assert (await found(ana, "registro civil de toluca numero uno"))[0].id == "r1"


async def test_a_second_pair_of_eyes(tmp_path: Path) -> None:
    async with centre(tmp_path, second_eyes=True) as (house, eva, luis, _ana):
        await opened(eva, "r2")
        write(eva, phone="7225550222", reference="Oficio 7")
        await saved(eva)
        await luis.wait_for(lambda s: bool(s.keeping.work.proposals), PATIENCE)
        (summary,) = luis.state.keeping.work.proposals
        assert (summary.who, summary.state, summary.mine) == ("Eva", ChangeState.PENDING, False)
        luis.do(AskKeeping(FetchProposal(summary.id)))
        state = await luis.wait_for(lambda s: s.keeping.proposal is not None, PATIENCE)
        assert state.keeping.proposal is not None
        assert [record.phone for record in state.keeping.proposal.records] == ["7225550222"]
        luis.do(AskKeeping(Decide(summary.id, "approve")))

        async def published() -> bool:
            return (await at_central(house, "r2"))[0].phone == "7225550222"

        await eventually(published)
        await eva.wait_for(lambda s: not s.keeping.work.proposals, PATIENCE)


async def test_a_report_is_answered_and_who_made_it_is_told(tmp_path: Path) -> None:
    async with centre(tmp_path) as (house, eva, _luis, ana):
        ana.do(ReportRecord(record="r4", text="Ya no contestan ahí."))
        await eva.wait_for(lambda s: bool(s.keeping.work.reports), PATIENCE)
        (report,) = eva.state.keeping.work.reports
        await opened(eva, "r4", report.id)
        write(eva, phone="7225550444", reference="Oficio 8", answer="Es otro número, ya está.")
        await saved(eva)
        await eva.wait_for(lambda s: not s.keeping.work.reports, PATIENCE)
        assert (await at_central(house, "r4"))[0].phone == "7225550444"
        state = await ana.wait_for(lambda s: any(n.code == "report_answered" for n in s.notices), PATIENCE)
        told = next(notice for notice in state.notices if notice.code == "report_answered")
        assert (told.args["who"], told.args["answer"]) == ("Eva", "Es otro número, ya está.")


async def test_a_scheduled_change_waits_for_its_hour_and_may_be_withdrawn(tmp_path: Path) -> None:
    tomorrow = date_text(time.time() + 86_400, clock=True)
    async with centre(tmp_path) as (house, eva, _luis, _ana):
        for record, phone in (("r1", "7225550111"), ("r2", "7225550222")):
            await opened(eva, record)
            write(eva, phone=phone, reference="Oficio 9", publish=tomorrow)
            await saved(eva)
        await eva.wait_for(lambda s: len(s.keeping.work.proposals) == 2, PATIENCE)
        waiting = {each.records[0][0]: each for each in eva.state.keeping.work.proposals}
        assert date_text(waiting["r1"].publish_at, clock=True) == tomorrow
        eva.do(AskKeeping(Decide(waiting["r2"].id, "withdraw")))
        await eva.wait_for(lambda s: len(s.keeping.work.proposals) == 1, PATIENCE)
        async with house.database.write() as connection:  # its hour comes
            hour = change_requests.update().where(change_requests.c.id == waiting["r1"].id).values(publish_at=1.0)
            await connection.execute(hour)
        house.agenda.changed()
        await eva.wait_for(lambda s: not s.keeping.work.proposals, PATIENCE)
        one, two = await at_central(house, "r1", "r2")
        assert (one.phone, two.phone) == ("7225550111", OFFICES[1].phone)


KEEPER = """
import asyncio, sys
from pathlib import Path
url, folder, root = sys.argv[1:4]
sys.path.insert(0, root)
from tests.e2e.test_keeping_together import *
from catgem_tui.desk.intents import LeaveDraft

async def main():
    desk = Desk(url, Path(folder), None, credentials=Credentials(url, lambda: None))
    await desk.start()
    desk.do(Login("eva", PASSWORD))
    await desk.wait_for(lambda s: s.directory.records == len(OFFICES) and s.line is Line.ONLINE, PATIENCE)
    await opened(desk, "r5")
    write(desk, phone="7225550555", reference="Oficio 10")
    eva = await found(desk, "oficialia toluca")
    desk.do(LeaveDraft("r5", keep=True))
    desk.do(EditInBulk(eva))
    await desk.wait_for(lambda s: bool(s.keeping.open) and draft_of(desk).whole, PATIENCE)
    write(desk, field="hours", value="8 a 16", reference="Circular 11")
    await asyncio.sleep(0.7)  # what is typed is on disk within half a second
    print("written", flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_what_was_being_written_survives_a_kill(tmp_path: Path) -> None:
    async with centre(tmp_path) as (house, eva, _luis, _ana):
        await eva.close()
        folder = tmp_path / "killed"
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", KEEPER, house.url, str(folder), ROOT, stdout=asyncio.subprocess.PIPE,
            env=dict(os.environ),
        )  # fmt: skip
        assert child.stdout is not None
        async with asyncio.timeout(PATIENCE * 2):
            assert (await child.stdout.readline()).decode().strip() == "written"
        child.send_signal(signal.SIGKILL)
        await child.wait()
        again = Desk(house.url, folder, None, credentials=Credentials(house.url, lambda: None))
        await again.start()
        again.do(Login("eva", PASSWORD))
        await again.wait_for(lambda s: len(s.keeping.drafts) == 2 and s.line is Line.ONLINE, PATIENCE)
        bulk = next(draft for draft in again.state.keeping.drafts.values() if draft.purpose == "bulk")
        for draft in ("r5", bulk.id):
            again.do(ReturnToDraft(draft))
            await again.wait_for(lambda s, wanted=draft: s.keeping.open == wanted, PATIENCE)  # type: ignore[misc]
            await saved(again) if draft == "r5" else again.do(SaveDraft(draft))
        await again.wait_for(lambda s: draft_of(again).clashed == {"r5": "Eva"}, PATIENCE)
        await saved(again)
        (record,) = await at_central(house, "r5")
        assert (record.phone, record.hours) == ("7225550555", "8 a 16")
        assert all(each.hours == "8 a 16" for each in await at_central(house, "r1", "r2", "r3", "r4"))
        await again.close()


async def test_a_retired_record_is_said_to_be_gone(tmp_path: Path) -> None:
    async with centre(tmp_path) as (_house, eva, luis, _ana):
        await opened(eva, "r1")
        write(eva, phone="7225550199", reference="x")
        luis.do(OpenDraft((await found(luis, "oficialia 01"))[0], "retire"))
        await luis.wait_for(lambda s: s.keeping.open == "r1" and draft_of(luis).whole, PATIENCE)
        write(luis, comment="cerró", reference="Oficio 13")
        await saved(luis)
        eva.do(SaveDraft("r1"))
        await eva.wait_for(lambda s: [fault.code for fault in draft_of(eva).faults] == ["gone"], PATIENCE)
        assert draft_of(eva).form["phone"] == "7225550199", "what was written is kept"


async def test_an_answer_given_while_one_was_away_is_told_once(tmp_path: Path) -> None:
    async with centre(tmp_path) as (house, eva, _luis, ana):
        ana.do(ReportRecord(record="r4", text="Ya no contestan ahí."))
        await eva.wait_for(lambda s: bool(s.keeping.work.reports), PATIENCE)
        await ana.close()
        (report,) = eva.state.keeping.work.reports
        eva.do(AskKeeping(AnswerReport(report.id, "Contestan de 9 a 11.")))
        await eva.wait_for(lambda s: not s.keeping.work.reports, PATIENCE)
        for told in (["Contestan de 9 a 11."], []):
            again = Desk(house.url, tmp_path / "ana", None, credentials=Credentials(house.url, lambda: None))
            await again.start()
            again.do(Login("ana", PASSWORD))
            await again.wait_for(lambda s: s.line is Line.ONLINE, PATIENCE)
            if told:
                await again.wait_for(lambda s: any(n.code == "report_answered" for n in s.notices), PATIENCE)
            again.do(ShowLog("r4"))
            await again.wait_for(lambda s: s.directory.log is not None, PATIENCE)  # asked after the answers were
            assert [n.args["answer"] for n in again.state.notices if n.code == "report_answered"] == told
            await again.close()
