"""The sound card driving the bridge, or a null device where there is none.

The bridge always has a clock, so a card that vanishes costs a moment of silence and never a call; and another card, or
another reserve, is opened and runs steadily before the one in use is let go.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from catgem_tui.phone.engine.crowding import Crowding
from catgem_tui.phone.engine.devices import DeviceWatch, NoDeviceError, id_of
from catgem_tui.phone.engine.direct import DirectSound, Wish, resolve
from catgem_tui.phone.engine.library import Library, fill_packets
from catgem_tui.phone.engine.mixer import Mixer
from catgem_tui.phone.engine.sparing import Sparing
from catgem_tui.phone.engine.voice import Voice
from catgem_tui.phone.port import (
    SOUND,
    ChooseDevices,
    DevicesListed,
    EngineSettings,
    Latency,
    PhoneEvent,
    SoundChanged,
    Tune,
)

_log = logging.getLogger(__name__)

FIRST_OPENING_SECONDS = 3.0
STALL_SECONDS = 2.5
"""A card that asks for no sample in so long is gone. PulseAudio's sinks may sleep two seconds when streams change."""
WARM_UP_SECONDS = 5.0
"""How long a card may take until it runs steadily."""
STEADY_FRAMES = 20
"""A card that has asked for so many runs steadily; the first few only fill its buffer."""
RETRY_SECONDS = 3.0
FULL_LEVEL = 45
"""What the library measures for a sine of full scale; its measure is logarithmic (45, 39, 32, … in steps of 6 dB)."""
QUICK_MS, SAFE_MS = 10, 20
"""Given to the loudspeaker in advance, and length of our packets."""


class _Opening:
    """Opening a card in a thread of its own: a sound server that doesn't answer blocks whoever asks it."""

    def __init__(self, library: Library, wish: Wish, voice: Voice, frame_ms: int) -> None:
        self.sound: DirectSound | None = None
        self.wish = wish
        arguments = library, wish, voice, frame_ms
        self.thread = threading.Thread(target=self._open, args=arguments, name="sound-open", daemon=True)
        self.thread.start()

    def _open(self, library: Library, wish: Wish, voice: Voice, frame_ms: int) -> None:
        try:
            self.sound = DirectSound(library, wish, voice, frame_ms)
        except NoDeviceError as error:
            _log.info("%s", error)


