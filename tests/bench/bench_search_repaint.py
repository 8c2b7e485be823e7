"""From a key in the directory's search to its results on the terminal, in the running workstation.

    python tests/bench/bench_search_repaint.py [--records N] [--count N] [--pause MS]

A real central in a process of its own holds ``--records`` records; the real command ``catgem`` runs in a
pseudo-terminal, logs in there and takes its copy. Then ``--count`` queries of all classes (``directory_data``) are
typed, one key each ``--pause`` milliseconds, as somebody types who hears a name. A key's time ends when the bytes were
read after which the section of the directory on the screen (the results, the record below them and how many were found)
is what it is once nothing more comes; the terminal is played back with pyte for that after the typing. Keys that change
nothing there are counted in ``unchanged`` alone. Prints one JSON object, times in milliseconds: ``key_to_results_ms``,
``processor_ms`` of the workstation for each key (mean; Linux only), ``bytes`` a key brings (median), and
``bare_key_ms``: a key echoed by a field of a bare Textual app in the same terminal, whose median is the unit of
``ratio``. ``load`` is the machine's, of the last minute.
"""

import argparse
import fcntl
import json
import os
import pty
import random
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import pyte  # noqa: E402
from bench_directory import percentiles  # noqa: E402
from bench_directory_spread import CHANGED, PASSWORD, Child  # noqa: E402
from directory_data import CLASSES, Asker, generate  # noqa: E402

SIZE = (160, 45)
SEED = 20_261
"""That of the records central serves."""
PATIENCE = 300.0
QUIET = 0.4
"""Seconds without a byte after which a screen is taken for finished."""
GOAL_MS = 16.0
KILL_LINE = b"\x15"
SEARCH = b"\x06"
FRAME = b"\x1b[1;1H"
"""A first whole frame begins so."""
BARE_KEYS = 40


class Chunk(NamedTuple):
    at: float
    data: bytes


