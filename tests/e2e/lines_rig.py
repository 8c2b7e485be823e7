"""What the tests of the telephone lines share: an inbox that keeps what it is told, and telephones with ears."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import TypeVar

from catgem_tui.central.ports import ContactArrived, Effect, Finish, Happening, Join, Offer, StartMonitoring
from catgem_tui.central.voice.lines import EmbeddedLines
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Connect,
    Dial,
    EngineSettings,
    Expect,
    Gate,
    HangUp,
    Play,
    Record,
    SendDigits,
    StopRecording,
)
from catgem_tui.protocol.enums import Channel, Monitoring
from catgem_tui.protocol.frames import Refused
from catgem_tui.selftest.sound import Recording, write_tone

T = TypeVar("T")
CALL = Channel.CALL
DEADLINE = 25.0
AUDIBLE, SILENT = 0.15, 0.05
"""Strength of a tone sent at 0.4. A packet that a busy machine delays is a click, and a click has a little of all."""
TAIL_SECONDS = 0.4
"""How long what was said before a change may still be on its way through jitter buffers."""


class Memory:
    """Keeps things in order, and lets one wait for a thing that is there or is yet to come."""

    def __init__(self) -> None:
        self.all: list[object] = []
        self._news = asyncio.Condition()

    async def add(self, thing: object) -> None:
        async with self._news:
            self.all.append(thing)
            self._news.notify_all()

    def of(self, kind: type[T]) -> list[T]:
        return [thing for thing in self.all if isinstance(thing, kind)]

    async def first(self, kind: type[T], matches: Callable[[T], bool] = lambda _: True, after: int = 0) -> T:
        """The first one, ``after`` so many things. Raises TimeoutError."""
        async with asyncio.timeout(DEADLINE), self._news:
            while True:
                for thing in self.all[after:]:
                    if isinstance(thing, kind) and matches(thing):
                        return thing
                await self._news.wait()


class FakeInbox:
    """Central, as the lines see it."""

    def __init__(self) -> None:
        self.told = Memory()

    async def submit(self, happening: Happening) -> Refused | None:
        await self.told.add(happening)
        return None

    def knows(self, contact: str) -> bool:
        return True


class Telephone:
    """A real phone engine; it speaks in one tone."""

    def __init__(  # noqa: PLR0917
        self, folder: Path, name: str, hertz: float, gate: Gate = Gate.OPEN, port: int = 0, level: float = 0.4
    ) -> None:
        self.phone = EngineClient(EngineSettings(user=name, gate=gate, sound=False, port=port))
        self.events = Memory()
        self.uri = ""
        self.call = ""
        self.hertz, self._level = hertz, level
        self._folder, self._name = folder, name
        self._tone = folder / f"{name}.wav"
        self._count = count(1)
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> "Telephone":
        write_tone(self._tone, self.hertz, seconds=1.0, level=self._level)
        self.uri = (await self.phone.start()).uri
        self._listening = asyncio.create_task(self._listen())
        return self

    async def close(self) -> None:
        await self.phone.close()
        if self._listening:
            await self._listening

    async def _listen(self) -> None:
        async for event in self.phone.events():
            await self.events.add(event)

    async def dial(self, uri: str, caller: str = "7225550134") -> str:
        self.call = f"{self._name}-call-{next(self._count)}"
        await self.phone.do(Dial(call=self.call, uri=uri, caller=caller))
        return self.call

    async def becomes(self, state: CallState) -> CallChanged:
        call = self.call
        return await self.events.first(CallChanged, lambda event: event.call == call and event.state is state)

    async def has_sound(self) -> None:
        call = self.call
        await self.events.first(CallChanged, lambda event: event.call == call and event.media)

    async def rings(self, token: str) -> CallArrived:
        arrived = await self.events.first(CallArrived, lambda event: event.token == token)
        self.call = arrived.call
        return arrived

    async def is_called(self, after: int = 0) -> CallArrived:
        """By whoever it is: the first call after so many events."""
        arrived = await self.events.first(CallArrived, after=after)
        self.call = arrived.call
        return arrived

    async def answer(self) -> None:
        await self.phone.do(Answer(call=self.call))
        await self.has_sound()

    async def speak(self) -> None:
        await self.phone.do(Play(player=f"voice-{self.call}", path=str(self._tone), loop=True, to=(self.call,)))

    async def press(self, digits: str) -> None:
        await self.phone.do(SendDigits(call=self.call, digits=digits))

    async def hang_up(self) -> None:
        await self.phone.do(HangUp(call=self.call))

    async def hear(self, seconds: float = 1.9) -> Recording:
        """What comes in from now on, for so long."""
        path = self._folder / f"{self._name}-heard-{next(self._count)}.wav"
        recorder = path.stem
        await self.phone.do(Record(recorder=recorder, path=str(path)))
        await self.phone.do(Connect(source=self.call, sink=f"{recorder}:left"))
        await asyncio.sleep(seconds)
        await self.phone.do(StopRecording(recorder=recorder))
        return Recording.read(path)


class Rig:
    """Lines on free ports, with what they told."""

    def __init__(self, lines: EmbeddedLines, inbox: FakeInbox, recordings: Path) -> None:
        self.lines, self.inbox, self.recordings = lines, inbox, recordings
        self.told = inbox.told
        self._tokens = count(1)

    async def arrives(self, number: str = "7225550134") -> str:
        """The id of the contact that a call from this number made."""
        arrived = await self.told.first(ContactArrived, lambda event: event.citizen.phone == number)
        return arrived.contact

    async def perform(self, effect: Effect) -> None:
        await self.lines.perform(effect)

    async def ring(self, contact: str, advisor: str, telephone: Telephone) -> CallArrived:
        """Offer the contact and wait until the advisor's telephone rings."""
        token = f"token-{next(self._tokens)}"
        await telephone.phone.do(Expect(token=token))
        await self.perform(Offer(contact=contact, channel=CALL, advisor=advisor, uri=telephone.uri, token=token))
        return await telephone.rings(token)

    async def connect(self, contact: str, advisor: str, telephone: Telephone) -> None:
        await self.ring(contact, advisor, telephone)
        await telephone.answer()
        await self.perform(Join(contact=contact, channel=CALL, advisor=advisor, name=advisor))

    async def monitor(self, contact: str, coordinator: str, telephone: Telephone, mode: Monitoring) -> None:
        """Start monitoring, or change the mode of who monitors already."""
        token = f"token-{next(self._tokens)}"
        first = not telephone.call
        await telephone.phone.do(Expect(token=token))
        await self.perform(
            StartMonitoring(
                contact=contact, channel=CALL, coordinator=coordinator, mode=mode, uri=telephone.uri, token=token
            )
        )
        if first:
            await telephone.rings(token)
            await telephone.answer()

    async def finish(self, contact: str) -> None:
        await self.perform(Finish(contact=contact, channel=CALL))


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition that nothing announces. Raises TimeoutError."""
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.02)


async def hear_together(*telephones: Telephone, seconds: float = 1.9) -> list[Recording]:
    hearing: list[Awaitable[Recording]] = [telephone.hear(seconds) for telephone in telephones]
    return list(await asyncio.gather(*hearing))


def strengths(recording: Recording, *tones: float, channel: int = 0) -> list[bool | None]:
    """For each tone: True when it is clearly there, False when it is clearly not, None in between."""
    found: list[bool | None] = []
    for tone in tones:
        strength = recording.strength(tone, channel, start=TAIL_SECONDS)
        found.append(True if strength > AUDIBLE else False if strength < SILENT else None)
    return found
