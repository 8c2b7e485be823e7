"""One open page: a socket, what waits to be sent on it, and how fast it may talk."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from catgem_tui.central.chat import frames

_WAITING_FRAMES = 256
"""A page that reads more slowly than this is cut off; it comes back and gets the history."""


class Wire(Protocol):
    """The part of a web socket that is used here."""

    async def send_text(self, data: str) -> None: ...


class Allowance:
    """How often something may happen: ``burst`` at once, then ``rate`` a second (a token bucket)."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._at = burst, time.monotonic()

    def spend(self, cost: float = 1.0) -> float:
        """It happens; seconds to wait before going on, 0.0 when the allowance covers it."""
        self._left = self._now() - cost
        return max(0.0, -self._left / self._rate)

    def ask(self) -> float:
        """0.0 when it may happen, which is then counted; else seconds to wait before asking again."""
        self._left = self._now()
        if self._left < 1.0:
            return (1.0 - self._left) / self._rate
        self._left -= 1.0
        return 0.0

    def _now(self) -> float:
        now = time.monotonic()
        since, self._at = now - self._at, now
        return min(self._burst, self._left + since * self._rate)


class Visitor:
    """A citizen's open page. ``contact`` is empty until the page has said ``start``."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._frames: asyncio.Queue[str | None] = asyncio.Queue()
        self._held: deque[frames.ToPage] | None = None
        self._ended = False
        self.overrun = False
        """The page read too slowly and was cut off."""
        self.contact = ""
        self.consent = False
        self.name = ""
        self.email = ""
        self.typing_at = 0.0

    def send(self, frame: frames.ToPage) -> None:
        """Soon, in order."""
        if self._held is not None:
            self._held.append(frame)
            return
        if self._ended:
            return
        if self._frames.qsize() >= _WAITING_FRAMES:
            self.overrun = True
            self.close()
            return
        self._frames.put_nowait(frames.encode(frame))

    def hold(self) -> None:
        """Keep what is sent from now on back until ``release``."""
        self._held = deque()

    def drop_held(self) -> None:
        """Send again at once, and forget what was held."""
        self._held = None

    def release(self, first: Sequence[frames.ToPage], *, seen: frozenset[str] = frozenset()) -> None:
        """Send ``first``, then what was held, but no message whose id is in ``seen``."""
        held, self._held = self._held or deque(), None
        for frame in first:
            self.send(frame)
        for frame in held:
            if not (isinstance(frame, frames.NewMessage) and frame.line.id in seen):
                self.send(frame)

    def finish(self) -> None:
        """End the line once everything is sent."""
        if not self._ended:
            self._ended = True
            self._frames.put_nowait(None)

    def close(self) -> None:
        """End the line after what is being sent now; what still waits is dropped."""
        while not self._frames.empty():
            self._frames.get_nowait()
        self._ended = True
        self._frames.put_nowait(None)

    async def write(self) -> None:
        """Send frames until ``finish`` or ``close``. Whatever the wire raises ends it."""
        while (data := await self._frames.get()) is not None:
            await self._wire.send_text(data)
