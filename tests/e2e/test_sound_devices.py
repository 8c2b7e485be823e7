"""Sound devices on a real sound server: listed, chosen in the middle of a call, unplugged, plugged in again, tried."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import (
    RINGER,
    SOUND,
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    ChooseDevices,
    DeviceKind,
    DevicesListed,
    Dial,
    EngineSettings,
    Gate,
    HangUp,
    Latency,
    LevelsMeasured,
    ListDevices,
    MicrophoneTried,
    Play,
    PlayEnded,
    QualityMeasured,
    SoundChanged,
    StopPlaying,
    TrialStep,
    TryMicrophone,
    Tune,
    WatchLevels,
)
from catgem_tui.selftest.sound import write_tone
from tests.e2e.test_phone_card import HEARD, SILENT, build, card, listen, tape
from tests.phone_set import Set, until
from tests.sound_card import Card

__all__ = ["build", "card"]
pytestmark = [
    pytest.mark.require_module("pjsua2", "miniaudio"),
    pytest.mark.require_program("pulseaudio", "parec", "pactl"),
]
CITIZEN, MICROPHONE = 500.0, 1300.0
TIMES = 8
"""How often to listen for what comes after a while."""
Build = Callable[[EngineSettings], Set]


@pytest.fixture
async def call(card: Card, build: Build, tmp_path: Path) -> AsyncIterator[tuple[Set, Set, str]]:
    """An advisor at the card who hears a citizen's tone; and the call's name at the citizen's."""
    advisor = build(EngineSettings(gate=Gate.OPEN, latency=Latency.QUICK))
    citizen = build(EngineSettings(gate=Gate.OPEN, sound=False))
    assert (await advisor.start()).sound_problem == ""
    await citizen.start()
    write_tone(tmp_path / "citizen.wav", CITIZEN, seconds=1.0)
    await advisor.do(Dial(call="out", uri=citizen.uri, sound=True))
    arrived = await citizen.next(CallArrived)
    await citizen.do(Answer(call=arrived.call))
    await citizen.do(Play(player="voice", path=str(tmp_path / "citizen.wav"), loop=True, to=(arrived.call,)))
    await advisor.next(CallChanged, call="out", media=True)
    yield advisor, citizen, arrived.call
    ended = [e for e in advisor.heard if isinstance(e, CallChanged) and e.state is CallState.ENDED]
    assert not ended, "nothing that happens to the card ends a call"


async def heard_at(card: Card, sink: str, path: Path, hertz: float = CITIZEN) -> float:
    return (await listen(card, path, sink)).strength(hertz)


async def test_devices_are_listed_and_the_list_is_kept_true(card: Card, build: Build) -> None:
    phone = build(EngineSettings())
    await phone.start()
    await phone.do(ListDevices())
    listed = await phone.next(DevicesListed)
    assert listed.server == "PulseAudio"
    assert listed.answer_ms > 0
    names = {(device.id, device.kind) for device in listed.devices}
    assert {("loudspeaker", DeviceKind.LOUDSPEAKER), ("microphone.monitor", DeviceKind.MICROPHONE)} <= names
    assert sum(device.default for device in listed.devices) == 2, "one default of each kind"
    module = await card.plug("headset")
    while "headset" not in {device.name for device in (await phone.next(DevicesListed)).devices}:
        pass  # its monitor may be there a moment before it
    await card.unplug(module)
    while "headset" in {device.name for device in (await phone.next(DevicesListed)).devices}:
        pass


async def test_another_loudspeaker_in_the_middle_of_a_call(
    card: Card, call: tuple[Set, Set, str], tmp_path: Path
) -> None:
    advisor, _citizen, _name = call
    await card.plug("headset", "rate=44100")
    assert await heard_at(card, "loudspeaker", tmp_path / "before.wav") > HEARD
    await advisor.do(ChooseDevices(loudspeaker="headset", microphone="headset.monitor"))
    changed = await advisor.next(SoundChanged, sound="headset", microphone="Monitor of headset")
    assert (changed.sound_problem, changed.missing) == ("", ())
    assert await heard_at(card, "headset", tmp_path / "after.wav") > HEARD
    assert await heard_at(card, "loudspeaker", tmp_path / "left.wav") < SILENT


async def test_a_device_unplugged_in_a_call_comes_back_when_it_is_plugged_in(
    card: Card, call: tuple[Set, Set, str], tmp_path: Path
) -> None:
    advisor, _citizen, _name = call
    module = await card.plug("headset")
    await advisor.do(ChooseDevices(loudspeaker="headset"))
    await until_heard(card, "headset", tmp_path)
    await card.unplug(module)
    gone = await advisor.next(SoundChanged, missing=("headset",), sound_problem="")
    assert gone.sound != ""
    await until_heard(card, "loudspeaker", tmp_path)
    await card.plug("headset")
    await advisor.next(SoundChanged, missing=())
    await until_heard(card, "headset", tmp_path)


