"""Twinkle calls us and is called: each hears the other, it puts us on hold and takes us back, and it is handed on.

When its sound changes Twinkle 1.10 ends its RTP session first, with all else locked, and that lasts until its next RTCP
report is due: of three holds in a SIP trace two took 6.6 and 7.4 seconds from our 200, which came 3 ms after its INVITE
and was repeated five times meanwhile, to its ACK. An order given to it in that time is done late or forgotten: of the
two returns ordered then one went out once it had said its ACK, and of the other there never was an INVITE. That is
Twinkle's own; a person sees it and presses again, and the test waits for its word before the next order.
"""

import asyncio
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
    Transfer,
    TransferChanged,
)
from tests.phone_set import Set, hear, speak
from tests.sound_card import sound_card
from tests.speech import compare, say
from tests.twinkle import Twinkle

pytestmark = [
    pytest.mark.require_module("pjsua2"),
    pytest.mark.require_program("twinkle-console", "pulseaudio", "paplay", "parec"),
]
OURS, THEIRS = VOICES[0], VOICES[1]
SLOW = 45.0
"""Seconds. See above."""
MOST, MOST_OF_CARD = 0.6, 0.3
"""Shares of what was said that have to arrive as it was said: on a busy machine the microphone of a sound server that
is none stutters. Of another voice it would be less than 0.1."""
TIMES = 5
"""How often to listen until so much arrived: a machine that stands still for a while lets nothing through."""


async def telephone(stack: AsyncExitStack) -> Set:
    phone = Set(EngineClient(EngineSettings(gate=Gate.OPEN, sound=False)), SLOW)
    await phone.start()
    stack.push_async_callback(phone.stop)
    return phone


@pytest.fixture
async def phone(stack: AsyncExitStack) -> Set:
    return await telephone(stack)


@pytest.fixture
async def twinkle(stack: AsyncExitStack, tmp_path: Path) -> Twinkle:
    card = await stack.enter_async_context(sound_card(tmp_path))
    peer = Twinkle(tmp_path / "twinkle", card)
    await peer.start(stack)
    await peer.speak(stack, say(tmp_path / "theirs.wav", THEIRS))
    return peer


async def hear_each_other(phone: Set, call: str, twinkle: Twinkle, folder: Path) -> None:
    await speak(phone, call, say(folder / "ours.wav", OURS))
    await asyncio.gather(hear_twinkle(phone, call, folder), be_heard(twinkle, folder))


async def hear_twinkle(phone: Set, call: str, folder: Path) -> None:
    heard = [await hear(phone, call, THEIRS, folder / "here.wav")]
    while heard[-1].arrived <= MOST_OF_CARD:
        assert len(heard) < TIMES, heard
        heard.append(await hear(phone, call, THEIRS, folder / "here.wav"))


async def be_heard(twinkle: Twinkle, folder: Path) -> None:
    heard = [compare(await twinkle.listen(folder / "there.wav", 4.0), OURS)]
    while heard[-1].arrived <= MOST:
        assert len(heard) < TIMES, heard
        heard.append(compare(await twinkle.listen(folder / "there.wav", 4.0), OURS))


async def test_twinkle_calls_puts_us_on_hold_and_takes_us_back(
    stack: AsyncExitStack, phone: Set, twinkle: Twinkle, tmp_path: Path
) -> None:
    await twinkle.order(f"call {phone.uri}")
    call = (await phone.next(CallArrived, caller="twin", name="Twinkle")).call
    await phone.do(Answer(call=call))
    await phone.next(CallChanged, call=call, state=CallState.CONFIRMED, media=True)
    await hear_each_other(phone, call, twinkle, tmp_path)
    await twinkle.order_and_wait("hold")
    await phone.next(CallChanged, call=call, holds_us=True)
    await twinkle.order_and_wait("retrieve")
    await phone.next(CallChanged, call=call, holds_us=False, media=True)
    await hear_each_other(phone, call, twinkle, tmp_path)
    await phone.do(HangUp(call=call))
    await phone.state(call, CallState.ENDED)


async def test_twinkle_is_called_and_handed_on(
    stack: AsyncExitStack, phone: Set, twinkle: Twinkle, tmp_path: Path
) -> None:
    other = await telephone(stack)
    await phone.do(Dial(call="out", uri=f"sip:twin@127.0.0.1:{twinkle.port}"))
    await phone.state("out", CallState.RINGING)
    await twinkle.order("answer")
    await phone.next(CallChanged, call="out", state=CallState.CONFIRMED, media=True)
    await hear_each_other(phone, "out", twinkle, tmp_path)
    await phone.do(Transfer(call="out", uri=other.uri))
    arrived = await other.next(CallArrived, caller="twin")
    # It tells one thing after the other, and leaves without the last when it is answered at once.
    await phone.next(TransferChanged, call="out", code=180)
    await other.do(Answer(call=arrived.call))
    await other.next(CallChanged, call=arrived.call, state=CallState.CONFIRMED, media=True)
    while (told := await phone.next(TransferChanged, call="out")).code < 200:
        pass
    assert told.code == 200
    await hear_twinkle(other, arrived.call, tmp_path)
