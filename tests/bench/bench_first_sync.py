"""The first copy of the directory: how long it takes, and whether the screen notices.

    python tests/bench/bench_first_sync.py [--records N] [--count N]

A real central in a process of its own holds ``--records`` records. A workstation (real desk and screen, without a
terminal) logs in with an empty folder; measured is from there until every record is searchable, ``--count`` times, each
with a folder of its own. The gaps are the times by which the workstation's event loop was late for a timer of 5 ms from
the moment the desk is on the screen until then: what a key would have waited. Prints one JSON object; ``seconds`` and
``longest_gap_ms`` are those of the
slowest run, ``goal_s`` and ``goal_gap_ms`` what is asked.
``load`` is the machine's, of the last minute.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from bench_directory_spread import PASSWORD, Child  # noqa: E402

SIZE = (160, 45)
PATIENCE = 300.0
BEAT = 0.005
GOAL_S = 20.0
GOAL_GAP_MS = 50.0


async def watch(gaps: list[float]) -> None:
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(BEAT)
        gaps.append(time.perf_counter() - begun - BEAT)


async def work(given: argparse.Namespace) -> dict[str, Any]:
    from catgem_tui.desk.credentials import Credentials
    from catgem_tui.desk.intents import Login, Search
    from catgem_tui.desk.runtime import Desk
    from catgem_tui.desk.state import Line
    from catgem_tui.ui.app import WorkstationApp

    folder = Path(given.folder)
    desk = Desk(given.url, folder, None, credentials=Credentials(given.url, lambda: None))
    await desk.start()
    gaps: list[float] = []
    async with WorkstationApp(desk).run_test(size=SIZE) as pilot:
        await pilot.pause()
        begun = time.perf_counter()
        desk.do(Login("a0", PASSWORD))
        await desk.wait_for(lambda state: state.line is Line.ONLINE, PATIENCE)
        await pilot.pause()  # the desk is on the screen; drawing it for the first time is not what is measured
        watching = asyncio.create_task(watch(gaps))
        await desk.wait_for(
            lambda state: state.directory.records >= given.records and not state.directory.syncing, PATIENCE
        )
        taken = time.perf_counter() - begun
        watching.cancel()
        desk.do(Search("marcador 7"))
        await desk.wait_for(lambda state: bool(state.directory.hits), PATIENCE)
    await desk.close()
    gaps = sorted(gaps) or [0.0]
    return {
        "seconds": round(taken, 2),
        "longest_gap_ms": round(1000 * gaps[-1], 1),
        "gap_p99_ms": round(1000 * gaps[int(len(gaps) * 0.99)], 1),
    }


def run(given: argparse.Namespace) -> dict[str, Any]:
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        given.sockets = 1
        central = Child("serve", given, folder=f"{folder}/central")
        try:
            url = central.row()["url"]
            for number in range(given.count):
                command = [sys.executable, __file__, "--child", "--url", url, "--folder", f"{folder}/desk{number}"]
                command += ["--records", str(given.records)]
                ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=2 * PATIENCE)
                runs.append(json.loads(ended.stdout))
        finally:
            central.kill()
    slowest = max(run["seconds"] for run in runs)
    longest = max(run["longest_gap_ms"] for run in runs)
    return {
        "bench": "first_sync",
        "records": given.records,
        "runs": runs,
        "seconds": slowest,
        "longest_gap_ms": longest,
        "goal_s": GOAL_S,
        "goal_gap_ms": GOAL_GAP_MS,
        "ok": slowest < GOAL_S and longest < GOAL_GAP_MS,
        "load": round(os.getloadavg()[0], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=120_000)
    parser.add_argument("--count", type=int, default=2)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    for name in ("folder", "url"):
        parser.add_argument(f"--{name}", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    print(json.dumps(asyncio.run(work(given)) if given.child else run(given)))


if __name__ == "__main__":
    main()