class Sound:
    """Every method runs on the library's thread."""

    def __init__(
        self, library: Library, settings: EngineSettings, mixer: Mixer, emit: Callable[[PhoneEvent], None]
    ) -> None:
        self._library = library
        self._settings = settings
        self._emit = emit
        self._null = library.endpoint.audDevManager()
        self._bridge: Any = self._null.getPlaybackDevMedia()
        mixer.add(SOUND, source=True, sink=True, port=self._bridge)
        self._voice = Voice(library, library.frame_samples)
        self._tuning = Tune()
        self._muted = False
        self.choice = ChooseDevices(
            microphone=settings.microphone, loudspeaker=settings.loudspeaker, ringer=settings.ringer
        )
        self._watch: DeviceWatch | None = None
        self._watched = self._asked = False
        self._looks = 0
        self._listed: tuple[Any, ...] = ()
        self._problem = ""
        self._current: DirectSound | None = None
        """The bridge's clock; without it, the null device is."""
        self._coming: DirectSound | None = None
        """Opened, and not steady yet."""
        self._coming_since = 0.0
        self._opening: _Opening | None = None
        self._master = 0
        """Address of the bridge's master port, while a card drives it."""
        self._played = 0
        self._moved_at = 0.0
        self._retry_at = 0.0
        self._sparing = Sparing(settings.quick_after)
        self._crowding = Crowding()
        self._underruns = self._overruns = 0
        """Of the cards that were let go."""
        if settings.sound and not _has_library():
            self._problem = "no_library"
        elif settings.sound:
            self._watch = DeviceWatch()
            self._open()
            if self._opening is not None:
                self._opening.thread.join(FIRST_OPENING_SECONDS)
            self._problem = "no_device"
            self._adopt()
        self._told = self.state()

    # --- commands ---

    def mute(self, *, muted: bool) -> None:
        self._muted = self._voice.measuring = muted
        self._set_levels()

    def tune(self, command: Tune) -> None:
        self._tuning = command
        self._voice.tune(command)
        self._set_levels()

    def choose(self, command: ChooseDevices) -> None:
        self.choice = command
        self._retry_at = 0.0
        self.look_after(in_call=True)

    def list_devices(self, *, watch: bool) -> None:
        self._watched = watch
        if self._watch is None:
            self._emit(DevicesListed(devices=()))
        else:
            self._asked = True
            self._watch.hurry()

    def _set_levels(self) -> None:
        # "Tx" is seen from the card: what it sends to the bridge.
        self._bridge.adjustTxLevel(0.0 if self._muted else self._tuning.microphone)
        self._bridge.adjustRxLevel(self._tuning.loudspeaker)

    # --- what there is to say ---

    def levels(self) -> tuple[float, float]:
        """Of the microphone, muted or not, and of the loudspeaker, 0 to 1."""
        microphone = self._voice.level(self._tuning.microphone) if self._muted else self._bridge.getTxLevel()
        return min(1.0, microphone / FULL_LEVEL), min(1.0, self._bridge.getRxLevel() / FULL_LEVEL)

    def troubles(self) -> tuple[int, int]:
        """Under- and overruns so far."""
        current = self._current
        under, over = (current.underruns, current.overruns) if current is not None else (0, 0)
        return self._underruns + under, self._overruns + over

    def state(self) -> SoundChanged:
        sound = self._current or self._coming
        latency = Latency.QUICK if self._buffer_ms() == QUICK_MS else Latency.SAFE
        if sound is None:
            return SoundChanged(sound_problem=self._problem, latency=latency)
        return SoundChanged(
            sound=sound.name, microphone=sound.microphone_name, missing=sound.resolved.missing, latency=latency
        )

    # --- looking after it ---

    def look_after(self, *, in_call: bool) -> None:
        """Notice a card that came, went or does not keep up. Called five times a second."""
        if self._watch is None:
            return
        now = time.monotonic()
        if self._opening is not None:
            self._adopt()
        if self._coming is not None:
            self._settle(self._coming, now)
        if self._current is not None:
            self._guard(self._current, now)
        if self._current is not None and self._settings.latency is Latency.AUTO:
            self._choose_reserve(self._current, now, in_call=in_call)
        self._tell_devices()
        if (sound := self._current or self._coming) is not None:
            sound.learn_names(self._watch.devices or ())
        busy = self._opening is not None or self._coming is not None
        if not busy and now >= self._retry_at and self._is_another_wanted():
            self._open()
        state = self.state()
        if state != self._told:
            self._told = state
            self._emit(state)

    def _buffer_ms(self) -> int:
        if self._settings.latency is Latency.AUTO:
            return SAFE_MS if self._sparing.on else QUICK_MS
        return QUICK_MS if self._settings.latency is Latency.QUICK else SAFE_MS

    def _wish(self) -> Wish:
        return Wish(replace(self.choice, ringer=""), self._buffer_ms())

    def _is_another_wanted(self) -> bool:
        current = self._current
        if current is None:
            return True
        if current.wish != self._wish():
            return True
        devices = self._watch.devices if self._watch is not None else None
        if not devices:
            return False
        now = resolve(self.choice, devices)
        return [id_of(now.microphone), id_of(now.loudspeaker)] != [
            id_of(current.resolved.microphone), id_of(current.resolved.loudspeaker)
        ]  # fmt: skip

    def _open(self) -> None:
        wish = self._wish()
        fill_packets(self._library.endpoint, wish.buffer_ms)
        self._opening = _Opening(self._library, wish, self._voice, self._library.frame_ms)

    def _adopt(self) -> None:
        """Take over what has been opened, if it has been by now."""
        opening = self._opening
        if opening is None or opening.thread.is_alive():
            return
        self._opening = None
        if opening.sound is None:
            self._problem = "no_device"
            # A card that only one may open at a time: let it go, then try again at once.
            self._retry_at = 0.0 if self._current is not None else time.monotonic() + RETRY_SECONDS
            self._let_go()
            return
        self._problem = ""
        self._coming, self._coming_since = opening.sound, time.monotonic()
        try:
            self._coming.start()
        except NoDeviceError as error:
            _log.warning("the sound card %s: %s", self._coming.name, error)
            self._lose_coming()

    def _settle(self, coming: DirectSound, now: float) -> None:
        """Only when it runs steadily may what drives the bridge go: it is never without a clock."""
        if coming.frames_played >= STEADY_FRAMES:
            self._coming = None
            before, self._current = self._current, coming
            self._played, self._moved_at = coming.frames_played, now
            if before is not None:
                self._count(before)
                before.close()
            else:
                self._master = int(self._null.setNoDev())
            coming.drive(self._master)
        elif coming.stopped or now - self._coming_since > WARM_UP_SECONDS:
            _log.warning("the sound card %s does not play", coming.name)
            self._lose_coming()

    def _lose_coming(self) -> None:
        if self._coming is not None:
            self._coming.close()
            self._coming = None
        self._retry_at = time.monotonic() + RETRY_SECONDS
        if self._current is None:
            self._problem = "no_device"

    def _guard(self, current: DirectSound, now: float) -> None:
        played = current.frames_played
        if played != self._played:
            self._played, self._moved_at = played, now
        if current.stopped or now - self._moved_at > STALL_SECONDS:
            _log.warning("the sound card %s is gone", current.name)
            self._problem = "no_device"
            self._let_go()
            self._retry_at = 0.0

    def _choose_reserve(self, current: DirectSound, now: float, *, in_call: bool) -> None:
        """More, when there was trouble or is about to be: others take the processor from us."""
        if self._sparing.on:
            self._sparing.look(now, in_call=in_call, in_time_for=current.in_time_for())
            return
        if not in_call:
            self._crowding.forget()
        if (in_call and self._crowding.is_too_much()) or current.strained():
            _log.warning("the machine does not keep up with a reserve of %d ms", QUICK_MS)
            self._sparing.begin(now)

    def _let_go(self) -> None:
        """Back to the null device."""
        if self._current is not None:
            self._count(self._current)
            self._current.close()
            self._current = None
            self._null.setNullDev()

    def _count(self, leaving: DirectSound) -> None:
        self._underruns += leaving.underruns
        self._overruns += leaving.overruns

    def _tell_devices(self) -> None:
        watch = self._watch
        if watch is None or watch.looks == self._looks or watch.devices is None:
            return
        self._looks = watch.looks
        if self._asked or (self._watched and self._listed != watch.devices):
            self._asked = False
            self._listed = watch.devices
            self._emit(DevicesListed(devices=watch.devices, server=watch.server, answer_ms=watch.answer_ms))


def _has_library() -> bool:
    """Asked before there are other threads: of two that import what can't be, one may go on with half of it."""
    try:
        import miniaudio  # noqa: F401
    except ImportError as error:
        _log.info("%s", error)
        return False
    return True
