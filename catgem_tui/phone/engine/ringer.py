"""The ringing device: a loudspeaker of its own, so that it rings in the room while the headset lies on the table.

It plays a file past the bridge. Where it can't be opened, or dies while it rings, the loudspeaker rings instead.
"""

import logging
import threading
import time
from collections.abc import Callable, Generator
from typing import Protocol

from catgem_tui.phone.engine.devices import NoServerError, find_device, native_id, reach_server
from catgem_tui.phone.port import DeviceKind, Play

_log = logging.getLogger(__name__)

STALL_SECONDS = 2.5
"""A device that takes longer to open, or to ask for its next sample, does not ring. PulseAudio's sinks may sleep two
seconds when streams change."""
_RATE = 48000
_BLOCK_MS = 40


class Ended(Protocol):
    def __call__(self, command: Play, *, heard: bool) -> None: ...


class Ringer:
    """``wanted`` tells the device that was chosen; empty: the loudspeaker rings. All but the opening runs on the
    library's thread."""

    def __init__(self, wanted: Callable[[], str]) -> None:
        self._wanted = wanted
        self._ringing: _Ringing | None = None

    def ring(self, command: Play, ended: Ended) -> bool:
        """Play a file there; returns whether there is a ringing device at all. It may yet turn out not to work."""
        wanted = self._wanted()
        if not wanted:
            return False
        if self._ringing is not None:
            self._ringing.close()
        self._ringing = _Ringing(command, wanted, ended)
        return True

    def stop(self, player: str) -> None:
        if self._ringing is not None and self._ringing.command.player == player:
            self._ringing.close()
            self._ringing = None

    def look_after(self) -> None:
        """Called five times a second."""
        ringing = self._ringing
        if ringing is None or (heard := ringing.over()) is None:
            return
        self._ringing = None
        ringing.close()
        ringing.ended(ringing.command, heard=heard)


class _Ringing:
    """One file played on one device, from its own thread."""

    def __init__(self, command: Play, wanted: str, ended: Ended) -> None:
        self.command = command
        self.ended = ended
        self._wanted = wanted
        self._failed = self._done = False
        self._closed = threading.Event()
        self._moved_at = time.monotonic()
        threading.Thread(target=self._work, name="ringer", daemon=True).start()

    def over(self) -> bool | None:
        """Whether it was heard to its end, or False when it can't be; None while it rings."""
        if self._failed or time.monotonic() - self._moved_at > STALL_SECONDS:
            return False
        return True if self._done else None

    def close(self) -> None:
        self._closed.set()

    def _work(self) -> None:
        """Open, play and close: a sound server that doesn't answer holds up nobody else."""
        import miniaudio

        from catgem_tui.phone.engine import cards

        try:
            server = reach_server()
            device = find_device(server.list_devices(), DeviceKind.LOUDSPEAKER, self._wanted)
            server.close()
            if device is None:
                _log.warning("the ringing device %s is not there", self._wanted)
                self._failed = True
                return
            sound = miniaudio.decode_file(self.command.path, nchannels=1, sample_rate=_RATE)
            playing = cards.Loudspeaker(
                nchannels=1,
                sample_rate=_RATE,
                buffersize_msec=_BLOCK_MS,
                device_id=native_id(device.id),
                backends=[miniaudio.Backend[server.backend]],
                app_name="CATGEM",
            )
            playing.stop_callback = self._notice_stop
            work = self._play(sound.samples.tobytes())
            next(work)
            playing.start(work)
        except (ImportError, NoServerError, miniaudio.MiniaudioError) as error:
            _log.warning("the ringing device: %s", error)
            self._failed = True
            return
        self._closed.wait()
        playing.close()

    def _notice_stop(self) -> None:
        self._failed = not self._done

    def _play(self, data: bytes) -> Generator[bytes, int, None]:
        place = 0
        wanted = (yield b"") * 2
        while True:
            self._moved_at = time.monotonic()
            piece = data[place : place + wanted]
            place += wanted
            while len(piece) < wanted:
                if self.command.loop:
                    place = wanted - len(piece)
                    piece += data[:place]
                else:
                    self._done = place - wanted > len(data) + _RATE * 2 * _BLOCK_MS // 1000
                    piece += bytes(wanted - len(piece))
            wanted = (yield piece) * 2
