"""The workstation, put together: the screen first; desk, telephone and all else once it is painted."""

import asyncio
import logging
import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec.structs import replace

from catgem_tui import telephone
from catgem_tui.config import paths
from catgem_tui.config.i18n import _
from catgem_tui.config.settings import Screen, Settings
from catgem_tui.config.terminal import characters
from catgem_tui.desk.remembered import chosen, keep_choice
from catgem_tui.desk.state import DeskState, Line
from catgem_tui.terminal.capabilities import Capabilities, Depth, find_capabilities, over_ssh
from catgem_tui.terminal.display import ComposedDriver
from catgem_tui.ui.app import WorkstationApp
from catgem_tui.ui.theming import DEFAULT_THEME

if TYPE_CHECKING:
    from textual.driver import Driver

    from catgem_tui.config.keymap import Keymap
    from catgem_tui.desk.intents import Intent
    from catgem_tui.desk.runtime import Desk
    from catgem_tui.phone.remote import RemotePhone
    from catgem_tui.protocol.model import Struct
    from catgem_tui.ui.guide.course import Course

PATIENCE = 60.0
"""Seconds to wait for central before availability is left to the person."""

logger = logging.getLogger(__name__)


def run(settings: Settings, *, central: str, user: str) -> int:
    """Show the workstation until the person leaves."""
    return asyncio.run(work(settings, central=central, user=user))


async def work(
    settings: Settings,
    *,
    central: str,
    user: str = "",
    password: str = "",
    available: bool = False,
    course: "Course | None" = None,
) -> int:
    """Show the workstation until the person leaves; with a password it logs in by itself, ``available`` or not.

    ``course`` is the guided first shift, where central is one for practice.
    """
    desk = LateDesk(central, practice=course is not None)
    app = _App(desk, settings, user=user, password=password, available=available, course=course)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):  # a closed SSH session, a shutdown: leave in order
        loop.add_signal_handler(number, app.lose_terminal)
    threading.Thread(target=_await_hang_up, args=(loop, app.lose_terminal), name="hang-up", daemon=True).start()
    try:
        await app.run_async(mouse=app.mouse)
    finally:
        await desk.close()
    return app.return_code or 0


def _await_hang_up(loop: asyncio.AbstractEventLoop, leave: Callable[[], None]) -> None:
    """Call ``leave`` once the terminal is gone. Not everybody is told by SIGHUP: who started us may have left it out,
    or the terminal is not the one that controls us; the screen would then read nothing for ever, as fast as it can."""
    if not hasattr(select, "poll"):
        return
    watch = select.poll()
    watch.register(sys.__stdin__ or 0, 0)  # nothing but the hang-up, which is always told
    watch.poll()
    with suppress(RuntimeError):  # the loop has ended by itself
        loop.call_soon_threadsafe(leave)


class LateDesk:
    """Stands for the desk until that is loaded, which takes as long as the whole way to the first paint.

    What is wanted meanwhile is carried out then, in order.
    """

    def __init__(self, central: str, *, practice: bool = False) -> None:
        self.central = central
        self.practice = practice
        self._empty = DeskState(central=central, practice=practice)
        self._desk: Desk | None = None
        self._wanted: list[Intent | Struct] = []
        self._callbacks: list[Callable[[DeskState], None]] = []

    @property
    def state(self) -> DeskState:
        return self._desk.state if self._desk else self._empty

    def subscribe(self, callback: Callable[[DeskState], None], /) -> Callable[[], None]:
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def do(self, intent: "Intent | Struct", /) -> None:
        if self._desk is not None:
            self._desk.do(intent)
            return
        from catgem_tui.desk.intents import Login

        self._wanted.append(intent)
        if isinstance(intent, Login):  # as the desk will say: the form takes no second one and tells what goes on
            self._empty = replace(self._empty, line=Line.LOGGING_IN)
            self._tell(self._empty)

    async def become(self, desk: "Desk") -> None:
        """Start the desk and be it from now on."""
        await desk.start()
        self._desk = desk
        desk.subscribe(self._tell)
        for intent in self._wanted:
            desk.do(intent)

    def _tell(self, state: DeskState) -> None:
        for callback in tuple(self._callbacks):
            callback(state)

    async def close(self) -> None:
        """Leave as the desk does, if there ever was one."""
        if self._desk is not None:
            await self._desk.close()