class Terminal:
    """A command in a pseudo-terminal, and everything it wrote with when it was read."""

    def __init__(self, command: list[str], environment: dict[str, str], keep: tuple[int, ...] = ()) -> None:
        """``keep``: descriptors that the command has too."""
        self._own, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
        self._child = subprocess.Popen(
            command, stdin=its, stdout=its, stderr=its, env=environment, start_new_session=True, pass_fds=keep
        )
        os.close(its)
        self.screen = pyte.Screen(*SIZE)
        self._stream = pyte.ByteStream(self.screen)
        self.drawn = False
        """Whether a frame came."""

    def write(self, keys: bytes) -> float:
        """When it was written."""
        begun = time.perf_counter()
        os.write(self._own, keys)
        return begun

    def read(self, seconds: float) -> list[Chunk]:
        """What comes in this time."""
        chunks: list[Chunk] = []
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if select.select([self._own], [], [], left)[0]:
                chunks.append(self.take())
        return chunks

    def take(self) -> Chunk:
        """What there is to be read; waits for it."""
        data = os.read(self._own, 1 << 16)
        return Chunk(time.perf_counter(), data)

    def read_first(self, seconds: float) -> Chunk | None:
        """The first that comes in this time."""
        return self.take() if select.select([self._own], [], [], seconds)[0] else None

    def play(self, data: bytes) -> None:
        self.drawn = self.drawn or FRAME in data
        # pyte knows no private sequences of later terminals (CSI with < = >) and would print them.
        self._stream.feed(re.sub(rb"\x1b\[[<=>][0-9;]*[a-zA-Z]|\x1bP.*?\x1b\\", b"", data))

    def wait(self, seen: Callable[[list[str]], Any]) -> None:
        """Until the screen is so and nothing more comes."""
        end = time.perf_counter() + PATIENCE
        while time.perf_counter() < end:
            chunks = self.read(QUIET)
            for chunk in chunks:
                self.play(chunk.data)
            if not chunks and seen(self.screen.display):
                return
            if self._child.poll() is not None:
                break
        raise SystemExit("not what was expected on the screen:\n" + "\n".join(self.screen.display))

    @property
    def process_id(self) -> int:
        return self._child.pid

    def processor(self) -> float:
        """Seconds of processor time that the command has taken; 0 where the system does not tell."""
        threads = Path(f"/proc/{self._child.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9

    def close(self) -> None:
        if self._child.poll() is None:
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        os.close(self._own)


class Key(NamedTuple):
    at: float
    chunks: list[Chunk]


def type_keys(terminal: Terminal, text: str, pause: float) -> list[Key]:
    """The keys of a text with what came after each."""
    keys = []
    for letter in text:
        at = terminal.write(letter.encode())
        keys.append(Key(at, terminal.read(pause)))
    return keys


def section(screen: pyte.Screen) -> tuple[str, ...]:
    """The directory's section: the columns from where its title begins, from its title on."""
    for number, row in enumerate(screen.display):
        if (column := row.find("DIRECTORY")) >= 0:
            return tuple(other[column:] for other in screen.display[number:-2])
    return ()


def results(terminal: Terminal) -> tuple[str, ...]:
    """The section without the field, which echoes the key."""
    title, *rows = section(terminal.screen)
    return (title, *rows[1:])


def replay(terminal: Terminal, keys: list[Key]) -> list[float | None]:
    """By key: seconds until its results were there; None where they were those there already."""
    taken: list[float | None] = []
    for key in keys:
        shown = results(terminal)
        ended: float | None = None
        for chunk in key.chunks:
            terminal.play(chunk.data)
            now = results(terminal)
            if now != shown:
                shown, ended = now, chunk.at - key.at
        taken.append(ended)
    return taken


def environment(folder: Path) -> dict[str, str]:
    homes = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    return {
        **os.environ, **homes, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color",
        "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8",
        "COLUMNS": str(SIZE[0]), "LINES": str(SIZE[1]), "CATGEM_LANGUAGE": "en",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }  # fmt: skip


def run_bare() -> None:
    """A field and nothing else."""
    from textual.app import App, ComposeResult
    from textual.widgets import Input

    class Bare(App[None]):
        def compose(self) -> ComposeResult:
            field = Input(compact=True)
            field.cursor_blink = False
            yield field

    Bare().run()


def measure_bare(folder: Path, pause: float) -> list[float]:
    terminal = Terminal([sys.executable, str(Path(__file__).resolve()), "--child"], environment(folder))
    try:
        terminal.wait(lambda _: terminal.drawn)
        keys = type_keys(terminal, "a" * BARE_KEYS, pause)
    finally:
        terminal.close()
    return [key.chunks[-1].at - key.at for key in keys if key.chunks]


def log_in(terminal: Terminal, records: int) -> None:
    """To the search of a workstation that has the whole directory."""
    terminal.wait(lambda rows: any("Password" in row for row in rows))
    terminal.write(PASSWORD.encode() + b"\r")
    whole = re.compile(rf"\b{records:,} records")
    terminal.wait(lambda rows: any(whole.search(row) for row in rows))
    terminal.write(SEARCH)
    terminal.wait(lambda _: True)


def queries(records: int, count: int) -> list[str]:
    asker = Asker(list(generate(records, SEED)), SEED + 3)
    each = -(-count // len(CLASSES))
    asked = [one.text for kind in CLASSES for one in asker.ask(kind, each)]
    return random.Random(SEED).sample(asked, min(count, len(asked)))  # noqa: S311


def measure(given: argparse.Namespace) -> dict[str, Any]:
    typed = queries(given.records, given.count)
    pause = given.pause / 1000
    taken: list[float | None] = []
    sizes: list[int] = []
    spent = 0.0
    with tempfile.TemporaryDirectory() as folder:
        bare = measure_bare(Path(folder) / "bare", pause)
        given.sockets = 1
        central = Child("serve", given, folder=f"{folder}/central")
        try:
            url = central.row()["url"]
            command = [sys.executable, "-m", "catgem_tui", "--central", url, "--user", "a0"]
            terminal = Terminal(command, environment(Path(folder)))
            try:
                log_in(terminal, given.records + CHANGED)
                for text in typed:
                    before = terminal.processor()
                    keys = type_keys(terminal, text, pause)
                    spent += terminal.processor() - before
                    taken += replay(terminal, keys)
                    sizes += [sum(len(chunk.data) for chunk in key.chunks) for key in keys]
                    terminal.write(KILL_LINE)
                    terminal.wait(lambda _: True)
            finally:
                terminal.close()
        finally:
            central.kill()
    times = [each for each in taken if each is not None]
    if not times:
        raise SystemExit("no key brought results")
    return {
        "bench": "search_repaint",
        "records": given.records,
        "queries": len(typed),
        "keys": len(taken),
        "unchanged": len(taken) - len(times),
        "pause_ms": given.pause,
        "key_to_results_ms": percentiles(times),
        "processor_ms": round(1000 * spent / len(taken), 2),
        "bytes": int(statistics.median(sizes)),
        "bare_key_ms": percentiles(bare),
        "ratio": round(statistics.median(times) / statistics.median(bare), 2),
        "goal_ms": GOAL_MS,
        "ok": 1000 * statistics.median(times) < GOAL_MS,
        "load": round(os.getloadavg()[0], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=120_000)
    parser.add_argument("--count", type=int, default=40, help="queries to type (%(default)s)")
    parser.add_argument("--pause", type=float, default=120.0, help="milliseconds from key to key (%(default)s)")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        run_bare()
    else:
        print(json.dumps(measure(given)))


if __name__ == "__main__":
    main()
