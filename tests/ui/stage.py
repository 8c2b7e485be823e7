"""The workstation on a made-up desk, driven by keys."""

import asyncio
import html
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from catgem_tui.desk.intents import Intent
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.model import Struct
from catgem_tui.ui.app import WorkstationApp
from catgem_tui.ui.screens.desk import DeskScreen
from tests.ui.scenes import NOW, RecordingDesk

LARGE = (160, 45)
MIDDLE = (100, 30)
SMALL = (80, 24)
SIZES = pytest.mark.parametrize("size", [SMALL, MIDDLE, LARGE], ids=["80x24", "100x30", "160x45"])
KEYS = {" ": "space", ",": "comma", ".": "full_stop", "ó": "ó"}
_TEXT = re.compile(r'<text[^>]*clip-path="url\(#[^)]*line-(\d+)\)"[^>]*>([^<]*)</text>')


def workstation(state: DeskState, **options: Any) -> tuple[WorkstationApp, RecordingDesk]:
    desk = RecordingDesk(state)
    return WorkstationApp(desk, clock=lambda: NOW, **options), desk


@dataclass
class Stage:
    app: WorkstationApp
    desk: RecordingDesk
    pilot: Pilot[None]

    @property
    def screen(self) -> DeskScreen:
        return self.app.desk_screen

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()
        await self.until(lambda: self.app.turns.resting or not self.app.is_running)

    async def write(self, text: str) -> None:
        await self.press(*("space" if character == " " else character for character in text))

    async def put(self, state: DeskState) -> None:
        self.desk.put(state)
        await self.pilot.pause()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):  # a slow machine may take them
            while not condition():
                await self.pilot.pause(0.01)

    def take_done(self) -> list[Intent | Struct]:
        """What was wanted since the last time."""
        done, self.desk.done = self.desk.done, []
        return done

    def seen(self) -> str:
        """The words on the screen, line by line."""
        return words_on(self.app)


def words_on(app: WorkstationApp) -> str:
    """The words on the screen, line by line."""
    lines: dict[int, list[str]] = {}
    for number, words in _TEXT.findall(app.export_screenshot()):
        lines.setdefault(int(number), []).append(html.unescape(words).replace("\xa0", " "))
    return "\n".join("".join(lines[number]) for number in sorted(lines))


@asynccontextmanager
async def opened(state: DeskState, size: tuple[int, int] = SMALL, **options: Any) -> AsyncIterator[Stage]:
    app, desk = workstation(state, **options)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Stage(app, desk, pilot)


def burst(stage: Stage, *keys: str) -> None:
    """Keys that arrive together, as over a slow line, without waiting for what they do."""
    for key in keys:
        stage.app.post_message(events.Key(KEYS.get(key, key), key if len(key) == 1 else None))
