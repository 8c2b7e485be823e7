"""How long until the workstation can be used, against a bare Textual app with the same widgets.

    python tests/bench/bench_first_paint.py [--count N]

Every run is a process of its own in a pseudo-terminal of its own, the kinds in turn, from the start of the interpreter;
of each kind ``count`` runs after one that fills the file caches. Prints one JSON object with medians.

``ratio`` (goal: at most 1.25) is the real command ``catgem`` (its settings, its log, its desk; central is not there) to
the bare login, each until a typed key is echoed: keys are sent from the moment the terminal is in raw mode, one every
10 ms until one shows. ``paint_ratio`` compares the same two until the first frame. ``desk_ratio`` is the screen of
somebody already logged in, without a terminal and nothing behind it, to the bare desk, until it is drawn and takes
keys; ``desk_processor_ratio`` the same in processor time, the steadier one on a busy machine.
``seconds`` has the medians, ``spread`` the quickest and the slowest, ``load`` the machine's of the last minute.
"""

import argparse
import fcntl
import json
import os
import pty
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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOAL = 1.25
SIZE = (160, 45)
STARTED = "BENCH_STARTED"
PATIENCE = 30.0
WORDS = 40
"""Characters beside escape sequences that are more than the beginning of a frame; blanks may be erased, not written."""
KEY = b"@"
"""It is in no text of the login, and ends no escape sequence that Textual writes."""
RAW = b"\x1b[?1004h"
"""Textual asks to be told of the focus when it has put the terminal into raw mode."""
ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_][^\x07\x1b]*(?:\x07|\x1b\\\\)|[@-Z\\\\-_=>78])")


def run_bare_login() -> None:
    """The login's widgets with nothing behind them."""
    from textual.app import App, ComposeResult
    from textual.containers import Vertical
    from textual.scroll_view import ScrollView
    from textual.widgets import Input

    class Bare(App[None]):
        AUTO_FOCUS = "Input"
        CSS = """Screen { align: center middle; } Vertical { width: 48; height: auto; }
        ScrollView { height: 2; } Input { height: 1; }"""

        def compose(self) -> ComposeResult:
            with Vertical():
                yield ScrollView()
                yield ScrollView()
                yield Input(compact=True)
                yield ScrollView()
                yield Input(compact=True)
                yield ScrollView()

    Bare().run()


def run_bare_desk() -> None:
    """The desk's widgets with nothing behind them: line widgets, lists, fields, text areas, in columns."""
    from textual.app import App, ComposeResult
    from textual.containers import Horizontal, Vertical
    from textual.scroll_view import ScrollView
    from textual.widgets import Input, TextArea

    class Bare(App[None]):
        CSS = """Horizontal { height: 1fr; } ScrollView { height: 2; } Input { height: 1; } TextArea { height: 6; }
        #left { width: 36; }"""

        def compose(self) -> ComposeResult:
            for _ in range(4):
                yield ScrollView()
            with Horizontal():
                with Vertical(id="left"):
                    for _ in range(2):
                        with Vertical():
                            yield ScrollView()
                            yield ScrollView()
                with Vertical():
                    for _ in range(3):
                        yield ScrollView()
                    yield TextArea()
                    with Vertical():
                        yield ScrollView()
                        yield ScrollView()
                    with Vertical():
                        yield ScrollView()
                        yield TextArea()
                with Vertical():
                    with Vertical():
                        yield ScrollView()
                        with Vertical():
                            yield Input(compact=True)
                            yield ScrollView()
                            yield ScrollView()
                    with Vertical():
                        yield ScrollView()
                        yield ScrollView()
            for _ in range(3):
                yield ScrollView()

        def on_ready(self) -> None:
            self.call_after_refresh(finish)

    Bare().run(headless=True, size=SIZE)


def run_desk() -> None:
    from collections.abc import Callable

    from catgem_tui.desk.intents import Intent
    from catgem_tui.desk.state import DeskState, Line
    from catgem_tui.protocol.enums import Role
    from catgem_tui.protocol.model import Struct, User
    from catgem_tui.ui.app import WorkstationApp

    class Still:
        state = DeskState(line=Line.ONLINE, user=User(id="u", username="ana", name="Ana", role=Role.ADVISOR))

        def subscribe(self, _callback: Callable[[DeskState], None]) -> Callable[[], None]:
            return lambda: None

        def do(self, _intent: Intent | Struct) -> None:
            pass

    class Measured(WorkstationApp):
        def on_ready(self) -> None:
            self.call_after_refresh(self.look)

        def look(self) -> None:
            if self.screen is self.desk_screen and self.desk_screen.hints.drawn:
                self.call_after_refresh(finish)
            else:
                self.call_after_refresh(self.look)

    Measured(Still()).run(headless=True, size=SIZE)


