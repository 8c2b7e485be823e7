"""The advisor's engine dies in the middle of a call on a real line: the citizen is led back to the same advisor."""

import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.central.app import Central
from catgem_tui.config import settings as configuration
from catgem_tui.desk.intents import AcceptOffer, EditNotes, Logout
from catgem_tui.desk.state import DeskState
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import EngineSettings
from catgem_tui.protocol.enums import ContactState
from catgem_tui.selftest.telephone import CitizenPhone
from tests.central_house import hire, running_central
from tests.desk_house import desk_at, sit_down

pytestmark = pytest.mark.require_module("pjsua2")
PATIENCE = 30.0
NOTES = "pregunta por el acta de nacimiento de"
DEATHS = (signal.SIGKILL, signal.SIGABRT, signal.SIGSTOP)
"""Killed, ended by an assertion of the library, hung."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Central]:
    voice = configuration.Voice(lines=2, port=0, survey=False)
    async with running_central(tmp_path / "central", voice=voice) as central:
        await hire(central, "ana")
        await hire(central, "berta")
        yield central


def talks(state: DeskState, contact: str) -> bool:
    held = state.contacts.get(contact)
    return (
        held is not None
        and held.state is ContactState.ACTIVE
        and any(call.contact == contact and call.media for call in state.phone.calls)
    )


def notes_of(state: DeskState, contact: str) -> str:
    typed = state.notes.get(contact)
    return state.contacts[contact].notes if typed is None else typed.text


async def test_the_citizen_comes_back_to_the_same_advisor_whatever_the_engine_dies_of(
    house: Central, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        engines = {name: EngineClient(EngineSettings(sound=False, user=name)) for name in ("ana", "berta")}
        ana, berta = [
            await stack.enter_async_context(desk_at(house.url, tmp_path / name, engine))
            for name, engine in engines.items()
        ]
        await sit_down(ana, "ana")
        citizen = await stack.enter_async_context(CitizenPhone(tmp_path))
        await citizen.dial(f"sip:catgem@{house.channels.sip()}")
        offer = (await ana.wait_for(lambda s: s.offer is not None, PATIENCE)).offer
        assert offer is not None
        ana.do(AcceptOffer(offer.id))
        await ana.wait_for(lambda s: talks(s, offer.id), PATIENCE)
        await sit_down(berta, "berta")  # she is free all the time, and is not to get it
        for number, death in enumerate(DEATHS):
            typed = NOTES + " María" * number
            ana.do(EditNotes(offer.id, typed))
            pid = engines["ana"].pid
            assert pid is not None
            os.kill(pid, death)
            died = time.monotonic()
            await ana.wait_for(lambda s: not s.phone.calls, PATIENCE)
            noticed = time.monotonic() - died
            assert noticed < 5.0, f"{death.name}: noticed after {noticed:.2f} s"  # a second, were the machine ours
            await ana.wait_for(lambda s: s.offer is not None and s.offer.id == offer.id, PATIENCE)
            ana.do(AcceptOffer(offer.id))
            state = await ana.wait_for(lambda s: talks(s, offer.id), PATIENCE)
            assert notes_of(state, offer.id) == typed
            assert berta.state.offer is None
            assert offer.id not in berta.state.contacts
        await citizen.hang_up()


async def test_who_logs_out_in_a_call_leaves_no_microphone_open_and_the_citizen_goes_to_another(
    house: Central, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        ana, berta = [
            await stack.enter_async_context(
                desk_at(house.url, tmp_path / name, EngineClient(EngineSettings(sound=False, user=name)))
            )
            for name in ("ana", "berta")
        ]
        await sit_down(ana, "ana")
        citizen = await stack.enter_async_context(CitizenPhone(tmp_path))
        await citizen.dial(f"sip:catgem@{house.channels.sip()}")
        offer = (await ana.wait_for(lambda s: s.offer is not None, PATIENCE)).offer
        assert offer is not None
        ana.do(AcceptOffer(offer.id))
        await ana.wait_for(lambda s: talks(s, offer.id), PATIENCE)
        await sit_down(berta, "berta")
        ana.do(Logout())
        await ana.wait_for(lambda s: not s.phone.calls, PATIENCE)
        await berta.wait_for(lambda s: s.offer is not None and s.offer.id == offer.id, PATIENCE)
        await citizen.hang_up()
