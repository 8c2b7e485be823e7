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
from tests.phone_set import PATIENCE, until
from tests.sip_peers import Baresip

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
    peer = Baresip(tmp_path / "baresip", 620.0, "7225550100")
    await peer.start(stack)
    await until(lambda: "baresip is ready" in peer.said)
    phone = EngineClient(EngineSettings(sound=False))
    desk = Desk(NOWHERE, tmp_path / "desk", phone, dial=f"sip:{{number}}@127.0.0.1:{peer.port}")
    await desk.start()
    stack.push_async_callback(desk.close)
    await desk.wait_for(lambda s: s.phone.status is PhoneStatus.READY, PATIENCE)
    desk.do(CallNumber("722 555 01 00", "104", "Registro Civil"))
    await desk.wait_for(in_call, PATIENCE)
    await until(lambda: "Call established" in peer.said)
    await desk.wait_for(lambda s: [call.typed for call in s.phone.calls] == ["104"], PATIENCE)
    await until(lambda: all(f"received event: '{digit}' (end=1)" in peer.said for digit in "104"))
    desk.do(HangUpOutgoing())
    await desk.wait_for(lambda s: not s.phone.calls, PATIENCE)
    await until(lambda: "session closed" in peer.said)

    desk.do(CallNumber("7229999999", name="Nadie"))
    state = await desk.wait_for(lambda s: "called_unknown" in [n.code for n in s.notices], PATIENCE)
    assert state.phone.calls == ()
