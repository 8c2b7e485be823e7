"""A real engine at the limits of its library: 4 calls, 32 players, 32 digits on their way, 254 ports on the bridge.

What finds no place is said, or waits for one; nothing of it is left over, and ordinary calls are answered as before.
"""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from catgem_tui.desk.intents import CallNumber
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import DeskState, PhoneStatus
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallState,
    Dial,
    DigitReceived,
    EngineSettings,
    EngineStopped,
    Gate,
    HangUp,
    Phone,
    PhoneError,
    Play,
    PlayEnded,
    Record,
    SendDigits,
    StopPlaying,
    StopRecording,
)
from catgem_tui.selftest.sound import write_tone
from tests.phone_set import Set, refusal, talk
from tests.sleepy_phone import SleepyPhone

pytestmark = pytest.mark.require_module("pjsua2")
NOWHERE = "http://127.0.0.1:9"
PLACES, PLAYERS = 4, 32
PATIENCE = 60.0
SETTINGS = EngineSettings(gate=Gate.OPEN, sound=False)


async def telephone(stack: AsyncExitStack, phone: Phone | None = None) -> Set:
    one = Set(phone or EngineClient(SETTINGS), PATIENCE)
    await one.start()
    stack.push_async_callback(one.stop)
    return one


async def take(one: Set) -> None:
    await one.do(Answer(call=(await one.next(CallArrived)).call))


async def test_one_call_more_than_there_are_places_is_busy_until_one_ends(stack: AsyncExitStack) -> None:
    ana, berta, friend = [await telephone(stack) for _ in range(3)]
    for number in range(PLACES):
        await friend.do(Dial(call=f"in{number}", uri=ana.uri))
        await take(ana)
        await friend.state(f"in{number}", CallState.CONFIRMED)
    await berta.do(Dial(call="more", uri=ana.uri))
    assert (await berta.state("more", CallState.ENDED)).code == 486
    assert await refusal(ana, Dial(call="out", uri=berta.uri)) == "too_many_calls"
    await friend.do(HangUp(call="in0"))
    await friend.state("in0", CallState.ENDED)
    await berta.do(Dial(call="again", uri=ana.uri))
    await take(ana)
    await berta.state("again", CallState.CONFIRMED)
    assert not [event for event in ana.heard if isinstance(event, EngineStopped)]


async def test_the_screen_says_that_there_is_no_place_for_a_call(stack: AsyncExitStack, tmp_path: Path) -> None:
    dead, friend = SleepyPhone(SETTINGS), await telephone(stack)
    away = await telephone(stack, dead)
    stack.push_async_callback(dead.wake, 0.0)
    engine = EngineClient(SETTINGS)
    desk = Desk(NOWHERE, tmp_path / "desk", engine, dial="sip:{number}@127.0.0.1")
    await desk.start()
    stack.push_async_callback(desk.close)
    await desk.wait_for(lambda s: s.phone.status is PhoneStatus.READY, PATIENCE)
    for number in range(PLACES):
        await engine.do(Dial(call=f"out{number}", uri=away.uri))
        await take(away)
        await away.state(away.heard[-1].call, CallState.CONFIRMED)
    desk.do(CallNumber(friend.uri))
    await desk.wait_for(no_place_left, PATIENCE)
    # Their other side is dead: they are over, but the library goes on telling it so and keeps their places.
    dead.fall_asleep()
    for number in range(PLACES):
        await engine.do(HangUp(call=f"out{number}"))
    desk.do(CallNumber(friend.uri))
    assert not no_place_left(desk.state)
    await desk.wait_for(no_place_left, PATIENCE)
    assert not [event for event in friend.heard if isinstance(event, CallArrived)]
    await dead.wake(0.0)
    async with asyncio.timeout(PATIENCE):
        while not [event for event in friend.heard if isinstance(event, CallArrived)]:
            desk.do(CallNumber(friend.uri))
            await desk.wait_for(lambda s: s.phone.calls == () or s.phone.calls[-1].state is CallState.RINGING, PATIENCE)


def no_place_left(state: DeskState) -> bool:
    return "called_full" in [notice.code for notice in state.notices] and state.phone.calls == ()


async def test_more_digits_than_fit_on_their_way_all_arrive_in_order(stack: AsyncExitStack) -> None:
    ana, berta = await telephone(stack), await telephone(stack)
    call = await talk(ana, berta)
    digits = "1234567890" * 6
    await ana.do(SendDigits(call="out", digits=digits))
    heard = [(await berta.next(DigitReceived, call=call)).digit for _ in digits]
    assert "".join(heard) == digits
    await ana.do(SendDigits(call="out", digits=digits))
    await ana.do(HangUp(call="out"))
    await ana.state("out", CallState.ENDED)
    await talk(ana, berta)


async def test_a_sound_that_finds_no_player_is_heard_when_there_is_one(stack: AsyncExitStack, tmp_path: Path) -> None:
    ana, berta = await telephone(stack), await telephone(stack)
    await talk(ana, berta)
    write_tone(tmp_path / "short.wav", 500.0, seconds=0.2, rate=8000)
    music = [f"music{number}" for number in range(PLAYERS)]
    for name in music:
        await ana.do(Play(player=name, path=str(tmp_path / "short.wav"), loop=True, to=("out",)))
    sounds = {f"sound{number}" for number in range(4)}
    for name in (*sounds, "off"):
        await ana.do(Play(player=name, path=str(tmp_path / "short.wav"), to=("out",)))
    await ana.do(StopPlaying(player="off"))
    for name in music:
        await ana.do(StopPlaying(player=name))
    assert {(await ana.next(PlayEnded)).player for _ in sounds} == sounds
    # The same one anew and anew, as a key that is held down does it; of these only the last is heard to its end.
    for _ in range(60):
        await ana.do(Play(player="signal", path=str(tmp_path / "short.wav"), to=("out",)))
    await ana.next(PlayEnded, player="signal")


async def test_recordings_beyond_the_bridges_ports_are_refused_and_the_next_works(
    stack: AsyncExitStack, tmp_path: Path
) -> None:
    ana, berta = await telephone(stack), await telephone(stack)
    made: list[str] = []
    with pytest.raises(PhoneError) as caught:
        for number in range(150):
            await ana.do(Record(recorder=f"tape{number}", path=str(tmp_path / f"{number}.wav")))
            made.append(f"tape{number}")
    assert caught.value.code == "too_many_recordings"
    assert await refusal(ana, Record(recorder="more", path=str(tmp_path / "more.wav"))) == "too_many_recordings"
    await talk(ana, berta)  # which takes a port of its own
    for name in made:
        await ana.do(StopRecording(recorder=name))
    async with asyncio.timeout(PATIENCE):
        while True:  # ports rest for a second before they are used again
            try:
                await ana.do(Record(recorder="last", path=str(tmp_path / "last.wav")))
                break
            except PhoneError as error:
                assert error.code == "too_many_recordings"
                await asyncio.sleep(0.1)
    assert not [event for event in ana.heard if isinstance(event, EngineStopped)]
