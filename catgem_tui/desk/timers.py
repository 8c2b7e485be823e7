"""Timers of which there is one for each purpose."""

import asyncio
from collections.abc import Callable, Hashable


class Timers:
    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.TimerHandle] = {}

    def start(self, seconds: float, purpose: Hashable, fire: Callable[[], None]) -> None:
        """``fire`` is called after so many seconds; what ran for the same purpose is forgotten."""

        def end() -> None:
            self._running.pop(purpose, None)
            fire()

        running = self._running.pop(purpose, None)
        if running is not None:
            running.cancel()
        self._running[purpose] = asyncio.get_running_loop().call_later(seconds, end)

    def __contains__(self, purpose: Hashable) -> bool:
        return purpose in self._running

    def stop(self) -> None:
        for timer in self._running.values():
            timer.cancel()
        self._running.clear()
