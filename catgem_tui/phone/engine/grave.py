"""Where ports of the bridge rest before they are destroyed.

pjsip still calls a port for a moment after it was taken off the bridge; and an object may not be destroyed inside a
callback of its own, nor on another thread than the library's.
"""

import time
from collections import deque
from typing import Any

REST_SECONDS = 2.0


class Grave:
    def __init__(self) -> None:
        self._resting: deque[tuple[float, Any]] = deque()

    def bury(self, thing: Any) -> None:
        self._resting.append((time.monotonic() + REST_SECONDS, thing))

    def clear(self) -> None:
        """Let go of what has rested. Called by the library's thread, outside any callback."""
        now = time.monotonic()
        while self._resting and self._resting[0][0] <= now:
            self._resting.popleft()
