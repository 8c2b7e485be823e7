"""Calls on the embedded lines, with real phone engines at every end."""

import asyncio
import contextlib
import os
import signal
import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from catgem_tui.central.ports import (
    CitizenLeft,
    ContactArrived,
    DeliveryFailed,
    EndMonitoring,
    Join,
    LegChanged,
    LineLost,
    MonitorLeft,
    Offer,
    PortTaken,
    RecordingStarted,
    Requeue,
    SetHold,
    SurveyAnswered,
    Withdraw,
)
from catgem_tui.central.voice.lines import EmbeddedLines
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import CallState, EngineSettings, Gate
from catgem_tui.protocol.enums import Monitoring
from catgem_tui.selftest.sound import Recording
from tests.e2e.lines_rig import CALL, DEADLINE, FakeInbox, Rig, Telephone, hear_together, strengths, until
from tests.ports import free_port

pytestmark = pytest.mark.require_module("pjsua2")

CITIZEN, ADVISOR, SECOND, COORDINATOR = 620.0, 1050.0, 1370.0, 1730.0
"""Hertz; none is a note of the hold music or near one."""

Lines = Callable[..., Any]


@pytest.fixture
def rig(tmp_path: Path, stack: AsyncExitStack) -> Lines:
    async def build(**settings: Any) -> Rig:
        recordings = tmp_path / "recordings"
        inbox = FakeInbox()
        lines = EmbeddedLines(
            recordings=recordings, new_id=lambda: str(uuid.uuid4()), **{"port": 0, "lines": 1, **settings}
        )
        stack.push_async_callback(lines.stop)
        await lines.start(inbox)
        return Rig(lines, inbox, recordings)

    return build


@pytest.fixture
def telephone(tmp_path: Path, stack: AsyncExitStack) -> Lines:
    async def build(name: str, hertz: float, gate: Gate = Gate.OPEN) -> Telephone:
        made = Telephone(tmp_path, name, hertz, gate)
        stack.push_async_callback(made.close)
        return await made.start()

    return build


async def test_a_whole_call(rig: Lines, telephone: Lines) -> None:
    line, citizen, advisor = await asyncio.gather(
        rig(), telephone("citizen", CITIZEN), telephone("advisor", ADVISOR, Gate.TOKEN)
    )
    await citizen.dial(line.lines.uri.replace("sip:catgem@", "sip:070@"))
    await citizen.becomes(CallState.CONFIRMED)
    contact = await line.arrives()
    assert line.told.of(ContactArrived)[0].dialled == "070"

    heard = await citizen.hear(9.5)
    assert heard.loudness(start=0.3, end=4.0) > 0.01, "no greeting"
    assert heard.strength(220.0, start=8.5) > 0.02, "no music"

    await citizen.speak()
    arrived = await line.ring(contact, "ana", advisor)
    assert arrived.caller == "7225550134"
    assert arrived.headers["X-Catgem-Contact"] == contact
    await advisor.answer()
    await line.told.first(LegChanged, lambda event: event.connected)
    await advisor.speak()
    at_citizen, at_advisor = await hear_together(citizen, advisor)
    assert strengths(at_citizen, ADVISOR) == [False], "they heard each other before central joined them"
    assert strengths(at_advisor, CITIZEN) == [False]
    await line.perform(join(contact))
    started = await line.told.first(RecordingStarted)
    at_citizen, at_advisor = await hear_together(citizen, advisor)
    assert strengths(at_citizen, ADVISOR, CITIZEN) == [True, False]
    assert strengths(at_advisor, CITIZEN, ADVISOR) == [True, False]

    await line.perform(SetHold(contact=contact, channel=CALL, held=True))
    at_citizen, at_advisor = await hear_together(citizen, advisor, seconds=2.0)
    assert strengths(at_citizen, ADVISOR) == strengths(at_advisor, CITIZEN) == [False]
    assert at_citizen.strength(220.0, start=0.7) > 0.02, "no music on hold"
    await line.perform(SetHold(contact=contact, channel=CALL, held=False))
    at_citizen, at_advisor = await hear_together(citizen, advisor)
    assert strengths(at_citizen, ADVISOR) == strengths(at_advisor, CITIZEN) == [True]

    await line.finish(contact)
    await advisor.becomes(CallState.ENDED)
    await citizen.press("4")
    assert (await line.told.first(SurveyAnswered)).score == 4
    await citizen.becomes(CallState.ENDED)
    await line.told.first(CitizenLeft)
    assert [event.connected for event in line.told.of(LegChanged)] == [True]

    recording = Recording.read(line.recordings / started.path)
    assert started.path.endswith(f"/{contact}.wav")
    assert strengths(recording, CITIZEN, ADVISOR, channel=0) == [True, False]
    assert strengths(recording, ADVISOR, CITIZEN, channel=1) == [True, False]


