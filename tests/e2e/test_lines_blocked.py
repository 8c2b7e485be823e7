"""What a blocked caller hears where central lets a line tell them (``[central.voice] blocked = "prompt"``)."""

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.central.voice import prompts
from catgem_tui.phone.port import CallState, Connect, Record, StopRecording
from catgem_tui.protocol.commands import BlockCaller, WarnCaller
from catgem_tui.protocol.enums import ContactState
from catgem_tui.protocol.events import ContactChanged
from tests.e2e.test_lines_consulting import Floor
from tests.speech import compare

pytestmark = pytest.mark.require_module("pjsua2")

CLOSED = Path(prompts.__file__).parent / "closed.wav"
PROMPT_SECONDS = 25.0
"""Longer than what is said takes."""


async def test_a_blocked_caller_is_told_and_the_call_ended(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        floor = await Floor(tmp_path, stack).open(blocked="prompt")
        ana, _luis, contact = await floor.talk()
        await ana.says(WarnCaller(contact=contact))
        await ana.says(BlockCaller(contact=contact, until=time.time() + 600, reason="ofensas"))
        await floor.citizen.becomes(CallState.ENDED)
        await ana.sees(lambda it: it.state is ContactState.WRAP_UP)

        await floor.citizen.dial(f"sip:070@{floor.house.health().sip}")
        heard = tmp_path / "heard.wav"
        await floor.citizen.phone.do(Record(recorder="ear", path=str(heard)))
        await floor.citizen.phone.do(Connect(source=floor.citizen.call, sink="ear:left"))
        async with asyncio.timeout(PROMPT_SECONDS):
            ended = await floor.citizen.becomes(CallState.ENDED)
        await floor.citizen.phone.do(StopRecording(recorder="ear"))
        assert not ended.by_us, "it is hung up there"
        likeness = compare(heard, CLOSED)
        assert likeness.arrived > 0.5, likeness  # all of it where the machine keeps up
        contacts = {it.body.contact.id for it in ana.desk.events(ContactChanged)}  # type: ignore[attr-defined]
        assert contacts == {contact}, "it is nobody's contact"
