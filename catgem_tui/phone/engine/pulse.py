"""A card of PulseAudio's, or PipeWire's, by their own library (libpulse): both directions over one connection, in one
thread that gives and takes whole blocks.

miniaudio has a thread and a connection for each, and leaves to the server how often they are woken: at every quarter of
the buffer, which costs more than all else in a call.
"""

import ctypes
import functools
import logging
import os
import threading
from collections.abc import Generator
from typing import Any

from catgem_tui.phone.engine.devices import NoDeviceError
from catgem_tui.phone.engine.guard import guarded

_log = logging.getLogger(__name__)

BLOCK_MS = 10
"""What the server asks for at a time, and what the microphone brings at a time."""
SPARE_MS = 1
"""Given on top of what is wished, and asked for so much sooner: a server that converts rates takes some samples more or
less than a block, and for a headset of 8,000 Hz keeps half of this for itself."""
OPENING_SECONDS = 5.0
_WIDTH = 2
"""Bytes a sample."""

_ANY = 0xFFFFFFFF
_S16LE = 3
_NO_AUTOSPAWN = 1
_DONT_MOVE, _ADJUST_LATENCY = 0x0200, 0x2000
_INPUT = 1
_RELATIVE = 0
_CONNECTED, _DISCONNECTED = 4, {5, 6}
"""Of ``pa_context_state_t``"""
_READY, _OVER = 2, {3, 4}
"""Of ``pa_stream_state_t``"""


class _Spec(ctypes.Structure):
    """``pa_sample_spec``"""

    _fields_ = [("format", ctypes.c_int), ("rate", ctypes.c_uint32), ("channels", ctypes.c_uint8)]


