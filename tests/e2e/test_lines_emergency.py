"""An emergency in a whole central: with one command the citizen's call goes on to the centre's emergency number."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from catgem_tui.phone.port import CallState
from catgem_tui.protocol.commands import CallEmergency
from catgem_tui.protocol.enums import ContactState
from tests.e2e.test_lines_consulting import ANA, OUTSIDE, Floor, hearing

pytestmark = pytest.mark.require_module("pjsua2")


async def test_an_emergency_is_spoken_with_at_once(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        floor = await Floor(tmp_path, stack).open(emergency="911")
        rescue = await floor.somebody_outside()
        ana, _luis, contact = await floor.talk()
        await ana.says(CallEmergency(contact=contact))
        await rescue.is_called()
        await rescue.answer()
        await rescue.speak()
        await ana.telephone.becomes(CallState.ENDED)
        handed = await ana.sees(lambda it: it.state is ContactState.WRAP_UP)
        assert handed.emergency
        assert handed.citizen_present
        assert await hearing((floor.citizen, (OUTSIDE, ANA))) == [[True, False]]
