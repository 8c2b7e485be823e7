"""A number of the directory is called, and somebody else's telephone answers."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from catgem_tui.desk.intents import CallNumber, HangUpOutgoing
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import DeskState, PhoneStatus
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import CallState, EngineSettings
from catgem_tui.selftest.sound import write_tone
from tests.e2e.test_phone_peers import BARESIP, find_udp_port, start_peer
from tests.phone_set import PATIENCE, until

pytestmark = pytest.mark.require_module("pjsua2")
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


def in_call(state: DeskState) -> bool:
    return [(call.state, call.media) for call in state.phone.calls] == [(CallState.CONFIRMED, True)]


@pytest.mark.require_program("baresip")
async def test_an_office_is_called_its_extension_dialled_and_the_call_hung_up(
    tmp_path: Path, stack: AsyncExitStack
) -> None:
    write_tone(tmp_path / "theirs.wav", 620.0, seconds=60.0, rate=8000)
    port = find_udp_port()
    (tmp_path / "config").write_text(BARESIP.format(port=port, folder=tmp_path, tone=tmp_path / "theirs.wav"))
    account = f"<sip:7225550100@127.0.0.1:{port};transport=udp>;regint=0;answermode=auto"
    (tmp_path / "accounts").write_text(f"{account}\n")
    (tmp_path / "contacts").touch()
    await start_peer(stack, tmp_path, "baresip", "-v", "-f", str(tmp_path))

    def told(words: str) -> bool:
        return words in (tmp_path / "output").read_text(errors="replace")

    await until(lambda: told("baresip is ready"))
    phone = EngineClient(EngineSettings(sound=False))
    desk = Desk(NOWHERE, tmp_path / "desk", phone, dial=f"sip:{{number}}@127.0.0.1:{port}")
    await desk.start()
    stack.push_async_callback(desk.close)
    await desk.wait_for(lambda s: s.phone.status is PhoneStatus.READY, PATIENCE)
    desk.do(CallNumber("722 555 01 00", "104", "Registro Civil"))
    await desk.wait_for(in_call, PATIENCE)
    await until(lambda: told("Call established"))
    await desk.wait_for(lambda s: [call.typed for call in s.phone.calls] == ["104"], PATIENCE)
    await until(lambda: all(told(f"received event: '{digit}' (end=1)") for digit in "104"))
    desk.do(HangUpOutgoing())
    await desk.wait_for(lambda s: not s.phone.calls, PATIENCE)
    await until(lambda: told("session closed"))

    desk.do(CallNumber("7229999999", name="Nadie"))
    state = await desk.wait_for(lambda s: "called_unknown" in [n.code for n in s.notices], PATIENCE)
    assert state.phone.calls == ()