def join(contact: str, advisor: str = "ana") -> Join:
    return Join(contact=contact, channel=CALL, advisor=advisor, name=advisor)


async def in_conversation(rig: Lines, telephone: Lines) -> tuple[Rig, str, Telephone, Telephone]:
    """A citizen and an advisor who speak in tones and hear each other."""
    line, citizen, advisor = await asyncio.gather(
        rig(finish_greeting=False), telephone("citizen", CITIZEN), telephone("advisor", ADVISOR)
    )
    await citizen.dial(line.lines.uri)
    contact = await line.arrives()
    await line.connect(contact, "ana", advisor)
    await line.told.first(RecordingStarted)
    await citizen.has_sound()
    await citizen.speak()
    await advisor.speak()
    return line, contact, citizen, advisor


async def test_an_advisor_who_hangs_up_leaves_the_citizen_with_music(rig: Lines, telephone: Lines) -> None:
    line, _, citizen, advisor = await in_conversation(rig, telephone)
    await advisor.hang_up()
    gone = await line.told.first(LegChanged, lambda event: not event.connected)
    assert gone.advisor == "ana"
    assert (await citizen.hear()).strength(220.0) > 0.02


async def test_a_citizen_who_hangs_up_frees_the_line_for_the_next(rig: Lines, telephone: Lines) -> None:
    line, contact, citizen, advisor = await in_conversation(rig, telephone)
    await citizen.hang_up()
    assert (await line.told.first(CitizenLeft)).contact == contact
    await advisor.becomes(CallState.ENDED)
    await citizen.dial(line.lines.uri, caller="5550009999")
    await citizen.becomes(CallState.CONFIRMED)
    assert await line.arrives("5550009999") != contact


async def test_a_second_advisor_takes_over_after_a_requeue(rig: Lines, telephone: Lines) -> None:
    line, contact, citizen, advisor = await in_conversation(rig, telephone)
    await line.perform(Requeue(contact=contact, channel=CALL))
    await advisor.becomes(CallState.ENDED)
    assert (await citizen.hear()).strength(220.0) > 0.02
    second = await telephone("second", SECOND)
    await line.connect(contact, "luis", second)
    await second.speak()
    at_citizen, at_second = await hear_together(citizen, second)
    assert strengths(at_citizen, SECOND, ADVISOR) == [True, False]
    assert strengths(at_second, CITIZEN) == [True]


