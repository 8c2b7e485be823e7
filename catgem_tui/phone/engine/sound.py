"""The sound card: the library's own device if it has any, else miniaudio driving the bridge, else a null device."""

import logging
from collections.abc import Callable
from typing import Any

from catgem_tui.phone.engine.library import Library
from catgem_tui.phone.engine.mixer import Mixer
from catgem_tui.phone.port import SOUND, EngineSettings, PhoneEvent

_log = logging.getLogger(__name__)


class Sound:
    def __init__(
        self, library: Library, settings: EngineSettings, mixer: Mixer, emit: Callable[[PhoneEvent], None]
    ) -> None:
        self.name = ""
        self.problem = "no_device" if settings.sound else ""
        self._bridge: Any = library.endpoint.audDevManager().getPlaybackDevMedia()
        mixer.add(SOUND, source=True, sink=True, port=self._bridge)

    def mute(self, *, muted: bool) -> None:
        self._bridge.adjustRxLevel(0.0 if muted else 1.0)

    def levels(self) -> tuple[float, float]:
        """Of the microphone and of the loudspeaker, 0 to 1."""
        return self._bridge.getRxLevel() / 255, self._bridge.getTxLevel() / 255

    def look_after(self) -> None:
        """Called five times a second."""
