"""Somebody else's telephone (baresip) as an advisor's: central keeps it on the line, the workstation has the keys."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from catgem_tui.central.app import Central
from catgem_tui.config.settings import Voice
from catgem_tui.phone.port import CallState
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import ContactState, OutsideState, Presence, Refusal
from catgem_tui.protocol.events import AdvisorChanged, ContactChanged
from catgem_tui.protocol.model import Contact
from catgem_tui.selftest.sound import write_tone
from tests.central_house import Desk, desk_of, hire, running_central
from tests.e2e.lines_rig import DEADLINE, Telephone, strengths
from tests.sip_peers import Baresip

pytestmark = [
    pytest.mark.require_module("pjsua2"),
    pytest.mark.require_program("baresip"),
    pytest.mark.timeout(240),
]
ADVISOR, COLLEAGUE, CITIZEN, BEEP = 1050.0, 1500.0, 500.0, 660.0
PROMPT_SECONDS = 7.0
"""A little more than what is said takes."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Central]:
    write_tone(tmp_path / "greeting.wav", 300.0, seconds=0.2)
    voice = Voice(lines=2, port=0, greeting=str(tmp_path / "greeting.wav"), outside_hosts=("127.0.0.1",))
    async with running_central(tmp_path / "central", voice=voice) as central:
        await hire(central, "ana")
        yield central


async def contact_in(desk: Desk, state: ContactState) -> Contact:
    def find() -> Contact | None:
        latest = {it.body.contact.id: it.body.contact for it in desk.events() if isinstance(it.body, ContactChanged)}
        return next((contact for contact in latest.values() if contact.state is state), None)

    found: Contact = await desk.until(find)
    return found


async def outside_is(desk: Desk, state: OutsideState) -> None:
    def stands() -> bool:
        changed = [it.body for it in desk.events() if isinstance(it.body, AdvisorChanged)]
        return bool(changed) and changed[-1].advisor.outside_state is state

    await desk.until(stands)


async def heard_by(citizen: Telephone, *, advisor: bool) -> None:
    """Until the citizen hears the advisor, or no longer does."""
    async with asyncio.timeout(DEADLINE):
        while strengths(await citizen.hear(), ADVISOR) != [advisor]:
            pass


async def test_an_outside_telephone_is_worked_with(house: Central, stack: AsyncExitStack, tmp_path: Path) -> None:
    telephone = Baresip(tmp_path / "baresip", ADVISOR)
    await telephone.start(stack)
    citizen = Telephone(tmp_path, "citizen", CITIZEN)
    stack.push_async_callback(citizen.close)
    await citizen.start()
    desk = await stack.enter_async_context(desk_of(house, "ana"))
    await desk.ready()
    strange = commands.SetOutsidePhone(address="sip:bare@192.0.2.1")
    refused = await desk.command(strange)
    assert refused is not None
    assert refused.code is Refusal.NOT_ALLOWED
    address = f"sip:bare@127.0.0.1:{telephone.port}"
    assert await desk.command(commands.SetOutsidePhone(address=address)) is None
    await outside_is(desk, OutsideState.ON_THE_LINE)
    assert await desk.command(commands.SetPresence(presence=Presence.AVAILABLE)) is None
    await asyncio.sleep(PROMPT_SECONDS + 3.0)  # the prompt, then a while with nothing to be heard
    await citizen.dial(f"sip:catgem@{house.health().sip}")
    await citizen.becomes(CallState.CONFIRMED)
    await citizen.speak()
    offered = await contact_in(desk, ContactState.OFFERED)
    assert await desk.command(commands.AcceptOffer(contact=offered.id)) is None
    await heard_by(citizen, advisor=True)
    assert await desk.command(commands.MuteOutside(muted=True)) is None
    await heard_by(citizen, advisor=False)
    assert await desk.command(commands.MuteOutside(muted=False)) is None
    await heard_by(citizen, advisor=True)
    assert await desk.command(commands.Hold(contact=offered.id)) is None
    await heard_by(citizen, advisor=False)
    assert await desk.command(commands.Unhold(contact=offered.id)) is None
    await heard_by(citizen, advisor=True)

    assert await desk.command(commands.EndContact(contact=offered.id)) is None
    await citizen.hang_up()
    await contact_in(desk, ContactState.WRAP_UP)
    assert not any(event.advisor.outside_state is OutsideState.LOST for event in advisors(desk)), "it stays on the line"
    heard = await telephone.quit()
    assert heard.strength(CITIZEN) > 0.05, "the telephone outside did not hear the citizen"
    assert heard.strength(BEEP) > 0.02, "nor the tone before the call"
    assert heard.loudness(end=PROMPT_SECONDS) > 0.02, "nor the prompt"
    assert heard.loudness(start=PROMPT_SECONDS + 1.0, end=PROMPT_SECONDS + 2.5) < 0.001, (
        "between calls it was not silent"
    )
    await outside_is(desk, OutsideState.LOST)


