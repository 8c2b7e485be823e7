"""What is done to a voice on its way from the microphone: echo taken out, level evened. Both are the library's own.

The bridge is driven past pjsip's sound device, so its own echo canceller is never asked; here the same one is, where
the sound passes by.
"""

import ctypes
import logging

from catgem_tui.phone.engine.library import CLOCK_RATE, Library
from catgem_tui.phone.port import Tune

_log = logging.getLogger(__name__)

_TAIL_MS = 250
"""How long an echo may last."""
_QUIETER = 0.8
"""What is left of a level after another block: speech is even enough then to be told from a knock."""
_SET_DENOISE, _SET_AGC = 0, 2
"""Requests of speex_preprocess_ctl."""


class Voice:
    """For blocks of ``samples``. ``played`` is called by the loudspeaker's thread, ``heard`` by the microphone's.

    What was made once is kept, for a thread may be inside; it is only used or not.
    """

    def __init__(self, library: Library, samples: int) -> None:
        self._library = library
        self._samples = samples
        self._heard = ctypes.create_string_buffer(2 * samples)
        self._echo: ctypes.c_void_p | None = None
        self._level: ctypes.c_void_p | None = None
        self._cancelling = False
        self._levelling = False
        self.measuring = False
        """Whether the voice is measured here: the bridge measures what it sends, which is nothing while we are mute."""
        self._average = 0.0

    def tune(self, command: Tune) -> None:
        """Raises nothing: what the library was built without is left out, and logged."""
        if command.cancel_echo and self._echo is None:
            self._echo = self._create_echo()
        if command.automatic_level and self._level is None:
            self._level = self._create_level()
        self._cancelling = command.cancel_echo and self._echo is not None
        self._levelling = command.automatic_level and self._level is not None

    def played(self, address: int) -> None:
        """A block at this address goes to the loudspeaker."""
        if self._cancelling:
            self._library.native.pjmedia_echo_playback(self._echo, ctypes.c_void_p(address))

    def heard(self, block: bytes) -> bytes:
        """A block that came from the microphone, as it is to go on."""
        if not (self._cancelling or self._levelling or self.measuring):
            return block
        ctypes.memmove(self._heard, block, len(block))
        if self._cancelling:
            self._library.native.pjmedia_echo_capture(self._echo, self._heard, 0)
        if self._levelling:
            self._library.native.speex_preprocess_run(self._level, self._heard)
        if self.measuring:
            average = self._library.native.pjmedia_calc_avg_signal(self._heard, self._samples)
            self._average = _QUIETER * self._average + (1 - _QUIETER) * average
        return self._heard.raw

    def level(self, gain: float) -> int:
        """0 to 49, as the library's Python tells the bridge's levels: the average sample, by the mu-law (ITU-T G.711),
        of 255 in per cent."""
        biased = min(32635, round(self._average * gain)) + 132
        exponent = biased.bit_length() - 8
        return (16 * exponent + (biased >> (exponent + 3) & 15)) * 100 // 255

    def _create_echo(self) -> ctypes.c_void_p | None:
        native = self._library.native
        native.pjsua_pool_create.restype = ctypes.c_void_p
        pool = ctypes.c_void_p(native.pjsua_pool_create(b"echo", 4000, 4000))
        made = ctypes.c_void_p()
        block_ms = 1000 * self._samples // CLOCK_RATE
        status = native.pjmedia_echo_create2(
            pool, CLOCK_RATE, 1, self._samples, _TAIL_MS, 2 * block_ms, 0, ctypes.byref(made)
        )
        if status != 0:
            _log.warning("no echo canceller: %s", status)
            return None
        return made

    def _create_level(self) -> ctypes.c_void_p | None:
        native = self._library.native
        native.speex_preprocess_state_init.restype = ctypes.c_void_p
        made = ctypes.c_void_p(native.speex_preprocess_state_init(self._samples, CLOCK_RATE))
        native.speex_preprocess_ctl(made, _SET_DENOISE, ctypes.byref(ctypes.c_int(0)))
        if native.speex_preprocess_ctl(made, _SET_AGC, ctypes.byref(ctypes.c_int(1))) != 0:
            _log.warning("no automatic level")
            return None
        return made