async def test_where_nobody_chose_the_sound_goes_on_with_another_device_and_that_is_told(
    card: Card, build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    headset = await card.plug("headset")
    monkeypatch.setenv("PULSE_SINK", "headset")
    monkeypatch.setenv("PULSE_SOURCE", "headset.monitor")
    phone = build(EngineSettings(latency=Latency.QUICK))
    ready = await phone.start()
    assert (ready.sound, ready.microphone) == ("headset", "Monitor of headset")
    await card.unplug(headset)
    await phone.next(SoundChanged, sound="loudspeaker", sound_problem="", missing=())
    write_tone(tmp_path / "ring.wav", CITIZEN, seconds=1.0)
    await phone.do(Play(player="tone", path=str(tmp_path / "ring.wav"), loop=True, to=(SOUND,)))
    await until_heard(card, "loudspeaker", tmp_path)


async def connections(card: Card) -> int:
    """Of programs to the sound server."""
    words = ("pactl", "list", "short", "clients")
    process = await asyncio.create_subprocess_exec(*words, env=card.environment, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert process.returncode == 0, "the sound server takes no more of them"
    return len(output.splitlines())


async def test_a_card_opened_again_and_again_keeps_no_connection_to_the_sound_server(card: Card, build: Build) -> None:
    phone = build(EngineSettings(gate=Gate.OPEN, latency=Latency.QUICK))
    assert (await phone.start()).sound_problem == ""
    await card.plug("headset")
    at_first = 0
    for name in ["headset", ""] * 5:
        await phone.do(ChooseDevices(loudspeaker=name))
        assert name in (await phone.next(SoundChanged, missing=())).sound
        at_first = at_first or await connections(card)
    async with asyncio.timeout(30):
        while await connections(card) > at_first:  # one that is let go closes in its own time
            pass


async def test_looking_for_a_card_while_there_is_none_keeps_no_connection_to_the_sound_server(
    card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    from catgem_tui.phone.engine.devices import NoDeviceError
    from catgem_tui.phone.engine.direct import DirectSound, Wish

    monkeypatch.setenv("PULSE_SERVER", card.server)
    await card.unplug("module-null-sink")
    at_first = await connections(card)
    for _ in range(3):
        with pytest.raises(NoDeviceError):
            DirectSound(None, Wish(ChooseDevices(), 20), None, 20)  # type: ignore[arg-type]
    assert await connections(card) == at_first


@pytest.mark.parametrize("rate", [8000, 44100, 96000])
async def test_a_card_at_an_odd_rate_works(card: Card, call: tuple[Set, Set, str], tmp_path: Path, rate: int) -> None:
    advisor, citizen, name = call
    await card.plug("odd", f"rate={rate}")
    await card.plug("oddmic", f"rate={rate}")
    await advisor.do(ChooseDevices(loudspeaker="odd", microphone="oddmic.monitor"))
    await advisor.next(SoundChanged)
    write_tone(tmp_path / "said.wav", MICROPHONE, seconds=30.0)
    speaking = await card.run("paplay", "--device=oddmic", str(tmp_path / "said.wav"))
    try:
        assert await heard_at(card, "odd", tmp_path / "odd.wav") > HEARD
        assert (await tape(citizen, name, tmp_path / "far.wav")).strength(MICROPHONE) > HEARD
    finally:
        speaking.kill()
        await speaking.wait()


async def test_it_rings_on_a_device_of_its_own(card: Card, build: Build, tmp_path: Path) -> None:
    await card.plug("room")
    phone = build(EngineSettings(ringer="room"))
    await phone.start()
    write_tone(tmp_path / "ring.wav", 800.0, seconds=1.0)
    await phone.do(Play(player="ring", path=str(tmp_path / "ring.wav"), loop=True, to=(RINGER,)))
    await until_heard(card, "room", tmp_path, 800.0)
    assert await heard_at(card, "loudspeaker", tmp_path / "quiet.wav", 800.0) < SILENT
    await phone.do(StopPlaying(player="ring"))
    await phone.do(Play(player="chime", path=str(tmp_path / "ring.wav"), to=(RINGER,)))
    await phone.next(PlayEnded, player="chime")


async def test_without_its_ringing_device_it_rings_on_the_loudspeaker(card: Card, build: Build, tmp_path: Path) -> None:
    phone = build(EngineSettings(ringer="unplugged"))
    await phone.start()
    write_tone(tmp_path / "ring.wav", 800.0, seconds=1.0)
    await phone.do(Play(player="ring", path=str(tmp_path / "ring.wav"), loop=True, to=(RINGER,)))
    await until_heard(card, "loudspeaker", tmp_path, 800.0)


async def test_a_ringing_device_unplugged_while_it_rings(card: Card, build: Build, tmp_path: Path) -> None:
    module = await card.plug("room")
    phone = build(EngineSettings(ringer="room"))
    await phone.start()
    write_tone(tmp_path / "ring.wav", 800.0, seconds=1.0)
    await phone.do(Play(player="ring", path=str(tmp_path / "ring.wav"), loop=True, to=(RINGER,)))
    await until_heard(card, "room", tmp_path, 800.0)
    await card.unplug(module)
    await until_heard(card, "loudspeaker", tmp_path, 800.0)


async def test_the_microphone_is_recorded_played_back_and_forgotten(
    card: Card, build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", None)
    phone = build(EngineSettings())
    await phone.start()
    write_tone(tmp_path / "said.wav", MICROPHONE, seconds=30.0)
    speaking = await card.run("paplay", "--device=microphone", str(tmp_path / "said.wav"))
    try:
        await phone.do(TryMicrophone(seconds=5.0))
        await phone.next(MicrophoneTried, step=TrialStep.RECORDING)
        await phone.next(MicrophoneTried, step=TrialStep.PLAYING)
        await until_heard(card, "loudspeaker", tmp_path, MICROPHONE)
        await phone.next(MicrophoneTried, step=TrialStep.OVER)
        assert not list(scratch.glob("catgem-*")), "nothing of it is kept"
    finally:
        speaking.kill()
        await speaking.wait()


async def test_levels_are_told_while_somebody_looks(card: Card, build: Build) -> None:
    phone = build(EngineSettings())
    await phone.start()
    await phone.do(WatchLevels(watch=True))
    await phone.next(LevelsMeasured)
    await phone.do(WatchLevels(watch=False))
    told = len([event for event in phone.heard if isinstance(event, LevelsMeasured)])
    await phone.do(ListDevices())
    await phone.next(DevicesListed)
    assert len([event for event in phone.heard if isinstance(event, LevelsMeasured)]) <= told + 1


async def test_gain_automatic_level_and_echo(card: Card, call: tuple[Set, Set, str], tmp_path: Path) -> None:
    """The microphone hears nothing but the loudspeaker: all that the citizen hears of us is an echo."""
    advisor, citizen, name = call
    louder = await loudest(lambda: heard_at(card, "loudspeaker", tmp_path / "louder.wav"))
    await advisor.do(Tune(loudspeaker=0.5))
    softer = await loudest(lambda: heard_at(card, "loudspeaker", tmp_path / "softer.wav"))
    await advisor.do(Tune())
    assert softer == pytest.approx(louder / 2, rel=0.25)
    await advisor.do(ChooseDevices(microphone="loudspeaker.monitor"))
    await advisor.next(SoundChanged)

    async def echo(recording: str) -> float:
        return (await tape(citizen, name, tmp_path / recording)).strength(CITIZEN)

    there = await loudest(lambda: echo("echo.wav"))
    assert there > HEARD
    await advisor.do(Tune(cancel_echo=True))
    times = 0
    while await echo("none.wav") >= there / 5:  # the canceller learns the way of the echo
        times += 1
        assert times < TIMES
    await advisor.do(Tune(microphone=0.0))
    assert (await tape(citizen, name, tmp_path / "silent.wav")).loudness(start=0.5) < SILENT


async def test_a_machine_that_does_not_keep_up_is_spared_short_blocks_once(
    card: Card, build: Build, tmp_path: Path
) -> None:
    advisor = build(EngineSettings(gate=Gate.OPEN, latency=Latency.AUTO, quick_after=0.0))
    citizen = build(EngineSettings(gate=Gate.OPEN, sound=False))
    assert (await advisor.start()).latency is Latency.SAFE
    assert (await advisor.next(SoundChanged)).latency is Latency.QUICK, "the machine has proved to keep up"
    await citizen.start()
    await advisor.do(Dial(call="out", uri=citizen.uri, sound=True))
    arrived = await citizen.next(CallArrived)
    await citizen.do(Answer(call=arrived.call))
    await advisor.next(QualityMeasured)
    assert isinstance(advisor.phone, EngineClient)
    assert advisor.phone.pid is not None
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while loop.time() - begun < 2.0:
        # Stopped for longer than its buffers last, again and again, as by a machine with too much to do.
        os.kill(advisor.phone.pid, signal.SIGSTOP)
        await asyncio.sleep(0.08)
        os.kill(advisor.phone.pid, signal.SIGCONT)
        await asyncio.sleep(0.15)
    if not slowed(advisor):  # on a crowded machine it may have been before
        assert (await advisor.next(SoundChanged)).latency is Latency.SAFE
    assert slowed(advisor) and loop.time() - begun < 4.0
    measured = await advisor.next(QualityMeasured)
    assert measured.underruns + measured.overruns > 0, "what was lost is counted"
    assert len([e for e in advisor.heard if isinstance(e, SoundChanged)]) == 2, "it does not go back and forth"
    await advisor.do(HangUp(call="out"))


async def loudest(measure: Callable[[], Awaitable[float]]) -> float:
    """Of three: a machine that stands still for a moment leaves a hole, which is silent."""
    return max([await measure() for _ in range(3)])


def slowed(phone: Set) -> bool:
    return any(isinstance(event, SoundChanged) and event.latency is Latency.SAFE for event in phone.heard)


async def until_heard(card: Card, sink: str, folder: Path, hertz: float = CITIZEN) -> None:
    """Until the tone comes out of there."""
    for _ in range(TIMES):
        if await heard_at(card, sink, folder / f"{sink}.wav", hertz) > HEARD:
            return
    await until(lambda: False)
