"""The card's own threads drive the bridge's master port: no ring, no second clock.

Of all that was tried this has the lowest delay from mouth to ear. Playback is the bridge's clock; what the microphone
brings waits in an elastic buffer of our own, which also evens out the drift between two cards: the bridge's delay
buffer grows at every hiccup and is slow to shrink.
"""

import ctypes
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catgem_tui.phone.engine.devices import NoDeviceError, NoServerError, find_device, id_of, reach_server
from catgem_tui.phone.engine.elastic import ElasticBuffer
from catgem_tui.phone.engine.flow import Flow, Strain
from catgem_tui.phone.engine.haste import hurry_thread
from catgem_tui.phone.engine.library import CLOCK_RATE, Library
from catgem_tui.phone.engine.voice import Voice
from catgem_tui.phone.port import ChooseDevices, DeviceKind, SoundDevice

if TYPE_CHECKING:
    from catgem_tui.phone.engine.cards import Card

_AUDIO_FRAME = 1
_APART_SECONDS = 0.1
"""Holes nearer to each other are heard as one."""


class _Frame(ctypes.Structure):
    """``pjmedia_frame``."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("buffer", ctypes.c_void_p),
        ("size", ctypes.c_size_t),
        ("timestamp", ctypes.c_uint64),
        ("bit_info", ctypes.c_uint32),
    ]


@dataclass(frozen=True)
class Wish:
    """What is to be opened: which devices, and how many milliseconds are given to the loudspeaker in advance."""

    choice: ChooseDevices
    buffer_ms: int


@dataclass(frozen=True)
class Resolved:
    """Which devices that comes to: None is the system's choice."""

    microphone: SoundDevice | None
    loudspeaker: SoundDevice | None
    missing: tuple[str, ...]


def resolve(choice: ChooseDevices, devices: Sequence[SoundDevice]) -> Resolved:
    microphone = find_device(devices, DeviceKind.MICROPHONE, choice.microphone)
    loudspeaker = find_device(devices, DeviceKind.LOUDSPEAKER, choice.loudspeaker)
    found = ((choice.microphone, microphone), (choice.loudspeaker, loudspeaker))
    return Resolved(microphone, loudspeaker, tuple(wanted for wanted, device in found if wanted and device is None))


