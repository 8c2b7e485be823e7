"""The simulated office that answers what an advisor dials in the demo."""

import array
import asyncio
from pathlib import Path

import pytest

from catgem_tui.citizens.caller import HEADER_BYTES
from catgem_tui.citizens.office import Office
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import CallState, Connect, Dial, EngineSettings, Gate, HangUp, Record, StopRecording
from tests.phone_set import PATIENCE, Set
from tests.ports import free_port

pytestmark = pytest.mark.require_module("pjsua2")


async def test_whatever_is_dialled_somebody_answers_and_speaks(tmp_path: Path) -> None:
    port = free_port()
    settings = EngineSettings(port=port, gate=Gate.OPEN, sound=False)
    office = Office(EngineClient(settings), rings=0.0, pause=0.0)
    advisor = Set(EngineClient(EngineSettings(sound=False)))
    await office.start()
    await advisor.start()
    try:
        for call, number in (("one", "7225550100"), ("two", "*72")):
            await advisor.do(Dial(call=call, uri=f"sip:{number}@127.0.0.1:{port}"))
            await advisor.state(call, CallState.CONFIRMED)
        tape = tmp_path / "heard.wav"
        await advisor.do(Record(recorder="ear", path=str(tape)))
        await advisor.do(Connect(source="two", sink="ear:left"))
        async with asyncio.timeout(PATIENCE):
            while not is_loud(tape):  # noqa: ASYNC110 - it is a file
                await asyncio.sleep(0.1)
        await advisor.do(StopRecording(recorder="ear"))
        for call in ("one", "two"):
            await advisor.do(HangUp(call=call))
            await advisor.state(call, CallState.ENDED)
    finally:
        await advisor.stop()
        await office.close()


def is_loud(tape: Path) -> bool:
    """Whether anything was said in the left channel of this 16-bit recording so far."""
    data = tape.read_bytes()[HEADER_BYTES:] if tape.exists() else b""
    return max(array.array("h", data[: len(data) // 4 * 4])[::2], default=0) > 3000
