"""Asking a terminal: what is written, and what comes back as if it were typed (ECMA-48; xterm's ctlseqs)."""

import asyncio
import os
import re
import sys
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

    def __init__(self, reading: int, writing: int) -> None:
        self._in, self._out = reading, writing
        self._came = bytearray()
        self._more = asyncio.Event()
        self._kept: list[object] = []

    async def __aenter__(self) -> Self:
        self._kept = list(termios.tcgetattr(self._in))
        tty.setraw(self._in, termios.TCSAFLUSH)
        asyncio.get_running_loop().add_reader(self._in, self._read)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.get_running_loop().remove_reader(self._in)
        termios.tcsetattr(self._in, termios.TCSAFLUSH, self._kept)  # type: ignore[arg-type]  # an answer that is late

    def write(self, sequence: bytes) -> None:
        while sequence:
            sequence = sequence[os.write(self._out, sequence) :]

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
            self._came += os.read(self._in, 4096)
        except OSError:
            asyncio.get_running_loop().remove_reader(self._in)
        self._more.set()


def open_dialogue() -> Dialogue | None:
    """With the terminal of this process; None where it has none."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    return Dialogue(sys.stdin.fileno(), sys.stdout.fileno())
