"""Textual's driver for Linux and macOS, with the screen painted by ``painting`` and paced by ``pacing``.

Modes, keys, paste, suspension and resizing are Textual's own. What else is written past the screen (titles, the bell,
notifications) passes through ``write`` in turn with the frames and moves no cursor.
"""

import asyncio
import os
import selectors
import socket
import sys
import threading
import time
from codecs import getincrementaldecoder
from typing import Any, ClassVar

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from catgem_tui.terminal.capabilities import Capabilities
from catgem_tui.terminal.display import ComposedApp
from catgem_tui.terminal.keypad import switch
from catgem_tui.terminal.pacing import Answers, Pacing
from catgem_tui.terminal.painting import Painter, Update
from catgem_tui.terminal.parsing import NORMAL_CURSOR_KEYS, KeypadParser
from catgem_tui.terminal.pasted import Pasted

SLOW = 0.08
"""Seconds there and back from which a line counts as thin."""
_SYNCHRONIZED = "\x1b[?2026h", "\x1b[?2026l"
_WORTH_SYNCHRONIZING = 256
"""Characters of a frame; a shorter one arrives in one piece."""
_TICK = 0.1
"""Seconds between two looks at whether an Escape that came alone was a key, as in Textual."""
_HELD = 10
"""Ticks after which the beginning of an answer that never came on was a key."""
_LAST_ANSWER = 0.5
"""Seconds to wait at the end for the answer on its way, which the shell would take for input."""


class SelectableEvent(threading.Event):
    """An event that a selector can wait for beside files."""

    def __init__(self) -> None:
        super().__init__()
        self._ends = socket.socketpair()

    def fileno(self) -> int:
        return self._ends[0].fileno()

    def set(self) -> None:
        if not self.is_set():
            super().set()
            self._ends[1].send(b"\0")

    def clear(self) -> None:
        if self.is_set():
            self._ends[0].recv(1)
            super().clear()


