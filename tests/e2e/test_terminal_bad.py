"""The real command in terminals that lie about their size or change it without end, and typed into before it is there:
it goes on and takes every key."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyte
import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
PROGRAM = """
import fcntl, runpy, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
runpy.run_module("catgem_tui", run_name="__main__", alter_sys=True)
"""
"""The command, controlled by its terminal: only so it is told of a new size."""
LEAVE = b"\x11"
RAW = b"\x1b[?25l"
"""The first thing that a screen writes once the terminal is raw: before that the kernel echoes what is typed, and takes
Ctrl+Q for itself (termios(3), IXON)."""
WHOLE = b"\x1b[H\x1b[J"
"""Before all of a screen, of which nothing is left then."""
ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_=>78])")


class Terminal:
    def __init__(self, size: tuple[int, int], folder: Path, changed: dict[str, str]) -> None:
        self._own, its = pty.openpty()
        self.become(*size)
        homes = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        own = {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "CATGEM_LANGUAGE": "en"}
        environment = {**os.environ, **homes, **own, **changed}
        for name in ("COLUMNS", "LINES"):
            environment.pop(name, None)
        command = [sys.executable, "-c", PROGRAM, "--central", "http://127.0.0.1:9"]
        self.child = subprocess.Popen(
            command, stdin=its, stdout=its, stderr=its, env=environment, start_new_session=True
        )
        os.close(its)
        self.written = b""
        self.all_written = b""

    def attributes(self) -> list[object]:
        """What the system's terminal driver does (termios)."""
        return list(termios.tcgetattr(self._own))

    def become(self, columns: int, rows: int) -> None:
        """The kernel tells it with SIGWINCH."""
        fcntl.ioctl(self._own, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys: bytes) -> None:
        os.write(self._own, keys)

    def until_seen(self, words: str) -> None:
        """Until they stand on the screen, in however many frames they came since it was last painted whole."""
        end = time.monotonic() + PATIENCE
        while words not in (shown := self.shown):
            assert time.monotonic() < end, shown
            self.read(0.05)
        self.written = b""

    @property
    def shown(self) -> str:
        """The lines of the screen. What was painted over is not looked at: it would take longer than painting it."""
        screen = pyte.Screen(80, 24)
        pyte.ByteStream(screen).feed(self.all_written[max(0, self.all_written.rfind(WHOLE)) :])
        return "\n".join(screen.display)

    def until(self, condition: Callable[[bytes], bool]) -> None:
        """Until the words written since the last time are so."""
        end = time.monotonic() + PATIENCE
        while not condition(ESCAPES.sub(b"", self.written)):
            assert time.monotonic() < end, self.written[-2000:]
            self.read(0.05)
        self.written = b""

    def read(self, seconds: float) -> None:
        if select.select([self._own], [], [], seconds)[0]:
            data = os.read(self._own, 1 << 16)
            self.written += data
            self.all_written += data

    def leave(self, keys: bytes = LEAVE) -> int:
        self.press(keys)
        end = time.monotonic() + PATIENCE
        while (status := self.child.poll()) is None:
            assert time.monotonic() < end, "it does not end"
            try:
                self.read(0.05)
            except OSError:
                time.sleep(0.01)  # the terminal is closed; the process is about to end
        return status

    def close(self) -> None:
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        os.close(self._own)


@contextmanager
def terminal(size: tuple[int, int], folder: Path, **changed: str) -> Iterator[Terminal]:
    """``changed``: variables of the environment."""
    opened = Terminal(size, folder, changed)
    try:
        yield opened
    finally:
        opened.close()


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (1000, 1000)], ids=str)
def test_a_size_that_cannot_be_is_survived_and_a_true_one_is_drawn(tmp_path: Path, size: tuple[int, int]) -> None:
    with terminal(size, tmp_path) as here:
        here.until(lambda written: len(written) > 0)
        here.become(100, 30)
        here.until(lambda written: b"Password" in written)
        here.press(b"@")
        here.until(lambda written: b"@" in written)
        assert here.leave() == 0


MODES = re.compile(rb"\x1b\[\?(\d+)([hl])")
ALREADY_ON = {7, 25, 1035}
"""Wrapping, the cursor and xterm's Num Lock."""


@pytest.mark.parametrize("end", ["key", "SIGTERM", "SIGHUP"])
def test_the_terminal_is_given_back_as_it_was(tmp_path: Path, end: str) -> None:
    (tmp_path / "config" / "catgem").mkdir(parents=True)
    (tmp_path / "config" / "catgem" / "catgem.toml").write_text('[workstation]\nkeymap = "numeric"\n')
    with terminal((80, 24), tmp_path, XTERM_VERSION="XTerm(379)") as here:
        before = here.attributes()
        here.until(lambda written: b"Password" in written)
        all_ = here.all_written
        assert b"\x1b=" in all_ and here.attributes() != before
        if end != "key":
            here.child.send_signal(getattr(signal, end))
        assert here.leave(b"" if end != "key" else LEAVE) == 0
        modes: dict[int, bytes] = {}
        for number, state in MODES.findall(here.all_written):
            modes[int(number)] = state
        assert {number for number, state in modes.items() if (state == b"h") is not (number in ALREADY_ON)} == set()
        assert here.all_written.count(b"\x1b[<u") == len(re.findall(rb"\x1b\[>\d+u", here.all_written)) == 1
        assert here.all_written.rfind(b"\x1b>") > here.all_written.rfind(b"\x1b=")
        assert re.findall(rb"\x1b\[[\d;]*m", here.all_written)[-1] == b"\x1b[m"
        assert here.attributes() == before


@pytest.mark.parametrize("name", ["dumb", "unknown"])
def test_a_terminal_that_can_show_no_screen_is_told_so_in_a_sentence(tmp_path: Path, name: str) -> None:
    with terminal((80, 24), tmp_path, TERM=name) as here:
        here.until(lambda written: name.encode() in written and written.endswith(b"\n"))
        assert here.all_written.count(b"\n") == 1
        assert b"\x1b" not in here.all_written
        assert here.leave(b"") == 1


@pytest.mark.parametrize("name", ["", "vt100", "linux", "tmux-256color", "nobody-knows-it"])
def test_the_form_stands_in_terminals_of_all_kinds(tmp_path: Path, name: str) -> None:
    with terminal((80, 24), tmp_path, TERM=name, LANG="C", LC_ALL="C", COLORTERM="truecolor") as here:
        here.until(lambda written: b"Password" in written)
        here.press(b"@")
        here.until(lambda written: b"@" in written)
        coloured = re.search(rb"\x1b\[(?:[\d;]*;)?[34]8;", here.all_written) is not None
        assert coloured is (name != "vt100")
        assert here.all_written.isascii()
        assert here.leave() == 0


def test_what_is_typed_before_the_form_is_painted_is_in_it(tmp_path: Path) -> None:
    with terminal((80, 24), tmp_path) as here:
        while RAW not in here.written:
            here.read(0.05)
        here.written = b""
        here.press(b"@ramona")
        here.until_seen("@ramona")
        assert here.leave() == 0


def test_a_storm_of_resizes_ends_in_the_last_size(tmp_path: Path) -> None:
    with terminal((80, 24), tmp_path) as here:
        here.until(lambda written: b"Password" in written)
        for number in range(1000):
            here.become(60 + number % 100, 18 + number % 30)
            here.read(0.0)
        here.become(50, 10)
        here.until_seen("too small")
        here.become(80, 24)
        here.until(lambda written: b"Password" in written)
        here.press(b"@")
        here.until(lambda written: b"@" in written)
        assert here.leave() == 0
