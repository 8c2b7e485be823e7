"""``catgem demo`` in a terminal, from the first line to the last process."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS, COLUMNS = 40, 140
OFFERED, QUIT, INTERRUPT = "OFERTA", b"\x11", b"\x03"
PATIENCE = 60.0
"""Seconds; a slow machine is no fault of the demo's."""


def let_interrupts_in() -> None:
    """Ctrl-C has to reach the program, also where a background shell started the tests with SIGINT ignored."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """A program on a terminal of its own, with what it shows."""

    def __init__(self, arguments: list[str], environment: dict[str, str], *, controls: bool = True) -> None:
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "catgem_tui", *arguments],
            cwd=ROOT,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=let_interrupts_in if controls else None,  # noqa: PLW1509 - there is one thread
        )
        os.close(slave)
        self._master = master
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    def press(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def until(self, condition: Callable[[], bool], within: float = PATIENCE) -> None:
        """Read what it shows until the condition holds. Fails with the screen if it does not in time."""
        deadline = time.monotonic() + within
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"in vain for {within} s; the screen shows:\n{self.text}", pytrace=False)
            self.read()

    def read(self) -> None:
        if not select.select([self._master], [], [], 0.05)[0]:
            return
        try:
            shown = os.read(self._master, 65536)
        except OSError:  # the other end is closed
            time.sleep(0.02)
            return
        self.raw += shown
        self._stream.feed(shown)

    def ended(self) -> bool:
        return self.process.poll() is not None

    def close(self) -> None:
        if not self.ended():
            self.process.kill()
            self.process.wait()
        self.vanish()

    def vanish(self) -> None:
        """The window is closed, the line to it is gone."""
        if self._master >= 0:
            os.close(self._master)
        self._master = -1


class House:
    """Folders of its own for a demo, by which its processes are known."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folders = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
        keep = {name: value for name, value in os.environ.items() if name != "CATGEM_CONFIG"}
        self.environment = {
            **keep,
            **folders,
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            "CATGEM_LANGUAGE": "es_MX",
        }
        self.terminals: list[Terminal] = []

    def open(self, *arguments: str, controls: bool = True) -> Terminal:
        self.terminals.append(Terminal(["demo", *arguments], self.environment, controls=controls))
        return self.terminals[-1]

    def processes(self) -> list[int]:
        """Everything that lives and was started from here."""
        mark = f"XDG_DATA_HOME={self.folder / 'data'}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if (
                    mark in (entry / "environ").read_bytes().split(b"\0")
                    and "\nState:\tZ" not in (entry / "status").read_text()
                ):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    for terminal in made.terminals:
        terminal.close()
    deadline = time.monotonic() + 15
    while made.processes() and time.monotonic() < deadline:
        time.sleep(0.1)
    for process in made.processes():
        os.kill(process, signal.SIGKILL)


def test_a_contact_is_offered_and_everything_ends_with_the_workstation(house: House) -> None:
    demo = house.open("--rate", "3600")
    demo.until(lambda: OFFERED in demo.text and "F2 contestar" in demo.text)
    taken = time.monotonic() - demo.began
    print(f"first offer after {taken:.1f} s")
    assert len(house.processes()) >= 3
    demo.process.kill()
    demo.until(lambda: not house.processes(), 20)


def test_a_second_demo_waits_for_the_first_and_leaving_cleans_up(house: House) -> None:
    demo = house.open("--rate", "0", "--lines", "0")
    demo.until(lambda: "Disponible" in demo.text)
    second = house.open("--fresh")
    second.until(second.ended)
    second.read()
    assert "Hay otra demostración" in second.text
    assert second.process.returncode == 1
    demo.press(QUIT)
    demo.until(demo.ended)
    assert demo.process.returncode == 0
    demo.until(lambda: not house.processes(), 20)


@pytest.mark.parametrize("moment", ["Se inicia", "Usuario"])
def test_an_interrupt_at_any_moment_is_quiet(house: House, moment: str) -> None:
    demo = house.open("--rate", "0", "--lines", "0")
    demo.until(lambda: moment in demo.text or "Disponible" in demo.text)
    demo.press(INTERRUPT)
    demo.until(demo.ended)
    demo.read()
    assert b"Traceback" not in demo.raw
    assert demo.process.returncode in {0, 130}
    demo.until(lambda: not house.processes(), 20)


def test_central_killed_comes_back_under_the_workstation(house: House) -> None:
    demo = house.open("--rate", "0", "--lines", "0")
    demo.until(lambda: "línea lista" in demo.text)
    central = next(p for p in house.processes() if b"demo\0central" in Path(f"/proc/{p}/cmdline").read_bytes())
    os.kill(central, signal.SIGKILL)
    demo.until(lambda: "línea lista" not in demo.text)
    demo.until(lambda: "línea lista" in demo.text)


def test_data_is_kept_between_runs_until_a_fresh_one(house: House) -> None:
    for arguments, kept in (((), False), ((), True), (("--fresh",), False)):
        mark = house.folder / "data" / "catgem" / "demo" / "central" / "mark"
        demo = house.open("--rate", "0", "--lines", "0", *arguments)
        demo.until(lambda demo=demo: "Disponible" in demo.text)  # type: ignore[misc]
        assert mark.exists() is kept
        mark.touch()
        demo.press(QUIT)
        demo.until(demo.ended)


@pytest.mark.parametrize("controls", [True, False], ids=["with SIGHUP", "told by nobody"])
def test_a_terminal_that_vanishes_ends_the_workstation(house: House, controls: bool) -> None:
    demo = house.open("--rate", "0", controls=controls)
    demo.until(lambda: "Disponible" in demo.text)
    demo.vanish()
    demo.process.wait(PATIENCE)
