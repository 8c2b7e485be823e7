"""The doctor for a workstation at work: a real process beside it, part by part, and gone when it is stopped."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from catgem_tui.config.settings import Settings, Workstation
from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.intents import Examine, StopExamining
from catgem_tui.desk.runtime import Desk
from catgem_tui.doctor.beside import DoctorBeside

NOBODY = "http://127.0.0.1:9"
PATIENCE = 90.0


@asynccontextmanager
async def desk_of(folder: Path, url: str) -> AsyncIterator[Desk]:
    """A desk that examines for a central at ``url``; it talks to none itself."""
    settings = Settings(workstation=Workstation(data=str(folder)))
    examiner = DoctorBeside(settings, url)
    desk = Desk(NOBODY, folder, None, credentials=Credentials(NOBODY, lambda: None), examiner=examiner)
    await desk.start()
    yield desk
    await desk.close()
    assert children() == []


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    async with desk_of(tmp_path / "desk", NOBODY) as desk:
        yield desk


def children() -> list[int]:
    """Doctors that this process has started and that are there."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and b"catgem_tui.doctor.beside" in (entry / "cmdline").read_bytes():
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                found += [int(entry.name)] if int(parent) == os.getpid() else []
        except OSError:
            continue
    return found


async def test_each_part_is_told_when_it_is_done_with_its_remedy(desk: Desk) -> None:
    told: list[int] = []
    desk.subscribe(lambda state: told.append(len(state.examination.found)))
    desk.do(Examine(("central", "disk")))
    assert desk.state.examination.going == ("central", "disk")
    desk.do(Examine(("clock",)))
    assert desk.state.examination.going == ("central", "disk"), "one examination at a time"
    state = await desk.wait_for(lambda state: not state.examination.going, PATIENCE)
    found = state.examination.found
    assert not state.examination.failed
    assert set(found) == {"central", "disk"}
    fault = next(each for each in found["central"] if each.level == "fault")
    assert fault.remedy
    assert "central" in fault.sentence
    await desk.wait_for(lambda state: children() == [], PATIENCE)


async def test_stopped_it_is_gone_and_what_was_found_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    asked = asyncio.Event()
    silent = await asyncio.start_server(lambda _reader, _writer: asked.set(), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    async with desk_of(tmp_path / "desk", f"http://127.0.0.1:{port}") as desk:
        desk.do(Examine(("disk", "central")))
        await desk.wait_for(lambda state: "disk" in state.examination.found, PATIENCE)
        await asyncio.wait_for(asked.wait(), PATIENCE)
        assert children()
        desk.do(StopExamining())
        state = await desk.wait_for(lambda state: not state.examination.going, PATIENCE)
        assert (set(state.examination.found), state.examination.failed) == ({"disk"}, False)
        assert children() == []
        asked.clear()
        desk.do(Examine(("central",)))
        await asyncio.wait_for(asked.wait(), PATIENCE)
    silent.close()  # the desk was closed in the middle of it, and left no process


async def test_a_doctor_that_cannot_run_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catgem_tui.doctor.beside._START", "import sys; sys.exit('kaputt')")
    desk.do(Examine(("disk",)))
    state = await desk.wait_for(lambda state: not state.examination.going, PATIENCE)
    assert (state.examination.failed, dict(state.examination.found)) == (True, {})