class _Buffer(ctypes.Structure):
    """``pa_buffer_attr``, in bytes."""

    _fields_ = [(name, ctypes.c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize")]


_pointer, _int, _text, _size = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t
_Changed = ctypes.CFUNCTYPE(None, _pointer, _pointer)
_Ready = ctypes.CFUNCTYPE(None, _pointer, _size, _pointer)
_Rung = ctypes.CFUNCTYPE(None, _pointer, _pointer, _int, _int, _pointer)


class _Api(ctypes.Structure):
    """How ``pa_mainloop_api`` begins."""

    _fields_ = [("userdata", _pointer), ("io_new", ctypes.CFUNCTYPE(_pointer, _pointer, _int, _int, _Rung, _pointer))]


_FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "pa_mainloop_new": (_pointer,),
    "pa_mainloop_get_api": (ctypes.POINTER(_Api), _pointer),
    "pa_mainloop_run": (_int, _pointer, _pointer),
    "pa_mainloop_quit": (None, _pointer, _int),
    "pa_mainloop_free": (None, _pointer),
    "pa_context_new": (_pointer, _pointer, _text),
    "pa_context_set_state_callback": (None, _pointer, _Changed, _pointer),
    "pa_context_connect": (_int, _pointer, _text, _int, _pointer),
    "pa_context_get_state": (_int, _pointer),
    "pa_context_errno": (_int, _pointer),
    "pa_context_disconnect": (None, _pointer),
    "pa_context_unref": (None, _pointer),
    "pa_strerror": (_text, _int),
    "pa_stream_new": (_pointer, _pointer, _text, _pointer, _pointer),
    "pa_stream_set_state_callback": (None, _pointer, _Changed, _pointer),
    "pa_stream_set_write_callback": (None, _pointer, _Ready, _pointer),
    "pa_stream_set_read_callback": (None, _pointer, _Ready, _pointer),
    "pa_stream_set_buffer_attr_callback": (None, _pointer, _Changed, _pointer),
    "pa_stream_set_moved_callback": (None, _pointer, _Changed, _pointer),
    "pa_stream_connect_playback": (_int, _pointer, _text, _pointer, _int, _pointer, _pointer),
    "pa_stream_connect_record": (_int, _pointer, _text, _pointer, _int),
    "pa_stream_get_state": (_int, _pointer),
    "pa_stream_get_device_name": (_text, _pointer),
    "pa_stream_get_buffer_attr": (ctypes.POINTER(_Buffer), _pointer),
    "pa_stream_writable_size": (_size, _pointer),
    "pa_stream_write": (_int, _pointer, _text, _size, _pointer, ctypes.c_int64, _int),
    "pa_stream_peek": (_int, _pointer, _pointer, _pointer),
    "pa_stream_drop": (_int, _pointer),
    "pa_stream_disconnect": (_int, _pointer),
    "pa_stream_unref": (None, _pointer),
}
"""What each of the library's functions returns, and takes."""
_WAITING = {"pa_mainloop_run", "pa_context_new", "pa_context_connect"}
"""Those that may take their time; all others are over sooner than the interpreter is given to somebody else."""


@functools.cache
def _load() -> Any:
    library, patient = ctypes.PyDLL("libpulse.so.0"), ctypes.CDLL("libpulse.so.0")
    for name, (result, *arguments) in _FUNCTIONS.items():
        if name in _WAITING:
            setattr(library, name, getattr(patient, name))
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class PulseCard:
    """A loudspeaker and, if wished, a microphone; mono, of 16 bits."""

    def __init__(self, loudspeaker: str, microphone: str | None, *, rate: int, buffer_ms: int) -> None:
        """Open them; takes as long as the server does, up to OPENING_SECONDS.

        Devices by name: empty is the server's choice, None (of a microphone) is none. ``buffer_ms``: how much is given
        in advance; half of it is what the server passes on at a time. Raises NoDeviceError for the loudspeaker.
        """
        try:
            self._pa = _load()
        except OSError as error:
            raise NoDeviceError(str(error)) from error
        self._names = loudspeaker, microphone
        self._rate = rate
        self._buffer_ms = buffer_ms
        self._play: Generator[bytes, int, None] | None = None
        self._hear: Generator[None, bytes, None] | None = None
        self.has_microphone = False
        self.loudspeaker_in_use = self.microphone_in_use = ""
        """Which devices these are now: what the system chose may be unplugged, and the server goes on with another."""
        self.stopped = False
        """Whether one of both is gone, or the server."""
        self._problem = ""
        self._opened = threading.Event()
        self._closed = False
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._bell_lock = threading.Lock()
        threading.Thread(target=self._work, name="sound-card", daemon=True).start()
        if not self._opened.wait(OPENING_SECONDS):
            self._problem = "the sound server does not answer"
        if self._problem:
            self.close()
            raise NoDeviceError(self._problem)

    def start(self, play: Generator[bytes, int, None], hear: Generator[None, bytes, None]) -> None:
        """``play`` is sent how many samples are wanted and yields them; ``hear`` is sent what the microphone brings."""
        self._play, self._hear = play, hear
        self._ring()

    def close(self) -> None:
        """Returns at once, whether or not the server answers."""
        self._closed = True
        self._ring()

    def _ring(self) -> None:
        """Wake the thread."""
        with self._bell_lock:
            if self._bell >= 0:
                os.eventfd_write(self._bell, 1)

    # --- in the thread ---

    def _work(self) -> None:
        pa = self._pa
        self._loop = pa.pa_mainloop_new()
        api = pa.pa_mainloop_get_api(self._loop)
        self._context = pa.pa_context_new(api, b"CATGEM")
        self._speaker: int | None = None
        self._mouth: int | None = None
        # Kept until the library calls them no more.
        rung, changed = _Rung(guarded(self._answer_bell)), _Changed(guarded(self._follow_context))
        self._followed, self._resized = _Changed(guarded(self._follow_streams)), _Changed(guarded(self._measure_room))
        self._moved = _Changed(guarded(self._follow_move))
        self._wanted, self._brought = _Ready(self._give), _Ready(self._take)
        api.contents.io_new(api, self._bell, _INPUT, rung, None)
        pa.pa_context_set_state_callback(self._context, changed, None)
        if pa.pa_context_connect(self._context, None, _NO_AUTOSPAWN, None) < 0:
            self._fail()
        pa.pa_mainloop_run(self._loop, None)
        self._fail()
        for stream in (self._speaker, self._mouth):
            if stream is not None:
                pa.pa_stream_disconnect(stream)
                pa.pa_stream_unref(stream)
        pa.pa_context_disconnect(self._context)
        pa.pa_context_unref(self._context)
        pa.pa_mainloop_free(self._loop)
        with self._bell_lock:
            os.close(self._bell)
            self._bell = -1

    def _answer_bell(self, *_: object) -> None:
        os.eventfd_read(self._bell)
        if self._closed:
            self._pa.pa_mainloop_quit(self._loop, 0)
        elif self._speaker is not None:
            self._give(self._speaker, self._pa.pa_stream_writable_size(self._speaker), None)

    def _follow_context(self, context: int, _: object) -> None:
        state = self._pa.pa_context_get_state(context)
        if state == _CONNECTED:
            self._open()
        elif state in _DISCONNECTED:
            self._fail()

    def _open(self) -> None:
        pa, (loudspeaker, microphone) = self._pa, self._names
        buffer, block, spare = map(self._bytes, (self._buffer_ms, BLOCK_MS, SPARE_MS))
        request, passed_on = block - spare, buffer // 2
        # The server passes on half of what exceeds two requests at a time; with the rest it has room for more.
        asked = ctypes.byref(_Buffer(_ANY, 2 * request + 2 * passed_on, buffer, request, block))
        self._block, self._spare = block, spare
        self._surplus = 2 * request + passed_on - buffer - spare
        self._piece, self._length = ctypes.c_void_p(), ctypes.c_size_t()
        self._found = ctypes.byref(self._piece), ctypes.byref(self._length)
        self._speaker = self._create(b"loudspeaker")
        pa.pa_stream_set_write_callback(self._speaker, self._wanted, None)
        pa.pa_stream_set_buffer_attr_callback(self._speaker, self._resized, None)
        pa.pa_stream_connect_playback(self._speaker, *_device(loudspeaker, asked), None, None)
        if microphone is not None:
            self._mouth = self._create(b"microphone")
            pa.pa_stream_set_read_callback(self._mouth, self._brought, None)
            pa.pa_stream_connect_record(self._mouth, *_device(microphone, asked))

    def _create(self, name: bytes) -> int:
        stream: int = self._pa.pa_stream_new(self._context, name, ctypes.byref(_Spec(_S16LE, self._rate, 1)), None)
        self._pa.pa_stream_set_state_callback(stream, self._followed, None)
        self._pa.pa_stream_set_moved_callback(stream, self._moved, None)
        return stream

    def _follow_streams(self, *_: object) -> None:
        """Told of every step of both, to their end."""
        if self._closed:
            return
        speaker, mouth = self._state(self._speaker), self._state(self._mouth)
        if self._opened.is_set():
            self.stopped = self.stopped or speaker != _READY or (self.has_microphone and mouth != _READY)
        elif speaker in _OVER:
            self._fail()
        elif speaker == _READY and mouth in {_READY, *_OVER}:
            self.has_microphone = mouth == _READY
            self._follow_move()
            self._opened.set()

    def _follow_move(self, *_: object) -> None:
        """Told when the server goes on with another device, and called when both are open."""
        self._measure_room()
        self.loudspeaker_in_use = self._device_of(self._speaker)
        if self.has_microphone:
            self.microphone_in_use = self._device_of(self._mouth)

    def _device_of(self, stream: int | None) -> str:
        name: bytes = self._pa.pa_stream_get_device_name(stream) or b""
        return name.decode(errors="replace")

    def _measure_room(self, *_: object) -> None:
        """Find what is never given, of all that the server takes: it would only be delay."""
        room = self._pa.pa_stream_get_buffer_attr(self._speaker).contents
        self._held_back = max(0, min(self._surplus, room.tlength - room.prebuf - self._spare))
        self._whole = room.tlength - self._held_back

    def _state(self, stream: int | None) -> int:
        state: int = self._pa.pa_stream_get_state(stream) if stream is not None else min(_OVER)
        return state

    def _fail(self) -> None:
        """Nothing was opened, or it is over."""
        self.stopped = True
        if not self._opened.is_set():
            self._problem = self._pa.pa_strerror(self._pa.pa_context_errno(self._context)).decode(errors="replace")
            self._opened.set()

    def _give(self, stream: int, wanted: int, _: object) -> None:
        """Whole blocks: ``wanted`` are the bytes that the server has room for, give or take what it is to spare."""
        if self._play is None:
            return
        wanted -= self._held_back
        if wanted >= self._whole:  # the server has nothing left, if it ever had
            self._pa.pa_stream_write(stream, bytes(self._spare), self._spare, None, 0, _RELATIVE)
            wanted -= self._spare
        size = -((self._spare - wanted) // self._block) * self._block
        if size <= 0:
            return
        try:
            self._pa.pa_stream_write(stream, self._play.send(size // _WIDTH), size, None, 0, _RELATIVE)
        except Exception:  # noqa: BLE001 - above us there is only C
            self._stumble()

    def _take(self, stream: int, brought: int, _: object) -> None:
        """``brought``: bytes that wait; it is told of every few."""
        if brought < self._block:
            return
        pa, piece, length = self._pa, self._piece, self._length
        pieces = []
        while pa.pa_stream_peek(stream, *self._found) == 0 and length.value:
            pieces.append(ctypes.string_at(piece.value, length.value) if piece.value else bytes(length.value))
            pa.pa_stream_drop(stream)
        if self._hear is None:
            return
        try:
            self._hear.send(b"".join(pieces))
        except Exception:  # noqa: BLE001 - above us there is only C
            self._stumble()

    def _stumble(self) -> None:
        """What works with our blocks failed, and would for ever."""
        _log.exception("the card's sound")
        self._play = self._hear = None
        self.stopped = True

    def _bytes(self, milliseconds: int) -> int:
        return self._rate * milliseconds // 1000 * _WIDTH


def _device(name: str, asked: Any) -> tuple[bytes | None, Any, int]:
    """Arguments of both connecting functions. A device that was chosen stays the one, or is gone."""
    return name.encode() or None, asked, _ADJUST_LATENCY | (_DONT_MOVE if name else 0)
