"""Ten thousand notifications in a second, and as many changed records, leave a screen that is of use."""

from pathlib import Path

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.protocol.session import BUFFER
from tests.flood import flood

COUNT = 10_000
BEARABLE_MS = 2_000.0
"""Of a slow machine with much else to do; what it is on a quiet one, ``python tests/flood.py`` says."""
FLAT_MB = 60.0
"""Ten thousand records in the directory's index, and no flood."""


async def test_a_flood_of_notifications_leaves_keys_answered_memory_flat_and_loses_nothing(tmp_path: Path) -> None:
    told = await flood(tmp_path, COUNT)
    assert told.seconds < 10, "it was no flood"
    assert told.most_buffered <= 3 * BUFFER, "central's buffer for a slow reader has a bound"
    assert max((*told.during_ms, *told.after_ms)) < BEARABLE_MS
    assert told.memory_after_mb - told.memory_before_mb < FLAT_MB
