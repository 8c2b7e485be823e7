"""Sound that is lost and late: the call goes on, and what is told of it is true."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from catgem_tui.desk.state import Quality
from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Connect,
    Dial,
    Play,
    QualityMeasured,
    Record,
    Registered,
    StopRecording,
)
from catgem_tui.selftest.sound import Recording, write_tone
from catgem_tui.ui.panes.strips import _qualities
from tests.bad_line import BadLine, Weather, bad_line
from tests.e2e.test_phone_registration import (
    as_user,
    hear_digit,
    seconds_until_registered,
    start_phone_in,
    until_registered,
)
from tests.machines import move_house
from tests.phone_set import Set
from tests.registrar import Registrar, start_registrar

pytestmark = [pytest.mark.require_module("pjsua2"), pytest.mark.require_program("kamailio", "ip")]
TONE = 440.0
HEARD = 0.05
"""Strength of a tone sent at 0.4."""
FAR = Weather(delay=0.130, jitter=0.030, loss=0.02)


class Talk:
    """Ana, at the far end of the line, talks with Berta, who is where the registrar is; both speak in a tone."""

    def __init__(self, line: BadLine, ana: Set, berta: Set, call: str) -> None:
        self.line, self.ana, self.berta, self.call = line, ana, berta, call

    async def measured(self, enough: Callable[[QualityMeasured], bool] = lambda _: True) -> QualityMeasured:
        """What Ana's strip tells next, of the five seconds until then; the first that is ``enough``."""
        while not enough(told := await self.ana.next(QualityMeasured, call="out")):
            pass
        return told

    async def hear(self, folder: Path) -> None:
        """Each hears the other."""
        ends = ((self.ana, "out", folder / "ana.wav"), (self.berta, self.call, folder / "berta.wav"))
        for phone, call, path in ends:
            await phone.do(Record(recorder="ear", path=str(path)))
            await phone.do(Connect(source=call, sink="ear:left"))
        await asyncio.sleep(2.0)
        for phone, _call, path in ends:
            await phone.do(StopRecording(recorder="ear"))
            assert Recording.read(path).strength(TONE) > HEARD

    def was_cut(self) -> bool:
        return any(
            isinstance(event, CallChanged) and event.state is CallState.ENDED
            for event in (*self.ana.heard, *self.berta.heard)
        )


@pytest.fixture
async def line(stack: AsyncExitStack, cannot_run: Callable[[str], NoReturn]) -> BadLine:
    try:
        return await stack.enter_async_context(bad_line(replace(FAR)))
    except OSError as error:
        cannot_run(f"leave to make TUN devices in network namespaces ({error})")


@pytest.fixture
async def registrar(stack: AsyncExitStack, line: BadLine, tmp_path: Path) -> Registrar:
    """At the other end of the line."""
    return await start_registrar(stack, tmp_path / "registrar", within=line.there)


@pytest.fixture
async def talk(stack: AsyncExitStack, line: BadLine, registrar: Registrar, tmp_path: Path) -> Talk:
    ana = await start_phone_in(line.here, stack, tmp_path / "ana.sock")
    berta = await start_phone_in(line.there, stack, tmp_path / "berta.sock")
    for phone, name in ((ana, "ana"), (berta, "berta")):
        await phone.do(as_user(name, registrar))
        await until_registered(phone)
    await ana.do(Dial(call="out", uri="sip:berta@10.77.0.2"))
    call = (await berta.next(CallArrived)).call
    await berta.do(Answer(call=call))
    await ana.next(CallChanged, call="out", state=CallState.CONFIRMED, media=True)
    tone = tmp_path / "tone.wav"
    write_tone(tone, TONE, seconds=2.0)
    await ana.do(Play(player="voice", path=str(tone), loop=True, to=("out",)))
    await berta.do(Play(player="voice", path=str(tone), loop=True, to=(call,)))
    return Talk(line, ana, berta, call)


async def test_what_is_told_of_a_line_is_what_it_does(talk: Talk, tmp_path: Path) -> None:
    weather = talk.line.weather
    # It takes one word or the other as more or fewer of some 250 packets are lost by chance.
    fair = asyncio.create_task(talk.measured(lambda told: told.round_trip_ms is not None and word(told) == "regular"))
    await talk.hear(tmp_path)
    far = await fair
    assert far.round_trip_ms == pytest.approx(260, abs=70)
    # Of two packets that are each up to 30 ms off, those apart that did not overtake each other.
    assert far.jitter_ms == pytest.approx(15, abs=10)
    assert far.loss == pytest.approx(0.02, abs=0.03)

    weather.loss, weather.jitter, weather.delay = 0.0, 0.0, 0.3
    late = await talk.measured(lambda told: (told.round_trip_ms or 0.0) > 530 and (told.jitter_ms or 0.0) < 6)
    assert late.round_trip_ms == pytest.approx(600, abs=40)
    assert word(late) == "mala"

    weather.loss = 0.4
    burst, _ = await asyncio.gather(talk.measured(), talk.hear(tmp_path))
    assert burst.loss == pytest.approx(0.4, abs=0.12)
    assert (burst.mos or 5.0) < 2.0

    weather.loss = 1.0
    assert (await talk.measured(lambda told: (told.loss or 0.0) > 0.9)).mos == 1.0
    assert not talk.was_cut()


async def test_a_call_goes_on_from_another_address_over_a_bad_line(talk: Talk) -> None:
    await move_house(talk.line.here)
    await until_registered(talk.ana, Registered.TRYING)
    assert await seconds_until_registered(talk.ana) < 5.0
    await hear_digit(talk.ana, "out", talk.berta, talk.call)
    await hear_digit(talk.berta, talk.call, talk.ana, "out")
    assert not talk.was_cut()


async def test_an_invitation_in_several_pieces_arrives_over_a_bad_line(talk: Talk) -> None:
    """Longer than a packet may be: IP cuts it up, and the pieces come late and in any order."""
    talk.line.weather = Weather(delay=0.05, jitter=0.04, loss=0.03, doubled=0.1, hurried=0.1)
    await talk.berta.do(Dial(call="long", uri="sip:ana@10.77.0.2", headers={"X-Catgem-Note": "x" * 1500}))
    arrived = await talk.ana.next(CallArrived)
    assert arrived.headers["X-Catgem-Note"].startswith("xxx")
    await talk.ana.do(Answer(call=arrived.call))
    await talk.berta.next(CallChanged, call="long", state=CallState.CONFIRMED, media=True)


async def test_a_connection_into_which_everything_vanishes_is_given_up_for_another(
    stack: AsyncExitStack, line: BadLine, registrar: Registrar, tmp_path: Path
) -> None:
    phones = {
        kind: await start_phone_in(line.here, stack, tmp_path / kind, authorities=str(registrar.authorities))
        for kind in ("tcp", "tls")
    }
    for kind, phone in phones.items():
        await phone.do(as_user(kind, registrar, kind))
        await until_registered(phone)
    line.weather.loss = 1.0
    for phone in phones.values():
        await until_registered(phone, Registered.UNREACHABLE)
    await asyncio.sleep(9.0)  # long enough for what repeats lost packets to have become slow
    line.weather.loss = 0.0
    assert max(await asyncio.gather(*(seconds_until_registered(phone) for phone in phones.values()))) < 5.0


def word(told: QualityMeasured) -> str:
    """What the strip calls it, in Spanish."""
    quality = Quality(told.codec, told.round_trip_ms, told.jitter_ms, told.loss, told.mos)
    return str(_qualities(quality, 0)[-1][1][0])
