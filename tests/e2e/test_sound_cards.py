"""A card by itself, without the telephone around it: on a real PulseAudio, and by miniaudio where there is none."""

import asyncio
import json
import math
import os
import socket
import threading
from array import array
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from catgem_tui.phone.engine.devices import NoDeviceError
from tests.e2e.test_phone_card import card
from tests.phone_set import until
from tests.sound_card import Card, pipewire_card

__all__ = ["card"]
pytestmark = [
    pytest.mark.require_module("miniaudio"),
    pytest.mark.require_program("pulseaudio", "parec", "pactl"),
]
RATE, BLOCK = 16000, 160
TONE = 500.0
HOLE_SAMPLES = 64
"""4 ms."""
TIMES = 8
"""How often to listen for what may be disturbed."""
QUICK, SAFE = 10, 20


@dataclass
class Bridge:
    """What the telephone does with a card: here it plays a tone and counts."""

    asked: list[int] = field(default_factory=list)
    """Samples, each time."""
    heard: int = 0

    def play(self) -> Generator[bytes, int, None]:
        wanted = yield b""
        while True:
            begun = sum(self.asked)
            self.asked.append(wanted)
            tone = (math.sin(2 * math.pi * TONE * (begun + at) / RATE) for at in range(wanted))
            wanted = yield array("h", (round(10000 * each) for each in tone)).tobytes()

    def hear(self) -> Generator[None, bytes, None]:
        while True:
            self.heard += len((yield)) // 2

    def work(self) -> tuple[Generator[bytes, int, None], Generator[None, bytes, None]]:
        play, hear = self.play(), self.hear()
        next(play)
        next(hear)
        return play, hear


Open = Callable[..., tuple[Any, Bridge]]


@pytest.fixture
def open_card(card: Card) -> Generator[Open, None, None]:
    """Opens a card and lets it run."""
    from catgem_tui.phone.engine.pulse import PulseCard

    opened = []

    def make(loudspeaker: str = "", microphone: str | None = "", *, buffer_ms: int = QUICK) -> tuple[PulseCard, Bridge]:
        one, bridge = PulseCard(loudspeaker, microphone, rate=RATE, buffer_ms=buffer_ms), Bridge()
        opened.append(one)
        one.start(*bridge.work())
        return one, bridge

    yield make
    for one in opened:
        one.close()


@pytest.mark.parametrize("buffer_ms", [QUICK, SAFE])
async def test_it_asks_for_whole_blocks_and_brings_as_much(open_card: Open, buffer_ms: int) -> None:
    card, bridge = open_card(buffer_ms=buffer_ms)
    assert card.has_microphone
    await until(lambda: len(bridge.asked) >= 200)
    assert bridge.asked[0] == buffer_ms * RATE // 1000, "its buffer is filled once"
    assert {samples % BLOCK for samples in bridge.asked} == {0}
    assert bridge.asked.count(BLOCK) > 100, "one at a time, if the machine keeps up"
    assert abs(sum(bridge.asked) - bridge.heard) < RATE // 2, "both directions run at one pace"


@pytest.mark.parametrize(("buffer_ms", "longest_ms"), [(QUICK, 12), (SAFE, 22)])
async def test_the_server_holds_no_more_than_was_wished(
    card: Card, open_card: Open, buffer_ms: int, longest_ms: int
) -> None:
    _card, bridge = open_card(buffer_ms=buffer_ms)
    await until(lambda: len(bridge.asked) >= 50)
    held = [await _buffered_ms(card) for _ in range(5)]
    assert max(held) <= longest_ms


@pytest.mark.parametrize("rate", [8000, 11025, 44100, 48000, 192000])
@pytest.mark.parametrize("buffer_ms", [QUICK, SAFE])
async def test_a_tone_has_no_holes_whatever_the_rate_of_the_card(
    card: Card, open_card: Open, tmp_path: Path, rate: int, buffer_ms: int
) -> None:
    await card.plug("odd", f"rate={rate}")
    _card, bridge = open_card("odd", buffer_ms=buffer_ms)
    await until(lambda: len(bridge.asked) >= 50)
    assert await _is_whole(card, "odd", tmp_path / "heard.raw")


@pytest.mark.require_program("pipewire", "pipewire-pulse", "wireplumber", "dbus-run-session")
async def test_pipewire_is_served_as_pulseaudio_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from catgem_tui.phone.engine.pulse import PulseCard

    async with pipewire_card() as card:
        monkeypatch.setenv("PULSE_SERVER", card.server)
        for buffer_ms in (QUICK, SAFE):
            one, bridge = PulseCard("loudspeaker", "microphone.monitor", rate=RATE, buffer_ms=buffer_ms), Bridge()
            one.start(*bridge.work())
            await until(lambda bridge=bridge: len(bridge.asked) >= 50)  # type: ignore[misc]
            assert await _is_whole(card, "loudspeaker", tmp_path / f"heard-{buffer_ms}.raw")
            assert {samples % BLOCK for samples in bridge.asked} == {0}
            assert abs(sum(bridge.asked) - bridge.heard) < RATE // 2
            one.close()
        headset = await card.plug("headset")
        assert await (await card.run("pactl", "set-default-sink", "headset")).wait() == 0
        one, bridge = PulseCard("", None, rate=RATE, buffer_ms=QUICK), Bridge()
        one.start(*bridge.work())
        await until(lambda: one.loudspeaker_in_use == "headset")
        await card.unplug(headset)
        await until(lambda: one.loudspeaker_in_use in {"loudspeaker", "microphone"})
        assert not one.stopped
        await card.stop()
        await until(lambda: one.stopped)
        one.close()


