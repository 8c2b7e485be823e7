"""Sound really flows: tones are sent through two engines and looked for at the far end."""

import asyncio
import os
import signal
import sys
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Connect,
    Dial,
    DigitReceived,
    Disconnect,
    EngineSettings,
    EngineStopped,
    Gate,
    HangUp,
    Hold,
    Latency,
    Play,
    QualityMeasured,
    Record,
    Resume,
    SendDigits,
    StopPlaying,
    StopRecording,
)
from catgem_tui.selftest.sound import Recording, write_tone
from tests.phone_set import Set, refusal, talk

pytestmark = pytest.mark.require_module("pjsua2")

ROOT = Path(__file__).resolve().parents[2]
LOW, HIGH = 700.0, 1100.0
HEARD, SILENT = 0.05, 0.005
"""Strength of a tone sent at 0.4."""
KILLED = """
import asyncio, sys
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import Dial, EngineSettings, Gate

async def main():
    phone = EngineClient(EngineSettings(gate=Gate.OPEN, sound=False))
    await phone.start()
    await phone.do(Dial(call="out", uri=sys.argv[1]))
    await asyncio.sleep(600)

asyncio.run(main())
"""
"""A client that places a call."""


@pytest.fixture
async def pair() -> AsyncIterator[tuple[Set, Set]]:
    both = [Set(EngineClient(EngineSettings(gate=Gate.OPEN, sound=False))) for _ in range(2)]
    for one in both:
        await one.start()
    yield both[0], both[1]
    for one in both:
        await one.stop()


@pytest.fixture
def low(tmp_path: Path) -> str:
    write_tone(tmp_path / "low.wav", LOW, seconds=1.0)
    return str(tmp_path / "low.wav")


@pytest.fixture
def high(tmp_path: Path) -> str:
    write_tone(tmp_path / "high.wav", HIGH, seconds=1.0, rate=8000)
    return str(tmp_path / "high.wav")


async def tape(phone: Set, path: Path, left: str, right: str, seconds: float) -> Recording:
    """Record two sources for so long; time is what is being measured, so this is one of the few honest sleeps."""
    await phone.do(Record(recorder="tape", path=str(path)))
    await phone.do(Connect(source=left, sink="tape:left"))
    await phone.do(Connect(source=right, sink="tape:right"))
    await asyncio.sleep(seconds)
    await phone.do(StopRecording(recorder="tape"))
    return Recording.read(path)


async def test_a_tone_is_heard_at_the_far_end_in_its_own_channel(
    pair: tuple[Set, Set], low: str, high: str, tmp_path: Path
) -> None:
    ana, berta = pair
    call = await talk(ana, berta)
    await ana.do(Play(player="voice", path=low, loop=True, to=("out",)))
    await berta.do(Play(player="answer", path=high, loop=True, to=(call,)))
    at_berta, at_ana = await asyncio.gather(
        tape(berta, tmp_path / "berta.wav", call, "answer", 2.5), tape(ana, tmp_path / "ana.wav", "voice", "out", 2.5)
    )
    for heard in (at_berta, at_ana):
        assert heard.strength(LOW, 0) > HEARD
        assert heard.strength(HIGH, 0) < SILENT
        assert heard.strength(HIGH, 1) > HEARD
        assert heard.strength(LOW, 1) < SILENT
        assert heard.seconds == pytest.approx(2.5, abs=0.5)


async def test_a_disconnected_source_is_silent_and_time_goes_on(
    pair: tuple[Set, Set], low: str, tmp_path: Path
) -> None:
    ana, berta = pair
    call = await talk(ana, berta)
    path = tmp_path / "berta.wav"
    await berta.do(Record(recorder="tape", path=str(path)))
    await berta.do(Connect(source=call, sink="tape:right"))
    await ana.do(Play(player="voice", path=low, loop=True, to=("out",)))
    await asyncio.sleep(1.5)
    await ana.do(Disconnect(source="voice", sink="out"))
    await asyncio.sleep(1.5)
    await berta.do(StopRecording(recorder="tape"))
    heard = Recording.read(path)
    assert heard.seconds == pytest.approx(3.0, abs=0.6)
    assert heard.strength(LOW, 1, 0.0, 1.3) > HEARD
    assert heard.loudness(1, start=heard.seconds - 1.0) < SILENT
    assert heard.loudness(0) == 0.0


