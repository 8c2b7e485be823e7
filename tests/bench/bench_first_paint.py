"""How long until the workstation can be used, against a bare Textual app with the same widgets.

    python tests/bench/bench_first_paint.py [--runs N]

Each run is a child process of its own, the kinds in turn, measured from the start of the process to the painted screen
that takes keys. Prints JSON, with the processor's time beside the clock's: on a busy machine it is the steadier one.
The first interactive paint is the login: the ratio of the medians should be at most 1.25. The desk of somebody already
logged in, measured from the start too, is told beside it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOAL = 1.25
SIZE = (160, 45)
STARTED = "BENCH_STARTED"


def run_bare_login() -> None:
    """The login's widgets with nothing behind them."""
    from textual.app import App, ComposeResult
    from textual.containers import Vertical
    from textual.scroll_view import ScrollView
    from textual.widgets import Input

    class Bare(App[None]):
        CSS = "Screen { align: center middle; } Vertical { width: 48; height: auto; } ScrollView { height: 2; }"

        def compose(self) -> ComposeResult:
            with Vertical():
                yield ScrollView()
                yield ScrollView()
                yield Input()
                yield ScrollView()
                yield Input()
                yield ScrollView()

        def on_ready(self) -> None:
            self.call_after_refresh(finish)

    Bare().run(headless=True, size=SIZE)


def run_bare_desk() -> None:
    """The desk's widgets with nothing behind them: line widgets, lists, fields, text areas, in columns."""
    from textual.app import App, ComposeResult
    from textual.containers import Horizontal, Vertical
    from textual.scroll_view import ScrollView
    from textual.widgets import Input, TextArea

    class Bare(App[None]):
        CSS = "Horizontal { height: 1fr; } ScrollView { height: 2; } TextArea { height: 6; } #left { width: 36; }"

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
                            yield Input()
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


def run_login() -> None:
    run_workstation(logged_in=False)


def run_desk() -> None:
    run_workstation(logged_in=True)


def run_workstation(*, logged_in: bool) -> None:
    from collections.abc import Callable

    from catgem_tui.desk.intents import Intent
    from catgem_tui.desk.state import DeskState, Line
    from catgem_tui.protocol.enums import Role
    from catgem_tui.protocol.model import Struct, User
    from catgem_tui.ui.app import WorkstationApp

    class Still:
        state = DeskState()
        if logged_in:
            state = DeskState(line=Line.ONLINE, user=User(id="u", username="ana", name="Ana", role=Role.ADVISOR))

        def subscribe(self, _callback: Callable[[DeskState], None]) -> Callable[[], None]:
            return lambda: None

        def do(self, _intent: Intent | Struct) -> None:
            pass

    class Measured(WorkstationApp):
        def on_ready(self) -> None:
            self.call_after_refresh(self.look)

        def look(self) -> None:
            if not logged_in or (self.screen is self.desk_screen and self.desk_screen.hints.drawn):
                self.call_after_refresh(finish)
            else:
                self.call_after_refresh(self.look)

    Measured(Still()).run(headless=True, size=SIZE)


def finish() -> None:
    """Tell how long it took, and leave."""
    print(time.time() - float(os.environ[STARTED]), time.process_time(), file=sys.__stdout__, flush=True)
    os._exit(0)


def measure(kind: str) -> tuple[float, float]:
    """Seconds on the clock and of the processor that one child of this kind took."""
    environment = {**os.environ, STARTED: repr(time.time()), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(Path(__file__).resolve()), "--child", kind]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    clock, processor = ended.stdout.split()[-2:]
    return float(clock), float(processor)


def compare(runs: int) -> dict[str, object]:
    taken: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
    for number in range(runs + 1):
        for kind in KINDS:
            measured = measure(kind)
            if number:
                taken[kind].append(measured)
    clock = {kind: statistics.median(clock for clock, _processor in values) for kind, values in taken.items()}
    processor = {kind: statistics.median(spent for _clock, spent in values) for kind, values in taken.items()}
    ratio = clock["login"] / clock["bare_login"]
    return {
        "name": "first_paint",
        "ratio": round(ratio, 3),
        "goal": GOAL,
        "ok": ratio <= GOAL,
        "processor_ratio": round(processor["login"] / processor["bare_login"], 3),
        "desk_ratio": round(clock["desk"] / clock["bare_desk"], 3),
        "desk_processor_ratio": round(processor["desk"] / processor["bare_desk"], 3),
        "seconds": {kind: round(value, 3) for kind, value in clock.items()},
        "runs": runs,
    }


KINDS = {"bare_login": run_bare_login, "login": run_login, "bare_desk": run_bare_desk, "desk": run_desk}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--child", choices=KINDS)
    given = parser.parse_args()
    if given.child:
        KINDS[given.child]()
    else:
        print(json.dumps(compare(given.runs)))


if __name__ == "__main__":
    main()
