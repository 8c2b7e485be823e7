"""What the workstation's screen costs on the line, with the driver of its own and with Textual's.

    python tests/bench/bench_thin_line.py [--count N] [--seconds S] [--colours 256]

The workstation on a made-up desk (``tests/ui/scenes``) runs in a pseudo-terminal that answers status queries as a
terminal does. Every figure is taken with both drivers, in turn, in the same run. Prints one JSON object:

``first_paint_bytes`` (goal: under 6,000): everything until the desk stands at 80×24; ``wide_paint_bytes`` at 160×45.
``key_bytes`` (goal: at most 40): median per character typed into the search, whose results do not change.
``key_ms`` (goal: under 8): median from a key to the last byte of its repaint.
``idle_bytes_per_second`` (goal: under 20): three contacts waiting, no call. ``busy_bytes_per_second`` (goal: at most
150): a call, two chats, five waiting, on a line that is said to be thin. All but the first paint at 160×45.
``ratio`` is ours to Textual's for each, ``load`` the machine's of the last minute.
"""

import argparse
import fcntl
import json
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SMALL, WIDE = (80, 24), (160, 45)
PATIENCE = 30.0
QUIET = 0.3
"""Seconds without a byte after which a repaint is over; clocks change in between, so it must be under one."""
SEARCH, BACKSPACE = b"\x06", b"\x7f"
ENOUGH = 600
"""Bytes after which the desk has begun to stand; what puts the terminal into its modes is less."""
TYPED = "oficialia del registro civil"
QUERY, ANSWER = b"\x1b[5n", b"\x1b[0n"
GOALS = {
    "first_paint_bytes": 6000, "key_bytes": 40, "key_ms": 8, "idle_bytes_per_second": 20, "busy_bytes_per_second": 150,
}  # fmt: skip


def run_desk(scene: str, driver: str, colours: str) -> None:
    """The desk of a scene; its clock runs."""
    sys.path.insert(0, str(ROOT))
    from catgem_tui.config import i18n
    from catgem_tui.terminal.capabilities import find_capabilities
    from catgem_tui.terminal.driver import driver_for
    from catgem_tui.ui.app import WorkstationApp
    from tests.ui import scenes

    class Desk(WorkstationApp):
        meters = driver == "stock"

    i18n.use("es_MX")
    begun = time.time()
    desk = scenes.RecordingDesk(_state(scene))
    app = Desk(desk, clock=lambda: scenes.NOW + time.time() - begun, caret=driver == "stock")
    if driver == "ours":
        app.driver_class = driver_for(find_capabilities(os.environ, colours), thin=True)
    app.run(mouse=False)


def _state(scene: str) -> Any:
    from msgspec.structs import replace

    from tests.ui import scenes

    if scene == "idle":
        return replace(scenes.IDLE, summary=scenes.SUMMARY)
    waiting = scenes.SUMMARY.next
    more = tuple(replace(one, contact=f"{one.contact}-more", since=one.since - 30) for one in waiting[:2])
    return replace(scenes.BUSY, summary=replace(scenes.SUMMARY, next=(*waiting, *more)))


class Line:
    """A terminal of a size with the desk in it, and the bytes that come."""

    def __init__(self, scene: str, driver: str, colours: str, size: tuple[int, int]) -> None:
        self._own, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        command = [sys.executable, str(Path(__file__).resolve()), "--child", scene, driver, "--colours", colours]
        kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "TERM_PROGRAM", "TMUX"}}
        depth = {"TEXTUAL_COLOR_SYSTEM": {"16": "standard", "256": "256", "true": "truecolor"}[colours]}
        environment = {**kept, **depth, "TERM": "xterm-256color", "COLORTERM": "", "TZ": "America/Mexico_City"}
        self._child = subprocess.Popen(
            command, stdin=its, stdout=its, stderr=its, env=environment, start_new_session=True
        )
        os.close(its)

    def write(self, keys: bytes) -> float:
        begun = time.perf_counter()
        os.write(self._own, keys)
        return begun

    def read(self, seconds: float) -> list[tuple[float, bytes]]:
        """What comes in this time, and when."""
        chunks: list[tuple[float, bytes]] = []
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if not select.select([self._own], [], [], left)[0]:
                break
            data = os.read(self._own, 1 << 16)
            chunks.append((time.perf_counter(), data))
            for _ in range(data.count(QUERY)):
                os.write(self._own, ANSWER)
        return chunks

    def start(self) -> int:
        """Wait until the desk stands; returns the bytes until then."""
        size, end = 0, time.perf_counter() + PATIENCE
        while time.perf_counter() < end:
            chunks = self.read(QUIET)
            size += sum(len(data) for _, data in chunks)
            if not chunks and size > ENOUGH:
                return size
        raise SystemExit(f"no desk in {PATIENCE:g} s, {size} bytes")

    def close(self) -> None:
        os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        os.close(self._own)


def measure_start(scene: str, driver: str, colours: str, size: tuple[int, int]) -> int:
    line = Line(scene, driver, colours, size)
    try:
        return line.start()
    finally:
        line.close()


def measure_rate(scene: str, driver: str, colours: str, seconds: float) -> float:
    """Bytes a second of a desk that nobody touches."""
    line = Line(scene, driver, colours, WIDE)
    try:
        line.start()
        size, end = 0, time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            size += sum(len(data) for _, data in line.read(left))
        return size / seconds
    finally:
        line.close()


def measure_keys(driver: str, colours: str, count: int) -> tuple[list[int], list[float]]:
    """Bytes and milliseconds of each key typed into the search of a desk at rest."""
    line = Line("idle", driver, colours, WIDE)
    sizes, taken = [], []
    try:
        line.start()
        line.write(SEARCH)
        line.read(QUIET)
        for letter in (TYPED * (count // len(TYPED) + 1))[:count]:
            begun = line.write(letter.encode())
            chunks = line.read(QUIET / 2)
            if chunks:
                sizes.append(sum(len(data) for _, data in chunks))
                taken.append(1000 * (chunks[-1][0] - begun))
    finally:
        line.close()
    return sizes, taken


def measure(driver: str, given: argparse.Namespace) -> dict[str, float]:
    sizes, taken = measure_keys(driver, given.colours, given.count)
    return {
        "first_paint_bytes": measure_start("idle", driver, given.colours, SMALL),
        "wide_paint_bytes": measure_start("busy", driver, given.colours, WIDE),
        "key_bytes": statistics.median(sizes),
        "key_ms": round(statistics.median(taken), 2),
        "idle_bytes_per_second": round(measure_rate("idle", driver, given.colours, given.seconds), 1),
        "busy_bytes_per_second": round(measure_rate("busy", driver, given.colours, given.seconds), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=28, help="keys to type (%(default)s)")
    parser.add_argument("--seconds", type=float, default=20.0, help="to listen to a desk at rest (%(default)s)")
    parser.add_argument("--colours", choices=("16", "256", "true"), default="256")
    parser.add_argument("--child", nargs=2, metavar=("SCENE", "DRIVER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        run_desk(*given.child, given.colours)
        return
    ours, stock = measure("ours", given), measure("stock", given)
    print(
        json.dumps(
            {
                "bench": "thin_line",
                "colours": given.colours,
                "ours": ours,
                "stock": stock,
                "ratio": {name: round(ours[name] / stock[name], 4) for name in ours if stock[name]},
                "goals": GOALS,
                "ok": all(ours[name] <= goal for name, goal in GOALS.items()),
                "load": round(os.getloadavg()[0], 2),
            }
        )
    )


if __name__ == "__main__":
    main()
