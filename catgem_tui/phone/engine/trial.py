"""Trying the microphone: recorded for a few seconds, played back, thrown away."""

import contextlib
import tempfile
import time
import wave
from array import array
from collections.abc import Callable
from pathlib import Path

from catgem_tui.phone.engine.mixer import Mixer
from catgem_tui.phone.engine.players import Players
from catgem_tui.phone.engine.recorder import Recorders
from catgem_tui.phone.port import (
    SOUND,
    MicrophoneTried,
    PhoneEvent,
    Play,
    TrialStep,
    TryMicrophone,
)

_NAME = "microphone-trial"
_LONGEST = 10.0
"""Seconds."""


class Trial:
    """Runs on the library's thread."""

    def __init__(
        self, mixer: Mixer, recorders: Recorders, players: Players, emit: Callable[[PhoneEvent], None]
    ) -> None:
        self._mixer = mixer
        self._recorders = recorders
        self._players = players
        self._emit = emit
        self._path: Path | None = None
        self._ends_at = 0.0
        self._playing = False

    def begin(self, command: TryMicrophone) -> None:
        """Raises PhoneError ``no_such_file`` where nothing can be recorded."""
        self.drop()
        with tempfile.NamedTemporaryFile(prefix="catgem-", suffix=".wav", delete=False) as file:
            self._path = Path(file.name)
        self._recorders.record(_NAME, str(self._path))
        self._mixer.connect(SOUND, f"{_NAME}:left")
        self._ends_at = time.monotonic() + min(command.seconds, _LONGEST)
        self._emit(MicrophoneTried(step=TrialStep.RECORDING))

    def look_after(self) -> None:
        """Called five times a second."""
        if self._path is None or self._playing or time.monotonic() < self._ends_at:
            return
        self._recorders.stop(_NAME)
        _keep_one_channel(self._path)
        self._playing = True
        self._players.play(Play(player=_NAME, path=str(self._path), to=(SOUND,)))
        self._emit(MicrophoneTried(step=TrialStep.PLAYING))

    def heard(self, player: str) -> bool:
        """A player has ended; returns whether it was ours."""
        if player != _NAME or not self._playing:
            return False
        self.drop()
        self._emit(MicrophoneTried(step=TrialStep.OVER))
        return True

    def drop(self) -> None:
        """Leave nothing behind."""
        self._recorders.stop(_NAME)
        self._players.stop(_NAME)
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()
        self._path, self._playing = None, False


def _keep_one_channel(path: Path) -> None:
    """Players take mono only; recordings have two channels."""
    with wave.open(str(path)) as file:
        rate, left = file.getframerate(), array("h", file.readframes(file.getnframes()))[::2]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(left.tobytes())
