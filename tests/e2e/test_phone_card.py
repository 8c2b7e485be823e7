"""A real sound server: microphone to the far end, far end to the loudspeaker, and a card that vanishes."""

import asyncio
import os
import wave
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import (
    SOUND,
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Connect,
    Dial,
    EngineSettings,
    Gate,
    HangUp,
    LevelsMeasured,
    Mute,
    Phone,
    Play,
    Record,
    SoundChanged,
    StopRecording,
)
from catgem_tui.selftest.sound import Recording, write_tone
from tests.phone_set import PATIENCE, Set, talk, until
from tests.sound_card import Card, sound_card

pytestmark = [
    pytest.mark.require_module("pjsua2", "miniaudio"),
    pytest.mark.require_program("pulseaudio", "parec", "pactl"),
]

MICROPHONE, CITIZEN = 1300.0, 500.0
HEARD, SILENT = 0.05, 0.01


@pytest.fixture
async def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Card]:
    async with sound_card(tmp_path) as card:
        monkeypatch.setenv("PULSE_SERVER", card.server)
        monkeypatch.setenv("PULSE_SINK", "loudspeaker")
        monkeypatch.setenv("PULSE_SOURCE", "microphone.monitor")
        yield card


@pytest.fixture
async def build() -> AsyncIterator[Callable[[EngineSettings], Set]]:
    made: list[Set] = []

    def make(settings: EngineSettings) -> Set:
        made.append(Set(EngineClient(settings)))
        return made[-1]

    yield make
    for one in made:
        await one.stop()


async def test_a_conversation_over_the_card(card: Card, build: Callable[[EngineSettings], Set], tmp_path: Path) -> None:
    advisor = build(EngineSettings(gate=Gate.OPEN, levels=True))
    citizen = build(EngineSettings(gate=Gate.OPEN, sound=False))
    ready = await advisor.start()
    assert (ready.sound_problem, bool(ready.sound)) == ("", True)
    await citizen.start()
    write_tone(tmp_path / "citizen.wav", CITIZEN, seconds=1.0)
    write_tone(tmp_path / "microphone.wav", MICROPHONE, seconds=60.0)
    await advisor.do(Dial(call="out", uri=citizen.uri, sound=True))
    arrived = await citizen.next(CallArrived)
    await citizen.do(Answer(call=arrived.call))
    await citizen.do(Play(player="voice", path=str(tmp_path / "citizen.wav"), loop=True, to=(arrived.call,)))
    await advisor.state("out", CallState.CONFIRMED)
    speaking = await card.run("paplay", "--device=microphone", str(tmp_path / "microphone.wav"))
    try:
        async with asyncio.timeout(PATIENCE):
            while (levels := await advisor.next(LevelsMeasured)).microphone == 0 or levels.loudspeaker == 0:
                pass
        heard = await listen(card, tmp_path / "loudspeaker.wav")
        assert heard.strength(CITIZEN) > HEARD, "the far end is heard in the loudspeaker"
        assert heard.strength(MICROPHONE) < SILENT, "and the own voice is not"
        assert (await tape(citizen, arrived.call, tmp_path / "far.wav")).strength(MICROPHONE) > HEARD
        await advisor.do(Mute(muted=True))
        assert (await tape(citizen, arrived.call, tmp_path / "muted.wav")).strength(MICROPHONE, start=0.5) < SILENT
        levels = next(event for event in reversed(advisor.heard) if isinstance(event, LevelsMeasured))
        assert levels.microphone > 0.5, "it is measured before it is silenced"
        await advisor.do(Mute(muted=False))
        assert (await tape(citizen, arrived.call, tmp_path / "again.wav")).strength(MICROPHONE) > HEARD
    finally:
        speaking.kill()
        await speaking.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is sure to be allowed it")
