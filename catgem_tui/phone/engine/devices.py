"""What sound devices there are, asked again and again by a thread of its own: a sound server may not answer at all."""

import logging
import sys
import threading
import time
from collections.abc import Iterable
from typing import Any

from catgem_tui.phone.port import DeviceKind, SoundDevice

_log = logging.getLogger(__name__)

BACKENDS = {
    "linux": ("PULSEAUDIO", "ALSA", "JACK"),
    "darwin": ("COREAUDIO",),
    "win32": ("WASAPI",),
}
"""miniaudio's names of sound servers, by platform, the best first. PipeWire answers as PulseAudio."""
LOOK_SECONDS = 1.0
_BINARY = "hex:"


class DeviceWatch:
    """``devices`` is what was there when last looked; None before the first answer. Never blocks who asks."""

    def __init__(self) -> None:
        self.devices: tuple[SoundDevice, ...] | None = None
        self.server = ""
        self.answer_ms = 0.0
        self.looks = 0
        """Times that it has looked."""
        self._hurry = threading.Event()
        threading.Thread(target=self._work, name="sound-devices", daemon=True).start()

    def hurry(self) -> None:
        """Look now."""
        self._hurry.set()

    def _work(self) -> None:
        server: SoundServer | None = None
        while True:
            self._hurry.clear()
            try:
                server = server or reach_server()
                begun = time.perf_counter()
                found = server.list_devices()
            except NoServerError as error:
                _log.debug("%s", error)
                server, found = None, ()
            else:
                self.answer_ms = (time.perf_counter() - begun) * 1000
            self.server = server.name if server is not None else ""
            self.devices = found
            self.looks += 1
            self._hurry.wait(LOOK_SECONDS)


class NoServerError(Exception):
    """No sound server answers."""


class NoDeviceError(Exception):
    """No sound card could be opened."""


class SoundServer:
    """A connection to a sound server. miniaudio's own class of the kind does not tell which device is the default."""

    def __init__(self, backend: str) -> None:
        """Raises NoServerError."""
        import miniaudio

        self._ffi, self._lib = miniaudio.ffi, miniaudio.lib
        self._context = self._ffi.new("ma_context*")
        wanted = self._ffi.new("ma_backend[]", [miniaudio.Backend[backend].value])
        if self._lib.ma_context_init(wanted, 1, self._ffi.NULL, self._context) != self._lib.MA_SUCCESS:
            raise NoServerError(f"{backend} does not answer")
        self.backend = backend
        self.name = self._ffi.string(self._lib.ma_get_backend_name(self._context[0].backend)).decode()

    def list_devices(self) -> tuple[SoundDevice, ...]:
        """Raises NoServerError; this is of no use any more then."""
        new = self._ffi.new
        lists = new("ma_device_info**"), new("ma_uint32*"), new("ma_device_info**"), new("ma_uint32*")
        if self._lib.ma_context_get_devices(self._context, *lists) != self._lib.MA_SUCCESS:
            self.close()
            raise NoServerError(f"{self.name} answers no more")
        played, heard = (list(infos[0][0 : count[0]]) for infos, count in (lists[:2], lists[2:]))
        return (*self._describe(DeviceKind.MICROPHONE, heard), *self._describe(DeviceKind.LOUDSPEAKER, played))

    def close(self) -> None:
        self._lib.ma_context_uninit(self._context)

    def _describe(self, kind: DeviceKind, infos: Iterable[Any]) -> Iterable[SoundDevice]:
        for info in infos:
            raw = bytes(self._ffi.buffer(self._ffi.addressof(info, "id"))).rstrip(b"\0")
            name = self._ffi.string(info.name).decode("utf-8", "replace")
            yield SoundDevice(id=_to_text(raw), name=name, kind=kind, default=bool(info.isDefault))


def reach_server() -> SoundServer:
    """The first that answers. Raises NoServerError."""
    for backend in BACKENDS.get(sys.platform, ()):
        try:
            return SoundServer(backend)
        except NoServerError as error:
            _log.debug("%s", error)
    raise NoServerError("no sound server and no sound card answered")


def native_id(identity: str) -> Any:
    """What miniaudio takes for a ``SoundDevice.id``; None for an empty one: the system's choice."""
    import miniaudio

    if not identity:
        return None
    raw = bytes.fromhex(identity.removeprefix(_BINARY)) if identity.startswith(_BINARY) else identity.encode()
    native = miniaudio.ffi.new("ma_device_id *")
    miniaudio.ffi.memmove(native, raw, min(len(raw), miniaudio.ffi.sizeof("ma_device_id") - 1))
    return native


def find_device(devices: Iterable[SoundDevice], kind: DeviceKind, wanted: str) -> SoundDevice | None:
    """The device of that id, or that name, or with that in its name; None for the system's choice, or when it is not
    there."""
    of_kind = [device for device in devices if device.kind is kind] if wanted else []
    for fits in (
        lambda device: device.id == wanted,
        lambda device: device.name == wanted,
        lambda device: wanted.lower() in device.name.lower(),
    ):
        if found := next(filter(fits, of_kind), None):
            return found
    return None


def id_of(device: SoundDevice | None) -> str:
    """Empty is the system's choice."""
    return device.id if device is not None else ""


def _to_text(raw: bytes) -> str:
    """PulseAudio, ALSA and Core Audio name devices by text; others by what only looks like bytes."""
    text = raw.decode("utf-8", "replace")
    return text if text.isprintable() and "\ufffd" not in text else _BINARY + raw.hex()
