"""Whether time passed in which this process did not run: its machine slept, or somebody stopped it."""

import time

_BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Linux's goes on while the machine sleeps (clock_gettime(2)); elsewhere the monotonic clock may do so itself."""
WAKING_SECONDS = 3.0
"""Who stood still for longer than this was asleep; and so long may others on the same machine take to wake up too."""


class Standstill:
    """Looked at again and again by a loop, to know of breaks between two rounds of it."""

    def __init__(self) -> None:
        self._looked_at = time.clock_gettime(_BOOT_CLOCK)

    def look(self) -> float:
        """Seconds since it was looked at last, those of a sleep too."""
        before, self._looked_at = self._looked_at, time.clock_gettime(_BOOT_CLOCK)
        return self._looked_at - before
