"""Drives the telephone: starts it, carries commands out in order, brings its events."""

import asyncio
import logging
from collections.abc import Callable

from catgem_tui.desk.happenings import PhoneFailed, PhoneUnavailable
from catgem_tui.phone.port import Phone, PhoneCommand, PhoneError

TRY_AGAIN = 5.0
"""Seconds until an engine that did not start is tried again."""

log = logging.getLogger(__name__)


class Handset:
    """``report`` hears the phone's events, ``PhoneFailed`` and ``PhoneUnavailable``."""

    def __init__(self, phone: Phone | None, report: Callable[[object], None]) -> None:
        self._phone = phone
        self._report = report
        self._commands: asyncio.Queue[PhoneCommand] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        if self._phone is None:
            self._report(PhoneUnavailable("no_library"))
            return
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._listen(self._phone), name="phone events"),
            loop.create_task(self._obey(self._phone), name="phone commands"),
        ]

    def do(self, command: PhoneCommand) -> None:
        if self._phone is not None:
            self._commands.put_nowait(command)

    async def close(self) -> None:
        """Never raises."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._phone is not None:
            await self._phone.close()

    async def _listen(self, phone: Phone) -> None:
        while True:
            try:
                self._report(await phone.start())
                break
            except PhoneError as error:
                log.warning("the phone engine did not start: %s", error)
                self._report(PhoneUnavailable(error.code))
                if error.code == "no_library":
                    return
                await asyncio.sleep(TRY_AGAIN)
        async for event in phone.events():
            self._report(event)

    async def _obey(self, phone: Phone) -> None:
        while True:
            command = await self._commands.get()
            try:
                await phone.do(command)
            except PhoneError as error:
                log.info("the phone would not %s: %s", type(command).__name__, error)
                self._report(PhoneFailed(command, error.code))
            except Exception:
                # A command that cannot even be written down must not silence the telephone for good.
                log.exception("the phone was not told of %s", type(command).__name__)
                self._report(PhoneFailed(command, "sip"))
