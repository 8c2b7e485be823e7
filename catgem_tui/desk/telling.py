"""Telling the state to whoever shows it: a burst of changes is told once."""

import asyncio
import logging
from collections.abc import Callable

from catgem_tui.desk.state import DeskState

INTERVAL = 0.005
"""Seconds between two tellings at least."""
VOLATILE_INTERVAL = 0.1
"""The same for what is measured and counted all the time."""

log = logging.getLogger(__name__)
Callback = Callable[[DeskState], None]


class Telling:
    """``read`` gives the latest state."""

    def __init__(self, read: Callable[[], DeskState]) -> None:
        self._read = read
        self._subscribers: list[Callback] = []
        self._waiting: asyncio.TimerHandle | None = None
        self._told_at = 0.0

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """``callback`` gets the latest state, soon after it changed. Returns what ends the subscription."""
        self._subscribers.append(callback)

        def unsubscribe() -> None:
            if callback in self._subscribers:
                self._subscribers.remove(callback)

        return unsubscribe

    def soon(self, *, volatile: bool) -> None:
        """The state has changed; ``volatile``: in what changes all the time."""
        loop = asyncio.get_running_loop()
        when = max(loop.time(), self._told_at + (VOLATILE_INTERVAL if volatile else INTERVAL))
        if self._waiting is not None:
            if self._waiting.when() <= when:
                return
            self._waiting.cancel()
        self._waiting = loop.call_at(when, self._tell)

    def stop(self) -> None:
        """What was not told yet is not told any more."""
        if self._waiting is not None:
            self._waiting.cancel()

    async def wait_for(self, predicate: Callable[[DeskState], bool], timeout: float) -> DeskState:  # noqa: ASYNC109
        """The latest state, once it fulfils ``predicate``; TimeoutError after ``timeout`` seconds."""
        changed = asyncio.Event()
        unsubscribe = self.subscribe(lambda state: changed.set())
        try:
            async with asyncio.timeout(timeout):
                while not predicate(self._read()):
                    changed.clear()
                    await changed.wait()
                return self._read()
        finally:
            unsubscribe()

    def _tell(self) -> None:
        self._waiting = None
        self._told_at = asyncio.get_running_loop().time()
        for callback in list(self._subscribers):
            try:
                callback(self._read())
            except Exception:
                # A subscriber's fault is its own; the others and the desk go on.
                log.exception("a subscriber failed")
