"""Other people's telephones, and other people's garbage, at the engine's own SIP port."""

import asyncio
import contextlib
import random
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import (
    TOKEN_HEADER,
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Dial,
    DigitReceived,
    EngineSettings,
    EngineStopped,
    Expect,
    Gate,
    HangUp,
    PhoneError,
    SendDigits,
    Transfer,
    TransferChanged,
)
from catgem_tui.selftest.sound import Recording, write_tone
from tests.phone_set import Set, listen, speak, talk, until
from tests.sip_peers import Baresip, Linphone

pytestmark = pytest.mark.require_module("pjsua2")

OURS, THEIRS = 1050.0, 620.0
HEARD = 0.05


@pytest.fixture
async def phone() -> AsyncIterator[Set]:
    one = Set(EngineClient(EngineSettings(gate=Gate.OPEN, sound=False)))
    await one.start()
    yield one
    await one.stop()


@pytest.mark.require_program("baresip")
async def test_baresip_calls_is_heard_and_hears(phone: Set, tmp_path: Path, stack: AsyncExitStack) -> None:
    peer = Baresip(tmp_path / "baresip", THEIRS)
    await peer.call(stack, phone.uri)
    call = await converse(phone, tmp_path, "bare")
    await phone.do(HangUp(call=call))
    await phone.state(call, CallState.ENDED)
    assert (await peer.quit()).strength(OURS) > HEARD, "baresip hears us"


@pytest.mark.require_program("linphonec")
async def test_linphonec_calls_holds_and_hangs_up(phone: Set, tmp_path: Path, stack: AsyncExitStack) -> None:
    peer = Linphone(tmp_path / "linphone", THEIRS)
    await peer.start(stack)
    await peer.call(phone.uri)
    call = await converse(phone, tmp_path, "lin")

    # Hold and resume are re-INVITEs: the connections are made again with the media.
    await peer.order("pause")
    await phone.next(CallChanged, call=call, state=CallState.CONFIRMED, media=False)
    await until(lambda: "is now paused" in peer.said)
    await peer.order("resume")
    await phone.next(CallChanged, call=call, state=CallState.CONFIRMED, media=True)
    assert (await heard(phone, call, tmp_path / "after.wav")).strength(THEIRS) > HEARD

    await peer.order("terminate")
    assert (await phone.state(call, CallState.ENDED)).by_us is False
    assert (await peer.quit()).strength(OURS) > HEARD, "linphonec hears us"


@pytest.mark.require_program("baresip")
async def test_baresip_is_transferred_and_calls_the_other(phone: Set, tmp_path: Path, stack: AsyncExitStack) -> None:
    other = Set(EngineClient(EngineSettings(gate=Gate.OPEN, sound=False)))
    await other.start()
    stack.push_async_callback(other.stop)
    peer = Baresip(tmp_path / "baresip", THEIRS)
    await peer.call(stack, phone.uri)
    call = await converse(phone, tmp_path, "bare")
    await phone.do(Transfer(call=call, uri=other.uri))
    arrived = await other.next(CallArrived, caller="bare")
    await other.do(Answer(call=arrived.call))
    await other.next(CallChanged, call=arrived.call, state=CallState.CONFIRMED, media=True)
    assert 200 <= (await final(phone, call)).code < 300
    assert (await heard(other, arrived.call, tmp_path / "other.wav")).strength(THEIRS) > HEARD
    await phone.do(HangUp(call=call))


@pytest.mark.require_program("linphonec")
async def test_a_call_with_replaces_cannot_push_itself_in(phone: Set, tmp_path: Path, stack: AsyncExitStack) -> None:
    """Whom we talk with gives our dialog to a third one, who calls us to take its place (RFC 3891)."""
    ana = Set(EngineClient(EngineSettings(gate=Gate.TOKEN, sound=False)))
    await ana.start()
    stack.push_async_callback(ana.stop)
    peer = Linphone(tmp_path / "linphone", THEIRS)
    await peer.start(stack)
    await peer.call(phone.uri)
    theirs = await converse(phone, tmp_path, "lin")
    await ana.do(Expect(token="t"))
    await phone.do(Dial(call="ana", uri=ana.uri, headers={TOKEN_HEADER: "t"}))
    ours = await ana.next(CallArrived)
    await ana.do(Answer(call=ours.call))
    await phone.next(CallChanged, call="ana", state=CallState.CONFIRMED, media=True)
    await phone.do(Transfer(call=theirs, to="ana"))
    assert (await final(phone, theirs)).code >= 300
    assert [event.call for event in ana.heard if isinstance(event, CallArrived)] == [ours.call]
    await phone.do(SendDigits(call="ana", digits="1"))  # the two still talk
    await ana.next(DigitReceived, call=ours.call, digit="1")


async def test_garbage_stops_nobody(phone: Set) -> None:
    other = Set(EngineClient(EngineSettings(gate=Gate.OPEN, sound=False)))
    await other.start()
    place = ("127.0.0.1", int(phone.uri.rpartition(":")[2]))
    dice = random.Random(7)  # noqa: S311 - the same garbage every time
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for datagram in (*GARBAGE, *(mangle(dice) for _ in range(300))):
            stranger.sendto(datagram, place)
    try:
        # Mangled INVITEs may pass for calls; they must leave room for a real one.
        call = await asyncio.wait_for(ring_through(other, phone), 30)
        assert call
        assert not [event for event in phone.heard if isinstance(event, EngineStopped)]
    finally:
        await other.stop()


