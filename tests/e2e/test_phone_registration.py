"""The telephone at a real registrar: every transport and digest, and whatever becomes of the network."""

import asyncio
import contextlib
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NoReturn

import pytest

from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Dial,
    DigitReceived,
    EngineSettings,
    Gate,
    PhoneError,
    Register,
    Registered,
    RegistrationChanged,
    SendDigits,
    Srtp,
    Unregister,
)
from tests.machines import ip, move_house, two_machines
from tests.phone_set import Set, until
from tests.registrar import PASSWORD, Registrar, start_registrar

pytestmark = [pytest.mark.require_module("pjsua2"), pytest.mark.require_program("kamailio")]


async def start_phone(stack: AsyncExitStack, **settings: object) -> Set:
    phone = Set(EngineClient(EngineSettings(**{"gate": Gate.OPEN, "sound": False, **settings})))
    await phone.start()
    stack.push_async_callback(phone.stop)
    return phone


def as_user(name: str, registrar: Registrar, transport: str = "udp", password: str = PASSWORD) -> Register:
    port = registrar.tls_port if transport == "tls" else registrar.port
    return Register(
        uri=f"sip:{name}@{registrar.host}",
        registrar=f"sip:{registrar.host}:{port};transport={transport}",
        password=password,
    )


async def until_registered(phone: Set, state: Registered = Registered.YES) -> RegistrationChanged:
    return await phone.next(RegistrationChanged, state=state)


@pytest.mark.parametrize("algorithm", ["SHA-256", "MD5"])
@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_two_registered_telephones_talk(
    stack: AsyncExitStack, tmp_path: Path, transport: str, algorithm: str
) -> None:
    registrar = await start_registrar(stack, tmp_path / "registrar", algorithm)
    settings = {"authorities": str(registrar.authorities), "srtp": Srtp.MANDATORY if transport == "tls" else Srtp.OFF}
    ana, berta = await start_phone(stack, **settings), await start_phone(stack, **settings)
    for phone, name in ((ana, "ana"), (berta, "berta")):
        await phone.do(as_user(name, registrar, transport))
        await until_registered(phone)
    port = registrar.tls_port if transport == "tls" else registrar.port
    await ana.do(Dial(call="out", uri=f"sip:berta@{registrar.host}:{port};transport={transport}"))
    arrived = await berta.next(CallArrived, caller="ana")
    await berta.do(Answer(call=arrived.call))
    await ana.next(CallChanged, call="out", state=CallState.CONFIRMED, media=True)
    await ana.do(SendDigits(call="out", digits="7"))
    await berta.next(DigitReceived, call=arrived.call, digit="7")


async def test_a_wrong_password_is_told_from_a_registrar_that_is_away(stack: AsyncExitStack, tmp_path: Path) -> None:
    registrar = await start_registrar(stack, tmp_path / "registrar")
    phone = await start_phone(stack)
    await phone.do(as_user("ana", registrar, password="equivocado"))
    assert (await until_registered(phone, Registered.REFUSED)).code in (401, 403)
    await phone.do(as_user("ana", registrar))
    await until_registered(phone)
    await phone.do(Unregister())
    await until_registered(phone, Registered.NOT)
    await registrar.stop()
    await phone.do(as_user("ana", registrar))
    await until_registered(phone, Registered.UNREACHABLE)


async def test_a_server_with_a_strangers_certificate_is_not_believed(stack: AsyncExitStack, tmp_path: Path) -> None:
    registrar = await start_registrar(stack, tmp_path / "registrar")
    phone = await start_phone(stack)  # it believes whom the system believes
    await phone.do(as_user("ana", registrar, "tls"))
    await until_registered(phone, Registered.UNREACHABLE)


async def test_a_registrar_that_restarts_knows_us_again_within_five_seconds(
    stack: AsyncExitStack, tmp_path: Path
) -> None:
    registrar = await start_registrar(stack, tmp_path / "registrar")
    ana, berta = await start_phone(stack), await start_phone(stack)
    await berta.do(as_user("berta", registrar, "tcp"))
    await until_registered(berta)
    await registrar.stop()
    await registrar.start()
    back = time.monotonic()
    call = iter(range(100))

    async def is_found() -> bool:
        name = f"try{next(call)}"
        await ana.do(Dial(call=name, uri=f"sip:berta@{registrar.host}:{registrar.port}"))
        while (changed := await ana.next(CallChanged, call=name)).state is CallState.DIALLING:
            pass
        return changed.state is CallState.RINGING

    while not await is_found():
        assert time.monotonic() - back < 5.0
        await asyncio.sleep(0.2)