async def test_a_chosen_device_that_is_unplugged_is_noticed(card: Card, open_card: Open) -> None:
    loudspeaker, microphone = await card.plug("headset"), await card.plug("array")
    speaking, _ = open_card("headset", None)
    hearing, _ = open_card("", "array.monitor")
    await card.unplug(loudspeaker)
    await until(lambda: speaking.stopped)
    assert not hearing.stopped
    await card.unplug(microphone)
    await until(lambda: hearing.stopped)


async def test_a_server_that_dies_is_noticed_and_left(card: Card, open_card: Open) -> None:
    one, bridge = open_card()
    await until(lambda: len(bridge.asked) >= 10)
    await card.stop()
    await until(lambda: one.stopped)
    one.close()
    await until(lambda: not _threads())


async def test_a_bridge_that_fails_is_told_once_and_ends_the_card(
    card: Card, open_card: Open, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> Generator[bytes, int, None]:
        wanted = yield b""
        raise ZeroDivisionError(wanted)

    one, bridge = open_card()
    await until(lambda: len(bridge.asked) >= 10)
    failing = fail()
    next(failing)
    one.start(failing, bridge.work()[1])
    await until(lambda: one.stopped)
    assert [type(record.exc_info[1]) for record in caplog.records if record.exc_info] == [ZeroDivisionError]


async def test_without_a_microphone_it_plays(card: Card, open_card: Open) -> None:
    for microphone in (None, "nobody"):
        one, bridge = open_card("", microphone)
        assert not one.has_microphone
        await until(lambda bridge=bridge: len(bridge.asked) >= 10)  # type: ignore[misc]
        assert (bridge.heard, one.stopped) == (0, False)


async def test_no_such_loudspeaker_is_said_in_the_words_of_the_server(open_card: Open) -> None:
    with pytest.raises(NoDeviceError, match="No such entity"):
        open_card("nobody")
    await until(lambda: not _threads())


async def test_a_server_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from catgem_tui.phone.engine import pulse

    monkeypatch.setattr(pulse, "OPENING_SECONDS", 0.3)
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/silent")
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(f"{tmp_path}/silent")
        silent.listen()
        with pytest.raises(NoDeviceError, match="does not answer"):
            await asyncio.to_thread(pulse.PulseCard, "", "", rate=RATE, buffer_ms=SAFE)
        await until(lambda: not _threads())


async def test_closing_leaves_nothing_behind(open_card: Open) -> None:
    first, _ = open_card()
    first.close()
    await until(lambda: not _threads())
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for _ in range(5):
        one, bridge = open_card()
        await until(lambda bridge=bridge: len(bridge.asked) >= 5)  # type: ignore[misc]
        one.close()
        one.close()
        await until(lambda: not _threads())
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


async def test_where_there_is_no_pulseaudio_miniaudio_does_the_same() -> None:
    from catgem_tui.phone.engine.cards import open_card
    from catgem_tui.phone.engine.devices import SoundServer

    server = SoundServer("NULL")
    try:
        one, bridge = open_card(server, "", "", rate=RATE, buffer_ms=SAFE), Bridge()
    finally:
        server.close()
    one.start(*bridge.work())
    assert one.has_microphone
    await until(lambda: sum(bridge.asked) >= RATE and bridge.heard >= RATE)
    assert not one.stopped
    one.close()
    await until(lambda: one.stopped)


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "sound-card"]


async def _buffered_ms(card: Card) -> float:
    """What waits at the server for the loudspeaker."""
    words = ("pactl", "--format=json", "list", "sink-inputs")
    process = await asyncio.create_subprocess_exec(*words, env=card.environment, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    (stream,) = json.loads(output)
    return float(stream["buffer_latency_usec"]) / 1000


async def _is_whole(card: Card, sink: str, path: Path) -> bool:
    """Whether there is a second of the tone without a hole; a busy machine has its own, now and then."""
    for number in range(TIMES):
        raw = path.with_suffix(f".{number}")
        ear = await card.run("parec", f"--device={sink}.monitor", f"--rate={RATE}", "--channels=1", "--raw", str(raw))
        try:
            await until(lambda raw=raw: raw.exists() and raw.stat().st_size >= 3 * RATE)
        finally:
            ear.kill()
            await ear.wait()
        samples = array("h", (await asyncio.to_thread(raw.read_bytes))[RATE : 3 * RATE])
        spans = [samples[at : at + HOLE_SAMPLES] for at in range(0, len(samples) - HOLE_SAMPLES, HOLE_SAMPLES)]
        if all(max(map(abs, span)) > 5000 for span in spans):
            return True
    return False
