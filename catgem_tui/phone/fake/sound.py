"""What sounds in a fake telephone: only the books of it, who is connected to whom and what plays."""

import asyncio
import contextlib
import struct
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from catgem_tui.phone import port
from catgem_tui.phone.port import RINGER, SOUND, PhoneError, PhoneEvent


@dataclass
class _Player:
    seconds: float | None
    """None when it loops."""
    timer: asyncio.TimerHandle | None = None


class FakeSound:
    """``is_call`` tells whether a name is a call's."""

    def __init__(self, is_call: Callable[[str], bool], emit: Callable[[PhoneEvent], None]) -> None:
        self._is_call = is_call
        self._emit = emit
        self._players: dict[str, _Player] = {}
        self._recorders: set[str] = set()
        self._connections: set[tuple[str, str]] = set()

    def play(self, command: port.Play) -> None:
        """Raises PhoneError ``no_such_file``, ``no_such_endpoint``."""
        seconds = _measure_sound(command.path)
        self.stop_playing(command.player)
        self._players[command.player] = _Player(None if command.loop else seconds)
        try:
            for sink in command.to:
                self.connect(command.player, sink)
        except PhoneError:
            self.stop_playing(command.player)
            raise

    def stop_playing(self, name: str) -> None:
        player = self._players.pop(name, None)
        if player is not None and player.timer is not None:
            player.timer.cancel()
        self.drop(name)

    def record(self, command: port.Record) -> None:
        """Raises PhoneError ``no_such_file``."""
        try:
            with Path(command.path).open("wb") as raw, wave.open(raw) as file:
                file.setnchannels(2)
                file.setsampwidth(2)
                file.setframerate(16000)
        except OSError as error:
            raise PhoneError("no_such_file", command.path) from error
        self._recorders.add(command.recorder)

    def stop_recording(self, name: str) -> None:
        self._recorders.discard(name)
        for side in ("left", "right"):
            self.drop(f"{name}:{side}")

    def connect(self, source: str, sink: str) -> None:
        """Raises PhoneError ``no_such_endpoint``."""
        if not self._is_call(source) and source not in self._players and source != SOUND:
            raise PhoneError("no_such_endpoint", source)
        recorder, _, side = sink.rpartition(":")
        is_side = recorder in self._recorders and side in ("left", "right")
        if not self._is_call(sink) and sink not in (SOUND, RINGER) and not is_side:
            raise PhoneError("no_such_endpoint", sink)
        self._connections.add((source, sink))
        player = self._players.get(source)
        if player is not None and player.timer is None and player.seconds is not None:
            player.timer = asyncio.get_running_loop().call_later(player.seconds, self._end_playing, source)

    def connect_call(self, call: str) -> None:
        """To the sound card, both ways."""
        self.connect(call, SOUND)
        self.connect(SOUND, call)

    def disconnect(self, source: str, sink: str) -> None:
        self._connections.discard((source, sink))

    def drop(self, name: str) -> None:
        """Nobody hears it, and it hears nobody."""
        self._connections = {pair for pair in self._connections if name not in pair}

    def list_sources(self, sink: str) -> set[str]:
        """Names of those that ``sink`` hears."""
        return {source for source, taker in self._connections if taker == sink}

    def fall_silent(self) -> None:
        for name in list(self._players):
            self.stop_playing(name)

    def _end_playing(self, name: str) -> None:
        self.stop_playing(name)
        self._emit(port.PlayEnded(player=name))


def _measure_sound(path: str) -> float:
    """Seconds a WAV file of any encoding plays. Raises PhoneError ``no_such_file``."""
    with contextlib.suppress(OSError, struct.error, ZeroDivisionError):
        data = Path(path).read_bytes()
        if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
            rate: int = struct.unpack_from("<I", data, data.index(b"fmt ") + 16)[0]
            return len(data[data.index(b"data") + 8 :]) / rate
    raise PhoneError("no_such_file", path)
