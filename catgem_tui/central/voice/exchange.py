"""The public SIP port: sends every citizen on to a free line, or tells them that all are busy."""

import asyncio
import logging
import re
from collections.abc import Callable

from catgem_tui.central.voice.line import Line
from catgem_tui.phone.port import CallArrived, EngineStopped, HangUp, Phone, PhoneError, Ready, Redirect

log = logging.getLogger(__name__)

BUSY = 486
DECLINE = 603
"""Also tells the network not to try elsewhere (RFC 3261, 21.6.2)."""
NUMBER = re.compile(r"[A-Za-z0-9+*._-]{1,40}")


class Exchange:
    """Redirects (302) and holds no calls itself, so its engine is never full for long."""

    def __init__(self, phone: Phone, find_line: Callable[[], Line | None], is_refused: Callable[[str], bool]) -> None:
        """``is_refused`` tells whether calls from a number are declined here."""
        self.uri = ""
        self.blocked = 0
        """Citizens turned away because every line was taken."""
        self.declined = 0
        """Calls of blocked numbers that were declined."""
        self._is_refused = is_refused
        self._phone = phone
        self._find_line = find_line
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises PhoneError."""
        self.uri = (await self._phone.start()).uri
        self._task = asyncio.create_task(self._work(), name="voice exchange")
        log.info("citizens call %s", self.uri)

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._phone.close()

    async def _work(self) -> None:
        async for event in self._phone.events():
            match event:
                case CallArrived():
                    await self._send_on(event)
                case EngineStopped(reason=reason):
                    log.warning("the engine of the public SIP port stopped: %s", reason)
                case Ready(uri=uri):
                    self.uri = uri

    async def _send_on(self, event: CallArrived) -> None:
        refused = self._is_refused(event.caller)
        line = None if refused else self._find_line()
        try:
            if refused:
                self.declined += 1
                log.info("a call of a blocked number was declined, %d so far", self.declined)
                await self._phone.do(HangUp(call=event.call, code=DECLINE))
            elif line is None:
                self.blocked += 1
                log.warning("every line is taken: a citizen was turned away, %d so far", self.blocked)
                await self._phone.do(HangUp(call=event.call, code=BUSY))
            else:
                line.reserve()
                await self._phone.do(Redirect(call=event.call, uri=address(line.uri, event.dialled)))
        except PhoneError as error:
            log.warning("a citizen could not be sent on: %s", error)


def address(line_uri: str, dialled: str) -> str:
    """The line's URI with the number the citizen dialled as its user part, so that the line knows it."""
    if not NUMBER.fullmatch(dialled):
        return line_uri
    return f"sip:{dialled}@{line_uri.rpartition('@')[2]}"
