"""A direct call by the exchange: what the caller's telephone meets, and what the strip says to whom it reaches."""

from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.citizens.voices import VOICES
from catgem_tui.config import i18n
from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.exchange import ExchangeAccount
from catgem_tui.desk.intents import AnswerDirect, GivePhonePassword, HangUpOutgoing
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import DeskState
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import CallState, EngineSettings, Registered
from catgem_tui.ui.panes.telephone import people
from tests.central_house import PATIENCE, hire, running_central
from tests.desk_house import sit_down
from tests.registrar import PASSWORD, Registrar, start_registrar
from tests.sip_peers import Sipp
from tests.speech import raw

pytestmark = [
    pytest.mark.require_module("pjsua2"),
    pytest.mark.require_program("kamailio"),
    pytest.mark.require_program("sipp"),
]
NUMBER = "7225550100"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    i18n.use("en")
    yield
    i18n.use(i18n.DEFAULT_LANGUAGE)


@pytest.fixture
async def exchange(stack: AsyncExitStack, tmp_path: Path) -> Registrar:
    return await start_registrar(stack, tmp_path / "exchange")


@pytest.fixture
async def ana(stack: AsyncExitStack, exchange: Registrar, tmp_path: Path) -> Desk:
    """At work, her telephone registered."""
    central = await stack.enter_async_context(running_central(tmp_path / "central"))
    await hire(central, "ana")
    account = ExchangeAccount(exchange.address, f"sip:ana@{exchange.host}")
    phone = EngineClient(EngineSettings(sound=False))
    desk = Desk(central.url, tmp_path / "desk", phone, exchange=account, credentials=Credentials("", lambda: None))
    await desk.start()
    stack.push_async_callback(desk.close)
    desk.do(GivePhonePassword(PASSWORD))
    await sit_down(desk, "ana")
    await desk.wait_for(lambda s: s.phone.registration.state is Registered.YES, PATIENCE)
    return desk


def strip(state: DeskState) -> list[str]:
    """The telephone's lines beside the citizen, as words."""
    return ["".join(text for text, _ in line).strip() for line, _ in people(state, 0.0)]


async def until_strip_says(desk: Desk, words: str) -> None:
    """In front of the caller's name and number; nothing at all if there are no words."""
    expected = [f"{words}  Registro Civil 722 555 0100"] if words else []
    await desk.wait_for(lambda s: [line[: len(expected[0])] if expected else line for line in strip(s)] == expected, 15)


async def test_who_is_answered_speaks_and_who_calls_meanwhile_finds_us_busy(
    stack: AsyncExitStack, exchange: Registrar, ana: Desk, tmp_path: Path
) -> None:
    caller, other = Sipp(tmp_path / "caller", NUMBER), Sipp(tmp_path / "other", "7225550101", "Tesorería")
    speech = str(raw(tmp_path / "speech.alaw", VOICES[1]))
    await caller.begin(stack, "call", exchange.address, called="ana", speech=speech)
    await until_strip_says(ana, "DIRECT CALL")
    ana.do(AnswerDirect())
    await ana.wait_for(lambda s: [(c.state, c.media) for c in s.phone.calls] == [(CallState.CONFIRMED, True)], PATIENCE)
    await until_strip_says(ana, "YOU SPEAK WITH")

    await other.begin(stack, "refused", exchange.address, called="ana")
    await other.over()
    state = await ana.wait_for(lambda s: "direct_missed" in [notice.code for notice in s.notices], PATIENCE)
    assert {"name": "Tesorería", "number": "7225550101"} in [notice.args for notice in state.notices]

    ana.do(HangUpOutgoing())
    await caller.over()
    await until_strip_says(ana, "")


async def test_who_is_declined_hears_that_we_are_busy(
    stack: AsyncExitStack, exchange: Registrar, ana: Desk, tmp_path: Path
) -> None:
    caller = Sipp(tmp_path / "caller", NUMBER)
    await caller.begin(stack, "refused", exchange.address, called="ana")
    await until_strip_says(ana, "DIRECT CALL")
    ana.do(HangUpOutgoing())
    await caller.over()
    await until_strip_says(ana, "")
