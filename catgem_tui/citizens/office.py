"""A simulated office outside: whatever number is dialled, somebody answers there and asks what it is about."""

import asyncio
import logging
from pathlib import Path

from catgem_tui.citizens.voices import OFFICE
from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    EngineStopped,
    HangUp,
    Phone,
    PhoneCommand,
    PhoneError,
    Play,
    PlayEnded,
)

log = logging.getLogger(__name__)

RINGS = 2.0
"""Seconds until somebody answers."""
PAUSE = 8.0
"""Seconds of listening before the same is said again."""
VOICE = "voice of "
"""Goes before a call's name in that of its player."""
LONGEST = 300.0
"""Seconds after which the office hangs up: whoever called forgot it."""


class Office:
    """Takes as many calls at a time as its engine, whose gate is open; the next one finds it busy (486)."""

    def __init__(self, phone: Phone, voice: Path = OFFICE, *, rings: float = RINGS, pause: float = PAUSE) -> None:
        self._phone = phone
        self._voice = voice
        self._rings, self._pause = rings, pause
        self._talks: dict[str, asyncio.Task[None]] = {}
        self._said: dict[str, asyncio.Event] = {}
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises PhoneError."""
        await self._phone.start()
        self._listening = asyncio.create_task(self._listen(), name="office")

    async def close(self) -> None:
        tasks = [*self._talks.values(), *([self._listening] if self._listening else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._phone.close()

    async def _listen(self) -> None:
        async for event in self._phone.events():
            match event:
                case CallArrived():
                    self._said[event.call] = asyncio.Event()
                    self._talks[event.call] = asyncio.create_task(self._talk(event.call), name="office call")
                case CallChanged(state=CallState.ENDED):
                    self._forget(event.call)
                case PlayEnded():
                    if said := self._said.get(event.player.removeprefix(VOICE)):
                        said.set()
                case EngineStopped():
                    for call in tuple(self._talks):
                        self._forget(call)

    def _forget(self, call: str) -> None:
        self._said.pop(call, None)
        if task := self._talks.pop(call, None):
            task.cancel()

    async def _talk(self, call: str) -> None:
        await asyncio.sleep(self._rings)
        await self._try(Answer(call=call))
        try:
            async with asyncio.timeout(LONGEST):
                while True:
                    said = self._said[call]
                    said.clear()
                    await self._try(Play(player=VOICE + call, path=str(self._voice), to=(call,)))
                    await said.wait()
                    await asyncio.sleep(self._pause)
        except TimeoutError:
            await self._try(HangUp(call=call))

    async def _try(self, command: PhoneCommand) -> None:
        """The other side may hang up at any moment: what fails then doesn't matter."""
        try:
            await self._phone.do(command)
        except PhoneError as error:
            log.debug("%s: %s", type(command).__name__, error)
