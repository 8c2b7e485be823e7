"""Mouth and ear on one clock: a sound server with one two-channel null sink, whose left channel is the microphone of
the caller and whose right channel is the loudspeaker of the called, so that both are cut from one recording.
"""

import asyncio
import contextlib
import os
import signal
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 48000
CHIRP_SECONDS, CHIRP_EVERY = 0.1, 0.5
TONE = 1000.0
LEVEL = 0.4

_MODULES = (
    f"module-null-sink sink_name=rig rate={RATE} channels=2 channel_map=front-left,front-right",
    "module-null-sink sink_name=nobody",
    "module-remap-sink sink_name=mouth master=rig channels=1 channel_map=front-left master_channel_map=front-left "
    "remix=no",
    "module-remap-sink sink_name=ear master=rig channels=1 channel_map=front-right master_channel_map=front-right "
    "remix=no",
    "module-remap-source source_name=microphone master=rig.monitor channels=1 channel_map=front-left "
    "master_channel_map=front-left remix=no",
)
Samples = NDArray[np.int16]


class Rig:
    """A running sound server. ``environment`` is for whoever is to use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = f"unix:{folder}/pulse"

    def environment(self, *, sink: str, source: str) -> dict[str, str]:
        return {**os.environ, "PULSE_SERVER": self.server, "PULSE_SINK": sink, "PULSE_SOURCE": source}

    async def hear(self, speech: Samples) -> tuple[Samples, Samples]:
        """Say it, and return what mouth and ear recorded meanwhile, from before the first word to a second after."""
        said, heard = self.folder / "said.wav", self.folder / "heard.raw"
        await asyncio.to_thread(write, said, speech)
        environment = self.environment(sink="mouth", source="rig.monitor")
        tape = await asyncio.create_subprocess_exec(
            "parec", "--device=rig.monitor", f"--rate={RATE}", "--channels=2", "--format=s16le", "--raw", str(heard),
            env=environment,
        )  # fmt: skip
        try:
            await until(lambda: heard.exists() and heard.stat().st_size > 0)
            mouth = await asyncio.create_subprocess_exec("paplay", "--device=mouth", str(said), env=environment)
            await mouth.wait()
            await asyncio.sleep(1.0)
        finally:
            tape.terminate()
            await tape.wait()
        both = await asyncio.to_thread(np.fromfile, heard, dtype=np.int16)
        both = both[: len(both) // 2 * 2].reshape(-1, 2)
        return both[:, 0], both[:, 1]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what no event tells of: a file, a foreign process. Raises TimeoutError."""
    async with asyncio.timeout(20.0):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@asynccontextmanager
async def sound_server(folder: Path) -> AsyncIterator[Rig]:
    home = folder / "home"
    home.mkdir(parents=True)
    rig = Rig(folder)
    process = await asyncio.create_subprocess_exec(
        "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
        *(word for module in _MODULES for word in ("-L", module)),
        "-L", f"module-native-protocol-unix auth-anonymous=1 socket={folder}/pulse",
        env={"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home)},
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await until((folder / "pulse").exists)
        yield rig
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await process.wait()


def chirps(count: int) -> Samples:
    """A second of silence, then so many sweeps from 400 to 3,000 Hz."""
    length = int(CHIRP_EVERY * RATE)
    speech = np.zeros(RATE + count * length)
    for number in range(count):
        start = RATE + number * length
        speech[start : start + len(_CHIRP)] = _CHIRP
    return (speech * 32767 * LEVEL).astype(np.int16)


def tone(seconds: float) -> Samples:
    return (np.sin(2 * np.pi * TONE * np.arange(int(seconds * RATE)) / RATE) * 32767 * LEVEL).astype(np.int16)


def delays_ms(mouth: Samples, ear: Samples) -> list[float]:
    """From each chirp at the mouth to the same at the ear; a chirp that never arrived is left out."""
    said = _find(mouth)
    found = []
    for at in said:
        piece = ear[at : at + int(0.48 * RATE) + len(_CHIRP)].astype(float)
        if len(piece) < len(_CHIRP) * 2:
            continue
        match = np.abs(_correlate(piece))
        best = int(np.argmax(match))
        if match[best] > 0.2:
            found.append(best * 1000 / RATE)
    return found


def holes(ear: Samples, skip_seconds: float = 1.5) -> list[float] | None:
    """Stretches in the tone, 4 ms or longer, in which it is not half as loud as it should be: where each begins, in
    seconds from the first sample. None if there is no tone."""
    size = RATE // 250
    loud = np.abs(ear.astype(float))
    heard = np.nonzero(loud > 32767 * LEVEL / 8)[0]
    if not len(heard):
        return None
    # What begins and ends it, and the first second in which buffers find their length, is no hole.
    begun = heard[0] + int(skip_seconds * RATE)
    inner = ear[begun : heard[-1] - RATE // 20].astype(float)
    windows = inner[: len(inner) // size * size].reshape(-1, size)
    level = np.sqrt((windows**2).mean(axis=1))
    hole = level < 0.5 * np.median(level)
    first = np.nonzero(hole[1:] & ~hole[:-1])[0] + 1
    return [float(each) for each in (begun + first * size) / RATE]


def write(path: Path, samples: Samples, rate: int = RATE) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())


def _make_chirp() -> NDArray[np.float64]:
    length = int(CHIRP_SECONDS * RATE)
    time = np.arange(length) / RATE
    sweep = np.sin(2 * np.pi * (400 * time + (3000 - 400) / (2 * CHIRP_SECONDS) * time**2))
    return np.asarray(sweep * np.hanning(length), dtype=np.float64)


_CHIRP = _make_chirp()


def _correlate(piece: NDArray[np.float64]) -> NDArray[np.float64]:
    """Likeness to the chirp at every place, 0 to 1."""
    size = 1 << (len(piece) + len(_CHIRP)).bit_length()
    product = np.fft.rfft(piece, size) * np.conj(np.fft.rfft(_CHIRP, size))
    match = np.fft.irfft(product, size)[: len(piece) - len(_CHIRP)]
    energy = np.sqrt(np.convolve(piece**2, np.ones(len(_CHIRP)), "valid")[: len(match)] * (_CHIRP**2).sum())
    return np.asarray(match / np.maximum(energy, 1e4), dtype=np.float64)


def _find(mouth: Samples) -> list[int]:
    """Where the chirps begin at the mouth."""
    match = np.abs(_correlate(mouth.astype(float)))
    places, at = [], 0
    while at < len(match):
        window = match[at : at + int(CHIRP_EVERY * RATE / 2)]
        best = int(np.argmax(window))
        if window[best] > 0.9:
            places.append(at + best)
            at += best + int(CHIRP_EVERY * RATE * 0.8)
        else:
            at += max(1, len(window) // 2)
    return places
