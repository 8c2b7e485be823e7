"""``catgem doctor sound``: sound servers, devices, and how long sound is on its way through them.

Chirps are played on the loudspeaker and listened for in the microphone, through the same engine that carries calls.
Where they come back (a headset held to itself, a loop, a null sink's monitor) their way is measured; where they don't,
how soon the sound server answers says how far away it is, as with a ``PULSE_SERVER`` forwarded by SSH.
"""

import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import wave
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from catgem_tui.config.i18n import _
from catgem_tui.config.settings import Settings
from catgem_tui.desk.sound import read_choices
from catgem_tui.doctor.finding import Finding, Found, Subject, fault, warning, well
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import (
    SOUND,
    Connect,
    DeviceKind,
    DevicesListed,
    EngineSettings,
    Latency,
    ListDevices,
    PhoneError,
    PhoneEvent,
    Play,
    PlayEnded,
    Ready,
    Record,
    SoundDevice,
    StopRecording,
)

PATIENCE = 15.0
ASKED = 5
"""Times that the sound server is asked for its devices."""
GOOD_MS, BEARABLE_MS = 150.0, 300.0
"""Round trip through loudspeaker and microphone: it is on top of the network's, and people notice 150 ms one way and
talk at the same time beyond 400 (ITU-T G.114)."""
NEAR_MS, FAR_MS = 25.0, 80.0
"""The same for a sound server's answer, where nothing else could be measured: sound crosses it twice."""
_RATE = 16000
_CHIRPS, _EVERY = 3, 0.7
"""So many, so many seconds apart."""


class SoundFindings(Struct, frozen=True, kw_only=True):
    servers: tuple[str, ...]
    """Sound servers that this machine seems to have, or is told to use."""
    server: str = ""
    """The one that answered."""
    forwarded: bool = False
    """Whether PULSE_SERVER says which."""
    devices: tuple[SoundDevice, ...] = ()
    loudspeaker: str = ""
    microphone: str = ""
    missing: tuple[str, ...] = ()
    problem: str = ""
    """As ``Ready.sound_problem``, or the code of a PhoneError."""
    answer_ms: float | None = None
    """Of the sound server, in the middle of several."""
    round_trip_ms: float | None = None
    """From the bridge through loudspeaker and microphone back to it; None: the chirps were not heard."""
    verdict: str = "unusable"
    """``good``, ``bearable``, ``unusable``."""


async def examine(subject: Subject) -> Found:
    """Plays three chirps."""
    found = await look(subject.settings, subject.environment)
    return Found(findings=tuple(tell(found)), measured=msgspec.to_builtins(found))


async def look(settings: Settings, environment: Mapping[str, str]) -> SoundFindings:
    own = settings.workstation.phone
    choices = read_choices(settings.workstation_data)
    wanted = choices.devices if choices is not None else None
    engine = EngineSettings(
        microphone=wanted.microphone if wanted else own.microphone,
        loudspeaker=wanted.loudspeaker if wanted else own.loudspeaker,
        latency=Latency(own.latency),
    )
    found = SoundFindings(servers=list_servers(environment), forwarded=bool(environment.get("PULSE_SERVER")))
    phone = EngineClient(engine, python=own.python or sys.executable)
    try:
        return judge(await _measure(phone, found))
    except PhoneError as error:
        return msgspec.structs.replace(found, problem=error.code)
    except TimeoutError:
        return msgspec.structs.replace(found, problem="silent")
    finally:
        await phone.close()


def list_servers(environment: Mapping[str, str]) -> tuple[str, ...]:
    """What this machine seems to have: addresses and sockets, whether or not anybody answers there."""
    told = []
    if environment.get("PULSE_SERVER"):
        told.append(f"PULSE_SERVER={environment['PULSE_SERVER']}")
    runtime = Path(environment.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid() if hasattr(os, 'getuid') else 0}")
    for name, socket in (("PulseAudio", "pulse/native"), ("PipeWire", "pipewire-0")):
        if (runtime / socket).exists():
            told.append(f"{name} {runtime / socket}")
    with contextlib.suppress(OSError):
        cards = Path("/proc/asound/cards").read_text(encoding="utf-8", errors="replace").splitlines()
        told += [f"ALSA {card.strip()}" for card in cards[::2] if "[" in card]
    return tuple(told)


