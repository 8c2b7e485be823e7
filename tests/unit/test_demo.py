"""The demo's children."""

import asyncio
import signal
import sys

import pytest

from catgem_tui import demo


async def test_a_child_that_does_not_leave_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "STOP", 0.05)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import time; time.sleep(600)", stdin=asyncio.subprocess.PIPE
    )
    keeper = asyncio.create_task(demo._keep("central", None, child))
    await asyncio.sleep(0)
    keeper.cancel()
    await asyncio.wait([keeper])
    assert child.returncode == -signal.SIGKILL
