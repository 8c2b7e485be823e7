"""Garbage that only the collector finds is collected when nobody types.

Every dialog leaves widgets behind that hold each other. Looking for them goes through all there is, which takes tens of
milliseconds; by itself Python does that after so many allocations, which is in the middle of a key's work.
"""

import asyncio
import gc

PAUSE = 1.0
"""Seconds without a key."""
_SELDOM = 500
"""Rounds of the young after which the old are gone through all the same: a desk that nobody types at has few."""


class Leisure:
    """Of one application; does nothing until it has begun."""

    def __init__(self) -> None:
        self._begun = False
        self._due: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Everything is loaded: what there is stays, and is not looked at again."""
        self._begun = True
        young, middle, _old = gc.get_threshold()
        gc.set_threshold(young, middle, _SELDOM)
        gc.enable()
        gc.freeze()

    def put_off(self) -> None:
        """A key was pressed."""
        self.end()
        if self._begun:
            self._due = asyncio.get_running_loop().call_later(PAUSE, gc.collect)

    def end(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
