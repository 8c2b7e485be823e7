"""What every telephone promises, tried on the fake and on the real engine."""

import os
import signal
import struct
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.fake import Exchange, FakePhone
from catgem_tui.phone.port import (
    SOUND,
    TOKEN_HEADER,
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Connect,
    Dial,
    DigitReceived,
    DigitsBy,
    Disconnect,
    EngineSettings,
    EngineStopped,
    Expect,
    Gate,
    HangUp,
    Hold,
    Mute,
    Phone,
    PhoneError,
    Play,
    PlayEnded,
    Ready,
    Record,
    Redirect,
    Resume,
    SendDigits,
    StopPlaying,
    StopRecording,
    Transfer,
    TransferChanged,
)
from tests.phone_set import Set, refusal, talk

Make = Callable[..., Awaitable[Set]]


@pytest.fixture(params=["fake", pytest.param("engine", marks=pytest.mark.require_module("pjsua2"))])
async def make(request: pytest.FixtureRequest) -> AsyncIterator[Make]:
    """``await make(gate=…)``: a telephone that runs."""
    exchange = Exchange()
    made: list[Set] = []

    async def build(**settings: Any) -> Set:
        chosen = EngineSettings(**{"gate": Gate.OPEN, "sound": False, **settings})
        phone: Phone = EngineClient(chosen) if request.param == "engine" else FakePhone(chosen, exchange=exchange)
        one = Set(phone)
        made.append(one)
        await one.start()
        return one

    yield build
    for one in made:
        await one.stop()


@pytest.fixture
def sound_file(tmp_path: Path) -> Path:
    path = tmp_path / "short.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(struct.pack("<h", 1000) * 2400)
    return path


async def test_a_call_rings_is_answered_and_ended_by_the_caller(make: Make) -> None:
    ana, berta = await make(user="ana"), await make(user="berta")
    await ana.do(Dial(call="out", uri=berta.uri, caller="7225550134", headers={"X-Folio": "AB-1"}))
    assert (await ana.state("out", CallState.DIALLING)).by_us is False
    arrived = await berta.next(CallArrived)
    assert (arrived.caller, arrived.dialled, arrived.headers["X-Folio"]) == ("7225550134", "berta", "AB-1")
    await berta.state(arrived.call, CallState.RINGING)
    assert (await ana.state("out", CallState.RINGING)).code == 180

    await berta.do(Answer(call=arrived.call))
    await ana.next(CallChanged, call="out", state=CallState.CONFIRMED, media=True)
    await berta.next(CallChanged, call=arrived.call, state=CallState.CONFIRMED, media=True)

    await ana.do(HangUp(call="out"))
    assert (await ana.state("out", CallState.ENDED)).by_us is True
    assert (await berta.state(arrived.call, CallState.ENDED)).by_us is False


async def test_the_called_side_may_hang_up(make: Make) -> None:
    ana, berta = await make(), await make()
    call = await talk(ana, berta)
    await berta.do(HangUp(call=call))
    assert (await berta.state(call, CallState.ENDED)).by_us is True
    ended = await ana.state("out", CallState.ENDED)
    assert (ended.by_us, ended.media) == (False, False)


async def test_an_incoming_call_can_be_refused_with_a_code(make: Make) -> None:
    ana, berta = await make(), await make()
    await ana.do(Dial(call="out", uri=berta.uri))
    arrived = await berta.next(CallArrived)
    await berta.do(HangUp(call=arrived.call, code=480))
    assert (await ana.state("out", CallState.ENDED)).code == 480
    assert (await berta.state(arrived.call, CallState.ENDED)).by_us is True


async def test_a_caller_may_give_up_while_it_rings(make: Make) -> None:
    ana, berta = await make(), await make()
    await ana.do(Dial(call="out", uri=berta.uri))
    arrived = await berta.next(CallArrived)
    await ana.state("out", CallState.RINGING)
    await ana.do(HangUp(call="out"))
    assert (await ana.state("out", CallState.ENDED)).by_us is True
    assert (await berta.state(arrived.call, CallState.ENDED)).by_us is False


async def test_without_a_token_nobody_gets_in(make: Make) -> None:
    ana, berta = await make(), await make(gate=Gate.TOKEN)
    await ana.do(Dial(call="out", uri=berta.uri))
    assert (await ana.state("out", CallState.ENDED)).code == 403
    assert not [event for event in berta.heard if isinstance(event, CallArrived | CallChanged)]


