"""A telephone with a memory, shared by the tests of the telephone."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Connect,
    Dial,
    Phone,
    PhoneError,
    PhoneEvent,
    Play,
    Ready,
    Record,
    StopRecording,
)
from tests.speech import Likeness, compare

E = TypeVar("E")
PATIENCE = 15.0
"""Seconds; only a broken telephone ever needs them."""


class Set:
    """A telephone with a memory, so that a test can read as a conversation."""

    def __init__(self, phone: Phone, patience: float = PATIENCE) -> None:
        """``patience``: seconds to wait for what should happen at once."""
        self.phone, self._patience = phone, patience
        self.heard: list[PhoneEvent] = []
        self._read = 0
        self._more = asyncio.Event()
        self.uri = ""
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> Ready:
        ready = await self.phone.start()
        self.uri = ready.uri
        self._listening = asyncio.create_task(self._listen())
        return ready

    async def stop(self) -> None:
        await self.phone.close()
        if self._listening is not None:
            await asyncio.wait_for(self._listening, PATIENCE)

    async def _listen(self) -> None:
        async for event in self.phone.events():
            self.heard.append(event)
            self._more.set()

    async def do(self, command: Any) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.phone.do(command)

    async def next(self, kind: type[E], **fields: Any) -> E:
        """The next event of this kind with these fields; those before it are passed over."""
        async with asyncio.timeout(self._patience):
            while True:
                while self._read < len(self.heard):
                    event = self.heard[self._read]
                    self._read += 1
                    if isinstance(event, kind) and all(getattr(event, n) == v for n, v in fields.items()):
                        return event
                self._more.clear()
                await self._more.wait()

    async def state(self, call: str, state: CallState) -> CallChanged:
        return await self.next(CallChanged, call=call, state=state)


async def talk(one: Set, other: Set) -> str:
    """Let ``one`` call ``other`` as call ``out``; returns the call's name there."""
    await one.do(Dial(call="out", uri=other.uri))
    arrived = await other.next(CallArrived)
    await other.do(Answer(call=arrived.call))
    await one.next(CallChanged, call="out", state=CallState.CONFIRMED, media=True)
    await other.next(CallChanged, call=arrived.call, state=CallState.CONFIRMED, media=True)
    return arrived.call


async def refusal(one: Set, command: Any) -> str:
    with pytest.raises(PhoneError) as caught:
        await one.do(command)
    return caught.value.code


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what no event tells of: a file, a foreign process."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def speak(one: Set, call: str, speech: Path) -> None:
    """Say a WAV file into a call, over and over."""
    await one.do(Play(player=f"voice-{call}", path=str(speech), loop=True, to=(call,)))


async def hear(one: Set, call: str, voice: Path, recording: Path, spans: int = 8) -> Likeness:
    """Record a call until somebody spoke in it for so many quarters of a second: how like ``voice`` that was."""
    await one.do(Record(recorder=recording.stem, path=str(recording)))
    await one.do(Connect(source=call, sink=f"{recording.stem}:left"))
    heard = Likeness()
    async with asyncio.timeout(PATIENCE):
        while heard.spans < spans:  # what is in the file is whole up to half a second ago
            await asyncio.sleep(0.5)
            heard = await asyncio.to_thread(compare, recording, voice)
    await one.do(StopRecording(recorder=recording.stem))
    return heard


async def listen(one: Set, call: str, recording: Path, seconds: float) -> Path:
    """Record what a call brings, in the left channel. Returns the recording."""
    await one.do(Record(recorder=recording.stem, path=str(recording)))
    await one.do(Connect(source=call, sink=f"{recording.stem}:left"))
    await asyncio.sleep(seconds)
    await one.do(StopRecording(recorder=recording.stem))
    return recording
