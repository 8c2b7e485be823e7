"""Telephones that the checks drive and listen to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import (
    CallChanged,
    CallState,
    Connect,
    Dial,
    Disconnect,
    EngineSettings,
    Gate,
    HangUp,
    Phone,
    PhoneCommand,
    PhoneEvent,
    Play,
    Ready,
    Record,
    SendDigits,
    StopPlaying,
    StopRecording,
)
from catgem_tui.selftest.sound import Recording

E = TypeVar("E")


class TappedPhone:
    """A ``Phone`` that hands everything on and keeps what it heard, so that a check can ask afterwards."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._news = asyncio.Condition()
        self.heard: list[PhoneEvent] = []

    async def start(self) -> Ready:
        return await self._phone.start()

    async def do(self, command: PhoneCommand) -> None:
        await self._phone.do(command)

    async def events(self) -> AsyncIterator[PhoneEvent]:
        async for event in self._phone.events():
            async with self._news:
                self.heard.append(event)
                self._news.notify_all()
            yield event

    async def close(self) -> None:
        await self._phone.close()

    async def wait_for(self, kind: type[E], matches: Callable[[E], bool] = lambda _: True, within: float = 10) -> E:
        """The first event of this kind that matches, past or to come. Raises TimeoutError."""
        async with asyncio.timeout(within), self._news:
            seen = 0
            while True:
                for event in self.heard[seen:]:
                    if isinstance(event, kind) and matches(event):
                        return event
                seen = len(self.heard)
                await self._news.wait()


class Ear:
    """What an endpoint of a phone gives off, kept in a file while the ``async with`` block runs."""

    def __init__(self, phone: Phone, source: str, path: Path) -> None:
        self._phone, self._source, self._path = phone, source, path
        self._recorder = path.stem

    async def __aenter__(self) -> "Ear":
        await self._phone.do(Record(recorder=self._recorder, path=str(self._path)))
        await self._phone.do(Connect(source=self._source, sink=f"{self._recorder}:left"))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._phone.do(Disconnect(source=self._source, sink=f"{self._recorder}:left"))
        await self._phone.do(StopRecording(recorder=self._recorder))

    def recording(self) -> Recording:
        return Recording.read(self._path)


class CitizenPhone:
    """A citizen's telephone: dials, speaks in tones, listens, presses keys, hangs up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._listener: asyncio.Task[None] | None = None
        self._calls = 0
        self._files = 0
        self.call = ""
        self.phone = TappedPhone(EngineClient(EngineSettings(gate=Gate.OPEN, sound=False, user="citizen")))

    async def __aenter__(self) -> "CitizenPhone":
        await self.phone.start()
        self._listener = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listener:
            self._listener.cancel()
        await self.phone.close()

    async def dial(self, uri: str, number: str = "7225550134") -> CallChanged:
        """Returns when the line has answered. Raises TimeoutError or PhoneError."""
        self._calls += 1
        self.call = f"citizen-{self._calls}"
        await self.phone.do(Dial(call=self.call, uri=uri, caller=number))
        return await self._becomes(CallState.CONFIRMED)

    async def say(self, tone: Path) -> None:
        await self.phone.do(Play(player="voice", path=str(tone), loop=True, to=(self.call,)))

    async def be_silent(self) -> None:
        await self.phone.do(StopPlaying(player="voice"))

    async def press(self, digits: str) -> None:
        await self.phone.do(SendDigits(call=self.call, digits=digits))

    async def hang_up(self) -> None:
        await self.phone.do(HangUp(call=self.call))

    async def ended(self, within: float = 15) -> CallChanged:
        return await self._becomes(CallState.ENDED, within)

    def listening(self) -> Ear:
        self._files += 1
        return Ear(self.phone, self.call, self._folder / f"citizen-heard-{self._files}.wav")

    async def _becomes(self, state: CallState, within: float = 15) -> CallChanged:
        call = self.call
        return await self.phone.wait_for(CallChanged, lambda e: e.call == call and e.state is state, within)

    async def _listen(self) -> None:
        async for _ in self.phone.events():
            pass