async def _measure(phone: EngineClient, found: SoundFindings) -> SoundFindings:
    """Raises PhoneError, TimeoutError."""
    ready = await phone.start()
    found = _take_ready(found, ready)
    if ready.sound_problem:
        return found
    heard: asyncio.Queue[PhoneEvent] = asyncio.Queue()
    listening = asyncio.create_task(_listen(phone, heard))
    try:
        answers = [await _ask_devices(phone, heard) for _number in range(ASKED)]
        last = answers[-1]
        trip = await _chirp(phone, heard)
    finally:
        listening.cancel()
    return msgspec.structs.replace(
        found,
        server=last.server,
        devices=last.devices,
        answer_ms=round(statistics.median(answer.answer_ms for answer in answers), 1),
        round_trip_ms=trip,
    )


def _take_ready(found: SoundFindings, ready: Ready) -> SoundFindings:
    return msgspec.structs.replace(
        found,
        problem=ready.sound_problem,
        loudspeaker=ready.sound,
        microphone=ready.microphone,
        missing=ready.missing,
    )


async def _listen(phone: EngineClient, heard: asyncio.Queue[PhoneEvent]) -> None:
    async for event in phone.events():
        heard.put_nowait(event)


async def _wait(heard: asyncio.Queue[PhoneEvent], kind: type[PhoneEvent]) -> PhoneEvent:
    async with asyncio.timeout(PATIENCE):
        while not isinstance(event := await heard.get(), kind):
            pass
        return event


async def _ask_devices(phone: EngineClient, heard: asyncio.Queue[PhoneEvent]) -> DevicesListed:
    await phone.do(ListDevices(watch=False))
    answer = await _wait(heard, DevicesListed)
    assert isinstance(answer, DevicesListed)  # noqa: S101 - by the kind that was waited for
    return answer


async def _chirp(phone: EngineClient, heard: asyncio.Queue[PhoneEvent]) -> float | None:
    """Milliseconds that chirps take through the card; None when they are not heard."""
    with tempfile.TemporaryDirectory(prefix="catgem-") as folder:
        said, tape = Path(folder) / "chirps.wav", Path(folder) / "tape.wav"
        await asyncio.to_thread(write_chirps, said)
        await phone.do(Record(recorder="doctor", path=str(tape)))
        await phone.do(Connect(source=SOUND, sink="doctor:left"))
        await phone.do(Play(player="chirps", path=str(said), to=(SOUND, "doctor:right")))
        await _wait(heard, PlayEnded)
        await phone.do(StopRecording(recorder="doctor"))
        return await asyncio.to_thread(find_round_trip, tape)


def write_chirps(path: Path) -> None:
    """Half a second of silence, then sweeps from 500 to 3,000 Hz."""
    sound = np.zeros(int((0.5 + _CHIRPS * _EVERY + 0.5) * _RATE))
    chirp = _make_chirp()
    for number in range(_CHIRPS):
        start = int((0.5 + number * _EVERY) * _RATE)
        sound[start : start + len(chirp)] = chirp
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes((sound * 0.4 * 32767).astype(np.int16).tobytes())


def find_round_trip(tape: Path) -> float | None:
    """Milliseconds from each chirp on the right to the same on the left, in the middle; None if none is on the left."""
    with wave.open(str(tape)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).reshape(-1, 2).astype(float)
    chirp = _make_chirp()
    back, gone = samples[:, 0], samples[:, 1]
    trips = []
    at = 0
    while (start := _first_loud(gone, at)) is not None:
        at = start + int(_EVERY * 0.8 * _RATE)
        sent = int(np.argmax(_likeness(gone[start : start + 2 * len(chirp)], chirp))) + start
        window = back[sent : sent + int(_EVERY * 0.95 * _RATE)]
        if len(window) < 2 * len(chirp):
            break
        likeness = _likeness(window, chirp)
        best = int(np.argmax(likeness))
        if likeness[best] > 0.3:
            trips.append(best * 1000 / _RATE)
    return round(statistics.median(trips), 1) if trips else None


def _first_loud(samples: NDArray[np.float64], start: int) -> int | None:
    loud = np.nonzero(np.abs(samples[start:]) > 200)[0]
    return max(0, start + int(loud[0]) - 64) if len(loud) else None