async def test_coordinators_listen_whisper_and_barge(rig: Lines, telephone: Lines) -> None:
    line, contact, citizen, advisor = await in_conversation(rig, telephone)
    coordinator = await telephone("coordinator", COORDINATOR, Gate.TOKEN)
    await line.monitor(contact, "eva", coordinator, Monitoring.LISTEN)
    await coordinator.speak()
    at_citizen, at_advisor, at_coordinator = await hear_together(citizen, advisor, coordinator)
    assert strengths(at_coordinator, CITIZEN, ADVISOR) == [True, True]
    assert strengths(at_citizen, COORDINATOR, ADVISOR) == [False, True]
    assert strengths(at_advisor, COORDINATOR, CITIZEN) == [False, True]

    await line.monitor(contact, "eva", coordinator, Monitoring.WHISPER)
    at_citizen, at_advisor, at_coordinator = await hear_together(citizen, advisor, coordinator)
    assert strengths(at_coordinator, CITIZEN, ADVISOR) == [True, True]
    assert strengths(at_citizen, COORDINATOR, ADVISOR) == [False, True]
    assert strengths(at_advisor, COORDINATOR, CITIZEN) == [True, True]
    tape = line.recordings / line.told.of(RecordingStarted)[0].path
    assert strengths(Recording.read(tape), CITIZEN, COORDINATOR, channel=0) == [True, False]
    assert strengths(Recording.read(tape), ADVISOR, COORDINATOR, channel=1) == [True, False]

    await line.perform(SetHold(contact=contact, channel=CALL, held=True))
    await line.perform(SetHold(contact=contact, channel=CALL, held=False))
    await line.monitor(contact, "eva", coordinator, Monitoring.BARGE)
    at_citizen, at_advisor, at_coordinator = await hear_together(citizen, advisor, coordinator)
    assert strengths(at_coordinator, CITIZEN, ADVISOR) == [True, True]
    assert strengths(at_citizen, COORDINATOR, ADVISOR) == [True, True]
    assert strengths(at_advisor, COORDINATOR, CITIZEN) == [True, True]
    await until(lambda: strengths(Recording.read(tape), COORDINATOR, channel=1) == [True])
    assert strengths(Recording.read(tape), COORDINATOR, channel=0) == [False]

    await line.perform(EndMonitoring(contact=contact, channel=CALL, coordinator="eva"))
    await coordinator.becomes(CallState.ENDED)
    at_citizen, at_advisor = await hear_together(citizen, advisor)
    assert strengths(at_citizen, COORDINATOR, ADVISOR) == [False, True]
    assert line.told.of(MonitorLeft) == []


async def test_a_coordinator_goes_on_hearing_the_citizen_when_the_advisor_is_gone(rig: Lines, telephone: Lines) -> None:
    line, contact, _, advisor = await in_conversation(rig, telephone)
    coordinator = await telephone("coordinator", COORDINATOR)
    await line.monitor(contact, "eva", coordinator, Monitoring.LISTEN)
    await advisor.hang_up()
    await line.told.first(LegChanged, lambda event: not event.connected)
    assert strengths(await coordinator.hear(1.9), CITIZEN, ADVISOR) == [True, False]


async def test_a_coordinator_who_hangs_up_is_told(rig: Lines, telephone: Lines) -> None:
    line, contact, _, _ = await in_conversation(rig, telephone)
    coordinator = await telephone("coordinator", COORDINATOR)
    await line.monitor(contact, "eva", coordinator, Monitoring.LISTEN)
    await coordinator.hang_up()
    assert (await line.told.first(MonitorLeft)).coordinator == "eva"


async def test_an_offer_that_is_withdrawn_or_refused(rig: Lines, telephone: Lines) -> None:
    line, citizen, advisor = await asyncio.gather(
        rig(), telephone("citizen", CITIZEN), telephone("advisor", ADVISOR, Gate.TOKEN)
    )
    await citizen.dial(line.lines.uri)
    contact = await line.arrives()
    await line.ring(contact, "ana", advisor)
    await line.perform(Withdraw(contact=contact, channel=CALL, advisor="ana"))
    await advisor.becomes(CallState.ENDED)
    assert line.told.of(DeliveryFailed) == []
    await line.perform(Offer(contact=contact, channel=CALL, advisor="ana", uri=advisor.uri, token="never announced"))
    assert (await line.told.first(DeliveryFailed)).advisor == "ana"
    nowhere = f"sip:luis@127.0.0.1:{free_port()}"
    await line.perform(Offer(contact=contact, channel=CALL, advisor="luis", uri=nowhere, token="t"))
    failed = await line.told.first(DeliveryFailed, lambda event: event.advisor == "luis")
    assert failed.reason