async def test_a_connection_has_its_own_level(pair: tuple[Set, Set], low: str, tmp_path: Path) -> None:
    ana, _ = pair
    await ana.do(Play(player="voice", path=low, loop=True))
    await ana.do(Record(recorder="tape", path=str(tmp_path / "levels.wav")))
    await ana.do(Connect(source="voice", sink="tape:left", level=0.25))
    await ana.do(Connect(source="voice", sink="tape:right", level=1.0))
    await ana.do(Connect(source="voice", sink="tape:right", level=0.5))
    await asyncio.sleep(1.5)
    await ana.do(StopRecording(recorder="tape"))
    heard = Recording.read(tmp_path / "levels.wav")
    assert heard.strength(LOW, 0) == pytest.approx(0.1, rel=0.15)
    assert heard.strength(LOW, 1) == pytest.approx(0.2, rel=0.15)


async def test_two_who_speak_up_at_once_do_not_change_how_loud_the_call_is(
    pair: tuple[Set, Set], tmp_path: Path
) -> None:
    """Together they are too loud for a telephone: both are heard softer and undistorted, and afterwards all is as it
    was, in both directions."""
    ana, berta = pair
    call = await talk(ana, berta)
    tones = {name: tmp_path / f"{name}.wav" for name in ("low", "high", "usual")}
    write_tone(tones["low"], LOW, seconds=1.0, level=0.7)
    write_tone(tones["high"], HIGH, seconds=1.0, level=0.7)
    write_tone(tones["usual"], LOW, seconds=1.0, level=0.3)
    for name in ("low", "high"):
        await ana.do(Play(player=name, path=str(tones[name]), loop=True, to=("out",)))
    both = await tape(berta, tmp_path / "both-at-once.wav", call, call, 2.0)
    assert both.strength(LOW, 0) == pytest.approx(0.5, abs=0.06)
    assert both.strength(HIGH, 0) == pytest.approx(0.5, abs=0.06)
    assert both.strength(3 * LOW, 0, start=1.0) < 0.02
    for name in ("low", "high"):
        await ana.do(StopPlaying(player=name))
    await ana.do(Play(player="usual", path=str(tones["usual"]), loop=True, to=("out",)))
    await berta.do(Play(player="usual", path=str(tones["usual"]), loop=True, to=(call,)))
    await asyncio.sleep(0.5)  # what was said before is still on its way
    heard = await asyncio.gather(
        tape(berta, tmp_path / "berta.wav", call, call, 1.5), tape(ana, tmp_path / "ana.wav", "out", "out", 1.5)
    )
    assert [one.strength(LOW, 0) for one in heard] == pytest.approx([0.3, 0.3], abs=0.04)


async def test_both_sides_of_a_recording_stay_in_step(pair: tuple[Set, Set], low: str, tmp_path: Path) -> None:
    ana, _ = pair
    await ana.do(Play(player="voice", path=low, loop=True))
    heard = await tape(ana, tmp_path / "both.wav", "voice", "voice", 2.0)
    left, right = heard.channels
    # The second connection is made a frame or two later; from then on both channels hold the very same samples.
    assert left[-8000:] == right[-8000:]
    assert heard.loudness(0, start=heard.seconds - 0.5) > HEARD


async def test_a_listening_leg_hears_both_and_is_heard_by_none(
    pair: tuple[Set, Set], low: str, high: str, tmp_path: Path
) -> None:
    """As a line does for a coordinator: calls are bridged one way only."""
    line, berta = pair
    call = await talk(line, berta)
    await berta.do(Play(player="voice", path=low, loop=True, to=(call,)))
    await line.do(Dial(call="listener", uri=berta.uri))
    listener = await berta.next(CallArrived)
    await berta.do(Answer(call=listener.call))
    await line.state("listener", CallState.CONFIRMED)
    await line.do(Connect(source="out", sink="listener"))
    await berta.do(Play(player="cough", path=high, loop=True, to=(listener.call,)))
    heard = await tape(berta, tmp_path / "berta.wav", listener.call, call, 2.0)
    assert heard.strength(LOW, 0) > HEARD
    assert heard.strength(HIGH, 1) < SILENT


