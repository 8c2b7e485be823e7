"""miniaudio's own threads drive the bridge's master port: no ring, no second clock, no frame handled in Python.

Of all that was tried this has the lowest delay from mouth to ear. Playback is the bridge's clock; what the microphone
brings waits in the bridge's own delay buffer, which also evens out the drift between two cards.
"""

import ctypes
import logging
import sys
import threading
from collections.abc import Generator
from typing import Any

from catgem_tui.phone.engine.library import CLOCK_RATE, Library
from catgem_tui.phone.port import EngineSettings

_log = logging.getLogger(__name__)

_BACKENDS = {
    "linux": ("PULSEAUDIO", "ALSA", "JACK"),
    "darwin": ("COREAUDIO",),
    "win32": ("WASAPI",),
}
_AUDIO_FRAME = 1


class NoDeviceError(Exception):
    """No sound card could be opened."""


class _Frame(ctypes.Structure):
    """``pjmedia_frame``."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("buffer", ctypes.c_void_p),
        ("size", ctypes.c_size_t),
        ("timestamp", ctypes.c_uint64),
        ("bit_info", ctypes.c_uint32),
    ]


class DirectSound:
    """A loudspeaker and, where there is one, a microphone."""

    def __init__(self, library: Library, settings: EngineSettings) -> None:
        """Open the devices; takes as long as the sound server does. Raises NoDeviceError, ImportError."""
        self._library = library
        self._frame_samples = CLOCK_RATE * settings.frame_ms // 1000
        self._loudspeaker, self._microphone, self.name = _open_devices(settings)
        self._bridge: ctypes.c_void_p | None = None
        self.frames_played = 0
        """Frames the loudspeaker asked for: it lives while this grows."""
        self.stopped = False
        """Whether the loudspeaker said that it stopped; a dead sound server doesn't always."""
        self._loudspeaker.stop_callback = self._notice_stop

    def start(self) -> None:
        """Let both run, silent: a card may take seconds until it asks for its first sample. Raises NoDeviceError."""
        import miniaudio

        try:
            for device, work in ((self._microphone, self._hear()), (self._loudspeaker, self._play())):
                if device is not None:
                    next(work)
                    device.start(work)
        except miniaudio.MiniaudioError as error:
            self.close()
            raise NoDeviceError(str(error)) from error

    def drive(self, bridge: int) -> None:
        """Become the clock of the bridge whose master port is at this address."""
        self._bridge = ctypes.c_void_p(bridge)

    def close(self) -> None:
        """Let go of the bridge at once, and of the devices in their own time: a dead sound server may not answer."""
        self._bridge = None
        devices = [device for device in (self._loudspeaker, self._microphone) if device is not None]
        self._loudspeaker = self._microphone = None
        threading.Thread(target=_close_devices, args=(devices,), name="sound-close", daemon=True).start()

    def _notice_stop(self) -> None:
        self.stopped = True

    def _play(self) -> Generator[bytes, int, None]:
        size = self._frame_samples * 2
        buffer = ctypes.create_string_buffer(size)
        address = ctypes.addressof(buffer)
        get_frame = self._library.native.pjmedia_port_get_frame
        silence, ready, owner = bytes(size), b"", 0
        wanted = (yield b"") * 2
        while True:
            owner = self._register(owner, "loudspeaker")
            while len(ready) < wanted:
                frame = _Frame(0, address, size, self.frames_played * self._frame_samples, 0)
                self.frames_played += 1
                if self._bridge is not None:
                    get_frame(self._bridge, ctypes.byref(frame))
                heard = buffer.raw if frame.type == _AUDIO_FRAME and frame.size == size else silence
                ready = ready + heard if ready else heard
            data, ready = ready[:wanted], ready[wanted:]
            wanted = (yield data) * 2

    def _hear(self) -> Generator[None, bytearray, None]:
        size = self._frame_samples * 2
        put_frame = self._library.native.pjmedia_port_put_frame
        waiting, count, owner = bytearray(), 0, 0
        while True:
            waiting += yield
            owner = self._register(owner, "microphone")
            while len(waiting) >= size:
                buffer = ctypes.create_string_buffer(bytes(waiting[:size]), size)
                del waiting[:size]
                frame = _Frame(_AUDIO_FRAME, ctypes.addressof(buffer), size, count * self._frame_samples, 0)
                count += 1
                if self._bridge is not None:
                    put_frame(self._bridge, ctypes.byref(frame))

    def _register(self, owner: int, name: str) -> int:
        """pjsip aborts when a thread it doesn't know calls it. Returns the current thread's identity."""
        current = threading.get_ident()
        if owner != current and not self._library.endpoint.libIsThreadRegistered():
            self._library.endpoint.libRegisterThread(name)
        return current


def _open_devices(settings: EngineSettings) -> tuple[Any, Any, str]:
    import miniaudio

    for name in _BACKENDS.get(sys.platform, ()):
        backend = miniaudio.Backend[name]
        common: dict[str, Any] = {
            "nchannels": 1,
            "sample_rate": CLOCK_RATE,
            "buffersize_msec": settings.frame_ms,
            "backends": [backend],
            "app_name": "CATGEM",
        }
        try:
            devices = miniaudio.Devices([backend])
            shown, identity = _choose(devices.get_playbacks(), settings.loudspeaker)
            loudspeaker = miniaudio.PlaybackDevice(device_id=identity, **common)
        except miniaudio.MiniaudioError as error:
            _log.info("no loudspeaker by %s: %s", name, error)
            continue
        try:
            _, identity = _choose(devices.get_captures(), settings.microphone)
            microphone = miniaudio.CaptureDevice(device_id=identity, **common)
        except miniaudio.MiniaudioError as error:
            _log.warning("no microphone by %s: %s", name, error)
            microphone = None
        return loudspeaker, microphone, shown or loudspeaker.backend
    raise NoDeviceError("no sound server and no sound card answered")


def _choose(devices: list[dict[str, Any]], wanted: str) -> tuple[str, Any]:
    """Name and identity of the device called so; with none called so, the system's default, named if it is the only."""
    for device in devices:
        if wanted and wanted.lower() in device["name"].lower():
            return device["name"], device["id"]
    return (devices[0]["name"] if len(devices) == 1 else ""), None


def _close_devices(devices: list[Any]) -> None:
    for device in devices:
        device.close()
