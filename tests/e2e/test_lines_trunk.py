"""The trunk at the public port: it is heard however many calls it brings, and nobody else who brings as many."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.config import settings as configuration
from tests.central_house import running_central
from tests.sip_peers import Sipp

pytestmark = [pytest.mark.require_module("pjsua2"), pytest.mark.require_program("sipp")]
TRUNK, STRANGER = "127.0.0.2", "127.0.0.3"
CALLS, RATE = 40, 25
"""More in a second than the ten that make a flood."""


async def test_a_trusted_trunk_brings_more_than_a_stranger_may(tmp_path: Path) -> None:
    voice = configuration.Voice(lines=1, port=0, survey=False, trusted=(TRUNK,))
    async with AsyncExitStack() as stack:
        central = await stack.enter_async_context(running_central(tmp_path / "central", voice=voice))
        many = ("-m", str(CALLS), "-r", str(RATE), "-l", str(CALLS))
        trunk, stranger = Sipp(tmp_path / "trunk", host=TRUNK), Sipp(tmp_path / "stranger", host=STRANGER)
        await trunk.begin(stack, "offered", central.channels.sip(), *many, called="070")
        await trunk.over()
        await stranger.begin(stack, "offered", central.channels.sip(), *many, "-timeout", "4s", called="070")
        with pytest.raises(AssertionError):
            await stranger.over()
        again = Sipp(tmp_path / "again", host=TRUNK)
        await again.begin(stack, "offered", central.channels.sip(), called="070")
        await again.over()