async def test_a_recording_is_playable_after_a_kill(pair: tuple[Set, Set], low: str, tmp_path: Path) -> None:
    ana, _ = pair
    path = tmp_path / "killed.wav"
    await ana.do(Play(player="voice", path=low, loop=True))
    await ana.do(Record(recorder="tape", path=str(path)))
    await ana.do(Connect(source="voice", sink="tape:left"))
    await asyncio.sleep(2.0)
    assert isinstance(ana.phone, EngineClient)
    assert ana.phone.pid is not None
    os.kill(ana.phone.pid, signal.SIGKILL)
    await ana.next(EngineStopped)
    heard = Recording.read(path)
    assert heard.seconds > 1.3
    assert heard.strength(LOW, 0) > HEARD
    with wave.open(str(path)) as file:
        told = file.getnframes()
    on_disk = (path.stat().st_size - 44) // 4
    assert on_disk - told <= 16000 * 0.5, "the header follows the data within half a second"


async def test_a_client_that_was_killed_is_missed_before_its_calls_end() -> None:
    """So that central takes it for what it is, and not for an advisor who hung up."""
    from catgem_tui.phone.engine.loop import ORPHAN_SECONDS

    berta = Set(EngineClient(EngineSettings(gate=Gate.OPEN, sound=False)))
    await berta.start()
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, berta.uri, cwd=ROOT)
    arrived = await berta.next(CallArrived)
    await berta.do(Answer(call=arrived.call))
    await berta.state(arrived.call, CallState.CONFIRMED)
    child.kill()
    await child.wait()
    died = asyncio.get_running_loop().time()
    await berta.state(arrived.call, CallState.ENDED)
    assert asyncio.get_running_loop().time() - died > ORPHAN_SECONDS * 0.8
    await berta.stop()


async def test_a_call_is_not_harmed_by_those_that_ended_before(pair: tuple[Set, Set]) -> None:
    """The library numbers its few calls anew, and its destructor hangs up whoever has the number by then."""
    ana, berta = pair
    for _ in range(6):
        call = await talk(ana, berta)
        await ana.do(HangUp(call="out"))
        await ana.state("out", CallState.ENDED)
        await berta.state(call, CallState.ENDED)
    call = await talk(ana, berta)
    before = len(ana.heard)
    await asyncio.sleep(3.0)
    assert not [event for event in ana.heard[before:] if isinstance(event, CallChanged)]
    # A call hung up that way dies without a word: only using it shows that it lives.
    await ana.do(SendDigits(call="out", digits="5"))
    assert (await berta.next(DigitReceived, call=call)).digit == "5"


async def test_another_codec_and_frame_length_and_what_is_measured(low: str, tmp_path: Path) -> None:
    ana = Set(EngineClient(EngineSettings(gate=Gate.OPEN, sound=False, latency=Latency.QUICK)))
    berta = Set(EngineClient(EngineSettings(gate=Gate.OPEN, sound=False, codecs=("PCMU",))))
    await ana.start()
    await berta.start()
    try:
        call = await talk(ana, berta)
        await berta.do(Play(player="voice", path=low, loop=True, to=(call,)))
        heard = await tape(ana, tmp_path / "ana.wav", "out", "out", 2.0)
        assert heard.strength(LOW, 0) > HEARD
        measured = await ana.next(QualityMeasured, call="out")
        assert measured.codec == "PCMU"
        assert measured.loss is not None
        assert measured.loss < 0.2
        assert measured.mos is not None
        assert measured.round_trip_ms is None or measured.round_trip_ms > 0, "unknown until there is a report of it"
    finally:
        await ana.stop()
        await berta.stop()


async def test_a_call_taken_up_after_a_hold_is_not_said_to_have_lost_everything(
    pair: tuple[Set, Set], low: str
) -> None:
    ana, berta = pair
    call = await talk(ana, berta)
    await berta.do(Play(player="voice", path=low, loop=True, to=(call,)))
    for _ in range(2):  # until more has been counted than will be in the next span
        await ana.next(QualityMeasured, call="out")
    await ana.do(Hold(call="out"))
    await ana.next(CallChanged, call="out", held=True)
    await ana.do(Resume(call="out"))
    await ana.next(CallChanged, call="out", held=False, media=True)
    measured = await ana.next(QualityMeasured, call="out")
    assert measured.loss is not None
    assert measured.loss < 0.2


async def test_a_full_disk_is_said_and_harms_no_call(pair: tuple[Set, Set]) -> None:
    ana, berta = pair
    await talk(ana, berta)
    assert await refusal(ana, Record(recorder="tape", path="/dev/full")) == "no_such_file"
    await ana.do(SendDigits(call="out", digits="1"))
    await berta.next(DigitReceived)