class DirectSound:
    """A loudspeaker and, where there is one, a microphone."""

    def __init__(self, library: Library, wish: Wish, voice: Voice, frame_ms: int) -> None:
        """Open the devices; takes as long as the sound server does. ``frame_ms`` is the bridge's.

        Raises NoDeviceError.
        """
        self._library = library
        self._voice = voice
        self.wish = wish
        self._frame_samples = CLOCK_RATE * frame_ms // 1000
        self._late_seconds = 2 * wish.buffer_ms / 1000
        self.name = self.microphone_name = ""
        """What they are called, or the sound server where only the system knows which they are; empty is none."""
        self._card, devices = self._open()
        self.learn_names(devices)
        self._bridge: ctypes.c_void_p | None = None
        self._steady_from = 0.0
        self.frames_played = 0
        """Frames the loudspeaker asked for: it lives while this grows."""
        self._played_flow, self._heard_flow = Flow(CLOCK_RATE), Flow(CLOCK_RATE)
        self._elastic = ElasticBuffer(self._frame_samples)
        self._hole_at = 0.0
        self._strain = Strain()
        self.underruns = 0
        self.overruns = 0

    def start(self) -> None:
        """Let both run, silent: a card may take seconds until it asks for its first sample. Raises NoDeviceError."""
        play, hear = self._play(), self._hear()
        next(play)
        next(hear)
        try:
            self._card.start(play, hear)
        except NoDeviceError:
            self.close()
            raise

    def learn_names(self, devices: Sequence[SoundDevice]) -> None:
        """Find what those in use are called now: where the system chose, it may go on with others at any time."""
        for device in devices:
            if device.kind is DeviceKind.LOUDSPEAKER and device.id == self._card.loudspeaker_in_use:
                self.name = device.name
            elif device.kind is DeviceKind.MICROPHONE and device.id == self._card.microphone_in_use:
                self.microphone_name = device.name

    @property
    def stopped(self) -> bool:
        """Whether a device said that it stopped; a dead sound server doesn't always."""
        return self._card.stopped

    def drive(self, bridge: int) -> None:
        """Become the clock of the bridge whose master port is at this address; from now on it is counted."""
        now = time.perf_counter()
        self._played_flow.settle(now)
        self._heard_flow.settle(now)
        self._steady_from = now + 1.0
        self._elastic.settle(self._steady_from)
        self._bridge = ctypes.c_void_p(bridge)

    def strained(self) -> bool:
        """Whether the machine does not keep up with so little in reserve."""
        return self._strain.too_much(time.perf_counter())

    def in_time_for(self) -> float:
        """Seconds for which the machine served the loudspeaker in time."""
        return self._played_flow.in_time_for(time.perf_counter())

    def close(self) -> None:
        """Let go of the bridge and of the devices."""
        self._bridge = None
        self._card.close()

    def _open(self) -> "tuple[Card, tuple[SoundDevice, ...]]":
        from catgem_tui.phone.engine.cards import open_card

        try:
            server = reach_server()
            devices = server.list_devices()
            server.close()
        except NoServerError as error:
            raise NoDeviceError(str(error)) from error
        self.resolved = resolve(self.wish.choice, devices)
        kinds = {device.kind for device in devices}
        # Not left to miniaudio to find out: each time it tries in vain it leaves a connection to the server behind.
        if DeviceKind.LOUDSPEAKER not in kinds:
            raise NoDeviceError(f"{server.name} has no loudspeaker")
        microphone, loudspeaker = self.resolved.microphone, self.resolved.loudspeaker
        self.name = loudspeaker.name if loudspeaker is not None else server.name
        try:
            card = open_card(
                server,
                id_of(loudspeaker),
                id_of(microphone) if DeviceKind.MICROPHONE in kinds else None,
                rate=CLOCK_RATE,
                buffer_ms=self.wish.buffer_ms,
            )
        except NoDeviceError as error:
            raise NoDeviceError(f"{self.name}: {error}") from error
        self.microphone_name = (microphone.name if microphone else server.name) if card.has_microphone else ""
        return card, devices

    def _play(self) -> Generator[bytes, int, None]:
        size = self._frame_samples * 2
        buffer, spoken = ctypes.create_string_buffer(size), ctypes.create_string_buffer(size)
        address = ctypes.addressof(buffer)
        frame, passed_on = _Frame(0, address, size, 0, 0), _Frame(0, ctypes.addressof(spoken), size, 0, 0)
        fill, filled = self._library.native.pjmedia_port_get_frame, ctypes.byref(frame)
        ready, owner, before = b"", 0, 0.0
        wanted = (yield b"") * 2
        while True:
            now = time.perf_counter()
            if owner != threading.get_ident():
                owner = self._register("loudspeaker")
            while len(ready) < wanted:
                frame.type, frame.size = 0, size
                frame.timestamp = passed_on.timestamp = self.frames_played * self._frame_samples
                self.frames_played += 1
                bridge = self._bridge
                if bridge is not None:
                    if self._card.has_microphone:
                        self._pass_on(bridge, passed_on, now)
                    fill(bridge, filled)
                if frame.type != _AUDIO_FRAME or frame.size != size:
                    ctypes.memset(address, 0, size)
                self._voice.played(address)
                ready = ready + buffer.raw if ready else buffer.raw
            data, ready = ready[:wanted], ready[wanted:]
            if self._bridge is not None:
                self._note_playing(wanted // 2, now, late=before > 0 and now - before > self._late_seconds)
            before = now
            wanted = (yield data) * 2

    def _hear(self) -> Generator[None, bytes, None]:
        size = self._frame_samples * 2
        waiting, owner = b"", 0
        while True:
            data = yield
            now = time.perf_counter()
            if owner != threading.get_ident():
                owner = self._register("microphone")
            if self._bridge is None:
                waiting = b""
                continue
            waiting = waiting + data if waiting else data
            if self._heard_flow.passed(len(data) // 2, now):
                self._note_hole(now)
            while len(waiting) >= size:
                block, waiting = waiting[:size], waiting[size:]
                if self._elastic.put(self._voice.heard(block), now):
                    self._note_hole(now)

    def _pass_on(self, bridge: ctypes.c_void_p, frame: _Frame, now: float) -> None:
        """Give the bridge a block of the microphone, at its own tick: so its delay buffer never holds more than one."""
        block = self._elastic.take(now)
        if block is None:
            self._note_hole(now)
            return
        ctypes.memmove(frame.buffer, block, len(block))
        frame.type, frame.size = _AUDIO_FRAME, len(block)
        self._library.native.pjmedia_port_put_frame(bridge, ctypes.byref(frame))

    def _note_playing(self, samples: int, now: float, *, late: bool) -> None:
        if self._played_flow.passed(samples, now):
            self.underruns += 1
            self._strain.trouble(now, 2)
        if late and now > self._steady_from:
            self._strain.trouble(now)

    def _note_hole(self, now: float) -> None:
        if now > self._steady_from and now - self._hole_at > _APART_SECONDS:
            self.overruns += 1
            self._strain.trouble(now, 2)
        self._hole_at = now

    def _register(self, name: str) -> int:
        """pjsip aborts when a thread it doesn't know calls it. Returns the current thread's identity."""
        if not self._library.endpoint.libIsThreadRegistered():
            self._library.endpoint.libRegisterThread(name)
        hurry_thread()
        return threading.get_ident()
