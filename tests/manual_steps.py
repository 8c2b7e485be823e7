"""The manual's numbered steps, carried out as they are written.

In a step of a task ``<kbd>`` is a key to press, `code` is what to type, and **bold** is what the screen must then show.
Everything else is for people. A key of an action is the one that the keymap in force has for it.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from catgem_tui.config.i18n import _
from catgem_tui.ui import actions
from catgem_tui.ui.manual.book import Book
from catgem_tui.ui.manual.markdown import Page
from tests.central_house import PATIENCE, eventually
from tests.shift_house import Shift
from tests.ui.stage import words_on

KEYS = {"Intro": "enter", "Enter": "enter", "Esc": "escape", "Tab": "tab", "↓": "down", "↑": "up"}


@dataclass(frozen=True, slots=True)
class Doing:
    kind: Literal["press", "type", "see"]
    text: str
    action: str = ""


Before = Callable[[Shift], Awaitable[None]]


@dataclass(frozen=True)
class Task:
    """``given`` happens before the first step, ``before`` before the step of that number: what others do, and what no
    manual can say, as a password."""

    topic: str
    given: Before | None = None
    before: Mapping[int, Before] = field(default_factory=dict)


def steps_of(page: Page, topic: str) -> list[list[Doing]]:
    """The numbered steps of a section."""
    steps: list[list[Doing]] = []
    for block in page.blocks[page.anchors[topic] + 1 :]:
        if block.shape == "heading":
            break
        if block.shape == "item" and block.marker[:-1].isdigit():
            kinds: dict[str, Literal["press", "type", "see"]] = {"key": "press", "code": "type", "strong": "see"}
            steps.append(
                [Doing(kinds[piece.kind], piece.text, piece.target) for piece in block.pieces if piece.kind in kinds]
            )
    return steps


async def carry_out(at: Shift, book: Book, task: Task) -> int:
    """Do the task; gives how many steps it had. Fails with the task, the step and the screen."""
    place = book.find(task.topic)
    assert place is not None, task.topic
    steps = steps_of(book.page(place[0]), task.topic)
    assert steps, f"{task.topic} has no steps"
    number, doing = 0, None
    try:
        if task.given is not None:
            await task.given(at)
        for number, step in enumerate(steps, 1):
            if number in task.before:
                await task.before[number](at)
            for doing in step:
                await _do(at, doing)
    except TimeoutError:
        raise AssertionError(f"{task.topic}, step {number}, after {doing}:\n{words_on(at.app)}") from None
    return len(steps)


async def _do(at: Shift, doing: Doing) -> None:
    if doing.kind == "see":
        async with asyncio.timeout(PATIENCE):
            while squeezed(doing.text) not in squeezed(words_on(at.app)):
                await at.pilot.pause(0.1)
    elif doing.kind == "type":
        await write(at, doing.text)
    elif doing.action and not at.app.keymap.first(doing.action):
        await at.pilot.press(at.app.keymap.first("palette"))
        await write(at, _(actions.BY_ID[doing.action].name))
        await at.pilot.press("enter")
    elif doing.action:
        await eventually(lambda: actions.BY_ID[doing.action].available(at.desk.state))
        await at.pilot.press(at.app.keymap.first(doing.action))
    else:
        await at.pilot.press(KEYS[doing.text])
    await at.pilot.pause()


async def write(at: Shift, text: str) -> None:
    """Type it, and wait for what a search finds."""
    await at.pilot.press(*("space" if character == " " else character for character in text))
    await at.pilot.pause()
    await eventually(lambda: at.desk.state.directory.answered == at.desk.state.directory.query)


def squeezed(text: str) -> str:
    """To compare what is written with what is on the screen, wherever a line breaks."""
    return re.sub(r"\s+", "", text).casefold()
