"""Central's public telephone port under attack by sipp and by nonsense: citizens still reach an advisor's line."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.central.app import Central
from catgem_tui.config import settings as configuration
from catgem_tui.phone.port import PhoneError
from catgem_tui.selftest.telephone import CitizenPhone
from tests.central_house import running_central
from tests.torture import torture

pytestmark = [pytest.mark.require_module("pjsua2"), pytest.mark.require_program("sipp")]
RATE, SECONDS = 200, 12


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Central]:
    voice = configuration.Voice(lines=2, port=0, survey=False)
    async with running_central(tmp_path / "central", voice=voice) as central:
        yield central


async def is_answered(citizen: CitizenPhone, house: Central) -> bool:
    """Whether a line takes the call; who does not get through at once tries once more, as people do."""
    for _ in range(2):
        with contextlib.suppress(TimeoutError, PhoneError):
            async with asyncio.timeout(6):
                await citizen.dial(f"sip:070@{house.channels.sip()}")
            await citizen.hang_up()
            await citizen.ended()
            return True
        await asyncio.sleep(1.0)
    return False


async def test_a_flood_of_calls_at_the_public_port(house: Central, tmp_path: Path) -> None:
    async with CitizenPhone(tmp_path) as citizen:
        assert await is_answered(citizen, house)
        program = shutil.which("sipp")
        assert program is not None
        flood = await asyncio.create_subprocess_exec(
            program, "-sn", "uac", "-i", "127.0.0.2", "-r", str(RATE), "-m", str(RATE * SECONDS), "-nostdin",
            "-timeout", str(SECONDS + 5), "-s", "070", house.channels.sip(),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            cwd=tmp_path,
        )  # fmt: skip
        try:
            await asyncio.sleep(3.0)
            answered = [await is_answered(citizen, house) for _ in range(4)]
        finally:
            with contextlib.suppress(ProcessLookupError):
                flood.kill()
            await flood.wait()
        assert answered.count(True) >= 3
        await asyncio.sleep(2.5)  # until the lines are kept for nobody
        assert await is_answered(citizen, house)


async def test_torture_at_the_public_port(house: Central, tmp_path: Path) -> None:
    host, _, port = house.channels.sip().partition(":")
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("127.0.0.2", 0), remote_addr=(host, int(port))
    )
    try:
        for _, message in torture():
            transport.sendto(message)
            await asyncio.sleep(0.15)
    finally:
        transport.close()
    await asyncio.sleep(2.5)  # until the lines are kept for nobody
    async with CitizenPhone(tmp_path) as citizen:
        assert await is_answered(citizen, house)
