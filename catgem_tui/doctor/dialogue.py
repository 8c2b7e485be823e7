"""Asking a terminal: what is written, and what comes back as if it were typed (ECMA-48; xterm's ctlseqs)."""

import asyncio
import os
import re
import termios
import time
import tty
from types import TracebackType
from typing import Self

PATIENCE = 1.5
"""Seconds for an answer; a terminal at the end of a bad line takes some."""
ATTRIBUTES = re.compile(rb"\x1b\[\?([0-9;]+)c")
"""The answer to DA1, which every terminal since the VT100 gives."""


class Mute(Exception):
    """The terminal gave no answer in time."""


class Dialogue:
    """Of one terminal, in raw mode while the context lasts: nothing is echoed, and Ctrl-C comes as a byte."""

    def __init__(self, terminal: int) -> None:
        """``terminal``: a descriptor for reading and writing, which is closed at the end."""
        self._terminal = terminal
        self.size = os.get_terminal_size(terminal)
        """As the system says."""
        self._came = bytearray()
        self._more = asyncio.Event()
        self._kept: list[object] = []

    async def __aenter__(self) -> Self:
        self._kept = list(termios.tcgetattr(self._terminal))
        tty.setraw(self._terminal, termios.TCSAFLUSH)
        asyncio.get_running_loop().add_reader(self._terminal, self._read)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.get_running_loop().remove_reader(self._terminal)
        termios.tcsetattr(self._terminal, termios.TCSAFLUSH, self._kept)  # type: ignore[arg-type]  # late answers go
        os.close(self._terminal)

    def write(self, sequence: bytes) -> None:
        while sequence:
            sequence = sequence[os.write(self._terminal, sequence) :]

    async def ask(self, questions: bytes, patience: float = PATIENCE) -> tuple[bytes, float]:
        """Ask, and DA1 last: what came until that is answered, and after how many seconds.

        Raises Mute, and KeyboardInterrupt for Ctrl-C.
        """
        self._came.clear()
        begun = time.perf_counter()
        self.write(questions + b"\x1b[c")
        try:
            async with asyncio.timeout(patience):
                while not ATTRIBUTES.search(self._came):
                    await self.wait()
        except TimeoutError:
            raise Mute from None
        return bytes(self._came), time.perf_counter() - begun

    async def wait(self) -> bytes:
        """Until something comes; all that came since the last question. Raises KeyboardInterrupt for Ctrl-C."""
        self._more.clear()
        await self._more.wait()
        if b"\x03" in self._came:
            raise KeyboardInterrupt
        return bytes(self._came)

    def take(self) -> bytes:
        """What came, which is then forgotten."""
        came = bytes(self._came)
        self._came.clear()
        return came

    def _read(self) -> None:
        try:
            self._came += os.read(self._terminal, 4096)
        except OSError:
            asyncio.get_running_loop().remove_reader(self._terminal)
        self._more.set()


def open_dialogue() -> Dialogue | None:
    """With the terminal that this process belongs to, wherever its output goes; None where it has none, or is in the
    background."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None
    if os.tcgetpgrp(terminal) != os.getpgrp():
        os.close(terminal)
        return None
    return Dialogue(terminal)
