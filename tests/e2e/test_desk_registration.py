"""The whole desk with a telephone that registers at a real exchange, and what it tells of that."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NoReturn

import pytest

from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.exchange import ExchangeAccount
from catgem_tui.desk.intents import GivePhonePassword
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import DeskState, PhoneStatus, Registration
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import EngineSettings, Moved, Registered
from tests.e2e.test_phone_registration import start_engine_in
from tests.machines import ip, move_house, two_machines
from tests.phone_set import Set
from tests.registrar import PASSWORD, Registrar, start_registrar
from tests.unit.test_desk_credentials import Safe

pytestmark = [pytest.mark.require_module("pjsua2"), pytest.mark.require_program("kamailio")]
PATIENCE = 30.0


@pytest.fixture
async def registrar(stack: AsyncExitStack, tmp_path: Path) -> Registrar:
    return await start_registrar(stack, tmp_path / "registrar")


class Office:
    """A desk whose telephone registers, and the engine behind it."""

    def __init__(
        self, folder: Path, registrar: Registrar, keyring: Safe | None, transport: str, door: Path | None = None,
        **settings: Any,
    ) -> None:  # fmt: skip
        port = registrar.tls_port if transport == "tls" else registrar.port
        host = registrar.host
        account = ExchangeAccount(f"{host}:{port}", f"sip:ana@{host}", transport=transport)
        self.phone = EngineClient(EngineSettings(sound=False, **settings), socket=door)
        credentials = Credentials("", lambda: keyring)
        self.desk = Desk("http://127.0.0.1:9", folder, self.phone, exchange=account, credentials=credentials)

    async def until(self, check: Callable[[Registration], bool]) -> DeskState:
        return await self.desk.wait_for(lambda state: check(state.phone.registration), PATIENCE)

    async def becomes(self, state: Registered) -> DeskState:
        return await self.until(lambda registration: registration.state is state)


async def open_office(
    stack: AsyncExitStack, folder: Path, registrar: Registrar, keyring: Safe | None, transport: str = "udp",
    **settings: Any,
) -> Office:  # fmt: skip
    office = Office(folder, registrar, keyring, transport, **settings)
    await office.desk.start()
    stack.push_async_callback(office.desk.close)
    return office


def codes(state: DeskState) -> set[str]:
    return {notice.code for notice in state.notices}


async def test_the_password_is_asked_for_once_and_kept(
    stack: AsyncExitStack, registrar: Registrar, tmp_path: Path
) -> None:
    keyring = Safe()
    first = await open_office(stack, tmp_path / "desk", registrar, keyring)
    state = await first.until(lambda registration: registration.password_wanted)
    assert "line_password" in codes(state)
    first.desk.do(GivePhonePassword("equivocado"))
    state = await first.until(lambda registration: registration.cause == "password")
    assert state.phone.registration.password_wanted
    first.desk.do(GivePhonePassword(PASSWORD))
    state = await first.becomes(Registered.YES)
    assert "line_password" not in codes(state)
    await first.desk.close()
    again = await open_office(stack, tmp_path / "desk", registrar, keyring)
    assert not (await again.becomes(Registered.YES)).phone.registration.password_wanted
    assert PASSWORD in keyring.kept.values()


async def test_registered_again_after_the_engine_died_without_a_keyring(
    stack: AsyncExitStack, registrar: Registrar, tmp_path: Path
) -> None:
    office = await open_office(stack, tmp_path / "desk", registrar, None)
    office.desk.do(GivePhonePassword(PASSWORD))
    await office.becomes(Registered.YES)
    for death in (signal.SIGKILL, signal.SIGABRT, signal.SIGSTOP):
        assert office.phone.pid is not None
        os.kill(office.phone.pid, death)
        state = await office.desk.wait_for(lambda s: s.phone.status is PhoneStatus.RESTARTING, PATIENCE)
        assert state.phone.registration.state is Registered.NOT
        await office.becomes(Registered.YES)


async def test_a_registrar_that_is_away_is_told_with_the_hour(
    stack: AsyncExitStack, registrar: Registrar, tmp_path: Path
) -> None:
    office = await open_office(stack, tmp_path / "desk", registrar, None)
    office.desk.do(GivePhonePassword(PASSWORD))
    known = (await office.becomes(Registered.YES)).phone.registration.since
    await registrar.stop()
    state = await office.becomes(Registered.UNREACHABLE)
    assert state.phone.registration.since > known
    await registrar.start()
    await office.becomes(Registered.YES)


async def test_a_strangers_certificate_is_told_in_words(
    stack: AsyncExitStack, registrar: Registrar, tmp_path: Path
) -> None:
    office = await open_office(stack, tmp_path / "desk", registrar, None, "tls")
    office.desk.do(GivePhonePassword(PASSWORD))
    state = await office.until(lambda registration: registration.cause == "certificate")
    assert "line_certificate" in codes(state)
    believer = await open_office(
        stack, tmp_path / "other", registrar, None, "tls", authorities=str(registrar.authorities)
    )
    believer.desk.do(GivePhonePassword(PASSWORD))
    await believer.becomes(Registered.YES)


async def test_a_file_of_authorities_that_is_none_is_a_fault_of_the_settings(
    stack: AsyncExitStack, registrar: Registrar, tmp_path: Path
) -> None:
    wrong = tmp_path / "authorities.pem"
    wrong.write_text("nothing")
    office = await open_office(stack, tmp_path / "desk", registrar, None, "tls", authorities=str(wrong))
    office.desk.do(GivePhonePassword(PASSWORD))
    state = await office.until(lambda registration: registration.cause == "settings")
    assert "line_settings" in codes(state)


@pytest.mark.require_program("ip")
async def test_an_engine_on_every_address_tells_the_one_it_is_reached_at(
    stack: AsyncExitStack, tmp_path: Path, cannot_run: Callable[[str], NoReturn]
) -> None:
    try:
        here, _there = await stack.enter_async_context(two_machines())
    except OSError as error:
        cannot_run(f"leave to make network namespaces ({error})")
    door = await start_engine_in(here, stack, tmp_path / "door")
    settings = EngineSettings(host="0.0.0.0", toward="10.77.0.2", sound=False)  # noqa: S104 - what is tried
    phone = Set(EngineClient(settings, socket=door))
    ready = await phone.start()
    stack.push_async_callback(phone.stop)
    assert "@10.77.0.1:" in ready.uri
    await move_house(here)
    assert "@10.77.0.9:" in (await phone.next(Moved)).uri


@pytest.mark.require_program("ip")
async def test_the_network_goes_and_returns_and_the_desk_tells_so(
    stack: AsyncExitStack, tmp_path: Path, cannot_run: Callable[[str], NoReturn]
) -> None:
    try:
        here, there = await stack.enter_async_context(two_machines())
    except OSError as error:
        cannot_run(f"leave to make network namespaces ({error})")
    registrar = await start_registrar(stack, tmp_path / "registrar", within=there)
    door = await start_engine_in(here, stack, tmp_path / "door")
    office = await open_office(
        stack, tmp_path / "desk", registrar, None, door=door, host="0.0.0.0", toward="10.77.0.2",  # noqa: S104
    )  # fmt: skip
    office.desk.do(GivePhonePassword(PASSWORD))
    state = await office.becomes(Registered.YES)
    assert "@10.77.0.1:" in state.phone.uri
    await ip("-n", here, "link", "set", "cable", "down")
    await office.becomes(Registered.UNREACHABLE)
    await asyncio.sleep(6.0)  # long enough for the pauses to grow
    await ip("-n", here, "link", "set", "cable", "up")
    back = time.monotonic()
    await office.becomes(Registered.YES)
    assert time.monotonic() - back < 5.0
    await move_house(here)
    moved = time.monotonic()
    await office.desk.wait_for(lambda s: "@10.77.0.9:" in s.phone.uri, PATIENCE)
    await office.becomes(Registered.YES)
    assert time.monotonic() - moved < 5.0