class ThinLineDriver(LinuxDriver):
    """Its class holds what ``driver_for`` is told."""

    capabilities: ClassVar[Capabilities] = Capabilities()
    thin: ClassVar[bool | None] = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if sys.__stderr__ is None or not sys.__stderr__.isatty():  # that is sent to a file; the screen is not
            self._file = sys.__stdout__
        self._events = asyncio.get_running_loop()
        self._painter = Painter(self.capabilities)
        self._pacing = Pacing()
        self._caret: tuple[int, int] | None = None
        self._overdue: asyncio.TimerHandle | None = None
        self._painting = False
        """Whether the terminal is ours."""
        self._synchronized = False
        self._keypad_told = isinstance(self._app, ComposedApp) and self._app.keypad_wanted
        self._no_answer_awaited = threading.Event()
        self._size_told = (0, 0)
        self.exit_event: SelectableEvent = SelectableEvent()
        """What ends the reading of keys, which Textual looks at ten times a second."""

    @property
    def is_thin(self) -> bool:
        """Whether the line is to be spared: it is said to be thin, or answers take long."""
        return self._pacing.round_trip > SLOW if self.thin is None else self.thin

    def tell_keypad(self, told: bool) -> None:
        """Whether the keypad's keys come under names of their own, as far as the terminal tells them apart."""
        if told is not self._keypad_told:
            self._keypad_told = told
            if self._painting:
                self.write(switch(self.capabilities.keypad, on=told))

    # --- frames ---

    def show(self, update: Update, caret: tuple[int, int] | None) -> None:
        """Bring what was composed to the screen, now or once the frame before is confirmed.

        ``caret``: row and column where the terminal's cursor is to be seen, for screen readers, Braille lines and input
        methods; None hides it.
        """
        self._caret = caret
        self._painter.take(update, self._app.size)
        self._paint()

    def show_aside(self, update: Update) -> None:
        """Bring what the next frame covers to the screen, now if no frame is unconfirmed. The next one does not wait
        until this is confirmed, which on a thin line would take longer than what it is to bridge."""
        self._painter.take(update, self._app.size)
        self._paint(confirmed=False)

    def forget(self) -> None:
        """Something else was written over the screen: the next frame is the whole of it."""
        self._painter.forget()

    def _paint(self, *, confirmed: bool = True) -> None:
        if not self._painting or self._pacing.waiting:
            return
        frame = self._painter.paint(self._caret)
        if frame:
            self._send(frame, confirmed=confirmed)
        if isinstance(self._app, ComposedApp):
            self._app.written()

    def _send(self, frame: str, *, confirmed: bool) -> None:
        if self._synchronized and len(frame) >= _WORTH_SYNCHRONIZING:
            frame = frame.join(_SYNCHRONIZED)
        if not confirmed:
            self.write(frame)
            return
        self._no_answer_awaited.clear()
        self.write(frame + self._pacing.send(len(frame.encode()), time.monotonic()))
        if self._pacing.waiting:
            self._overdue = self._events.call_later(self._pacing.patience, self._give_up)

    def _answered(self, count: int, now: float) -> None:
        self._pacing.answer(count, now)
        if not self._pacing.waiting:
            self._stop_waiting()
            self._paint()

    def _give_up(self) -> None:
        self._pacing.give_up()
        self._paint()

    def _stop_waiting(self) -> None:
        if self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None

    def write(self, data: str) -> None:
        """What is written to a terminal that is gone goes nowhere; Textual's queue for it would fill up and hold us."""
        if self._writes:
            super().write(data)

    @property
    def _writes(self) -> bool:
        return self._writer_thread is not None and self._writer_thread.is_alive()

    # --- the terminal, taken and given back ---

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if not self._writes:  # in the background we may not
            return
        self._painter.forget()
        self._pacing.restart()
        self.write(NORMAL_CURSOR_KEYS)
        if self.input_tty:
            self._no_answer_awaited.clear()
            self.write(self._pacing.ask(time.monotonic()))
        if self._keypad_told:
            self.write(switch(self.capabilities.keypad, on=True))
        self._painting = True
        self._events.call_soon_threadsafe(self._paint)  # it may be a signal that we are in

    def resume_application_mode(self) -> None:
        """Also after a stop that nobody told us of, and when the kernel continues us because the terminal is gone."""
        if self._painting:
            self.suspend_application_mode()
        super().resume_application_mode()

    def close(self) -> None:
        if self._writes:
            super().close()

    def stop_application_mode(self) -> None:
        if self._painting:
            self._painting = False
            self._stop_waiting()
            self.write("\x1b[m")
            if self._keypad_told:
                self.write(switch(self.capabilities.keypad, on=False))
            if self._pacing.awaits(time.monotonic()):
                self._no_answer_awaited.wait(_LAST_ANSWER + 2 * self._pacing.round_trip)
        super().stop_application_mode()

    # --- its size ---

    def _get_terminal_size(self) -> tuple[int, int]:
        """What Textual tells the application at the start and with each SIGWINCH."""
        self._size_told = super()._get_terminal_size()
        return self._size_told

    def heed_size(self, known: Size) -> None:
        """Tell the application the size that the terminal has, where it knows another one. A signal that comes while
        one is dealt with goes before it: of two sizes the older one would be told last. Runs in the loop's thread."""
        if self._in_band_window_resize:
            return
        size = Size(*self._get_terminal_size())
        if size != known:
            self._app.post_message(events.Resize(size, size))

    def _look_at_size(self) -> None:
        """Where nobody signals a new size (another session leader, some containers), it is seen with the next key or
        answer."""
        if not self._in_band_window_resize and super()._get_terminal_size() != self._size_told:
            self._events.call_soon_threadsafe(self.heed_size, Size(*self._size_told))

    # --- what the terminal sends ---

    def process_message(self, message: Message) -> None:
        if isinstance(message, TerminalSupportsSynchronizedOutput):
            self._synchronized = True
        super().process_message(message)

    def run_input_thread(self) -> None:
        """Read keys until the terminal is given back. Answers to our questions are no keys; a byte that is no UTF-8 is
        shown as such, and the end of the input ends the reading."""
        parser, answers = KeypadParser(self.capabilities.keypad, lambda: self._keypad_told), Answers()
        pasted = Pasted()
        decode = getincrementaldecoder("utf-8")("replace").decode
        held = 0
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self.exit_event, selectors.EVENT_READ)
            while True:
                ready = [key.fd for key, _ in selector.select(_TICK if answers.holds or parser.waits else None)]
                if self.exit_event.is_set():
                    return
                text = ""
                if self.fileno in ready:
                    try:
                        data = os.read(self.fileno, 1 << 12)
                    except OSError:
                        return
                    if not data:
                        return
                    self._look_at_size()
                    text, count = answers.take(decode(data), awaited=self._pacing.awaits(time.monotonic()))
                    held = 0
                    if count:
                        self._events.call_soon_threadsafe(self._answered, count, time.monotonic())
                        self._no_answer_awaited.set()
                elif answers.holds:
                    held += 1
                    if held >= _HELD:
                        text = answers.release()
                text = pasted.take(text)
                for message in (*(parser.feed(text) if text else ()), *parser.tick()):
                    self.process_message(message)


def driver_for(capabilities: Capabilities, *, thin: bool | None = None) -> type[ThinLineDriver]:
    """The driver of one terminal, as Textual wants it: a class. ``thin``: whether the line is; None: find out."""
    return type("ThinLineDriver", (ThinLineDriver,), {"capabilities": capabilities, "thin": thin})
