"""Whether others take the processors from this process: known before anything is heard of it.

Two things are asked, for each says too little alone: threads of an ordinary user, who has no real time, wait a little
at every one of a hundred turns a second, also on a quiet machine; and one may be busy with what gives way to us.
"""

import os
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

_THREADS = Path("/proc/self/task")
_PROCESSORS = Path("/proc/stat")
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Processors(NamedTuple):
    """Seconds since the machine was started, of all its processors together."""

    idle: float
    total: float


def read_waiting() -> dict[str, float]:
    """Seconds that each thread was ready to run and did not, since it began, as Linux counts them (sched-stats.rst,
    ``/proc/<pid>/schedstat``); empty where nobody counts."""
    waited = {}
    try:
        for thread in _THREADS.iterdir():
            try:
                waited[thread.name] = int((thread / "schedstat").read_text().split()[1]) / 1e9
            except (OSError, IndexError, ValueError):
                continue  # it has ended meanwhile, or nobody counts
    except OSError:
        return {}
    return waited


def read_processors() -> Processors:
    """How long they had nothing to do (proc_stat(5)): neither what is theirs nor what a virtual machine's host takes
    ("steal") counts as that. Zeros where nobody counts."""
    try:
        fields = [int(field) for field in _PROCESSORS.read_text().split("\n", 1)[0].split()[1:9]]
        return Processors((fields[3] + fields[4]) / _TICKS, sum(fields) / _TICKS)
    except (OSError, IndexError, ValueError):
        return Processors(0.0, 0.0)


class Crowding:
    """Called five times a second. It is too crowded when our threads wait and less than a processor is idle, for longer
    than whatever runs for a second and is gone."""

    LOOKS = 7
    LIMIT = 0.012
    """Seconds of waiting, of the thread that is served worst, in so many looks. In real time, on a quiet machine of two
    processors, it is 0.006, and 0.019 beside somebody who keeps one of them busy."""
    MOST = 0.004
    """Of it that counts in one look: a single thread that once waits for long tells nothing of the others."""
    IDLE = 1.0
    """Processors; half of one where there is but one."""

    def __init__(
        self,
        waiting: Callable[[], Mapping[str, float]] = read_waiting,
        processors: Callable[[], Processors] = read_processors,
        count: int = os.cpu_count() or 1,
    ) -> None:
        self._waiting, self._processors, self._count = waiting, processors, count
        self._before: Mapping[str, float] | None = None
        self._waits: deque[float] = deque(maxlen=self.LOOKS)
        self._spent: deque[Processors] = deque(maxlen=self.LOOKS + 1)

    def is_too_much(self) -> bool:
        """Look again; returns whether others leave too little to this process."""
        before, self._before = self._before, self._waiting()
        self._spent.append(self._processors())
        if before is None:
            return False
        waits = (waited - before.get(thread, waited) for thread, waited in self._before.items())
        self._waits.append(min(self.MOST, max(waits, default=0.0)))
        return len(self._waits) == self.LOOKS and sum(self._waits) > self.LIMIT and self._idle() < self._least()

    def forget(self) -> None:
        """Nobody looked for a while."""
        self._before = None
        self._waits.clear()
        self._spent.clear()

    def _idle(self) -> float:
        """Processors that had nothing to do, on average."""
        first, last = self._spent[0], self._spent[-1]
        return self._count * (last.idle - first.idle) / max(last.total - first.total, 1e-9)

    def _least(self) -> float:
        return min(self.IDLE, self._count / 2)
