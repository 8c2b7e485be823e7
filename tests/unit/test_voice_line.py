"""A line at work on a telephone without an engine: what happens when central, its disk or the engine fail."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path
from typing import TypeVar, cast

import pytest

from catgem_tui.central.ports import (
    CitizenLeft,
    ContactArrived,
    Happening,
    LineLost,
    Offer,
    PartyChanged,
    PortTaken,
    SendOut,
    SetHold,
    StorageFailed,
)
from catgem_tui.central.voice import line as line_module
from catgem_tui.central.voice.conversation import Conversation
from catgem_tui.central.voice.exchange import address
from catgem_tui.central.voice.line import Line
from catgem_tui.central.voice.lines import EmbeddedLines
from catgem_tui.central.voice.signals import ClearTimer, Do, Output, SetTimer, TimerFired
from catgem_tui.phone.fake import Exchange, FakePhone
from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallState,
    Dial,
    EngineSettings,
    HangUp,
    PhoneCommand,
    PhoneError,
    Play,
    StopPlaying,
)
from catgem_tui.protocol.enums import Channel, Refusal
from catgem_tui.protocol.frames import Refused

T = TypeVar("T")


class Central:
    """An inbox whose store can fail."""

    def __init__(self) -> None:
        self.told: list[Happening] = []
        self.answers: list[Refused | StorageFailed | RuntimeError | None] = []
        """What comes of the next happenings; afterwards everything is kept."""
        self.forgotten = False

    async def submit(self, happening: Happening) -> Refused | None:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        self.told.append(happening)
        return answer

    def knows(self, contact: str) -> bool:
        return not self.forgotten


class House:
    def __init__(self, tmp_path: Path, lines: int = 1) -> None:
        self.central = Central()
        self.exchange = Exchange()
        self.phones: dict[str, FakePhone] = {}
        ids = count(1)
        self.lines = EmbeddedLines(
            recordings=tmp_path,
            new_id=lambda: f"contact-{next(ids)}",
            port=5060,
            lines=lines,
            make_phone=self._make,
            dial="sip:{number}@127.0.0.1:9",
        )

    def _make(self, settings: EngineSettings) -> FakePhone:
        self.phones[settings.user] = FakePhone(settings, exchange=self.exchange)
        return self.phones[settings.user]

    @property
    def line(self) -> FakePhone:
        return self.phones["line1"]

    def call(self) -> str:
        """A citizen calls the first line."""
        return self.line.ring("7225550134")

    def done(self, kind: type[T], phone: str = "line1") -> list[T]:
        return [command for command in self.phones[phone].commands if isinstance(command, kind)]

    def told(self, kind: type[T]) -> list[T]:
        return [happening for happening in self.central.told if isinstance(happening, kind)]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.005)


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(line_module, "RETRY_SECONDS", 0.01)
    house = House(tmp_path)
    await house.lines.start(house.central)
    yield house
    await house.lines.stop()


@pytest.mark.parametrize("answer", [Refused(code=Refusal.UNAVAILABLE), StorageFailed("full"), None])
async def test_a_contact_central_cannot_keep_hears_that_the_centre_is_closed(
    house: House, answer: Refused | StorageFailed | None
) -> None:
    house.central.answers = [answer]
    house.call()
    await until(lambda: house.done(Play))
    said = "closed" if answer else "greeting"
    await until(lambda: Path(house.done(Play)[-1].path).stem == said)


async def test_what_the_store_could_not_keep_is_told_again(house: House) -> None:
    call = house.call()
    await until(lambda: house.told(ContactArrived))
    house.central.answers = [StorageFailed("full"), StorageFailed("full")]
    house.line.change(call, CallState.ENDED)
    await until(lambda: house.told(CitizenLeft))
    assert house.central.answers == []


async def test_what_nobody_remembers_is_not_told_for_ever(house: House) -> None:
    call = house.call()
    await until(lambda: house.told(ContactArrived))
    house.central.answers = [StorageFailed("full")]
    house.central.forgotten = True
    house.line.change(call, CallState.ENDED)
    await until(lambda: not house.central.answers)
    house.call()
    await until(lambda: len(house.told(ContactArrived)) == 2)
    assert house.told(CitizenLeft) == []


async def test_that_nobody_outside_answers_is_told_even_of_a_contact_closed_meanwhile(house: House) -> None:
    call = house.call()
    await until(lambda: house.told(ContactArrived))
    house.line.change(call, CallState.CONFIRMED)
    house.central.answers = [StorageFailed("full"), StorageFailed("full")]
    house.central.forgotten = True
    contact = house.told(ContactArrived)[0].contact
    await house.lines.perform(
        SendOut(contact=contact, channel=Channel.CALL, token="t", number="7225550199", seconds=0.01)
    )
    await until(lambda: house.told(PartyChanged))
    assert not house.told(PartyChanged)[0].connected


async def test_a_surprise_at_central_does_not_silence_the_line(house: House) -> None:
    house.central.answers = [RuntimeError("a bug")]
    call = house.call()
    await until(lambda: not house.central.answers)
    house.line.change(call, CallState.ENDED)
    await until(lambda: house.told(CitizenLeft))


async def test_effects_for_nobody_are_ignored(house: House) -> None:
    await house.lines.perform(SetHold(contact="nobody", channel=Channel.CALL, held=True))
    await house.lines.perform(SetHold(contact="", channel=Channel.CALL, held=True))
    house.call()
    await until(lambda: house.told(ContactArrived))


async def test_an_answer_that_fails_frees_the_line(house: House) -> None:
    house.line.refuse(Answer, PhoneError("sip", "Not Acceptable Here"))
    house.call()
    await until(lambda: house.done(HangUp))
    assert house.told(ContactArrived) == []
    house.call()
    await until(lambda: house.told(ContactArrived))


async def test_a_dead_engine_loses_the_call_and_the_line_returns(house: House) -> None:
    house.call()
    await until(lambda: house.told(ContactArrived))
    house.line.die()
    await until(lambda: house.told(LineLost))
    await until(lambda: house.lines.ready == 1)
    house.call()
    await until(lambda: len(house.told(ContactArrived)) == 2)


async def test_a_timer_that_fired_too_late_to_matter_is_not_heard_of() -> None:
    class Slow(FakePhone):
        async def do(self, command: PhoneCommand) -> None:
            await asyncio.sleep(0.05)

    class Script:
        """Sets a timer, is slow, and clears it; then sets one that counts."""

        contact, busy = "", False

        def __init__(self) -> None:
            self.heard: list[object] = []

        def handle(self, event: object) -> list[Output]:
            self.heard.append(event)
            if isinstance(event, CallArrived):
                slow = Do(command=StopPlaying(player="x"))
                return [SetTimer(name="a", seconds=0.0), slow, ClearTimer(name="a"), SetTimer(name="b", seconds=0.0)]
            return []

    phone, script = Slow(), Script()
    line = Line("line 1", phone, cast(Conversation, script), Central())
    await line.start()
    phone.ring()
    await until(lambda: TimerFired(name="b") in script.heard)
    assert TimerFired(name="a") not in script.heard
    await line.stop()


async def test_the_public_port_sends_a_citizen_to_a_free_line_with_the_number_dialled(house: House) -> None:
    citizen = FakePhone(EngineSettings(user="citizen"), exchange=house.exchange)
    await citizen.start()
    await citizen.do(Dial(call="out", uri="sip:070@127.0.0.1:5060", caller="7225550134"))
    await until(lambda: house.told(ContactArrived))
    assert house.told(ContactArrived)[0].dialled == "070"
    await citizen.do(Dial(call="again", uri="sip:070@127.0.0.1:5060", caller="7225550135"))
    await until(lambda: house.lines.blocked == 1)
    assert house.done(HangUp, "catgem")[0].code == 486
    await citizen.close()


async def test_an_offer_reaches_the_advisor_s_telephone(house: House) -> None:
    advisor = FakePhone(EngineSettings(user="ana"), exchange=house.exchange)
    uri = (await advisor.start()).uri
    house.call()
    await until(lambda: house.told(ContactArrived))
    contact = house.told(ContactArrived)[0].contact
    await house.lines.perform(Offer(contact=contact, channel=Channel.CALL, advisor="ana", uri=uri, token="t"))
    await until(lambda: house.done(Dial))
    assert house.done(Dial)[0].headers["X-Catgem-Token"] == "t"
    await advisor.close()


async def test_a_taken_port_is_said(house: House, tmp_path: Path) -> None:
    second = House(tmp_path)
    second.exchange = house.exchange
    with pytest.raises(PortTaken):
        await second.lines.start(second.central)


@pytest.mark.parametrize(
    ("dialled", "expected"),
    [
        ("070", "sip:070@127.0.0.1:4000"),
        ("+527221234567", "sip:+527221234567@127.0.0.1:4000"),
        ("", "sip:line1@127.0.0.1:4000"),
        ("x>;evil@y", "sip:line1@127.0.0.1:4000"),
    ],
)
def test_an_odd_number_is_not_passed_on(dialled: str, expected: str) -> None:
    assert address("sip:line1@127.0.0.1:4000", dialled) == expected
