"""A terminal that a program is started in and that answers its questions, as pyte does, or lies, or says nothing."""

import asyncio
import contextlib
import fcntl
import os
import pty
import re
import struct
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pyte

_STRING = re.compile(rb"\x1bP\$qm\x1b\\")


class PretendedTerminal:
    """``size``: columns and rows that the program is told; ``real``: that the screen has. ``colour``: what is told of
    the colours set, when that is asked (DECRQSS)."""

    def __init__(self, size: tuple[int, int], real: tuple[int, int], colour: bytes, *, mute: bool) -> None:
        self._mute = mute
        self._colour = colour
        self.screen = pyte.Screen(*real)
        self.screen.write_process_input = self._answer  # type: ignore[method-assign]
        self.screen.report_device_attributes = self._say_what_it_is  # type: ignore[method-assign]
        self._stream = pyte.ByteStream(self.screen)
        self.own, self.its = pty.openpty()
        fcntl.ioctl(self.its, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.seen = b""
        self.more = asyncio.Event()

    def read(self) -> None:
        try:
            data = os.read(self.own, 65536)
        except OSError:
            asyncio.get_running_loop().remove_reader(self.own)
            return
        self.seen += data
        self.more.set()
        for place, part in enumerate(_STRING.split(data)):
            if place and not self._mute:
                self._answer(f"\x1bP1$r0;{self._colour.decode()}m\x1b\\")
            self._stream.feed(part)

    def type(self, keys: bytes) -> None:
        os.write(self.own, keys)

    async def until(self, text: bytes) -> None:
        """Wait until the program has written this."""
        async with asyncio.timeout(30):
            while text not in self.seen:
                self.more.clear()
                await self.more.wait()

    def _answer(self, text: str) -> None:
        if not self._mute:
            os.write(self.own, text.encode())

    def _say_what_it_is(self, *_parameters: int, **_more: bool) -> None:
        self._answer("\x1b[?64;1;22c")


@asynccontextmanager
async def in_terminal(
    *arguments: str,
    environment: dict[str, str],
    size: tuple[int, int] = (80, 24),
    real: tuple[int, int] | None = None,
    colour: bytes = b"48:2::1:2:3",
    mute: bool = False,
) -> AsyncIterator[tuple[PretendedTerminal, asyncio.subprocess.Process]]:
    """``catgem`` with these arguments, its standard output not the terminal's but a pipe."""
    terminal = PretendedTerminal(size, real or size, colour, mute=mute)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "catgem_tui", *arguments,
        env=environment, stdin=terminal.its, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    asyncio.get_running_loop().add_reader(terminal.own, terminal.read)
    try:
        yield terminal, process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        asyncio.get_running_loop().remove_reader(terminal.own)
        for descriptor in (terminal.own, terminal.its):
            os.close(descriptor)
