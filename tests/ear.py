"""A real screen reader (yasr) between the workstation and its terminal, judged by what it speaks.

yasr hands its words to a speech server, here a file. It knows no cells, only what is written to the terminal: what is
written in vain is spoken in vain.
"""

import os
import pty
import select
import shlex
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 180.0
"""Seconds; on a busy machine the reader speaks slowly."""
CONFIGURATION = """\
[normalkeys]
[reviewkeys]
[options]
cursor tracking=full
synthesizer=emacspeak server
synthesizer port=|{speech}
key echo=off
special=off
up and down arrows=speak line
[Emacspeak server]
rate=175
punctuation=some
"""


class Ear:
    """The program, by its arguments, behind a screen reader; ``heard`` is everything spoken since the last key.

    ``late``: seconds after which the terminal answers a status query; without, it never does.
    """

    def __init__(self, folder: Path, *arguments: str, late: float | None = None, **variables: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.speech = folder / "spoken"
        self.speech.touch()
        server, program = folder / "speech", folder / "workstation"
        server.write_text(f"#!/bin/sh\nexec cat >> {shlex.quote(str(self.speech))}\n")
        command = shlex.join([sys.executable, "-m", "catgem_tui", *arguments])
        program.write_text(f"#!/bin/sh\ncd {shlex.quote(str(ROOT))}\nstty rows 24 cols 80\nexec {command}\n")
        server.chmod(0o755)
        program.chmod(0o755)
        settings = folder / "yasr.conf"
        settings.write_text(CONFIGURATION.format(speech=server))
        folders = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
        keep = {name: value for name, value in os.environ.items() if name not in {"CATGEM_CONFIG", "CI"}}
        environment = {
            **keep,
            **folders,
            "HOME": str(folder),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "CATGEM_LANGUAGE": "es_MX",
            **variables,
        }
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            ["yasr", "-C", str(settings), str(program)],
            env=environment, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.mark = 0
        self.folder = folder
        self.late = late
        self._answers: deque[float] = deque()
        """When each is due."""

    @property
    def heard(self) -> str:
        """In one line: words may be spoken over the end of a row."""
        return " ".join(" ".join(self.rows).split())

    @property
    def rows(self) -> list[str]:
        spoken = self.speech.read_bytes()[self.mark :].decode("utf-8", "replace")
        return [line[3:-1] for line in spoken.splitlines() if line.startswith("q {") and line[3:-1].strip()]

    def press(self, keys: bytes) -> None:
        self.mark = self.speech.stat().st_size
        os.write(self.master, keys)

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                told = "\n".join(self.rows)
                pytest.fail(f"not heard within {PATIENCE} s; heard was:\n{told}", pytrace=False)
            if select.select([self.master], [], [], 0.02)[0]:
                try:
                    asked = os.read(self.master, 65536).count(b"\x1b[5n")
                except OSError:
                    time.sleep(0.02)
                    continue
                if self.late is not None:
                    self._answers.extend([time.monotonic() + self.late] * asked)
            while self._answers and self._answers[0] <= time.monotonic():
                self._answers.popleft()
                os.write(self.master, b"\x1b[0n")

    def hear(self, *words: str) -> None:
        self.until(lambda: all(each in self.heard for each in words))

    def processes(self) -> list[int]:
        mark = f"XDG_DATA_HOME={self.folder / 'data'}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def end(self) -> None:
        """End everything that it started."""
        for process in self.processes():
            os.kill(process, signal.SIGTERM)
        deadline = time.monotonic() + 15
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.1)
        for process in self.processes():
            os.kill(process, signal.SIGKILL)
        self.process.wait()
        os.close(self.master)
