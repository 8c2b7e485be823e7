"""A number of the directory is called, and somebody else's telephone answers."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from catgem_tui.desk.intents import CallNumber, HandOnOutgoing, HangUpOutgoing, HoldOutgoing, JoinOutgoing
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import DeskState, PhoneStatus
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Connect,
    EngineSettings,
    Gate,
    Play,
    Record,
    StopRecording,
)
from catgem_tui.selftest.sound import Recording, write_tone
from tests.phone_set import PATIENCE, Set, until
from tests.sip_peers import Baresip, Linphone

pytestmark = pytest.mark.require_module("pjsua2")
NOWHERE = "http://127.0.0.1:9"


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


@pytest.fixture
async def desk(tmp_path: Path, stack: AsyncExitStack) -> Desk:
    """A workstation whose exchange is this machine: every telephone here can be called by its SIP address."""
    desk = Desk(NOWHERE, tmp_path / "desk", EngineClient(EngineSettings(sound=False)), dial="sip:{number}@127.0.0.1")
    await desk.start()
    stack.push_async_callback(desk.close)
    await desk.wait_for(lambda s: s.phone.status is PhoneStatus.READY, PATIENCE)
    return desk


async def telephone(stack: AsyncExitStack, folder: Path, name: str) -> Baresip:
    peer = Baresip(folder / name, 620.0, name)
    await peer.start(stack)
    await until(lambda: "baresip is ready" in peer.said)
    return peer


async def reach(desk: Desk, peer: Baresip, name: str) -> str:
    """It is called and answers by itself; returns the call."""
    return await call(desk, f"sip:{name}@127.0.0.1:{peer.port}")


async def call(desk: Desk, uri: str) -> str:
    desk.do(CallNumber(uri))

    def speaking(state: DeskState) -> bool:
        last = state.phone.calls[-1]
        return (last.number, last.state, last.media) == (uri, CallState.CONFIRMED, True)

    return (await desk.wait_for(speaking, PATIENCE)).phone.calls[-1].id


async def engine(stack: AsyncExitStack) -> Set:
    """A telephone of our own kind, somewhere else."""
    phone = Set(EngineClient(EngineSettings(gate=Gate.OPEN, sound=False)))
    await phone.start()
    stack.push_async_callback(phone.stop)
    return phone


async def answer(phone: Set, recording: Path) -> str:
    """Take the next call and record what it brings."""
    arrived = (await phone.next(CallArrived)).call
    await phone.do(Answer(call=arrived))
    await phone.do(Record(recorder="heard", path=str(recording)))
    await phone.do(Connect(source=arrived, sink="heard:left"))
    return arrived


def seconds(recording: Path) -> float:
    """How much of it is on disk; two channels of 16 bits."""
    return recording.stat().st_size / 4 / 16_000 if recording.is_file() else 0.0


async def test_whom_one_called_hears_music_while_they_wait_and_not_us(
    desk: Desk, tmp_path: Path, stack: AsyncExitStack
) -> None:
    office, heard = await engine(stack), tmp_path / "heard.wav"
    answering = asyncio.create_task(answer(office, heard))
    await call(desk, office.uri)
    await answering
    await until(lambda: seconds(heard) > 1.5)
    desk.do(HoldOutgoing())
    await office.next(CallChanged, holds_us=True)
    begun = seconds(heard)
    await until(lambda: seconds(heard) > begun + 3)
    desk.do(HoldOutgoing())
    await office.next(CallChanged, holds_us=False, media=True)
    ended = seconds(heard)
    await until(lambda: seconds(heard) > ended + 2)
    desk.do(HangUpOutgoing())
    await desk.wait_for(lambda s: not s.phone.calls, PATIENCE)
    await office.do(StopRecording(recorder="heard"))
    recording = Recording.read(heard)
    assert recording.loudness(0, 0.2, 1.2) < 0.001, "nobody speaks here"
    assert recording.loudness(0, begun + 1, begun + 2.5) > 0.01
    assert recording.loudness(0, ended + 0.8, ended + 1.6) < 0.001


@pytest.mark.require_program("baresip")
async def test_a_call_is_handed_on_and_leaves_us(desk: Desk, tmp_path: Path, stack: AsyncExitStack) -> None:
    office = await telephone(stack, tmp_path, "office")
    module = await telephone(stack, tmp_path, "module")
    await reach(desk, office, "office")
    desk.do(HandOnOutgoing(f"sip:module@127.0.0.1:{module.port}", name="módulo"))
    await desk.wait_for(lambda s: "handed_on" in [n.code for n in s.notices] and not s.phone.calls, PATIENCE)
    await until(lambda: "Call established" in module.said)


@pytest.mark.require_program("baresip", "linphonec")
async def test_a_call_is_handed_on_to_a_telephone_of_another_make(
    desk: Desk, tmp_path: Path, stack: AsyncExitStack
) -> None:
    module = Linphone(tmp_path / "module", 1050.0)
    await module.start(stack, "-a")
    await module.opens()
    office = await telephone(stack, tmp_path, "office")
    await reach(desk, office, "office")
    desk.do(HandOnOutgoing(f"sip:lin@127.0.0.1:{module.port}", name="módulo"))
    await desk.wait_for(lambda s: "handed_on" in [n.code for n in s.notices] and not s.phone.calls, PATIENCE)
    await until(lambda: seconds(tmp_path / "module" / "heard.wav") > 0.5)
    assert (await module.quit()).strength(620.0) > 0.05, "it hears the office"


@pytest.mark.require_program("baresip")
async def test_who_cannot_be_reached_takes_no_call_and_it_stays(
    desk: Desk, tmp_path: Path, stack: AsyncExitStack
) -> None:
    office = await telephone(stack, tmp_path, "office")
    await reach(desk, office, "office")
    desk.do(HandOnOutgoing(f"sip:nobody@127.0.0.1:{office.port}", name="nadie"))
    state = await desk.wait_for(lambda s: "not_handed_on" in [n.code for n in s.notices], PATIENCE)
    assert in_call(state)


async def test_two_telephones_that_one_called_hear_each_other(
    desk: Desk, tmp_path: Path, stack: AsyncExitStack
) -> None:
    office, module = await engine(stack), await engine(stack)
    tone, heard = tmp_path / "tone.wav", tmp_path / "heard.wav"
    write_tone(tone, 620.0, seconds=60.0, rate=8000)
    answering = asyncio.create_task(answer(office, tmp_path / "other.wav"))
    await call(desk, office.uri)
    await office.do(Play(player="tone", path=str(tone), loop=True, to=(await answering,)))
    answering = asyncio.create_task(answer(module, heard))
    await call(desk, module.uri)
    await answering
    await desk.wait_for(lambda s: [c.held for c in s.phone.calls] == [True, False], PATIENCE)
    await until(lambda: seconds(heard) > 1.5)
    apart = seconds(heard)
    desk.do(JoinOutgoing())
    await desk.wait_for(lambda s: all(c.media and not c.held for c in s.phone.calls), PATIENCE)
    joined = seconds(heard)
    await until(lambda: seconds(heard) > joined + 3)
    desk.do(HangUpOutgoing())
    await desk.wait_for(lambda s: not s.phone.calls, PATIENCE)
    await module.do(StopRecording(recorder="heard"))
    recording = Recording.read(heard)
    assert recording.strength(620.0, 0, 0.2, apart - 0.2) < 0.01, "who waits is not heard"
    assert recording.strength(620.0, 0, joined + 0.5) > 0.05
