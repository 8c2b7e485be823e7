"""Every test of the screen sees the same language, the same clock and the same place on earth."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

SOON = 0.02
"""Seconds within which a timer counts as work that is still to be done: Textual paints by such ones."""


async def until_idle(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Until the event loop has nothing to do: no callback is ready and none is due soon.

    In the place of Textual's own way, which measures how much of 20 ms the processor was used, three or four times for
    each key, and takes a process that a busy machine does not let run for an idle one.
    """
    loop: Any = asyncio.get_running_loop()
    end, calm = loop.time() + max_sleep, 0
    while calm < 2 and loop.time() < end:
        await asyncio.sleep(0.001)
        due = loop.time() + SOON
        busy = loop._ready or any(not timer.cancelled() and timer.when() < due for timer in loop._scheduled)
        calm = 0 if busy else calm + 1


@pytest.fixture(scope="session", autouse=True)
def attentive_pilot() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in ("textual.app", "textual.pilot"):
            patch.setattr(f"{module}.wait_for_idle", until_idle)
        yield


@pytest.fixture(autouse=True)
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/Mexico_City")
    for variable in ("NO_COLOR", "TEXTUAL_ANIMATIONS", "COLORTERM"):
        monkeypatch.delenv(variable, raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