@pytest.mark.require_program("ip")
async def test_the_network_returns_and_the_telephone_is_registered_within_five_seconds(
    stack: AsyncExitStack, tmp_path: Path, cannot_run: Callable[[str], NoReturn]
) -> None:
    try:
        here, there = await stack.enter_async_context(two_machines())
    except OSError as error:
        cannot_run(f"leave to make network namespaces ({error})")
    registrar = await start_registrar(stack, tmp_path / "registrar", within=there)
    ana = await start_phone_in(here, stack, tmp_path / "ana.sock")
    berta = await start_phone_in(there, stack, tmp_path / "berta.sock")
    await ana.do(as_user("ana", registrar))
    await until_registered(ana)

    await ip("-n", here, "link", "set", "cable", "down")  # the cable is out, and packets are refused at once
    await until_registered(ana, Registered.UNREACHABLE)
    await asyncio.sleep(6.0)  # long enough for the pauses to grow
    await ip("-n", here, "link", "set", "cable", "up")
    assert await seconds_until_registered(ana) < 5.0

    await ip("-n", there, "link", "set", "cable", "down")  # the other end: packets vanish without a word
    await until_registered(ana, Registered.UNREACHABLE)
    await asyncio.sleep(6.0)
    await ip("-n", there, "link", "set", "cable", "up")
    assert await seconds_until_registered(ana) < 5.0

    await berta.do(Dial(call="out", uri="sip:ana@10.77.0.2"))
    arrived = await ana.next(CallArrived)
    await ana.do(Answer(call=arrived.call))
    await berta.next(CallChanged, call="out", state=CallState.CONFIRMED, media=True)
    await move_house(here)
    await until_registered(ana, Registered.TRYING)
    assert await seconds_until_registered(ana) < 5.0
    await hear_digit(ana, arrived.call, berta, "out")
    await hear_digit(berta, "out", ana, arrived.call)


async def start_engine_in(namespace: str, stack: AsyncExitStack, door: Path) -> Path:
    """Where it waits for its client, with whom it ends."""
    engine = await asyncio.create_subprocess_exec(
        "ip", "netns", "exec", namespace, sys.executable, "-m", "catgem_tui.phone.engine", "--socket", str(door)
    )
    stack.push_async_callback(engine.wait)
    await until(door.exists)
    return door


async def start_phone_in(namespace: str, stack: AsyncExitStack, door: Path, **settings: object) -> Set:
    await start_engine_in(namespace, stack, door)
    given = {"host": "0.0.0.0", "gate": Gate.OPEN, "sound": False, **settings}  # noqa: S104
    phone = Set(EngineClient(EngineSettings(**given), socket=door))
    await phone.start()
    stack.push_async_callback(phone.stop)
    return phone


async def hear_digit(one: Set, call: str, other: Set, there: str) -> None:
    """Send a digit until it arrives: while the call moves (re-INVITE) it has no sound to carry one."""
    async with asyncio.timeout(10):
        while DigitReceived(call=there, digit="5") not in other.heard:
            with contextlib.suppress(PhoneError):
                await one.do(SendDigits(call=call, digits="5"))
            await asyncio.sleep(0.3)


async def seconds_until_registered(phone: Set) -> float:
    begun = time.monotonic()
    await until_registered(phone)
    return time.monotonic() - begun


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_softphone_lets_in_what_comes_by_its_registrar_and_nobody_else(
    stack: AsyncExitStack, tmp_path: Path, transport: str
) -> None:
    registrar = await start_registrar(stack, tmp_path / "registrar")
    stranger, ana = await start_phone(stack), await start_phone(stack, gate=Gate.TOKEN)
    there = f"sip:ana@{registrar.host}:{registrar.port}"
    await ana.do(as_user("ana", registrar, transport))
    await until_registered(ana)
    await stranger.do(Dial(call="aside", uri=ana.uri))
    ended = await stranger.next(CallChanged, call="aside", state=CallState.ENDED)
    assert ended.code == 403
    await stranger.do(Dial(call="by", uri=there))
    arrived = await ana.next(CallArrived)
    await ana.do(Answer(call=arrived.call))
    await stranger.next(CallChanged, call="by", state=CallState.CONFIRMED, media=True)
    await ana.do(Unregister())
    await until_registered(ana, Registered.NOT)
    await stranger.do(Dial(call="late", uri=ana.uri))
    assert (await stranger.next(CallChanged, call="late", state=CallState.ENDED)).code == 403
