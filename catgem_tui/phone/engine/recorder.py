"""Two-channel recordings that are playable up to the moment of a kill -9."""

import contextlib
import ctypes
import errno
import logging
import os
import struct
import threading
from array import array
from collections import deque
from pathlib import Path
from typing import Any

import pjsua2 as pj

from catgem_tui.phone.engine.grave import Grave
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

    def __init__(self, frame_bytes: int) -> None:
        super().__init__()
        self.frames: deque[bytes] = deque()
        self._silence = bytes(frame_bytes)

    def onFrameReceived(self, frame: Any) -> None:
        vector = frame.buf
        size = vector.size()
        if size == len(self._silence):
            # The address of the vector's first element: 1 µs, against 227 for bytes(frame.buf).
            start = ctypes.c_void_p.from_address(int(vector.this))
            self.frames.append(ctypes.string_at(start, size))
        else:
            self.frames.append(self._silence)


class _Recording:
    """A WAV file that grows, fed by two sides and written by a thread of its own: a disk may stall, a clock may not."""

    def __init__(self, path: str, frame_ms: int) -> None:
        samples = CLOCK_RATE * frame_ms // 1000
        self._file = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        self._bytes = 0
        try:
            self._write_header()
        except OSError:
            os.close(self._file)
            raise
        self._silence = bytes(samples * 2)
        self._stopped = threading.Event()
        form = pj.MediaFormatAudio()
        form.init(pj.PJMEDIA_FORMAT_PCM, CLOCK_RATE, 1, frame_ms * 1000, 16)
        self.left = _Side(samples * 2)
        self.right = _Side(samples * 2)
        self.left.createPort("left", form)
        self.right.createPort("right", form)
        self._failing = False
        self._thread = threading.Thread(target=self._write, name="recorder", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Complete the file; a disk that stalls is left to it, for this thread has calls to serve."""
        self._stopped.set()
        self._thread.join(CLOSE_SECONDS)

    def _write(self) -> None:
        while not self._stopped.wait(WRITE_SECONDS):
            self._take(min(len(self.left.frames), len(self.right.frames)))
        self._take(max(len(self.left.frames), len(self.right.frames)))
        with contextlib.suppress(OSError):
            os.close(self._file)

    def _take(self, count: int) -> None:
        """Write ``count`` frames of both sides, silence where one side has fewer."""
        if not count:
            return
        both = array("h", bytes(2 * count * len(self._silence)))
        both[0::2] = array("h", self._gather(self.left, count))
        both[1::2] = array("h", self._gather(self.right, count))
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

    def _gather(self, side: _Side, count: int) -> bytes:
        frames = side.frames
        return b"".join(frames.popleft() if frames else self._silence for _ in range(count))

    def _write_header(self) -> None:
        size = self._bytes
        header = _HEADER.pack(
            b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 2, CLOCK_RATE, CLOCK_RATE * 4, 4, 16, b"data", size
        )
        os.pwrite(self._file, header, 0)


class Recorders:
    def __init__(self, mixer: Mixer, grave: Grave, frame_ms: int) -> None:
        self._mixer = mixer
        self._grave = grave
        self._frame_ms = frame_ms
        self._recordings: dict[str, _Recording] = {}

    def record(self, name: str, path: str) -> None:
        """Raises PhoneError ``no_such_file`` when the file cannot be made."""
        self.stop(name)
        if not Path(path).parent.is_dir():
            raise PhoneError("no_such_file", path)
        try:
            recording = _Recording(path, self._frame_ms)
        except OSError as error:
            raise PhoneError("no_such_file", f"{path}: {error.strerror}") from error
        self._recordings[name] = recording
        self._mixer.add(f"{name}:left", source=False, sink=True, port=recording.left)
        self._mixer.add(f"{name}:right", source=False, sink=True, port=recording.right)

    def stop(self, name: str) -> None:
        """Complete a recording; one that was stopped already is no error."""
        recording = self._recordings.pop(name, None)
        if recording is None:
            return
        self._mixer.remove(f"{name}:left")
        self._mixer.remove(f"{name}:right")
        recording.close()
        self._grave.bury(recording)

    def stop_all(self) -> None:
        for name in list(self._recordings):
            self.stop(name)