def advisors(desk: Desk) -> list[AdvisorChanged]:
    return [it.body for it in desk.events() if isinstance(it.body, AdvisorChanged)]


async def test_when_it_hangs_up_the_citizen_waits_and_comes_back_to_it(
    house: Central, stack: AsyncExitStack, tmp_path: Path
) -> None:
    telephone = Baresip(tmp_path / "baresip", ADVISOR)
    await telephone.start(stack)
    citizen = Telephone(tmp_path, "citizen", CITIZEN)
    stack.push_async_callback(citizen.close)
    await citizen.start()
    desk = await stack.enter_async_context(desk_of(house, "ana"))
    await desk.ready()
    address = commands.SetOutsidePhone(address=f"sip:bare@127.0.0.1:{telephone.port}")
    assert await desk.command(address) is None
    await outside_is(desk, OutsideState.ON_THE_LINE)
    assert await desk.command(commands.SetPresence(presence=Presence.AVAILABLE)) is None
    await citizen.dial(f"sip:catgem@{house.health().sip}")
    await citizen.becomes(CallState.CONFIRMED)
    offered = await contact_in(desk, ContactState.OFFERED)
    assert await desk.command(commands.AcceptOffer(contact=offered.id)) is None
    await heard_by(citizen, advisor=True)
    await telephone.order("hangup")
    await outside_is(desk, OutsideState.LOST)
    assert (await contact_in(desk, ContactState.QUEUED)).id == offered.id
    assert await desk.command(address) is None
    await outside_is(desk, OutsideState.ON_THE_LINE)
    again = await contact_in(desk, ContactState.OFFERED)
    assert await desk.command(commands.AcceptOffer(contact=again.id)) is None
    await heard_by(citizen, advisor=True)


async def test_who_works_with_one_is_consulted_over_it(house: Central, stack: AsyncExitStack, tmp_path: Path) -> None:
    eva = await hire(house, "eva")
    telephones = {name: Baresip(tmp_path / name, tone) for name, tone in (("ana", ADVISOR), ("eva", COLLEAGUE))}
    desks = {}
    for name, telephone in telephones.items():
        await telephone.start(stack)
        desks[name] = await stack.enter_async_context(desk_of(house, name))
        await desks[name].ready()
        address = commands.SetOutsidePhone(address=f"sip:bare@127.0.0.1:{telephone.port}")
        assert await desks[name].command(address) is None
        await outside_is(desks[name], OutsideState.ON_THE_LINE)
    citizen = Telephone(tmp_path, "citizen", CITIZEN)
    stack.push_async_callback(citizen.close)
    await citizen.start()
    assert await desks["ana"].command(commands.SetPresence(presence=Presence.AVAILABLE)) is None
    await citizen.dial(f"sip:catgem@{house.health().sip}")
    await citizen.becomes(CallState.CONFIRMED)
    offered = await contact_in(desks["ana"], ContactState.OFFERED)
    assert await desks["ana"].command(commands.AcceptOffer(contact=offered.id)) is None
    await heard_by(citizen, advisor=True)
    assert await desks["eva"].command(commands.SetPresence(presence=Presence.AVAILABLE)) is None
    assert await desks["ana"].command(commands.Consult(contact=offered.id, advisor=eva.id)) is None

    def joined() -> bool:
        latest = [it.body.contact for it in desks["ana"].events() if isinstance(it.body, ContactChanged)][-1]
        return latest.call is not None and latest.call.consultation is not None and latest.call.consultation.connected

    await desks["ana"].until(joined)
    assert await desks["ana"].command(commands.Conference(contact=offered.id)) is None
    async with asyncio.timeout(DEADLINE):
        while strengths(await citizen.hear(), ADVISOR, COLLEAGUE) != [True, True]:
            pass
    heard = await telephones["eva"].quit()
    assert heard.strength(ADVISOR) > 0.05, "who is consulted did not hear who asks"


async def test_one_that_nobody_answers_is_lost(house: Central) -> None:
    async with desk_of(house, "ana") as desk:
        await desk.ready()
        assert await desk.command(commands.SetOutsidePhone(address="sip:nobody@127.0.0.1:9")) is None
        await outside_is(desk, OutsideState.LOST)
