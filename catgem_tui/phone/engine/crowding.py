"""Whether others take the processors from this process: known before anything is heard of it. What gives way to
everybody else (nice(1)) takes nothing from anybody."""

import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

_PROCESSORS = Path("/proc/stat")
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Processors(NamedTuple):
    """Seconds since the machine was started, of all its processors together."""

    free: float
    total: float


def read_processors() -> Processors:
    """How long they had nothing to do, or only what gives way (proc_stat(5): idle, iowait, nice); neither what others
    use nor what a virtual machine's host takes ("steal") counts as that. Zeros where nobody counts."""
    try:
        fields = [int(field) for field in _PROCESSORS.read_text().split("\n", 1)[0].split()[1:9]]
        _user, nice, _system, idle, iowait, *_rest = fields
        return Processors((nice + idle + iowait) / _TICKS, sum(fields) / _TICKS)
    except (OSError, IndexError, ValueError):
        return Processors(0.0, 0.0)


class Crowding:
    """Called five times a second. It is too crowded when less than a processor is free, for longer than whatever runs
    for a second and is gone."""

    LOOKS = 7
    FREE = 1.0
    """Processors; half of one where there is but one."""

    def __init__(
        self, processors: Callable[[], Processors] = read_processors, count: int = os.cpu_count() or 1
    ) -> None:
        self._processors, self._count = processors, count
        self._looks: deque[Processors] = deque(maxlen=self.LOOKS + 1)

    def is_too_much(self) -> bool:
        """Look again; returns whether others leave too little to this process."""
        self._looks.append(self._processors())
        first, last = self._looks[0], self._looks[-1]
        if len(self._looks) <= self.LOOKS or last.total <= first.total:
            return False
        free = self._count * (last.free - first.free) / (last.total - first.total)
        return free < min(self.FREE, self._count / 2)

    def forget(self) -> None:
        """Nobody looked for a while."""
        self._looks.clear()
