"""A whole centre in this process, a workstation, and citizens who come when they are called for."""

import asyncio
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from textual.pilot import Pilot

from catgem_tui.central.app import Central
from catgem_tui.central.directory.sample import sample_records
from catgem_tui.citizens.caller import Callers, CallPlan
from catgem_tui.citizens.chatter import Chatter
from catgem_tui.citizens.mailer import Mailer
from catgem_tui.config import settings as configuration
from catgem_tui.config.centre import Centre
from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.intents import Login
from catgem_tui.desk.runtime import Desk
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import EngineSettings
from catgem_tui.protocol.commands import SetPresence
from catgem_tui.protocol.enums import Channel, Presence, Role
from catgem_tui.ui.app import WorkstationApp
from catgem_tui.ui.guide.course import Course
from tests.central_house import PASSWORD, PATIENCE, hire

SIZE = (80, 24)
DAY = 1_778_608_440.0
"""2026-05-12: of the sample directory."""


def write_silence(path: Path, seconds: float = 0.2) -> Path:
    """A greeting that keeps nobody waiting."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(int(8000 * seconds) * 2))
    return path


def settings_of(folder: Path, *, lines: int) -> configuration.Settings:
    voice = configuration.Voice(
        lines=lines, port=0, survey=False, greeting=str(write_silence(folder / "greeting.wav")),
    )  # fmt: skip
    return configuration.Settings(
        central=configuration.Central(
            port=0, data=str(folder / "central"), voice=voice, mail=configuration.Mail(port=0),
            chat=configuration.Chat(survey=False),
        ),
        centre=Centre(emergency=""),
    )  # fmt: skip


class Citizens:
    """Who comes when called for; all of them leave with the house."""

    def __init__(self, central: Central) -> None:
        self.health = central.health()
        self.url = central.url.replace("http", "ws", 1) + f"{self.health.chat}/socket"
        self.callers = Callers()
        self.visiting: list[asyncio.Task[object]] = []
        self.chatters: list[Chatter] = []

    def summon(self, channel: Channel) -> None:
        chance = Random(len(self.visiting))  # noqa: S311 - a repeatable shift
        if channel is Channel.CALL:
            plan = CallPlan(uri=f"sip:070@{self.health.sip}", number="7225550134", voices=(), talk=None, survey=None)
            self._come(self.callers.call(plan))
        elif channel is Channel.CHAT:
            self.chatters.append(Chatter(url=self.url, random=chance, pace=0.0))
            self._come(self.chatters[-1].run())
        else:
            host, _colon, port = self.health.smtp.rpartition(":")
            mailer = Mailer(host, int(port))
            self._come(mailer.send(mailer.write(chance)))

    def _come(self, visit: object) -> None:
        self.visiting.append(asyncio.ensure_future(visit))  # type: ignore[arg-type]

    async def leave(self) -> None:
        for task in self.visiting:
            task.cancel()
        await asyncio.gather(*self.visiting, return_exceptions=True)
        await self.callers.close()


@dataclass
class Shift:
    """One person at a workstation of the house."""

    central: Central
    citizens: Citizens
    desk: Desk
    app: WorkstationApp
    pilot: Pilot[None]
    folder: Path
    colleagues: list[Desk] = field(default_factory=list)

    async def join(self, name: str, role: Role = Role.ADVISOR, *, phone: bool = False) -> Desk:
        """Somebody else comes to work, without a screen, and is available."""
        await hire(self.central, name, role)
        desk = desk_in(self.central, self.folder, name, phone=phone)
        self.colleagues.append(desk)
        await desk.start()
        desk.do(Login(name, PASSWORD))
        await desk.wait_for(lambda state: state.me is not None, PATIENCE)
        if phone:
            await desk.wait_for(lambda state: state.me is not None and state.me.phone_ready, PATIENCE)
        desk.do(SetPresence(presence=Presence.AVAILABLE))
        await desk.wait_for(lambda state: state.me is not None and state.me.presence is Presence.AVAILABLE, PATIENCE)
        return desk


def desk_in(central: Central, folder: Path, name: str, *, phone: bool, practice: bool = False) -> Desk:
    return Desk(
        central.url, folder / name, EngineClient(EngineSettings(user=name, sound=False)) if phone else None,
        dial=f"sip:{{number}}@{urlsplit(central.url).hostname}:9", credentials=Credentials(central.url, lambda: None),
        practice=practice,
    )  # fmt: skip


@asynccontextmanager
async def shift(
    folder: Path, role: Role = Role.ADVISOR, *, lines: int = 0, course: Course | None = None,
    size: tuple[int, int] = SIZE,
) -> AsyncIterator[Shift]:  # fmt: skip
    """Somebody called ana, with a telephone if there are lines, before the login."""
    async with Central(settings_of(folder, lines=lines)) as central:
        await hire(central, "ana", role)
        await central.directory.import_records(sample_records(today=DAY), "test", "")
        citizens = Citizens(central)
        desk = desk_in(central, folder, "ana", phone=lines > 0, practice=course is not None)
        colleagues: list[Desk] = []
        try:
            await desk.start()
            app = WorkstationApp(desk, course=course)
            async with app.run_test(size=size) as pilot:
                await pilot.pause()
                yield Shift(central, citizens, desk, app, pilot, folder, colleagues)
        finally:
            await citizens.leave()
            for each in (desk, *colleagues):
                await each.close()