async def test_an_engine_with_a_card_goes_before_other_programs_and_one_without_does_not(
    card: Card, build: Callable[[EngineSettings], Set]
) -> None:
    advisor, line = build(EngineSettings(gate=Gate.OPEN)), build(EngineSettings(gate=Gate.OPEN, sound=False))
    await advisor.start()
    await line.start()
    await talk(advisor, line)

    def precedence(phone: Phone) -> Counter[str]:
        assert isinstance(phone, EngineClient)
        assert phone.pid is not None
        threads = [int(thread.name) for thread in Path(f"/proc/{phone.pid}/task").iterdir()]
        return Counter(
            "real time" if os.sched_getscheduler(thread) & ~os.SCHED_RESET_ON_FORK == os.SCHED_RR
            else f"nice {os.getpriority(os.PRIO_PROCESS, thread)}"
            for thread in threads
        )  # fmt: skip

    own = os.getpriority(os.PRIO_PROCESS, 0)
    await until(lambda: precedence(advisor.phone)["real time"] == 1)  # from its first block of sound on
    assert set(precedence(advisor.phone)) == {"real time", "nice -11"}
    assert set(precedence(line.phone)) == {f"nice {own}"}


async def test_a_card_that_vanishes_costs_no_call(
    card: Card, build: Callable[[EngineSettings], Set], tmp_path: Path
) -> None:
    advisor = build(EngineSettings(gate=Gate.OPEN))
    citizen = build(EngineSettings(gate=Gate.OPEN, sound=False))
    assert (await advisor.start()).sound_problem == ""
    await citizen.start()
    await advisor.do(Dial(call="out", uri=citizen.uri, sound=True))
    arrived = await citizen.next(CallArrived)
    await citizen.do(Answer(call=arrived.call))
    await advisor.state("out", CallState.CONFIRMED)
    await card.stop()
    assert (await advisor.next(SoundChanged)).sound_problem == "no_device"
    # The bridge goes on: what a file plays is still heard by the far end.
    write_tone(tmp_path / "tone.wav", CITIZEN, seconds=1.0)
    await advisor.do(Play(player="tone", path=str(tmp_path / "tone.wav"), loop=True, to=("out",)))
    assert (await tape(citizen, arrived.call, tmp_path / "far.wav")).strength(CITIZEN) > HEARD
    assert not [e for e in advisor.heard if isinstance(e, CallChanged) and e.state is CallState.ENDED]
    await advisor.do(HangUp(call="out"))
    await citizen.state(arrived.call, CallState.ENDED)


async def test_without_a_card_the_engine_says_so_and_works(
    build: Callable[[EngineSettings], Set], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    phone = build(EngineSettings(gate=Gate.OPEN))
    ready = await phone.start()
    if ready.sound:
        pytest.skip("this machine has a sound card that isn't PulseAudio's")
    assert ready.sound_problem == "no_device"
    await phone.do(Record(recorder="tape", path=str(tmp_path / "tape.wav")))
    await phone.do(Connect(source=SOUND, sink="tape:left"))
    await phone.do(StopRecording(recorder="tape"))


async def test_without_miniaudio_the_engine_says_so_and_works(
    build: Callable[[EngineSettings], Set], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "miniaudio.py").write_text("raise ImportError('not installed')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert (await build(EngineSettings(gate=Gate.OPEN)).start()).sound_problem == "no_library"


async def listen(card: Card, path: Path, sink: str = "loudspeaker") -> Recording:
    """What comes out of the loudspeaker, for a second and a half from its first sample on."""
    raw = path.with_suffix(".raw")
    raw.unlink(missing_ok=True)
    command = ("parec", f"--device={sink}.monitor", "--rate=16000", "--channels=1", "--raw", str(raw))
    process = await card.run(*command)
    try:
        await until(lambda: raw.exists() and raw.stat().st_size >= 16000 * 2 * 1.5)
    finally:
        process.kill()
        await process.wait()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(raw.read_bytes())
    return Recording.read(path)


async def tape(phone: Set, call: str, path: Path) -> Recording:
    await phone.do(Record(recorder=path.stem, path=str(path)))
    await phone.do(Connect(source=call, sink=f"{path.stem}:left"))
    await asyncio.sleep(1.5)
    await phone.do(StopRecording(recorder=path.stem))
    return Recording.read(path)
