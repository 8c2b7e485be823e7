"""Long work on the command line: a bar on a terminal, nothing in a pipe, and Ctrl-C leaves the terminal as it was."""

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pyte
import pytest

ROOT = Path(__file__).resolve().parents[2]
WORK = """
import sys, time
from catgem_tui.terminal_progress import progress
with progress(quiet="quiet" in sys.argv) as tell:
    tell("Enviando:", 0, 0)
    for done in range(0, 1001, 5):
        tell("Enviando:", done, 1000)
        if done == 500 and "wait" in sys.argv:
            time.sleep(60)
print("listo")
"""
HIDE, SHOW = b"\x1b[?25l", b"\x1b[?25h"


class Run:
    """The work in a terminal of its own, with standard output in a pipe."""

    def __init__(self, *arguments: str) -> None:
        self.terminal, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORK, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs,
            env={**os.environ, "CATGEM_LANGUAGE": "es_MX", "TERM": "xterm-256color", "COLUMNS": "80"},
        )  # fmt: skip
        os.close(theirs)
        self.written = b""

    def read(self, until: bytes = b"\x00") -> None:
        """What comes on the terminal, to its end or until this has come."""
        while until not in self.written:
            try:
                data = os.read(self.terminal, 65536)
            except OSError:  # Linux: the other end is closed
                return
            if not data:
                return
            self.written += data

    def end(self) -> tuple[int, bytes]:
        self.read()
        out, _ = self.process.communicate(timeout=30)
        os.close(self.terminal)
        return self.process.returncode, out

    def shown(self) -> str:
        screen = pyte.Screen(80, 5)
        pyte.ByteStream(screen).feed(self.written)
        return "\n".join(line.rstrip() for line in screen.display).rstrip()


def test_a_bar_that_changes_with_the_per_cent_and_leaves_nothing_behind() -> None:
    run = Run()
    run.read(b"50 %")
    assert re.search(r"Enviando:\s+━+\S*\s+\d+ %", run.shown()), run.shown()
    assert run.end() == (0, b"listo\n")
    assert run.shown() == ""
    assert run.written.count(b" %") <= 110, "drawn for more than each whole per cent"
    assert run.written.rindex(SHOW) > run.written.rindex(HIDE)


def test_ctrl_c_gives_the_cursor_back() -> None:
    run = Run("wait")
    run.read(b"50 %")
    run.process.send_signal(signal.SIGINT)
    status, out = run.end()
    assert (status in {1, -signal.SIGINT, 130}, out) == (True, b"")
    assert run.written.rindex(SHOW) > run.written.rindex(HIDE)


@pytest.mark.parametrize("where", ["pipe", "quiet"])
def test_nothing_is_written_where_nobody_looks(where: str) -> None:
    if where == "quiet":
        run = Run("quiet")
        assert (run.end(), run.written) == ((0, b"listo\n"), b"")
        return
    done = subprocess.run([sys.executable, "-c", WORK], cwd=ROOT, capture_output=True, timeout=30, check=True)
    assert (done.stdout, done.stderr) == (b"listo\n", b"")
