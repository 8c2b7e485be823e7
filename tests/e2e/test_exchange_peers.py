"""Other people's telephones and ours at one exchange: who calls whom, over what, and how each hears the other."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from catgem_tui.citizens.voices import VOICES
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Dial,
    EngineSettings,
    Gate,
    HangUp,
    Register,
    Registered,
    RegistrationChanged,
    Srtp,
)
from tests.phone_set import Set, hear, speak, until
from tests.registrar import PASSWORD, Registrar, start_registrar
from tests.sip_peers import Baresip, Sipp
from tests.speech import compare, raw, say

pytestmark = [pytest.mark.require_module("pjsua2"), pytest.mark.require_program("kamailio")]

OURS, THEIRS = VOICES[0], VOICES[1]
MOST = 0.5
"""Share of what was said that has to arrive as it was said: a busy machine loses a span here and there. All of it does
where the machine keeps up; of another voice it would be less than 0.1."""


@pytest.fixture
async def exchange(stack: AsyncExitStack, tmp_path: Path) -> Registrar:
    """MD5: none of the others understands another digest."""
    return await start_registrar(stack, tmp_path / "exchange", "MD5")


def port_of(exchange: Registrar, transport: str) -> int:
    return exchange.tls_port if transport == "tls" else exchange.port


async def telephone(stack: AsyncExitStack, exchange: Registrar, transport: str = "udp", srtp: Srtp = Srtp.OFF) -> Set:
    """Ours, registered as ``ana``."""
    settings = EngineSettings(gate=Gate.TOKEN, sound=False, srtp=srtp, authorities=str(exchange.authorities))
    phone = Set(EngineClient(settings))
    await phone.start()
    stack.push_async_callback(phone.stop)
    registrar = f"sip:{exchange.host}:{port_of(exchange, transport)};transport={transport}"
    await phone.do(Register(uri=f"sip:ana@{exchange.host}", registrar=registrar, password=PASSWORD))
    await phone.next(RegistrationChanged, state=Registered.YES)
    return phone


async def baresip(
    stack: AsyncExitStack, exchange: Registrar, folder: Path, transport: str = "udp", encryption: str = ""
) -> Baresip:
    """Theirs, registered as ``bare``; ``encryption`` is ``srtp`` (as it may be) or ``srtp-mand``."""
    folder.mkdir()  # noqa: ASYNC240
    account = f"<sip:bare@{exchange.host}:{port_of(exchange, transport)};transport={transport}>;auth_user=bare"
    account += f";auth_pass={PASSWORD};regint=60" + (f";mediaenc={encryption}" if encryption else "")
    speech = say(folder / "speech.wav", THEIRS)
    peer = Baresip(folder, speech, account=account, authorities=exchange.authorities)
    await peer.start(stack)
    await until(lambda: "[1 binding]" in peer.said)
    return peer


async def hear_each_other(phone: Set, call: str, peer: Baresip, folder: Path) -> None:
    await phone.next(CallChanged, call=call, state=CallState.CONFIRMED, media=True)
    await speak(phone, call, say(folder / "ours.wav", OURS))
    heard = await hear(phone, call, THEIRS, folder / "heard.wav")
    assert heard.arrived > MOST, heard
    await phone.do(HangUp(call=call))
    await phone.state(call, CallState.ENDED)
    await peer.quit()
    there = compare(peer.heard, OURS)
    assert there.arrived > MOST, there


@pytest.mark.require_program("baresip")
@pytest.mark.parametrize(
    "way",
    [
        ("udp", Srtp.OFF, ""),
        ("tls", Srtp.OPTIONAL, ""),
        ("tls", Srtp.OPTIONAL, "srtp"),
        ("tls", Srtp.MANDATORY, "srtp-mand"),
    ],
)
@pytest.mark.parametrize("we_call", [True, False], ids=["out", "in"])
async def test_baresip_and_we_talk_through_the_exchange(
    stack: AsyncExitStack, exchange: Registrar, tmp_path: Path, way: tuple[str, Srtp, str], we_call: bool
) -> None:
    transport, ours, theirs = way
    phone = await telephone(stack, exchange, transport, ours)
    peer = await baresip(stack, exchange, tmp_path / "bare", transport, theirs)
    at = f"{exchange.host}:{port_of(exchange, transport)};transport={transport}"
    if we_call:
        call = "out"
        await phone.do(Dial(call=call, uri=f"sip:bare@{at}"))
    else:
        await peer.order("dial", f"sip:ana@{at}")
        call = (await phone.next(CallArrived, caller="bare")).call
        await phone.do(Answer(call=call))
    await hear_each_other(phone, call, peer, tmp_path)


@pytest.mark.require_program("baresip")
@pytest.mark.parametrize(("ours", "theirs"), [(Srtp.MANDATORY, ""), (Srtp.OFF, "srtp-mand")])
async def test_who_insists_on_encryption_talks_with_nobody_in_plain(
    stack: AsyncExitStack, exchange: Registrar, tmp_path: Path, ours: Srtp, theirs: str
) -> None:
    phone = await telephone(stack, exchange, "tls", ours)
    await baresip(stack, exchange, tmp_path / "bare", "tls", theirs)
    await phone.do(Dial(call="out", uri=f"sip:bare@{exchange.host}:{exchange.tls_port};transport=tls"))
    ended = await phone.state("out", CallState.ENDED)
    assert ended.code == 488, ended


@pytest.mark.require_program("sipp")
async def test_sipp_calls_through_the_exchange_and_is_heard(
    stack: AsyncExitStack, exchange: Registrar, tmp_path: Path
) -> None:
    phone = await telephone(stack, exchange)
    peer = Sipp(tmp_path / "sipp")
    await peer.begin(stack, "call", exchange.address, called="ana", speech=str(raw(tmp_path / "speech.alaw", THEIRS)))
    arrived = await phone.next(CallArrived, caller="7225550100", name="Registro Civil")
    await phone.do(Answer(call=arrived.call))
    await phone.next(CallChanged, call=arrived.call, state=CallState.CONFIRMED, media=True)
    heard = await hear(phone, arrived.call, THEIRS, tmp_path / "heard.wav")
    assert heard.arrived > MOST, heard
    await phone.do(HangUp(call=arrived.call))
    await peer.over()


@pytest.mark.require_program("sipp")
async def test_sipp_is_called_through_the_exchange_and_hears_us(
    stack: AsyncExitStack, exchange: Registrar, tmp_path: Path
) -> None:
    """It sends back what it hears."""
    phone = await telephone(stack, exchange)
    peer = Sipp(tmp_path / "sipp")
    await peer.begin(stack, "register", exchange.address, "-ap", PASSWORD)
    await peer.over()
    await peer.begin(stack, "answer", exchange.address, "-rtp_echo")
    await phone.do(Dial(call="out", uri=f"sip:7225550100@{exchange.address}"))
    await phone.state("out", CallState.RINGING)
    await phone.next(CallChanged, call="out", state=CallState.CONFIRMED, media=True)
    await speak(phone, "out", say(tmp_path / "ours.wav", OURS))
    echo = await hear(phone, "out", OURS, tmp_path / "echo.wav")
    assert echo.arrived > MOST, echo
    await phone.do(HangUp(call="out"))
    await peer.over()
