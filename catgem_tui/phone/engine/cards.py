"""Cards as the bridge needs them, a loudspeaker with a microphone; miniaudio's, where the sound server is not
PulseAudio.

To be imported only where a device is opened: miniaudio may be missing.
"""

import logging
import threading
from collections.abc import Generator
from typing import Any, Protocol

import miniaudio

from catgem_tui.phone.engine.devices import NoDeviceError, SoundServer, native_id
from catgem_tui.phone.engine.pulse import BLOCK_MS, PulseCard

_log = logging.getLogger(__name__)


class Card(Protocol):
    """Mono, of 16 bits."""

    stopped: bool
    """Whether one of both said that it is gone; that of a dead sound server doesn't always."""
    loudspeaker_in_use: str
    """Id of the device that it is now; empty where only the system knows."""
    microphone_in_use: str

    @property
    def has_microphone(self) -> bool: ...

    def start(self, play: Generator[bytes, int, None], hear: Generator[None, bytes, None]) -> None:
        """``play`` is sent how many samples are wanted and yields them; ``hear`` is sent what the microphone brings.
        Raises NoDeviceError."""

    def close(self) -> None:
        """Returns at once, whether or not the server answers."""


def open_card(server: SoundServer, loudspeaker: str, microphone: str | None, *, rate: int, buffer_ms: int) -> Card:
    """Devices by id: empty is the server's choice, None (of a microphone) is none. Takes as long as the server does.

    ``buffer_ms``: how much is given in advance. Raises NoDeviceError for the loudspeaker.
    """
    if server.backend == "PULSEAUDIO":
        return PulseCard(loudspeaker, microphone, rate=rate, buffer_ms=buffer_ms)
    return _MiniaudioCard(server, loudspeaker, microphone, rate=rate, buffer_ms=buffer_ms)


class _LettingGo:
    """miniaudio's devices keep their connection to the sound server for ever when they are closed or could not be
    opened: a card that is opened again and again would shut out all other programs in the end, and itself."""

    _connection: Any = None

    def __init__(self, **settings: Any) -> None:
        try:
            super().__init__(**settings)
        except miniaudio.MiniaudioError:
            self.close()
            raise

    def _make_context(self, *arguments: Any, **named: Any) -> Any:
        self._connection = super()._make_context(*arguments, **named)  # type: ignore[misc]
        return self._connection

    def close(self) -> None:
        super().close()  # type: ignore[misc]
        connection, self._connection = self._connection, None
        if connection is not None:
            miniaudio.lib.ma_context_uninit(connection)


class Loudspeaker(_LettingGo, miniaudio.PlaybackDevice):  # type: ignore[misc]
    """As miniaudio's."""


class Microphone(_LettingGo, miniaudio.CaptureDevice):  # type: ignore[misc]
    """As miniaudio's."""


class _MiniaudioCard:
    """As any ``Card``; each direction in a thread of miniaudio's own."""

    def __init__(
        self, server: SoundServer, loudspeaker: str, microphone: str | None, *, rate: int, buffer_ms: int
    ) -> None:
        common: dict[str, Any] = {
            "nchannels": 1,
            "sample_rate": rate,
            "backends": [miniaudio.Backend[server.backend]],
            "app_name": "CATGEM",
        }
        self.stopped = False
        self.loudspeaker_in_use, self.microphone_in_use = loudspeaker, microphone or ""
        self._microphone: Microphone | None = None
        try:
            self._loudspeaker = Loudspeaker(device_id=native_id(loudspeaker), buffersize_msec=buffer_ms, **common)
        except miniaudio.MiniaudioError as error:
            raise NoDeviceError(str(error)) from error
        if microphone is not None:
            try:
                self._microphone = Microphone(device_id=native_id(microphone), buffersize_msec=BLOCK_MS, **common)
            except miniaudio.MiniaudioError as error:
                _log.warning("no microphone: %s", error)
        for device in self._devices():
            device.stop_callback = self._notice_stop

    @property
    def has_microphone(self) -> bool:
        return self._microphone is not None

    def start(self, play: Generator[bytes, int, None], hear: Generator[None, bytes, None]) -> None:
        try:
            if self._microphone is not None:
                self._microphone.start(hear)
            self._loudspeaker.start(play)
        except miniaudio.MiniaudioError as error:
            raise NoDeviceError(str(error)) from error

    def close(self) -> None:
        threading.Thread(target=self._close, name="sound-close", daemon=True).start()

    def _close(self) -> None:
        for device in self._devices():
            device.close()

    def _devices(self) -> list[Any]:
        return [device for device in (self._loudspeaker, self._microphone) if device is not None]

    def _notice_stop(self) -> None:
        self.stopped = True
