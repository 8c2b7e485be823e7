"""The workstation, put together: telephone, desk and screen, in this process and its phone engine."""

import asyncio
import logging
import signal
import sys
from contextlib import suppress

from catgem_tui.config import paths
from catgem_tui.config.i18n import _
from catgem_tui.config.settings import Settings, Workstation
from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.intents import Login
from catgem_tui.desk.runtime import Desk
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import EngineSettings
from catgem_tui.protocol.commands import SetPresence
from catgem_tui.protocol.enums import Presence
from catgem_tui.ui.app import WorkstationApp

PATIENCE = 60.0
"""Seconds to wait for central before availability is left to the person."""

logger = logging.getLogger(__name__)


def run(settings: Settings, *, central: str, user: str) -> int:
    """Show the workstation until the person leaves."""
    return asyncio.run(work(settings, central=central, user=user))


async def work(settings: Settings, *, central: str, user: str = "", password: str = "", available: bool = False) -> int:
    """Show the workstation until the person leaves; with a password it logs in by itself, ``available`` or not.

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
    credentials = _NewSession(central) if password else None
    desk = Desk(central, settings.workstation_data, phone, credentials=credentials)
    login = Login(username=user, password=password) if password else None
    app = _App(desk, login, available=available, settings=own, user=user)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):  # a closed SSH session, a shutdown: leave in order
        loop.add_signal_handler(number, app.exit)
    try:
        await app.run_async()
    finally:
        await desk.close()
    return app.return_code or 0


class _NewSession(Credentials):
    """The keyring, without the session that an earlier process left there."""

    async def open(self) -> None:
        await super().open()
        await self.forget_session()


class _App(WorkstationApp):
    def __init__(self, desk: Desk, login: Login | None, *, available: bool, settings: Workstation, user: str) -> None:
        theme, keymap = _own("themes", settings.theme), _own("keymaps", settings.keymap)
        super().__init__(desk, theme=theme, keymap=keymap, user=user)
        self._live_desk, self._login, self._available = desk, login, available

    def _fatal_error(self) -> None:
        """Textual would print a traceback with every local variable, what citizens said among them."""
        logger.error("the screen failed", exc_info=True)
        words = {"log": paths.state_folder()}
        self.panic(_("The workstation had to stop. The log has the details: %(log)s") % words)

    def on_ready(self) -> None:
        self.run_worker(self._open(), exit_on_error=False)

    async def _open(self) -> None:
        await self._live_desk.start()
        if self._login is None:
            return
        self._live_desk.do(self._login)
        if self._available:
            with suppress(TimeoutError):  # the screen shows why there is no line
                await self._live_desk.wait_for(lambda state: state.me is not None, PATIENCE)
                self._live_desk.do(SetPresence(presence=Presence.AVAILABLE))


def _own(folder: str, name: str) -> str:
    """A theme or keymap: the person's own file of that name if there is one."""
    file = paths.config_folder() / folder / f"{name}.toml"
    return str(file) if file.is_file() else name
