"""The guided first shift from the login to its end, with a real central, telephone and citizens."""

import asyncio
import time
from pathlib import Path

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.practice import practise
from catgem_tui.protocol.enums import Channel
from catgem_tui.ui.guide.course import Course
from catgem_tui.ui.guide.screen import GuideEnd
from tests.central_house import PASSWORD, eventually
from tests.shift_house import Citizens, Shift, shift

WORK: dict[str, tuple[str, ...]] = {
    "login": (*PASSWORD, "enter"),
    "available": ("f9", "enter"),
    "call-taken": ("f2",),
    "protocol": ("alt+s",),
    "notes": ("alt+n", *"acta"),
    "search": ("ctrl+f", *"registro", "enter"),
    "hold": ("escape", "f3"),
    "unhold": ("f3",),
    "mute": ("f5",),
    "unmute": ("f5",),
    "transfer": ("f4", *"vehicular", "enter"),
    "call-again": ("f2",),
    "finish": ("f8",),
    "close": ("f8", "enter", "enter"),
    "chat-taken": ("f2",),
    "chat-written": (*"hola", "enter"),
    "record": ("ctrl+f", *"registro", "alt+e"),
    "chat-left": ("f8", "f8", "enter", "enter"),
    "mail-taken": ("f2",),
    "mail-written": (*"hola", "ctrl+s"),
    "mail-left": ("f8", "f8", "enter", "enter"),
    "pause": ("f9", *"descanso", "enter"),
    "emergency": ("alt+i", "enter"),
    "abuse": ("alt+i", "enter"),
    "help": ("f1", "escape"),
}
"""What somebody presses who does as the guide says."""


async def follow(at: Shift, course: Course, until: str = "") -> None:
    """Do each step as its time comes."""
    while course.running and course.step.id != until:
        step = course.step.id
        if step in {"call-taken", "chat-taken", "mail-taken", "call-again"}:
            await eventually(lambda: at.desk.state.offer is not None)
        for number, key in enumerate(WORK[step]):
            if key == "f8" and number:
                await eventually(lambda: at.desk.state.focused is not None and at.desk.state.focused.state == "wrap_up")
            if key == "alt+e" or (step == "search" and key == "enter"):
                await eventually(lambda: bool(at.desk.state.directory.hits))
            await at.pilot.press(key)
        await eventually(lambda step=step: not course.running or course.step.id != step)  # type: ignore[misc]


@pytest.mark.require_module("pjsua2")
async def test_a_first_shift_from_login_to_the_end(tmp_path: Path) -> None:
    called: list[Citizens] = []
    summoned: list[Channel] = []

    def summon(channel: Channel) -> None:
        summoned.append(channel)
        called[0].summon(channel)

    file = tmp_path / "guide.json"
    course = practise(file, summon)
    course.carry_on()
    async with shift(tmp_path, lines=1, course=course) as at:
        called.append(at.citizens)
        at.app.login_screen.user.value = "ana"
        at.app.login_screen.set_focus(at.app.login_screen.password)
        began = time.monotonic()
        async with asyncio.timeout(120):
            await follow(at, course)
        print(f"the shift took {time.monotonic() - began:.1f} s")
        await eventually(lambda: isinstance(at.app.screen, GuideEnd))
        assert summoned == [Channel.CALL, Channel.CHAT, Channel.MAIL]
        assert set(course.progress.spent) == set(WORK)
        assert practise(file, summon).progress.over
        assert at.citizens.chatters[0].heard[0] == "hola"
