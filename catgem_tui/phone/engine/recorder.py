"""Two-channel recordings that are playable up to the moment of a kill -9."""

import contextlib
import ctypes
import errno
import logging
import os
import struct
import threading
import time
from array import array
from collections import deque
from pathlib import Path
from typing import Any

import pjsua2 as pj

from catgem_tui.phone.engine.library import CLOCK_RATE
from catgem_tui.phone.engine.mixer import Mixer
from catgem_tui.phone.port import PhoneError

_log = logging.getLogger(__name__)

WRITE_SECONDS = 0.2
CLOSE_SECONDS = 0.5
_PIECE = 1 << 20
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


class _Side(pj.AudioMediaPort):  # type: ignore[misc]
    """One channel. The bridge hands over a frame at every tick of its clock, an empty one when nobody is heard."""

    def __init__(self, frame_ms: int) -> None:
        super().__init__()
        samples = CLOCK_RATE * frame_ms // 1000
        self.silence = bytes(samples * 2)
        self.frames: deque[bytes] = deque()
        self.recording = False
        self.idle_since = 0.0
        form = pj.MediaFormatAudio()
        form.init(pj.PJMEDIA_FORMAT_PCM, CLOCK_RATE, 1, frame_ms * 1000, 16)
        self.createPort("side", form)

    def onFrameReceived(self, frame: Any) -> None:
        if not self.recording:
            return
        vector = frame.buf
        size = vector.size()
        if size == len(self.silence):
            # The address of the vector's first element: 1 µs, against 227 for bytes(frame.buf).
            start = ctypes.c_void_p.from_address(int(vector.this))
            self.frames.append(ctypes.string_at(start, size))
        else:
            self.frames.append(self.silence)


class _Sides:
    """Channels to record with. They are used again and never destroyed before the library.

    The bridge lets go of a port on its clock's thread, some time after it was told to; pjsua2 frees the port at once.
    A clock that comes in between calls an object that is gone, and the process dies.
    """

    REST_SECONDS = 1.0
    """Frames of the last recording may still be on their way for a moment."""
    MOST = 200
    """Of the bridge's 254 ports; a call that found none would be silent."""

    def __init__(self, frame_ms: int) -> None:
        self._frame_ms = frame_ms
        self._made = 0
        self._idle: deque[_Side] = deque()

    def take(self) -> _Side:
        """Raises PhoneError ``too_many_recordings``."""
        if self._idle and self._idle[0].idle_since + self.REST_SECONDS < time.monotonic():
            side = self._idle.popleft()
        elif self._made < self.MOST:
            side = _Side(self._frame_ms)
            self._made += 1
        else:
            raise PhoneError("too_many_recordings")
        side.frames = deque()
        return side

    def take_two(self) -> tuple[_Side, _Side]:
        """Raises PhoneError ``too_many_recordings``: the bridge has no place for another."""
        left = self.take()
        try:
            return left, self.take()
        except PhoneError:
            self.give_back(left)
            raise

    def give_back(self, side: _Side) -> None:
        side.recording = False
        side.idle_since = time.monotonic()
        self._idle.append(side)


class _Recording:
    """A WAV file that grows, fed by two sides and written by a thread of its own: a disk may stall, a clock may not."""

    def __init__(self, path: str, left: _Side, right: _Side) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        self._bytes = 0
        try:
            self._write_header()
        except OSError:
            os.close(self._file)
            raise
        self._stopped = threading.Event()
        self._frames = left.frames, right.frames
        self._silence = left.silence
        left.recording = right.recording = True
        self._failing = False
        self._thread = threading.Thread(target=self._write, name="recorder", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Complete the file; a disk that stalls is left to it, for this thread has calls to serve."""
        self._stopped.set()
        self._thread.join(CLOSE_SECONDS)

    def _write(self) -> None:
        left, right = self._frames
        while not self._stopped.wait(WRITE_SECONDS):
            self._take(min(len(left), len(right)))
        self._take(max(len(left), len(right)))
        with contextlib.suppress(OSError):
            os.close(self._file)

    def _take(self, count: int) -> None:
        """Write ``count`` frames of both sides, silence where one side has fewer."""
        if not count:
            return
        both = array("h", bytes(2 * count * len(self._silence)))
        left, right = self._frames
        both[0::2] = array("h", self._gather(left, count))
        both[1::2] = array("h", self._gather(right, count))
        try:
            self._append(memoryview(both).cast("B"))
        except OSError as error:
            # What the disk does not take is lost, but the call and the rest of the recording are not.
            if not self._failing:
                _log.error("a recording cannot be written: %s", error.strerror)
            self._failing = True
        else:
            self._failing = False

    def _append(self, data: memoryview) -> None:
        """Write all of it or count none of it, so that the two channels never change places. Raises OSError."""
        position = _HEADER.size + self._bytes
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            if os.pwrite(self._file, piece, position + start) < len(piece):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._bytes += len(data)
        self._write_header()

    def _gather(self, frames: deque[bytes], count: int) -> bytes:
        return b"".join(frames.popleft() if frames else self._silence for _ in range(count))

    def _write_header(self) -> None:
        size = self._bytes
        header = _HEADER.pack(
            b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 2, CLOCK_RATE, CLOCK_RATE * 4, 4, 16, b"data", size
        )
        os.pwrite(self._file, header, 0)


class Recorders:
    def __init__(self, mixer: Mixer, frame_ms: int) -> None:
        self._mixer = mixer
        self._sides = _Sides(frame_ms)
        self._recordings: dict[str, tuple[_Recording, _Side, _Side]] = {}

    def record(self, name: str, path: str) -> None:
        """Raises PhoneError ``no_such_file`` when the file cannot be made, ``too_many_recordings``."""
        self.stop(name)
        if not Path(path).parent.is_dir():
            raise PhoneError("no_such_file", path)
        left, right = self._sides.take_two()
        try:
            recording = _Recording(path, left, right)
        except OSError as error:
            self._sides.give_back(left)
            self._sides.give_back(right)
            raise PhoneError("no_such_file", f"{path}: {error.strerror}") from error
        self._recordings[name] = recording, left, right
        self._mixer.add(f"{name}:left", source=False, sink=True, port=left)
        self._mixer.add(f"{name}:right", source=False, sink=True, port=right)

    def stop(self, name: str) -> None:
        """Complete a recording; one that was stopped already is no error."""
        if name not in self._recordings:
            return
        recording, left, right = self._recordings.pop(name)
        self._mixer.remove(f"{name}:left")
        self._mixer.remove(f"{name}:right")
        recording.close()
        self._sides.give_back(left)
        self._sides.give_back(right)

    def stop_all(self) -> None:
        for name in list(self._recordings):
            self.stop(name)