async def test_a_token_opens_once_and_may_answer_by_itself(make: Make) -> None:
    ana, berta = await make(), await make(gate=Gate.TOKEN)
    await berta.do(Expect(token="open-sesame", auto_answer=True))
    await ana.do(Dial(call="first", uri=berta.uri, headers={TOKEN_HEADER: "open-sesame"}))
    arrived = await berta.next(CallArrived)
    assert arrived.token == "open-sesame"
    await ana.state("first", CallState.CONFIRMED)
    await berta.state(arrived.call, CallState.CONFIRMED)

    await ana.do(Dial(call="second", uri=berta.uri, headers={TOKEN_HEADER: "open-sesame"}))
    assert (await ana.state("second", CallState.ENDED)).code == 403


async def test_a_token_without_auto_answer_only_rings(make: Make) -> None:
    ana, berta = await make(), await make(gate=Gate.TOKEN)
    await berta.do(Expect(token="t"))
    await ana.do(Dial(call="out", uri=berta.uri, headers={TOKEN_HEADER: "t"}))
    arrived = await berta.next(CallArrived)
    await ana.state("out", CallState.RINGING)
    await berta.do(Answer(call=arrived.call))
    await ana.state("out", CallState.CONFIRMED)


async def test_a_call_may_knock_before_its_token_is_announced(make: Make) -> None:
    ana, berta = await make(), await make(gate=Gate.TOKEN)
    await ana.do(Dial(call="out", uri=berta.uri, headers={TOKEN_HEADER: "late"}))
    await ana.do(Dial(call="stranger", uri=berta.uri))
    assert (await ana.state("stranger", CallState.ENDED)).code == 403
    assert not [event for event in berta.heard if isinstance(event, CallArrived)]
    await berta.do(Expect(token="late", auto_answer=True))
    assert (await berta.next(CallArrived)).token == "late"
    await ana.state("out", CallState.CONFIRMED)


async def test_more_calls_than_allowed_are_busy(make: Make) -> None:
    ana, berta = await make(), await make(max_calls=1)
    await ana.do(Dial(call="first", uri=berta.uri))
    await berta.next(CallArrived)
    await ana.do(Dial(call="second", uri=berta.uri))
    assert (await ana.state("second", CallState.ENDED)).code == 486
    assert await refusal(berta, Dial(call="third", uri=ana.uri)) == "too_many_calls"


async def test_digits_travel_both_ways(make: Make) -> None:
    ana, berta = await make(), await make()
    call = await talk(ana, berta)
    await ana.do(SendDigits(call="out", digits="12*#"))
    assert [(await berta.next(DigitReceived, call=call)).digit for _ in range(4)] == ["1", "2", "*", "#"]
    await berta.do(SendDigits(call=call, digits="0A"))
    assert [(await ana.next(DigitReceived, call="out")).digit for _ in range(2)] == ["0", "A"]
    assert await refusal(ana, SendDigits(call="out", digits="12x")) == "sip"


async def test_a_redirected_call_reaches_the_other_telephone(make: Make) -> None:
    ana, door, line = await make(), await make(user="door"), await make(user="line")
    await ana.do(Dial(call="out", uri=door.uri, headers={"X-Folio": "7"}))
    knocked = await door.next(CallArrived)
    await door.do(Redirect(call=knocked.call, uri=line.uri))
    assert (await door.state(knocked.call, CallState.ENDED)).by_us is True
    arrived = await line.next(CallArrived)
    assert arrived.headers["X-Folio"] == "7"
    await line.do(Answer(call=arrived.call))
    await ana.state("out", CallState.CONFIRMED)


async def test_a_file_is_played_to_its_end(make: Make, sound_file: Path) -> None:
    ana, berta = await make(), await make()
    await talk(ana, berta)
    await ana.do(Play(player="greeting", path=str(sound_file), to=("out",)))
    await ana.next(PlayEnded, player="greeting")
    await ana.do(StopPlaying(player="greeting"))
    assert await refusal(ana, Connect(source="greeting", sink="out")) == "no_such_endpoint"


