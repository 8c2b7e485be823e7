"""Whether this process waits for a processor: known before anything is heard of it."""

from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

_THREADS = Path("/proc/self/task")


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


class Crowding:
    """Called five times a second. A quiet machine lets the thread that is served worst wait 5 ms in a second."""

    LIMIT = 0.02
    """Seconds of waiting, of the thread that is served worst, in so many looks."""
    LOOKS = 5

    def __init__(self, read: Callable[[], Mapping[str, float]] = read_waiting) -> None:
        self._read = read
        self._before: Mapping[str, float] | None = None
        self._waits: deque[float] = deque(maxlen=self.LOOKS)

    def is_too_much(self) -> bool:
        """Look again; returns whether others leave too little to this process."""
        before, self._before = self._before, self._read()
        if before is None:
            return False
        waits = (waited - before.get(thread, waited) for thread, waited in self._before.items())
        self._waits.append(max(waits, default=0.0))
        return sum(self._waits) > self.LIMIT

    def forget(self) -> None:
        """Nobody looked for a while."""
        self._before = None
        self._waits.clear()
