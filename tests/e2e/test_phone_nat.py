"""Telephones at home, behind routers that translate addresses, and strangers who know nothing of it.

The centre's machine is 198.51.100.2 (RFC 5737), with the registrar and the STUN server on it; each home has a router.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NoReturn

import pytest

from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Connect,
    Dial,
    Play,
    Record,
    StopRecording,
)
from catgem_tui.selftest.sound import Recording, write_tone
from tests.e2e.test_phone_registration import as_user, start_phone_in, until_registered
from tests.machines import forward, ip, lay_cable, machines, run, translate
from tests.phone_set import Set
from tests.registrar import Registrar, start_registrar
from tests.sip_peers import Baresip

pytestmark = [
    pytest.mark.require_module("pjsua2"),
    pytest.mark.require_program("kamailio", "ip", "nft", "turnserver"),
]
CENTRE = "198.51.100.2"
STUN = f"{CENTRE}:3478"
OURS, THEIRS = 620.0, 1050.0
HEARD = 0.05


class Town:
    """Two homes, each with its router, and the centre."""

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self._folder, self._stack = folder, stack

    async def build(self) -> None:
        """Raises OSError."""
        self.homes = await self._stack.enter_async_context(machines("homea", "homeb"))
        routers = await self._stack.enter_async_context(machines("routera", "routerb"))
        (self.centre,) = await self._stack.enter_async_context(machines("centre"))
        for number, (home, router) in enumerate(zip(self.homes, routers, strict=True)):
            inward, public = f"192.168.{7 + number}", ("198.51.100", "203.0.113")[number]
            await lay_cable(home, router, network=inward, names=("cable", "inward"))
            await lay_cable(router, self.centre, network=public, names=("outward", f"line{number}"))
            await ip("-n", home, "route", "add", "default", "via", f"{inward}.2")
            await ip("-n", router, "route", "add", "default", "via", f"{public}.2")
            await translate(router, "outward")
        await forward(self.centre)

    async def serve(self) -> Registrar:
        """Start the registrar and the STUN server."""
        within = ("ip", "netns", "exec", self.centre)
        registrar = await start_registrar(self._stack, self._folder / "registrar", within=self.centre, host=CENTRE)
        turn = await asyncio.create_subprocess_exec(
            *within, "turnserver", "-n", "--stun-only", "--no-cli", "--no-tls", "--no-dtls", "--log-file=stdout",
            f"--listening-ip={CENTRE}", f"--pidfile={self._folder / 'turn.pid'}",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, cwd=self._folder,
        )  # fmt: skip
        self._stack.push_async_callback(turn.wait)
        self._stack.callback(turn.kill)
        while f"{CENTRE}:3478" not in await run("ip", "netns", "exec", self.centre, "ss", "-lun"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return registrar

    async def telephone(self, home: int, name: str, registrar: Registrar, **settings: Any) -> Set:
        phone = await start_phone_in(self.homes[home], self._stack, self._folder / name, toward=CENTRE, **settings)
        await phone.do(as_user(name, registrar))
        await until_registered(phone)
        return phone


@pytest.fixture
async def town(stack: AsyncExitStack, tmp_path: Path, cannot_run: Callable[[str], NoReturn]) -> Town:
    town = Town(tmp_path, stack)
    try:
        await town.build()
    except OSError as error:
        cannot_run(f"leave to make network namespaces with routers ({error})")
    return town


async def speak(phone: Set, call: str, hertz: float, folder: Path) -> Path:
    """Say a tone and record what comes; returns where."""
    tone, heard = folder / f"{hertz:.0f}.wav", folder / f"heard-{hertz:.0f}.wav"
    write_tone(tone, hertz, seconds=1.0)
    await phone.do(Play(player="voice", path=str(tone), loop=True, to=(call,)))
    await phone.do(Record(recorder="ear", path=str(heard)))
    await phone.do(Connect(source=call, sink="ear:left"))
    return heard


async def heard(phone: Set, recording: Path) -> Recording:
    await phone.do(StopRecording(recorder="ear"))
    return Recording.read(recording)


async def test_a_stranger_who_calls_a_telephone_behind_a_router_hears_it_and_is_heard(
    town: Town, stack: AsyncExitStack, tmp_path: Path
) -> None:
    registrar = await town.serve()
    ana = await town.telephone(0, "ana", registrar, stun=STUN)
    within = ("ip", "netns", "exec", town.centre)
    stranger = Baresip(tmp_path / "baresip", THEIRS, port=5070, host=CENTRE, within=within)
    await stranger.call(stack, f"sip:ana@{CENTRE}:5060")
    arrived = await ana.next(CallArrived)
    await ana.do(Answer(call=arrived.call))
    await ana.next(CallChanged, call=arrived.call, state=CallState.CONFIRMED, media=True)
    path = await speak(ana, arrived.call, OURS, tmp_path)
    await asyncio.sleep(3.0)
    assert (await heard(ana, path)).strength(THEIRS) > HEARD
    assert (await stranger.quit()).strength(OURS) > HEARD


async def test_two_behind_routers_of_their_own_hear_each_other_by_ice(town: Town, tmp_path: Path) -> None:
    registrar = await town.serve()
    ana = await town.telephone(0, "ana", registrar, stun=STUN, ice=True)
    berta = await town.telephone(1, "berta", registrar, stun=STUN, ice=True)
    await ana.do(Dial(call="out", uri=f"sip:berta@{CENTRE}"))
    arrived = await berta.next(CallArrived)
    await berta.do(Answer(call=arrived.call))
    await ana.next(CallChanged, call="out", state=CallState.CONFIRMED, media=True)
    paths = (await speak(ana, "out", OURS, tmp_path), await speak(berta, arrived.call, THEIRS, tmp_path))
    await asyncio.sleep(3.0)
    assert (await heard(ana, paths[0])).strength(THEIRS) > HEARD
    assert (await heard(berta, paths[1])).strength(OURS) > HEARD
