"""What the workstation takes while it waits: memory, wake-ups, processor time, bytes to the terminal.

    python tests/bench/bench_idle.py [--records N] [--count SECONDS]

A real central in a process of its own holds ``--records`` records; the real command ``catgem`` runs in a
pseudo-terminal of 160×45, logs in, takes its copy and is then left alone for ``--count`` seconds with nobody waiting
(``first``); then it is ended, started again on what it kept, searched a little, and left alone as long (``again``). Of
each: ``memory_mb`` by what the kernel tells of the process (``rss``; of that ``anonymous`` and ``file``, the latter
mapped files that others share or that may be dropped; ``private``, what would be free without it; and ``peak``),
``wakeups`` (voluntary context switches of all threads a second) with those of each thread, ``processor`` (share of one
core) and ``bytes`` to the terminal a second. ``engine_mb`` is the telephone's process. Linux only.
Prints one JSON object. ``load`` is the machine's, of the last minute.
"""

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from bench_directory_spread import CHANGED, Child  # noqa: E402
from bench_search_repaint import KILL_LINE, SEARCH, Terminal, environment, log_in  # noqa: E402

GOAL_MB = 220
SETTLE = 3.0
"""Seconds from the last thing done until the waiting counts, or as long as is watched."""
SEARCHES = ("oficialia 01", "acta de nacimento", "garcia lopez", "7225")


def status_of(process: Path) -> dict[str, str]:
    rows = (process / "status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (row.partition(":") for row in rows)}


def memory(process: Path) -> dict[str, float]:
    status = status_of(process)
    rows = (row.split() for row in (process / "smaps_rollup").read_text().splitlines()[1:])
    parts = {row[0].rstrip(":"): int(row[1]) for row in rows}
    kilobytes = {
        "rss": int(status["VmRSS"].split()[0]),
        "anonymous": int(status["RssAnon"].split()[0]),
        "file": int(status["RssFile"].split()[0]) + int(status["RssShmem"].split()[0]),
        "private": parts["Private_Clean"] + parts["Private_Dirty"],
        "peak": int(status["VmHWM"].split()[0]),
    }
    return {name: round(value / 1024, 1) for name, value in kilobytes.items()}


def wakeups(process: Path) -> Counter[str]:
    """How often each thread gave the processor away of its own accord."""
    count: Counter[str] = Counter()
    for task in (process / "task").iterdir():
        count[f"{(task / 'comm').read_text().strip()} {task.name}"] = int(status_of(task)["voluntary_ctxt_switches"])
    return count


def engine_of(process: Path) -> float | None:
    """Resident megabytes of the children: the telephone's engine."""
    children = [child for task in (process / "task").iterdir() for child in (task / "children").read_text().split()]
    sizes = [int(status_of(Path("/proc") / child)["VmRSS"].split()[0]) for child in children]
    return round(sum(sizes) / 1024, 1) if sizes else None


def left_alone(terminal: Terminal, seconds: float) -> dict[str, Any]:
    process = Path(f"/proc/{terminal.process_id}")
    terminal.read(min(SETTLE, seconds))
    before, spent = wakeups(process), terminal.processor()
    chunks = terminal.read(seconds)
    after, used = wakeups(process), terminal.processor() - spent
    woken = {name: round(count / seconds, 2) for name, count in (after - before).most_common()}
    return {
        "memory_mb": memory(process),
        "engine_mb": engine_of(process),
        "wakeups": round((after - before).total() / seconds, 2),
        "wakeups_by_thread": woken,
        "processor": round(used / seconds, 4),
        "bytes": round(sum(len(chunk.data) for chunk in chunks) / seconds, 1),
    }


def measure(given: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # a builder of the index may be ending
        given.sockets = 1
        central = Child("serve", given, folder=f"{folder}/central")
        try:
            command = [sys.executable, "-m", "catgem_tui", "--central", central.row()["url"], "--user", "a0"]
            runs = {}
            for name, searches in (("first", ()), ("again", SEARCHES)):
                terminal = Terminal(command, environment(Path(folder)))
                try:
                    log_in(terminal, given.records + CHANGED)
                    for text in searches:
                        terminal.write(SEARCH + KILL_LINE + text.encode())
                        terminal.wait(lambda _: True)
                    terminal.write(KILL_LINE + b"\x1b")
                    terminal.wait(lambda _: True)
                    runs[name] = left_alone(terminal, given.count)
                finally:
                    terminal.close()
        finally:
            central.kill()
    most = max(run["memory_mb"]["rss"] for run in runs.values())
    return {
        "bench": "idle",
        "records": given.records,
        "seconds": given.count,
        **runs,
        "goal_mb": GOAL_MB,
        "ok": most < GOAL_MB,
        "load": round(os.getloadavg()[0], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=120_000)
    parser.add_argument("--count", type=int, default=30, help="seconds to watch it wait (%(default)s)")
    print(json.dumps(measure(parser.parse_args())))


if __name__ == "__main__":
    main()
