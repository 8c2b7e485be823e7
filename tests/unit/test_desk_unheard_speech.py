"""Speaking while the microphone is closed, with real speech and with what is none, measured as the engine does."""

import ctypes
import subprocess
import wave
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from catgem_tui.desk import intents
from catgem_tui.phone import port
from tests.desk_talk import talking

pytestmark = [pytest.mark.require_module("pjsua2"), pytest.mark.require_program("espeak-ng")]
RATE, BLOCK = 16000, 160
SENTENCES = (
    "Permítame revisar su trámite, por favor. El acta de nacimiento se solicita en el Registro Civil, "
    "de lunes a viernes, de nueve a tres de la tarde."
)
Samples = NDArray[np.float64]


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """Eight seconds of Spanish; its loud parts are at 0 dB."""
    path = tmp_path_factory.mktemp("speech") / "said.wav"
    subprocess.run(["espeak-ng", "-v", "es-419", "-w", str(path), SENTENCES], check=True)
    with wave.open(str(path)) as file:
        said = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float64)
        rate = file.getframerate()
    at_ours = np.interp(np.arange(0, len(said), rate / RATE), np.arange(len(said)), said)
    loud = np.sqrt((at_ours[: len(at_ours) // 320 * 320].reshape(-1, 320) ** 2).mean(axis=1))
    return at_ours / np.sqrt((loud[loud > loud.max() / 30] ** 2).mean())


def noise(colour: float, seconds: float = 12.0) -> Samples:
    """At 0 dB; its power falls with the frequency to this power: 0 is white, 1 pink, 2 brown."""
    count = int(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(4).normal(size=count))
    spectrum *= np.maximum(np.fft.rfftfreq(count, 1 / RATE), 20.0) ** (-colour / 2)
    made = np.fft.irfft(spectrum, count)
    return made / np.sqrt((made**2).mean())


def bursts(length: float, every: float) -> Samples:
    """Of noise that dies away: keys of a keyboard, coughs."""
    made = noise(0.0)
    return made * np.exp(-((np.arange(len(made)) / RATE) % every) / length)


def at(decibels: float, samples: Samples) -> Samples:
    return samples * 10 ** (decibels / 20)


def told_after(samples: Samples) -> float | None:
    """Seconds until it is said that one speaks unheard; a second of near silence comes before, and the room's."""
    from pjsua2 import _pjsua2

    from catgem_tui.phone.engine.sound import FULL_LEVEL
    from catgem_tui.phone.engine.voice import Voice

    library: Any = SimpleNamespace(native=ctypes.CDLL(_pjsua2.__file__))
    measuring = Voice(library, BLOCK)
    measuring.measuring = True
    talk = talking().hears(intents.SetMute(muted=True))
    heard = samples + at(-65, noise(1.0, len(samples) / RATE + 1.0))[: len(samples)]
    blocks = np.clip(heard * 32767, -32768, 32767).astype(np.int16)
    for number in range(len(blocks) // BLOCK):
        measuring.heard(blocks[number * BLOCK : (number + 1) * BLOCK].tobytes())
        if number % 20 == 19:
            talk.now += 0.2
            level = min(1.0, measuring.level(1.0) / FULL_LEVEL)
            talk.hears(port.LevelsMeasured(microphone=level, loudspeaker=0.0))
            if talk.view.phone.unheard:
                return (number + 1) * BLOCK / RATE
    return None


@pytest.mark.parametrize("decibels", [-16, -20, -26, -32])
@pytest.mark.parametrize("begun", [0.0, 1.5, 3.0, 4.5])
def test_speech_is_noticed_within_three_seconds(voice: Samples, decibels: float, begun: float) -> None:
    """Loud, as usual, soft, and very soft or far from the microphone; from any word on."""
    quiet = np.zeros(RATE)
    told = told_after(np.concatenate([quiet, at(decibels, voice)[int(begun * RATE) :]]))
    assert told is not None
    assert told < 1.0 + 3.0


@pytest.mark.parametrize("decibels", [-60, -50, -45, -40, -35, -30])
@pytest.mark.parametrize("colour", [0.0, 1.0, 2.0])
def test_a_fan_or_the_street_is_no_speech(colour: float, decibels: float) -> None:
    assert told_after(at(decibels, noise(colour))) is None


@pytest.mark.parametrize("decibels", [-10, -20, -30])
@pytest.mark.parametrize(("length", "every"), [(0.004, 0.17), (0.1, 3.0)], ids=["typing", "coughs"])
def test_neither_are_keys_nor_coughs(length: float, every: float, decibels: float) -> None:
    assert told_after(at(decibels, bursts(length, every))) is None


def test_nor_are_the_colleagues_around(voice: Samples) -> None:
    around = np.sum([np.roll(voice, int(shift * RATE)) for shift in (0.0, 1.7, 3.1, 4.9, 6.3)], axis=0)
    assert told_after(at(-40, around / np.sqrt((around**2).mean()))) is None