async def test_a_player_may_wait_for_its_listener_and_be_stopped(make: Make, sound_file: Path) -> None:
    ana, berta = await make(), await make()
    await ana.do(Play(player="music", path=str(sound_file), loop=True))
    await talk(ana, berta)
    await ana.do(Connect(source="music", sink="out", level=0.5))
    await ana.do(Connect(source="music", sink="out", level=1.0))
    await ana.do(Disconnect(source="music", sink="out"))
    await ana.do(StopPlaying(player="music"))
    await ana.do(HangUp(call="out"))
    await ana.state("out", CallState.ENDED)
    assert not [event for event in ana.heard if isinstance(event, PlayEnded)]


async def test_calls_are_connected_before_they_have_media(make: Make, tmp_path: Path) -> None:
    ana, berta = await make(), await make()
    await ana.do(Record(recorder="tape", path=str(tmp_path / "tape.wav")))
    await ana.do(Dial(call="out", uri=berta.uri, sound=True))
    await ana.do(Connect(source="out", sink="tape:left"))
    await ana.do(Connect(source=SOUND, sink="tape:right"))
    arrived = await berta.next(CallArrived)
    await berta.do(Answer(call=arrived.call, sound=True))
    await ana.next(CallChanged, call="out", state=CallState.CONFIRMED, media=True)
    await ana.do(Mute(muted=True))
    await ana.do(Mute(muted=False))
    await ana.do(StopRecording(recorder="tape"))
    with wave.open(str(tmp_path / "tape.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (2, 2)


async def test_unknown_names_are_refused(make: Make, sound_file: Path, tmp_path: Path) -> None:
    ana = await make()
    missing = str(tmp_path / "missing" / "file.wav")
    for command in (
        Answer(call="x"),
        HangUp(call="x"),
        Redirect(call="x", uri=ana.uri),
        SendDigits(call="x", digits="1"),
    ):
        assert await refusal(ana, command) == "no_such_call"
    assert await refusal(ana, Connect(source="x", sink=SOUND)) == "no_such_endpoint"
    assert await refusal(ana, Connect(source=SOUND, sink="x")) == "no_such_endpoint"
    assert await refusal(ana, Play(player="p", path=str(sound_file), to=("x",))) == "no_such_endpoint"
    assert await refusal(ana, Play(player="p", path=missing)) == "no_such_file"
    assert await refusal(ana, Record(recorder="r", path=missing)) == "no_such_file"
    # What is to be gone and is gone already is no error: its end and our command may have crossed.
    await ana.do(StopPlaying(player="x"))
    await ana.do(StopRecording(recorder="x"))
    await ana.do(Disconnect(source="x", sink="y"))


@pytest.mark.parametrize("uri", ["", "nonsense", "http://example.org", "sip:a b@127.0.0.1", "sip:x@127.0.0.1\r\nX: y"])
async def test_a_bad_uri_is_refused(make: Make, uri: str) -> None:
    ana = await make()
    assert await refusal(ana, Dial(call="out", uri=uri)) == "bad_uri"


async def test_a_header_cannot_smuggle_in_another(make: Make) -> None:
    ana = await make()
    assert await refusal(ana, Dial(call="out", uri=ana.uri, headers={"X-A": "1\r\nX-B: 2"})) == "sip"


async def test_a_host_may_have_a_name(make: Make) -> None:
    ana, berta = await make(), await make()
    place = berta.uri.rpartition("@")[2]
    if isinstance(ana.phone, FakePhone):
        ana.phone.exchange.phones[place.replace("127.0.0.1", "localhost")] = ana.phone.exchange.phones[place]
    await ana.do(Dial(call="out", uri=berta.uri.replace("127.0.0.1", "localhost")))
    arrived = await berta.next(CallArrived)
    await berta.do(Answer(call=arrived.call))
    await ana.state("out", CallState.CONFIRMED)
    await ana.do(HangUp(call="out"))
    await berta.state(arrived.call, CallState.ENDED)


async def test_nobody_at_the_other_end(make: Make, free_port: Callable[[], int]) -> None:
    ana = await make()
    await ana.do(Dial(call="out", uri=f"sip:nobody@127.0.0.1:{free_port()}"))
    ended = await ana.state("out", CallState.ENDED)
    assert (ended.code, ended.by_us) == (408, False)


async def test_a_call_name_is_used_once_at_a_time(make: Make) -> None:
    ana, berta = await make(), await make()
    await talk(ana, berta)
    assert await refusal(ana, Dial(call="out", uri=berta.uri)) == "sip"


async def test_a_taken_port_is_said(make: Make) -> None:
    ana = await make()
    with pytest.raises(PhoneError) as caught:
        await make(port=int(ana.uri.rpartition(":")[2]))
    assert caught.value.code == "port_taken"


async def test_closing_ends_the_calls_and_the_events(make: Make) -> None:
    ana, berta = await make(), await make()
    call = await talk(ana, berta)
    await ana.stop()
    assert (await berta.state(call, CallState.ENDED)).by_us is False
    assert await refusal(ana, Mute(muted=True)) == "not_running"
    await ana.phone.close()


async def test_a_dead_engine_comes_back_usable_on_the_same_port(make: Make) -> None:
    ana, berta = await make(), await make()
    await talk(ana, berta)
    kill(ana.phone)
    stopped = await ana.next(EngineStopped)
    assert stopped.restarting
    ready = await ana.next(Ready)
    assert ready.uri == ana.uri
    await ana.do(Dial(call="again", uri=berta.uri))
    arrived = await berta.next(CallArrived)
    await berta.do(Answer(call=arrived.call))
    await ana.state("again", CallState.CONFIRMED)


def kill(phone: Phone) -> None:
    if isinstance(phone, FakePhone):
        phone.die()
    else:
        assert isinstance(phone, EngineClient)
        assert phone.pid is not None
        os.kill(phone.pid, signal.SIGKILL)


async def test_a_call_on_hold_says_so_at_both_ends_and_comes_back(make: Make) -> None:
    ana, berta = await make(), await make()
    there = await talk(ana, berta)
    await ana.do(Hold(call="out"))
    held = await ana.next(CallChanged, call="out", held=True)
    assert (held.state, held.media, held.holds_us) == (CallState.CONFIRMED, False, False)
    assert not (await berta.next(CallChanged, call=there, holds_us=True)).held
    await ana.do(Hold(call="out"))  # again is no error
    await ana.do(Resume(call="out"))
    await ana.next(CallChanged, call="out", held=False, media=True)
    await berta.next(CallChanged, call=there, holds_us=False, media=True)
    await ana.do(HangUp(call="out"))
    assert not (await ana.state("out", CallState.ENDED)).held


async def test_only_a_conversation_can_be_held_or_transferred(make: Make) -> None:
    ana, berta = await make(), await make()
    await ana.do(Dial(call="out", uri=berta.uri))
    await ana.state("out", CallState.RINGING)
    assert await refusal(ana, Hold(call="out")) == "sip"
    assert await refusal(ana, Transfer(call="out", uri=berta.uri)) == "sip"
    assert await refusal(ana, Resume(call="nobody")) == "no_such_call"


async def test_a_transfer_names_one_place(make: Make) -> None:
    ana, berta = await make(), await make()
    await talk(ana, berta)
    assert await refusal(ana, Transfer(call="out")) == "sip"
    assert await refusal(ana, Transfer(call="out", uri=berta.uri, to="out")) == "sip"
    assert await refusal(ana, Transfer(call="out", to="nobody")) == "no_such_call"
    assert await refusal(ana, Transfer(call="out", uri="<sip:x")) == "bad_uri"


async def test_a_telephone_of_ours_calls_nobody_whom_a_stranger_names(make: Make) -> None:
    ana, berta, carla = await make(), await make(), await make()
    there = await talk(ana, berta)
    await berta.do(Transfer(call=there, uri=carla.uri))
    assert (await berta.next(TransferChanged, call=there)).code == 603
    await ana.do(SendDigits(call="out", digits="1"))  # the two still talk
    await berta.next(DigitReceived, call=there, digit="1")
    assert not [event for event in carla.heard if isinstance(event, CallArrived)]


@pytest.mark.parametrize("by", list(DigitsBy))
async def test_digits_arrive_either_way(make: Make, by: DigitsBy) -> None:
    ana, berta = await make(), await make()
    there = await talk(ana, berta)
    await ana.do(SendDigits(call="out", digits="4#", by=by))
    for digit in "4#":
        await berta.next(DigitReceived, call=there, digit=digit)