def finish() -> None:
    """Tell how long it took, and leave."""
    print(time.time() - float(os.environ[STARTED]), time.process_time(), file=sys.__stdout__, flush=True)
    os._exit(0)


def measure_drawn(kind: str) -> tuple[float, float]:
    """Seconds on the clock and of the processor that one child of this kind took."""
    environment = {**os.environ, STARTED: repr(time.time()), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(Path(__file__).resolve()), "--child", kind]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    clock, processor = ended.stdout.split()[-2:]
    return float(clock), float(processor)


def measure_echoed(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds from the start of the command until its first frame, and until it echoes a key."""
    own, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
    homes = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    keyring = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    environment = {**os.environ, **homes, **keyring, "PYTHONPATH": str(ROOT)}
    environment |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    begun = time.perf_counter()
    child = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=environment, start_new_session=True)
    os.close(its)
    try:
        return watch(own, begun)
    finally:
        # Only the start is measured; leaving in order takes longer.
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        os.close(own)


def watch(terminal: int, begun: float) -> tuple[float, float]:
    seen = b""
    painted = next_key = 0.0
    while (now := time.perf_counter()) - begun < PATIENCE:
        if select.select([terminal], [], [], 0.01)[0]:
            seen += os.read(terminal, 65536)
            now = time.perf_counter()
        shown = ESCAPES.sub(b"", seen)
        if not painted and len(shown) > WORDS:
            painted = now - begun
        if painted and KEY in shown:  # a field may be drawn before the rest
            return painted, now - begun
        if RAW in seen and now >= next_key:
            os.write(terminal, KEY)
            next_key = now + 0.01
    raise SystemExit(f"nothing was echoed in {PATIENCE:g} s: {seen[-300:]!r}")


def compare(count: int) -> dict[str, object]:
    this = [sys.executable, str(Path(__file__).resolve()), "--child"]
    nowhere = "http://127.0.0.1:9"
    commands = {
        "bare_login": [*this, "bare_login"],
        "catgem": [sys.executable, "-m", "catgem_tui", "--central", nowhere],
    }
    echoed: dict[str, list[tuple[float, float]]] = {kind: [] for kind in commands}
    drawn: dict[str, list[tuple[float, float]]] = {"bare_desk": [], "desk": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(count + 1):
            for kind, command in commands.items():
                echoed[kind].append(measure_echoed(command, Path(folder)))
            for kind, taken in drawn.items():
                taken.append(measure_drawn(kind))
    seconds = {f"{kind}_painted": [painted for painted, _ in taken[1:]] for kind, taken in echoed.items()}
    seconds |= {f"{kind}_echoed": [answered for _, answered in taken[1:]] for kind, taken in echoed.items()}
    seconds |= {kind: [clock for clock, _ in taken[1:]] for kind, taken in drawn.items()}
    seconds |= {f"{kind}_processor": [spent for _, spent in taken[1:]] for kind, taken in drawn.items()}
    median = {name: statistics.median(values) for name, values in seconds.items()}
    ratio = median["catgem_echoed"] / median["bare_login_echoed"]
    return {
        "bench": "first_paint",
        "count": count,
        "ratio": round(ratio, 3),
        "goal": GOAL,
        "ok": ratio <= GOAL,
        "paint_ratio": round(median["catgem_painted"] / median["bare_login_painted"], 3),
        "desk_ratio": round(median["desk"] / median["bare_desk"], 3),
        "desk_processor_ratio": round(median["desk_processor"] / median["bare_desk_processor"], 3),
        "seconds": {name: round(value, 3) for name, value in median.items()},
        "spread": {name: [round(min(values), 3), round(max(values), 3)] for name, values in seconds.items()},
        "load": round(os.getloadavg()[0], 2),
    }


CHILDREN = {"bare_login": run_bare_login, "bare_desk": run_bare_desk, "desk": run_desk}


def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled, as Textual is
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=9, help="runs of each kind (%(default)s)")
    parser.add_argument("--child", choices=CHILDREN, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        CHILDREN[given.child]()
    else:
        print(json.dumps(compare(given.count)))


if __name__ == "__main__":
    main()