def _likeness(samples: NDArray[np.float64], chirp: NDArray[np.float64]) -> NDArray[np.float64]:
    """To the chirp at each place, 0 to 1; silence is like nothing."""
    match = np.correlate(samples, chirp, "valid")
    energy = np.sqrt(np.convolve(samples**2, np.ones(len(chirp)), "valid") * (chirp**2).sum())
    return np.asarray(np.abs(match) / np.maximum(energy, 1000.0), dtype=np.float64)


def _make_chirp() -> NDArray[np.float64]:
    length = int(0.08 * _RATE)
    time = np.arange(length) / _RATE
    sweep = np.sin(2 * np.pi * (500 * time + (3000 - 500) / (2 * 0.08) * time**2))
    return np.asarray(sweep * np.hanning(length), dtype=np.float64)


def judge(found: SoundFindings) -> SoundFindings:
    """With the verdict."""
    if found.problem or not found.microphone:
        return found
    if found.round_trip_ms is not None:
        measured, good, bearable = found.round_trip_ms, GOOD_MS, BEARABLE_MS
    elif found.answer_ms is not None:
        measured, good, bearable = found.answer_ms, NEAR_MS, FAR_MS
    else:
        return found
    verdict = "good" if measured <= good else "bearable" if measured <= bearable else "unusable"
    return msgspec.structs.replace(found, verdict=verdict)


# --- in words ---


def tell(found: SoundFindings) -> list[Finding]:
    """The verdict first."""
    told = [
        _tell_verdict(found),
        well("sound.servers", _("Sound servers here: %s") % (", ".join(found.servers) or _("none"))),
    ]
    if found.server:
        told.append(well("sound.server", _("The one that answers: %s") % found.server))
    for kind, title in ((DeviceKind.LOUDSPEAKER, _("Loudspeakers:")), (DeviceKind.MICROPHONE, _("Microphones:"))):
        mark = " (" + _("the system's") + ")"
        names = [device.name + (mark if device.default else "") for device in found.devices if device.kind is kind]
        if names:
            told.append(well(f"sound.{kind.value}s", f"{title} " + ", ".join(names)))
    if found.missing:
        sentence = _("Not there: %s. What the system uses takes its place.") % ", ".join(found.missing)
        told.append(warning("sound.missing", sentence, _("Connect it, or choose another device on the sound page.")))
    if found.answer_ms is not None:
        told.append(well("sound.answer", _("The sound server answers in %(ms).1f ms.") % {"ms": found.answer_ms}))
    if found.round_trip_ms is not None:
        words = _("From the loudspeaker back through the microphone sound takes %(ms).0f ms.")
        told.append(well("sound.round_trip", words % {"ms": found.round_trip_ms}))
    elif found.answer_ms is not None:
        told.append(
            well(
                "sound.unheard",
                _("The chirps were not heard in the microphone: hold it to the loudspeaker or earpiece and try again."),
            )
        )
    return told


def _tell_verdict(found: SoundFindings) -> Finding:
    own_computer = _("Over SSH, use the telephone on your own computer: catgem phone --ssh USER@HOST")
    if found.problem == "no_library":
        sentence = _("Not usable for calls: the telephone's libraries are not installed for its Python.")
        return fault("sound.no_library", sentence, _("Install it with: %s") % "pip install 'catgem-tui[phone]'")
    if found.problem == "no_device":
        sentence = _("Not usable for calls: no sound server and no sound card answers.")
        remedy = _("Start PulseAudio or PipeWire, or connect a headset.") + f" {own_computer}"
        return fault("sound.no_device", sentence, remedy)
    if found.problem:
        sentence = _("Not usable for calls: the telephone's engine did not start (%s).") % found.problem
        return fault("sound.engine", sentence, _("Look at the telephone: catgem doctor phone"))
    if not found.microphone:
        sentence = _("Not usable for calls: there is no microphone.")
        return fault("sound.no_microphone", sentence, _("Connect a headset, and allow the microphone in the system."))
    late = _("Usable for calls, but sound comes late: people will talk at the same time now and then.")
    verdicts = {
        "good": well("sound.usable", _("Usable for calls.")),
        "bearable": warning("sound.late", late, own_computer),
        "unusable": fault("sound.too_late", _("Not usable for calls: sound is too long on its way."), own_computer),
    }
    return verdicts[found.verdict]