async def test_a_call_without_sdp_is_refused_like_any_other() -> None:
    """It is legal SIP; pjsip aborts when such a call is hung up while it is being told."""
    phone = Set(EngineClient(EngineSettings(gate=Gate.TOKEN, sound=False)))
    await phone.start()
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.setblocking(False)
            stranger.connect(("127.0.0.1", int(phone.uri.rpartition(":")[2])))
            stranger.send(WITHOUT_SDP % stranger.getsockname()[1])
            async with asyncio.timeout(15):
                while b" 403 " not in await asyncio.get_running_loop().sock_recv(stranger, 4096):
                    pass
        await phone.do(Expect(token="still there"))
        assert not [event for event in phone.heard if isinstance(event, EngineStopped)]
    finally:
        await phone.stop()


@pytest.mark.parametrize("gate", list(Gate))
async def test_a_flood_of_calls_stops_nobody(gate: Gate) -> None:
    """pjsip aborts when calls come and go too fast; the engine must not let it come to that."""
    phone = Set(EngineClient(EngineSettings(gate=gate, sound=False)))
    await phone.start()
    other = Set(EngineClient(EngineSettings(gate=Gate.OPEN, sound=False)))
    await other.start()
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.connect(("127.0.0.1", int(phone.uri.rpartition(":")[2])))
            for number in range(1000, 1400):
                stranger.send(INVITE % (number, number, number))
                await asyncio.sleep(0.001)
        await phone.do(Expect(token="real"))
        assert await asyncio.wait_for(ring_through(other, phone), 30)
        assert not [event for event in phone.heard if isinstance(event, EngineStopped)]
    finally:
        await other.stop()
        await phone.stop()


async def test_a_flood_of_digits_is_kept_in_order(phone: Set) -> None:
    other = Set(EngineClient(EngineSettings(gate=Gate.OPEN, sound=False)))
    await other.start()
    try:
        await talk(other, phone)
        await other.do(SendDigits(call="out", digits="0123456789"))
        digits = "".join([(await phone.next(DigitReceived)).digit for _ in range(10)])
        assert digits == "0123456789"
    finally:
        await other.stop()


INVITE = (
    b"INVITE sip:catgem@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK%d\r\nMax-Forwards: 70\r\n"
    b'From: "x" <sip:x@127.0.0.1>;tag=%d\r\nTo: <sip:catgem@127.0.0.1>\r\nCall-ID: %d@x\r\nCSeq: 1 INVITE\r\n'
    b"Contact: <sip:x@127.0.0.1:9>\r\nX-Odd: \xff\xfe\xc3\r\n"
    b"Content-Type: application/sdp\r\nContent-Length: 96\r\n\r\n"
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n"
)
WITHOUT_SDP = (
    b"INVITE sip:catgem@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"
    b"From: <sip:x@127.0.0.1>;tag=1\r\nTo: <sip:catgem@127.0.0.1>\r\nCall-ID: 1@x\r\nCSeq: 1 INVITE\r\n"
    b"Contact: <sip:x@127.0.0.1:9>\r\nContent-Length: 0\r\n\r\n"
)
GARBAGE = (
    b"",
    b"\0" * 1400,
    b"INVITE\r\n\r\n",
    b"INVITE sip:x SIP/2.0\r\nVia: ;;;\r\n\r\n",
    b"SIP/2.0 200 OK\r\n\r\n",
    b"BYE sip:catgem@127.0.0.1 SIP/2.0\r\nContent-Length: 999999999999\r\n\r\n",
    b"\xff" * 60_000,
)


def mangle(dice: random.Random) -> bytes:
    """An INVITE with a few bytes wrong."""
    number = dice.randrange(10**6)
    message = bytearray(INVITE % (number, number, number))
    for _ in range(dice.randrange(1, 12)):
        message[dice.randrange(len(message))] = dice.randrange(256)
    return bytes(message)


async def ring_through(caller: Set, phone: Set) -> str:
    """Hang up whatever garbage left behind, until a real call arrives."""
    for number in range(50):
        name = f"real-{number}"
        await asyncio.sleep(0.1)
        await caller.do(Dial(call=name, uri=phone.uri, caller="7220000000", headers={TOKEN_HEADER: "real"}))
        while True:
            event = await caller.next(CallChanged, call=name)
            if event.state in (CallState.RINGING, CallState.ENDED):
                break
        if event.state is CallState.RINGING:
            return (await phone.next(CallArrived, caller="7220000000")).call
        for arrived in [event for event in phone.heard if isinstance(event, CallArrived)]:
            with contextlib.suppress(PhoneError):
                await phone.do(HangUp(call=arrived.call))
    raise AssertionError("no call came through")


async def converse(phone: Set, folder: Path, caller: str) -> str:
    """Answer, speak, and find the caller's tone."""
    arrived = await phone.next(CallArrived)
    assert arrived.caller == caller
    await phone.do(Answer(call=arrived.call))
    await phone.next(CallChanged, call=arrived.call, state=CallState.CONFIRMED, media=True)
    write_tone(folder / "ours.wav", OURS, seconds=1.0)
    await speak(phone, arrived.call, folder / "ours.wav")
    assert (await heard(phone, arrived.call, folder / "tape.wav")).strength(THEIRS) > HEARD, f"{caller} is heard"
    return arrived.call


async def final(phone: Set, call: str) -> TransferChanged:
    """How a transfer ended."""
    while (event := await phone.next(TransferChanged, call=call)).code < 200:
        pass
    return event


async def heard(phone: Set, call: str, path: Path) -> Recording:
    return Recording.read(await listen(phone, call, path, 2.0))
