"""What the tests from end to end share."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """Whatever is started on it ends with the test, last things first."""
    async with AsyncExitStack() as stack:
        yield stack