class _App(WorkstationApp):
    def __init__(
        self,
        desk: LateDesk,
        settings: Settings,
        *,
        user: str,
        password: str,
        available: bool,
        course: "Course | None" = None,
    ) -> None:
        own = settings.workstation
        remote = over_ssh(os.environ)
        able = find_capabilities(os.environ, own.screen.colours)
        driver = _find_driver(own.screen, able, remote=remote)
        super().__init__(
            desk,
            theme=_theme(settings, able.depth),
            own_themes=paths.config_folder() / "themes",
            keep_theme=lambda name: keep_choice(settings.workstation_data, "theme", own.theme, name),
            keymap=chosen(settings.workstation_data, "keymap", own.keymap),
            own_keymaps=paths.config_folder() / "keymaps",
            user=user,
            ring=own.ring,
            characters=characters(own.screen.ascii, os.environ),
            colourless=able.depth is Depth.NONE,
            caret=driver is None,
            course=course,
            reader=own.screen.reader,
            motion=(os.environ.get("CATGEM_MOTION") or own.screen.motion) != "reduced",
        )
        self.driver_class = driver or self.driver_class
        self.mouse = not remote if own.screen.mouse == "auto" else own.screen.mouse == "on"
        self._late_desk, self._settings = desk, settings
        self._password, self._available = password, available
        self._elsewhere: RemotePhone | None = None
        if password:
            from catgem_tui.desk.intents import Login

            desk.do(Login(username=user, password=password))  # before anybody can type into the form

    def remember_keymap(self, name: str) -> None:
        keep_choice(self._settings.workstation_data, "keymap", self._settings.workstation.keymap, name)

    @property
    def meters(self) -> bool:
        return not getattr(self._driver, "is_thin", False)

    def use_keymap(self, keymap: "Keymap") -> None:
        super().use_keymap(keymap)
        self.wants_keypad(keymap.names_keypad)

    def repaint(self) -> None:
        if isinstance(self._driver, ComposedDriver):
            self._driver.forget()
        super().repaint()

    def lose_terminal(self) -> None:
        """Leave because the terminal or the machine goes, not the person: a call on an engine elsewhere goes on."""
        if self._elsewhere is not None:
            self._elsewhere.keep_calls = True
        self.exit()

    def _fatal_error(self) -> None:
        """Textual would print a traceback with every local variable, what citizens said among them."""
        logger.error("the screen failed", exc_info=True)
        words = {"log": paths.state_folder()}
        self.panic(_("The workstation had to stop. The log has the details: %(log)s") % words)

    async def load_rest(self) -> None:
        self._elsewhere = await asyncio.to_thread(_find_phone_elsewhere, self._settings)
        late = self._late_desk
        desk = await asyncio.to_thread(
            _load_desk, self._settings, late.central, self._elsewhere,
            anew=bool(self._password) or late.practice, practice=late.practice,
        )  # fmt: skip
        await late.become(desk)
        await super().load_rest()
        self.leisure.begin()
        if self._password and self._available:
            await self._become_available(desk)

    async def _become_available(self, desk: "Desk") -> None:
        from catgem_tui.protocol.commands import SetPresence
        from catgem_tui.protocol.enums import Presence

        with suppress(TimeoutError):  # the screen shows why there is no line
            await desk.wait_for(lambda state: state.me is not None, PATIENCE)
            desk.do(SetPresence(presence=Presence.AVAILABLE))


def _find_driver(screen: Screen, able: Capabilities, *, remote: bool) -> "type[Driver] | None":
    """What writes to the terminal; None where that is Textual's own: on Windows, or by Textual's variable."""
    if sys.platform == "win32" or os.environ.get("TEXTUAL_DRIVER"):
        return None
    from catgem_tui.terminal.driver import driver_for

    return driver_for(able, thin=(True if remote else None) if screen.thin == "auto" else screen.thin == "on")


def _find_phone_elsewhere(settings: Settings) -> "RemotePhone | None":
    place = telephone.find_place(settings)
    if place is None:
        return None
    from catgem_tui.phone.remote import RemotePhone

    return RemotePhone(place)


def _load_desk(
    settings: Settings, central: str, elsewhere: "RemotePhone | None", *, anew: bool, practice: bool
) -> "Desk":
    """``anew``: without the session that an earlier process left in the keyring."""
    from catgem_tui.desk.credentials import Credentials
    from catgem_tui.desk.exchange import ExchangeAccount
    from catgem_tui.desk.runtime import Desk
    from catgem_tui.doctor.beside import DoctorBeside
    from catgem_tui.phone.port import DigitsBy

    own = settings.workstation.phone
    exchange = ExchangeAccount(own.registrar, own.address, own.user, own.transport) if own.registrar else None
    credentials = Credentials(central, anew=anew)
    return Desk(
        central,
        settings.workstation_data,
        elsewhere or telephone.build_engine(settings, host=own.host, toward=urlsplit(central).hostname or ""),
        dial=own.dial,
        digits=DigitsBy(own.digits),
        auto_answer=own.auto_answer,
        signals=own.signals,
        unheard_tone=own.unheard_tone,
        exchange=exchange,
        choices=telephone.sound_choices(settings),
        ring_aloud=settings.workstation.ring.sound,
        elsewhere=elsewhere is not None,
        practice=practice,
        credentials=credentials,
        examiner=DoctorBeside(settings, central, telephone.find_place(settings)),
    )


def _theme(settings: Settings, depth: Depth) -> str:
    """What was chosen on this machine, or else what the settings say, or else what the terminal has colours for."""
    fitting = "sixteen" if depth is Depth.SIXTEEN else DEFAULT_THEME
    return chosen(settings.workstation_data, "theme", settings.workstation.theme) or fitting
