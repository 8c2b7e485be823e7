"""The sound card: the library's own device if it has any, else miniaudio driving the bridge, else a null device.

The bridge always has a clock, so a card that vanishes costs a moment of silence and never a call.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

from catgem_tui.phone.engine.direct import DirectSound, NoDeviceError
from catgem_tui.phone.engine.library import Library, describe_error
from catgem_tui.phone.engine.mixer import Mixer
from catgem_tui.phone.port import SOUND, EngineSettings, PhoneEvent, SoundChanged

_log = logging.getLogger(__name__)

FIRST_OPENING_SECONDS = 3.0
STALL_SECONDS = 2.5
"""A card that asks for no sample in so long is gone. PulseAudio's sinks may sleep two seconds when streams change."""
WARM_UP_SECONDS = 5.0
"""How long a card may take until it runs steadily."""
STEADY_FRAMES = 20
"""A card that has asked for so many runs steadily; the first few only fill its buffer."""
RETRY_SECONDS = 5.0
FULL_LEVEL = 45
"""What the library measures for a sine of full scale; its measure is logarithmic (45, 39, 32, … in steps of 6 dB)."""


class _Opening:
    """Opening a card in a thread of its own: a sound server that doesn't answer blocks whoever asks it."""

    def __init__(self, library: Library, settings: EngineSettings) -> None:
        self.sound: DirectSound | None = None
        self.problem = "no_device"
        self.thread = threading.Thread(target=self._open, args=(library, settings), name="sound-open", daemon=True)
        self.thread.start()

    def _open(self, library: Library, settings: EngineSettings) -> None:
        try:
            self.sound = DirectSound(library, settings)
        except NoDeviceError as error:
            _log.info("%s", error)
        except ImportError as error:
            _log.info("%s", error)
            self.problem = "no_library"


class Sound:
    """Every method runs on the library's thread."""

    def __init__(
        self, library: Library, settings: EngineSettings, mixer: Mixer, emit: Callable[[PhoneEvent], None]
    ) -> None:
        self._library = library
        self._settings = settings
        self._emit = emit
        self._devices = library.endpoint.audDevManager()
        self._bridge: Any = self._devices.getPlaybackDevMedia()
        mixer.add(SOUND, source=True, sink=True, port=self._bridge)
        self.name = ""
        self.problem = ""
        self._direct: DirectSound | None = None
        self._driven = False
        """Whether the card is the bridge's clock yet."""
        self._played = 0
        self._moved_at = 0.0
        self._retry_at = 0.0
        self._opening: _Opening | None = None
        if settings.sound and not self._open_own():
            self._opening = _Opening(library, settings)
            self._opening.thread.join(FIRST_OPENING_SECONDS)
            self.problem = "no_device"
            self._adopt()

    def mute(self, *, muted: bool) -> None:
        # "Tx" is seen from the card: what it sends to the bridge.
        self._bridge.adjustTxLevel(0.0 if muted else 1.0)

    def levels(self) -> tuple[float, float]:
        """Of the microphone and of the loudspeaker, 0 to 1."""
        return min(1.0, self._bridge.getTxLevel() / FULL_LEVEL), min(1.0, self._bridge.getRxLevel() / FULL_LEVEL)

    def look_after(self) -> None:
        """Notice a card that came or went. Called five times a second."""
        now = time.monotonic()
        before = (self.name, self.problem)
        if self._direct is not None:
            self._watch(self._direct, now)
        elif self._opening is not None:
            self._adopt()
        elif self.problem == "no_device" and now >= self._retry_at:
            self._opening = _Opening(self._library, self._settings)
        if (self.name, self.problem) != before:
            self._emit(SoundChanged(sound=self.name, sound_problem=self.problem))

    def _watch(self, direct: DirectSound, now: float) -> None:
        played = direct.frames_played
        if not self._driven and played >= STEADY_FRAMES:
            # Only now may the null device go: the bridge is never without a clock.
            self._driven = True
            direct.drive(int(self._devices.setNoDev()))
        if self._driven and played != self._played:
            self._played, self._moved_at = played, now
        elif direct.stopped or now - self._moved_at > (STALL_SECONDS if self._driven else WARM_UP_SECONDS):
            _log.warning("the sound card %s is gone", self.name)
            self._fall_back("no_device")

    def _open_own(self) -> bool:
        """Use the library's own devices; False when it was built without any."""
        devices = self._devices.enumDev2()
        if len(devices) == 0:
            return False
        try:
            self._devices.setCaptureDev(
                self._find(devices, self._settings.microphone, pj.PJMEDIA_AUD_DEFAULT_CAPTURE_DEV)
            )
            self._devices.setPlaybackDev(
                self._find(devices, self._settings.loudspeaker, pj.PJMEDIA_AUD_DEFAULT_PLAYBACK_DEV)
            )
            information = self._devices.getDevInfo(self._devices.getPlaybackDev())
            self.name = information.name
        except pj.Error as error:
            _log.warning("the sound card: %s", describe_error(error))
            self._devices.setNullDev()
            self.problem = "no_device"
        return True

    def _find(self, devices: Any, wanted: str, default: int) -> int:
        for index in range(len(devices)):
            if wanted and wanted.lower() in devices[index].name.lower():
                return int(devices[index].id)
        return int(default)

    def _adopt(self) -> None:
        """Take over what has been opened, if it has been by now."""
        opening = self._opening
        if opening is None or opening.thread.is_alive():
            return
        self._opening = None
        if opening.sound is None:
            self._fall_back(opening.problem)
            return
        self._direct, self.name, self.problem = opening.sound, opening.sound.name, ""
        self._driven, self._played, self._moved_at = False, 0, time.monotonic()
        try:
            self._direct.start()
        except NoDeviceError as error:
            _log.warning("the sound card %s: %s", self.name, error)
            self._fall_back("no_device")

    def _fall_back(self, problem: str) -> None:
        if self._direct is not None:
            self._direct.close()
            self._direct = None
        if self._driven:
            self._driven = False
            self._devices.setNullDev()
        self.name, self.problem = "", problem
        self._retry_at = time.monotonic() + RETRY_SECONDS
