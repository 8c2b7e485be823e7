"""Every measurement runs and says what its documentation promises. What it measures is not judged here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"
KEYS = {
    "bench_accept": {"key_to_200_ms", "key_to_command_ms", "command_to_200_ms", "bare_key_ms", "ratio", "load"},
    "bench_actions": {"actions", "first_ms", "whole_ms", "over", "silent", "bare_key_ms", "ratio", "ok", "load"},
    "bench_answer": {"calls", "answer_to_200_ms", "empty_command_ms", "ratio"},
    "bench_calls": {"calls", "failures", "deaths", "start", "end", "load"},
    "bench_chat_latency": {"citizen_to_desk", "desk_to_citizen", "echo", "ratio", "load"},
    "bench_directory": {"records", "ours", "against", "missing", "busy", "load"},
    "bench_directory_spread": {"connected", "changes", "save_ms", "searchable_ms", "missed", "ok", "load"},
    "bench_engine_death": {"kill", "abort", "hang", "load"},
    "bench_first_paint": {"ratio", "goal", "ok", "paint_ratio", "desk_ratio", "seconds", "spread", "load"},
    "bench_first_sync": {"records", "seconds", "longest_gap_ms", "ok", "load"},
    "bench_idle": {"records", "seconds", "first", "again", "goal_mb", "ok", "load"},
    "bench_import": {"rows", "seconds", "goal", "ok", "load"},
    "bench_ringing": {"calls", "invite_to_screen_ms", "load"},
    "bench_search_repaint": {"records", "keys", "unchanged", "key_to_results_ms", "bare_key_ms", "ratio", "ok", "load"},
    "bench_thin_line": {"ours", "stock", "ratio", "goals", "ok", "load"},
    "bench_sound": {"quick", "goals", "load", "machine"},
    "bench_queue": {"contacts", "served", "steps_per_second", "median_us", "p99_us", "max_us"},
}
SMALL = {
    "bench_actions": ("--count", "3", "--times", "1"),
    "bench_directory": ("--records", "3000", "--per-class", "3"),
    "bench_directory_spread": ("--count", "1", "--sockets", "4", "--records", "500"),
    "bench_first_sync": ("--count", "1", "--records", "2000"),
    "bench_idle": ("--count", "1", "--records", "500"),
    "bench_import": ("--count", "1000"),
    "bench_search_repaint": ("--count", "1", "--records", "500"),
    "bench_thin_line": ("--count", "2", "--seconds", "1.5"),
    "bench_sound": ("--calls", "1", "--count", "2", "--seconds", "3", "--only", "quick"),
}
"""How to ask for as little as possible; ``--count 1`` where nothing is said."""


@pytest.mark.parametrize("name", sorted(path.stem for path in BENCH.glob("bench_*.py")))
def test_a_measurement_prints_its_figures(name: str) -> None:
    run = subprocess.run(
        [sys.executable, str(BENCH / f"{name}.py"), *SMALL.get(name, ("--count", "1"))],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=BENCH.parents[1],
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout).keys() >= KEYS[name] | {"bench"}
