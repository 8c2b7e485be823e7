"""The workstation itself is killed, or left and come back to: what was typed and who was working are still there."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.central.app import Central
from catgem_tui.config import settings as configuration
from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.intents import Login, Logout
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import Line
from catgem_tui.protocol.enums import ContactState
from tests.central_house import PASSWORD, hire, running_central
from tests.desk_house import PATIENCE, Citizen
from tests.unit.test_desk_credentials import Safe

ROOT = str(Path(__file__).resolve().parents[2])
WORKER = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.intents import AcceptOffer, EditDraft, EditNotes
from catgem_tui.desk.runtime import Desk
from catgem_tui.protocol.enums import ContactState
from tests.desk_house import sit_down

async def main():
    desk = Desk(sys.argv[1], Path(sys.argv[2]), None, credentials=Credentials("", lambda: None))
    await desk.start()
    await sit_down(desk, "ana")
    offer = (await desk.wait_for(lambda s: s.offer is not None, 60)).offer
    desk.do(AcceptOffer(offer.id))
    await desk.wait_for(lambda s: s.contacts[offer.id].state is ContactState.ACTIVE, 60)
    for length in range(1, 41):
        desk.do(EditDraft(offer.id, "borrador"[: length]))
        desk.do(EditNotes(offer.id, "notas a medio escribir, sin acabar"[: length]))
        await asyncio.sleep(0.02)
    print(offer.id, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Central]:
    async with running_central(tmp_path / "central", chat=configuration.Chat(), heartbeat=1.0) as central:
        await hire(central, "ana")
        yield central


async def test_killed_while_typing(house: Central, tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, house.url, str(folder), ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    async with Citizen(house.url) as citizen:
        await citizen.say("hola")
        async with asyncio.timeout(PATIENCE * 2):
            contact = (await child.stdout.readline()).decode().strip()
        await asyncio.sleep(0.7)  # too soon for the notes to be at central, but on this disk they are
        child.send_signal(signal.SIGKILL)
        await child.wait()
        assert contact
        desk = Desk(house.url, folder, None, credentials=Credentials("", lambda: None))
        await desk.start()
        desk.do(Login("ana", PASSWORD))
        state = await desk.wait_for(lambda s: contact in s.contacts and contact in s.drafts, PATIENCE)
        assert state.drafts[contact] == "borrador"
        assert state.contacts[contact].state is ContactState.ACTIVE
        await desk.wait_for(
            lambda s: s.contacts[contact].notes == "notas a medio escribir, sin acabar" and s.unsent == 0, PATIENCE
        )
        await desk.close()


async def test_with_a_keyring_the_session_goes_on_by_itself_until_logged_out(house: Central, tmp_path: Path) -> None:
    safe = Safe()

    def desk() -> Desk:
        return Desk(house.url, tmp_path / "desk", None, credentials=Credentials(house.url, lambda: safe))

    first = desk()
    await first.start()
    first.do(Login("ana", PASSWORD))
    state = await first.wait_for(lambda s: s.line is Line.ONLINE, PATIENCE)
    assert state.secrets == "keyring"
    await first.close()
    second = desk()
    await second.start()
    await second.wait_for(lambda s: s.line is Line.ONLINE and s.user is not None, PATIENCE)
    second.do(Logout())
    second.do(Login("ana", PASSWORD))  # at once: the old session must not take the new one with it
    await second.wait_for(lambda s: s.line is Line.ONLINE, PATIENCE)
    second.do(Logout())
    async with asyncio.timeout(PATIENCE):
        while ("catgem", house.url) in safe.kept:  # noqa: ASYNC110 - the keyring tells nobody
            await asyncio.sleep(0.02)
    await second.close()
    third = desk()
    await third.start()
    await third.wait_for(lambda s: s.secrets == "keyring", PATIENCE)
    assert third.state.line is Line.LOGGED_OUT
    await third.close()
