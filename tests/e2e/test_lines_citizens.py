"""Simulated citizens on real lines: they wait, speak when someone listens, rate, and give up."""

import asyncio
import uuid
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from catgem_tui.central.ports import CitizenLeft, ContactArrived, SurveyAnswered
from catgem_tui.central.voice.lines import EmbeddedLines
from catgem_tui.citizens.caller import Callers, CallPlan, Outcome
from catgem_tui.citizens.voices import VOICES
from tests.e2e.lines_rig import FakeInbox, Rig, Telephone

pytestmark = pytest.mark.require_module("pjsua2")


@pytest.fixture
async def rig(tmp_path: Path, stack: AsyncExitStack) -> Rig:
    inbox = FakeInbox()
    lines = EmbeddedLines(recordings=tmp_path / "recordings", new_id=lambda: str(uuid.uuid4()), port=0, lines=1)
    stack.push_async_callback(lines.stop)
    await lines.start(inbox)
    return Rig(lines, inbox, tmp_path / "recordings")


@pytest.fixture
async def callers(stack: AsyncExitStack) -> Callers:
    made = Callers()
    stack.push_async_callback(made.close)
    return made


async def test_a_citizen_waits_speaks_and_rates(
    tmp_path: Path, stack: AsyncExitStack, rig: Rig, callers: Callers
) -> None:
    advisor = Telephone(tmp_path, "advisor", 1050.0)
    stack.push_async_callback(advisor.close)
    await advisor.start()
    plan = CallPlan(uri=rig.lines.uri, number="7225550134", voices=VOICES[:1], talk=None, survey=4)
    calling = asyncio.create_task(callers.call(plan))
    contact = await rig.arrives()
    await asyncio.sleep(9.0)  # through the greeting and into the music
    await rig.connect(contact, "ana", advisor)
    heard = await advisor.hear(4.0)
    assert heard.loudness() > 0.01, "the citizen said nothing"
    await rig.finish(contact)
    assert (await rig.told.first(SurveyAnswered)).score == 4
    result = await calling
    assert (result.outcome, result.rated) == (Outcome.SERVED, True)
    assert result.waited > 5.0
    assert result.talked > 2.0


async def test_an_impatient_citizen_gives_up_and_calls_again(rig: Rig, callers: Callers) -> None:
    plan = CallPlan(uri=rig.lines.uri, number="1", patience=1.0)
    first = await callers.call(plan)
    await rig.told.first(CitizenLeft)
    assert first.outcome is Outcome.ABANDONED
    again = await callers.call(CallPlan(uri=rig.lines.uri, number="2", patience=1.0))
    assert again.outcome is Outcome.ABANDONED
    assert [arrived.citizen.phone for arrived in rig.told.of(ContactArrived)] == ["1", "2"]


async def test_a_citizen_meets_a_busy_line_and_a_dead_one(rig: Rig, callers: Callers) -> None:
    waiting = asyncio.create_task(callers.call(CallPlan(uri=rig.lines.uri, number="1")))
    await rig.arrives("1")
    busy = await callers.call(CallPlan(uri=rig.lines.uri, number="2"))
    assert (busy.outcome, busy.code) == (Outcome.BUSY, 486)
    waiting.cancel()
    await rig.told.first(CitizenLeft)
    wrong = await callers.call(CallPlan(uri="not an address", number="3"))
    assert wrong.outcome is Outcome.FAILED
