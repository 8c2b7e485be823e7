"""The workstation, put together: telephone, desk and screen, in this process and its phone engine."""

import asyncio
import logging
import sys

from catgem_tui.config import paths
from catgem_tui.config.settings import Settings
from catgem_tui.desk.intents import Login
from catgem_tui.desk.runtime import Desk
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import EngineSettings
from catgem_tui.ui.app import WorkstationApp

logger = logging.getLogger(__name__)


def run(settings: Settings, *, central: str, user: str) -> int:
    """Show the workstation until the person leaves."""
    return asyncio.run(work(settings, central=central, user=user))


async def work(settings: Settings, *, central: str, user: str = "", password: str = "") -> int:
    """Show the workstation until the person leaves; with a password it logs in by itself.

    What takes time to load and to open (HTTP, keyring, directory, telephone) comes after the first paint.
    """
    own = settings.workstation
    phone = EngineClient(
        EngineSettings(
            host=own.phone.host,
            port=own.phone.port,
            sound=own.phone.sound,
            microphone=own.phone.microphone,
            loudspeaker=own.phone.loudspeaker,
            frame_ms=own.phone.frame_ms,
            codecs=own.phone.codecs,
            levels=True,
        ),
        python=own.phone.python or sys.executable,
    )
    desk = Desk(central, settings.workstation_data, phone)
    app = _App(desk, user=user, password=password, theme=_own("themes", own.theme), keymap=_own("keymaps", own.keymap))
    try:
        await app.run_async()
    finally:
        await desk.close()
    return app.return_code or 0


class _App(WorkstationApp):
    def __init__(self, desk: Desk, *, user: str, password: str, theme: str, keymap: str) -> None:
        super().__init__(desk, theme=theme, keymap=keymap)
        self._live_desk, self._user, self._password = desk, user, password

    def on_ready(self) -> None:
        self.run_worker(self._open(), exit_on_error=False)

    async def _open(self) -> None:
        await self._live_desk.start()
        if self._password:
            self._live_desk.do(Login(username=self._user, password=self._password))


def _own(folder: str, name: str) -> str:
    """A theme or keymap: the person's own file of that name if there is one."""
    file = paths.config_folder() / folder / f"{name}.toml"
    return str(file) if file.is_file() else name
