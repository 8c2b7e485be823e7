"""The audit trail and the block list of a real central: over HTTP, on the command line, and after a restart."""

import asyncio
import csv
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import msgspec

from catgem_tui.central.app import Central
from catgem_tui.central.ports import AdvisorCommand, ContactArrived
from catgem_tui.protocol.commands import AcceptOffer, BlockCaller, SetPhone, SetPresence, UnblockCaller, WarnCaller
from catgem_tui.protocol.enums import Channel, Presence, Refusal, Role
from catgem_tui.protocol.events import BlockedChanged
from catgem_tui.protocol.frames import Refused
from catgem_tui.protocol.guarding import AuditPage, Blocked
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Citizen, Struct, User
from catgem_tui.protocol.session import SignalArrived
from tests.central_house import Desk, client_of, eventually, hire, log_in, running_central

ROOT = Path(__file__).resolve().parents[2]
HOUR = 3600.0


async def says(house: Central, user: User, body: Struct) -> Refused | None:
    return await house.actor.submit(AdvisorCommand(advisor=user.id, id=new_id(), body=body))


async def rings(house: Central, phone: str) -> Refused | None:
    arrived = ContactArrived(contact=new_id(), channel=Channel.CALL, citizen=Citizen(phone=phone))
    return await house.actor.submit(arrived)


async def block(house: Central, ana: User, phone: str) -> None:
    """Ana takes a call from this number, warns the caller and blocks the number for an hour."""
    async with Desk(house.url, (await log_in(house.url, "ana")).access_token) as desk:
        await eventually(lambda: desk.session.online)
        await says(house, ana, SetPhone(uri="sip:ana@127.0.0.1:5070"))
        await says(house, ana, SetPresence(presence=Presence.AVAILABLE))
        contact = new_id()
        arrived = ContactArrived(contact=contact, channel=Channel.CALL, citizen=Citizen(phone=phone))
        assert await house.actor.submit(arrived) is None
        assert await says(house, ana, AcceptOffer(contact=contact)) is None
        until = time.time() + HOUR
        early = await says(house, ana, BlockCaller(contact=contact, until=until, reason="ofensas"))
        assert early is not None
        assert early.code is Refusal.NOT_WARNED
        assert await says(house, ana, WarnCaller(contact=contact)) is None
        assert await says(house, ana, BlockCaller(contact=contact, until=until, reason="ofensas")) is None


async def catgem(folder: Path, *arguments: str) -> tuple[int, str, str]:
    settings = folder / "catgem.toml"
    settings.write_text(f'[central]\ndata = "{folder / "data"}"\n', encoding="utf-8")
    run = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-m", "catgem_tui", *arguments, "--settings", str(settings)],
        cwd=ROOT, env={**os.environ, "CATGEM_LANGUAGE": "en", "XDG_STATE_HOME": str(folder / "state")},
        text=True, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert "Traceback" not in run.stderr, run.stderr
    return run.returncode, run.stdout, run.stderr


async def test_a_blocked_number_is_refused_listed_and_let_in_again_also_after_a_restart(tmp_path: Path) -> None:
    async with running_central(tmp_path / "data") as house:
        ana = await hire(house, "ana")
        carmen = await hire(house, "carmen", Role.COORDINATOR)
        await block(house, ana, "7225550134")
        assert house.actor.is_blocked("+52 722 555 0134")
    async with running_central(tmp_path / "data") as house:
        refused = await rings(house, "7225550134")
        assert refused is not None
        assert refused.code is Refusal.NOT_ALLOWED
        floor = Desk(house.url, (await log_in(house.url, "carmen")).access_token)
        desk = Desk(house.url, (await log_in(house.url, "ana")).access_token)
        async with client_of(house.url, "carmen") as client, floor, desk:
            await eventually(lambda: floor.session.online and desk.session.online)
            listed = msgspec.json.decode((await client.get("/guard/blocked")).content, type=list[Blocked])
            assert [(one.phone, one.by, one.reason) for one in listed] == [("7225550134", "Ana", "ofensas")]
            assert await says(house, carmen, UnblockCaller(number="7225550134")) is None
            await floor.until(lambda: SignalArrived(BlockedChanged()) in floor.seen)
            assert SignalArrived(BlockedChanged()) not in desk.seen, "the list is not the advisors'"
            assert (await client.get("/guard/blocked")).json() == []
            page = msgspec.json.decode((await client.get("/guard/audit?limit=2")).content, type=AuditPage)
            assert [(one.kind, one.who) for one in page.items] == [
                ("caller.unblocked", "Carmen"),
                ("caller.blocked", "Ana"),
            ]
            assert page.more
        assert await rings(house, "7225550134") is None


async def test_the_trail_is_read_exported_and_verified_beside_a_running_central(tmp_path: Path) -> None:
    async with running_central(tmp_path / "data") as house:
        ana = await hire(house, "ana")
        assert "empty" in (await catgem(tmp_path, "central", "audit", "--verify"))[1]
        await block(house, ana, "7225550134")
        status, told, _ = await catgem(tmp_path, "central", "audit", "--kind", "caller.blocked")
        assert (status, "Ana" in told, "reason=ofensas" in told, len(told.splitlines())) == (0, True, True, 1)
        for name in ("trail.csv", "trail.jsonl"):
            assert (await catgem(tmp_path, "central", "audit", "--export", str(tmp_path / name)))[0] == 0
            status, told, _ = await catgem(tmp_path, "central", "audit", "--against", str(tmp_path / name))
            assert (status, "2 lines" in told) == (0, True)
    with (tmp_path / "trail.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["kind"] for row in csv.DictReader(file)] == ["caller.warned", "caller.blocked"]
    with closing(sqlite3.connect(tmp_path / "data" / "central.sqlite")) as database:
        database.execute("DROP TRIGGER audit_never_altered")
        database.execute("UPDATE audit SET who = 'Eva' WHERE number = 2")
        database.commit()
    status, _, complaint = await catgem(tmp_path, "central", "audit", "--verify")
    assert (status, "Line 2" in complaint) == (1, True)
