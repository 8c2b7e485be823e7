"""Central's clock: wall time that never goes back, and never stands still."""

import time


class SteadyClock:
    """Seconds since the epoch. When the system's clock is set back, this one goes on from where it was.

    Every deadline of the floor is an instant on it, so an offer lasts as long as the rules say whatever becomes of the
    system's clock. Set forward, it follows: a machine that slept knows how late it is.
    """

    def __init__(self) -> None:
        self._said, self._at = time.time(), time.monotonic()

    def __call__(self) -> float:
        at = time.monotonic()
        self._said, self._at = max(time.time(), self._said + at - self._at), at
        return self._said