async def test_all_lines_taken_is_busy_and_counted(rig: Lines, telephone: Lines) -> None:
    line, citizen, late = await asyncio.gather(rig(), telephone("citizen", CITIZEN), telephone("late", SECOND))
    await citizen.dial(line.lines.uri)
    await line.arrives()
    await late.dial(line.lines.uri, caller="5550001111")
    ended = await late.becomes(CallState.ENDED)
    assert ended.code == 486
    assert line.lines.blocked == 1


async def test_two_citizens_at_once_get_two_lines(rig: Lines, telephone: Lines) -> None:
    line, one, two = await asyncio.gather(rig(lines=2), telephone("one", CITIZEN), telephone("two", SECOND))
    await until(lambda: line.lines.ready == 2)
    await asyncio.gather(one.dial(line.lines.uri, caller="1111"), two.dial(line.lines.uri, caller="2222"))
    assert await line.arrives("1111") != await line.arrives("2222")


class Engines:
    """The lines' engines, to be killed."""

    def __init__(self) -> None:
        self._clients: dict[str, EngineClient] = {}

    def make(self, settings: EngineSettings) -> EngineClient:
        self._clients[settings.user] = EngineClient(settings)
        return self._clients[settings.user]

    def kill(self, user: str) -> None:
        victim = self._clients[user].pid
        assert victim is not None
        os.kill(victim, signal.SIGKILL)


async def test_a_killed_line_loses_its_call_and_comes_back(telephone: Lines, rig: Lines) -> None:
    engines = Engines()
    line, citizen = await asyncio.gather(rig(make_phone=engines.make), telephone("citizen", CITIZEN))
    await citizen.dial(line.lines.uri)
    contact = await line.arrives()
    engines.kill("line1")
    assert (await line.told.first(LineLost)).contact == contact
    await until(lambda: line.lines.ready == 1)
    await citizen.hang_up()
    await citizen.dial(line.lines.uri, caller="5550002222")
    await citizen.becomes(CallState.CONFIRMED)
    assert await line.arrives("5550002222") != contact


async def test_a_killed_public_port_comes_back_where_it_was(telephone: Lines, rig: Lines) -> None:
    engines = Engines()
    line, citizen = await asyncio.gather(rig(make_phone=engines.make), telephone("citizen", CITIZEN))
    uri = line.lines.uri
    engines.kill("catgem")
    async with asyncio.timeout(DEADLINE):
        while not line.told.of(ContactArrived):
            await citizen.dial(uri)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(line.told.first(ContactArrived), 1.0)
    assert line.lines.uri == uri


async def test_a_recording_is_playable_after_a_kill(rig: Lines, telephone: Lines) -> None:
    engines = Engines()

    async def build(**settings: Any) -> Rig:
        made: Rig = await rig(make_phone=engines.make, **settings)
        return made

    line, _, citizen, _ = await in_conversation(build, telephone)
    await citizen.hear(3.0)
    engines.kill("line1")
    await line.told.first(LineLost)
    tape = Recording.read(line.recordings / line.told.of(RecordingStarted)[0].path)
    assert tape.seconds > 2.0
    assert strengths(tape, CITIZEN, channel=0) == strengths(tape, ADVISOR, channel=1) == [True]


async def test_a_taken_port_is_said(rig: Lines, telephone: Lines) -> None:
    other = await telephone("other", CITIZEN)
    port = int(other.uri.rpartition(":")[2])
    with pytest.raises(PortTaken) as failure:
        await rig(port=port)
    assert (failure.value.service, failure.value.port) == ("SIP", port)
