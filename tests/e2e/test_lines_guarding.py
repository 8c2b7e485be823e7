"""What guards citizens and advisors, on real lines with real telephones at both ends."""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from catgem_tui.central.ports import ContactArrived, LegChanged, PauseRecording, RecordingStarted
from catgem_tui.central.voice.lines import EmbeddedLines
from catgem_tui.phone.port import CallState
from catgem_tui.selftest.sound import WINDOW, Recording
from tests.e2e.lines_rig import CALL, DEADLINE, FakeInbox, Rig, Telephone

pytestmark = pytest.mark.require_module("pjsua2")

CITIZEN, ADVISOR = 620.0, 1050.0
"""Hertz; neither is a note of the hold music or near one."""
Make = Callable[..., Any]


@pytest.fixture
def rig(tmp_path: Path, stack: AsyncExitStack) -> Make:
    async def build(**settings: Any) -> Rig:
        inbox, recordings = FakeInbox(), tmp_path / "recordings"
        given = {"port": 0, "lines": 1, "finish_greeting": False, **settings}
        lines = EmbeddedLines(recordings=recordings, new_id=lambda: str(uuid.uuid4()), **given)
        stack.push_async_callback(lines.stop)
        async with asyncio.timeout(DEADLINE):
            await lines.start(inbox)
        return Rig(lines, inbox, recordings)

    return build


@pytest.fixture
def telephone(tmp_path: Path, stack: AsyncExitStack) -> Make:
    async def build(name: str, hertz: float) -> Telephone:
        made = Telephone(tmp_path, name, hertz)
        stack.push_async_callback(made.close)
        return await made.start()

    return build


def silent_span(tape: Recording, hertz: float, channel: int) -> tuple[float, float]:
    """Beginning and end of the longest stretch in which nothing at all is recorded, in seconds."""
    rate, samples = tape.rate, tape.channels[channel]
    best, start = (0, 0), 0
    for index, sample in enumerate([*samples, 1]):
        if sample:
            best = max(best, (start, index), key=lambda span: span[1] - span[0])
            start = index + 1
    assert tape.strength(hertz, channel, start=best[0] / rate, end=best[1] / rate) == 0.0
    return best[0] / rate, best[1] / rate


async def test_a_paused_recording_is_silent_for_just_that_time_and_keeps_its_length(rig: Make, telephone: Make) -> None:
    line, citizen, advisor = await asyncio.gather(rig(), telephone("citizen", CITIZEN), telephone("advisor", ADVISOR))
    await citizen.dial(line.lines.uri)
    contact = await line.arrives()
    await line.connect(contact, "ana", advisor)
    started = await line.told.first(RecordingStarted)
    await citizen.has_sound()
    await citizen.speak()
    await advisor.speak()
    clock = asyncio.get_running_loop().time
    began = clock()
    await citizen.hear(2.0)
    paused_at = clock()
    await line.perform(PauseRecording(contact=contact, channel=CALL, paused=True))
    during = await citizen.hear(3.0)
    assert during.strength(ADVISOR) > 0.1, "they go on hearing each other"
    resumed_at = clock()
    await line.perform(PauseRecording(contact=contact, channel=CALL, paused=False))
    await citizen.hear(2.0)
    ended = clock()
    await citizen.hang_up()
    await line.told.first(LegChanged, lambda event: event.connected)
    await citizen.becomes(CallState.ENDED)
    path = line.recordings / started.path
    await line.lines.stop()
    tape = Recording.read(path)
    assert tape.seconds > ended - began - 0.5, "the recording is shorter than the conversation"
    for hertz, channel in ((CITIZEN, 0), (ADVISOR, 1)):
        start, end = silent_span(tape, hertz, channel)
        assert end - start == pytest.approx(resumed_at - paused_at, abs=0.5)
        before = tape.strength(hertz, channel, end=start)
        after = tape.strength(hertz, channel, start=end + WINDOW)
        assert before > 0.1, f"nothing before the pause on channel {channel}"
        assert after > 0.1, f"nothing after the pause on channel {channel}"


async def test_a_blocked_number_is_declined_at_the_public_port_and_counted(rig: Make, telephone: Make) -> None:
    line, citizen = await asyncio.gather(
        rig(is_refused=lambda number: number == "5550001111"), telephone("citizen", CITIZEN)
    )
    await citizen.dial(line.lines.uri, caller="5550001111")
    assert (await citizen.becomes(CallState.ENDED)).code == 603
    assert (line.lines.declined, line.lines.blocked) == (1, 0)
    await citizen.dial(line.lines.uri)
    await line.arrives()
    assert [arrived.citizen.phone for arrived in line.told.of(ContactArrived)] == ["7225550134"]
