"""Embedded telephone lines, a voice without a PBX: one phone engine a line, and one for the public SIP port."""

import asyncio
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from catgem_tui.central.ports import Effect, Inbox, PortTaken
from catgem_tui.central.voice.anchors import Anchors, MakePhone
from catgem_tui.central.voice.conversation import Conversation
from catgem_tui.central.voice.exchange import Exchange
from catgem_tui.central.voice.line import Line
from catgem_tui.central.voice.prompts import Prompts
from catgem_tui.central.voice.signals import LineScript, Menu
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import EngineSettings, Gate, Phone, PhoneError
from catgem_tui.protocol.enums import Channel

log = logging.getLogger(__name__)


class EmbeddedLines:
    """``ContactChannel`` for calls. ``start`` returns when the first line answers; the others follow by themselves."""

    channel = Channel.CALL

    def __init__(
        self,
        *,
        recordings: Path,
        new_id: Callable[[], str],
        host: str = "127.0.0.1",
        port: int = 5060,
        lines: int = 2,
        prompts: Prompts | None = None,
        queues: Mapping[str, str] | None = None,
        menu: Menu | None = None,
        dial: str = "",
        record: bool = True,
        survey: bool = True,
        survey_seconds: float = 10.0,
        announce_seconds: float = 30.0,
        finish_greeting: bool = True,
        python: str = "",
        make_phone: MakePhone | None = None,
        is_refused: Callable[[str], bool] = lambda _number: False,
        trusted: Sequence[str] = (),
    ) -> None:
        """``new_id`` makes a contact's id. ``host`` is a concrete address: citizens are redirected to it.

        ``python`` is the engines' interpreter, empty for this one. ``make_phone`` replaces the engines altogether.
        ``is_refused`` tells whether calls from a number are declined at the public port; ``trusted`` are the
        IPv4 addresses and networks that are never taken for a flood.
        Relative paths of recordings are ``YYYY/MM/DD/{contact}.wav`` below ``recordings``, by local date.
        """
        self._host, self._port, self._count = host, port, lines
        self._new_id = new_id
        self._script = LineScript(
            recordings=recordings.absolute(),
            prompts=prompts or Prompts(),
            queues=queues or {},
            menu=menu,
            dial=dial,
            record=record,
            survey=survey,
            survey_seconds=survey_seconds,
            announce_seconds=announce_seconds,
            finish_greeting=finish_greeting,
        )
        self._make_phone = make_phone or (lambda settings: EngineClient(settings, python=python or sys.executable))
        self._is_refused = is_refused
        self._trusted = tuple(trusted)
        self._lines: list[Line] = []
        self._exchange: Exchange | None = None
        self._anchors: Anchors | None = None
        self._starting: list[asyncio.Task[None]] = []

    @property
    def uri(self) -> str:
        """Where citizens call: ``sip:…@host:port``; empty while nobody answers there."""
        return self._exchange.uri if self._exchange else ""

    @property
    def blocked(self) -> int:
        """Citizens turned away since the start because every line was taken."""
        return self._exchange.blocked if self._exchange else 0

    @property
    def declined(self) -> int:
        """Calls of blocked numbers that were declined since the start."""
        return self._exchange.declined if self._exchange else 0

    @property
    def ready(self) -> int:
        """Lines whose engine runs."""
        return sum(bool(line.uri) for line in self._lines)

    async def start(self, inbox: Inbox) -> None:
        """Raises PortTaken, or PhoneError when no engine can run here (``no_library``, ``not_running``)."""
        self._exchange = Exchange(self._phone("catgem", self._port), self._find_line, self._is_refused)
        self._anchors = Anchors(self._make_phone, self._host, inbox, self._script.prompts)
        self._lines = [
            Line(f"line {number}", self._phone(f"line{number}"), self._conversation(), inbox)
            for number in range(1, self._count + 1)
        ]
        public = asyncio.create_task(self._exchange.start())
        self._starting = [asyncio.create_task(line.start(), name=f"start {line.name}") for line in self._lines]
        try:
            await public
            await _first(self._starting)
        except PhoneError as error:
            await self.stop()
            if error.code == "port_taken":
                raise PortTaken("SIP", self._host, self._port) from error
            raise

    async def perform(self, effect: Effect) -> None:
        # Before the line: its call to an anchor has to be expected there.
        if self._anchors is not None and await self._anchors.perform(effect):
            return
        contact: str = getattr(effect, "contact", "")
        for line in self._lines:
            if contact and line.contact == contact:
                line.give(effect)
                return
        log.info("%s is for no contact on a line: %s", type(effect).__name__, contact)

    async def stop(self) -> None:
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        if self._exchange:
            await self._exchange.stop()
        if self._anchors:
            await self._anchors.stop()
        await asyncio.gather(*(line.stop() for line in self._lines))
        self._lines, self._exchange, self._anchors, self._starting = [], None, None, []

    def _find_line(self) -> Line | None:
        return next((line for line in self._lines if line.free), None)

    def _conversation(self) -> Conversation:
        return Conversation(self._script, self._new_id)

    def _phone(self, user: str, port: int = 0) -> Phone:
        return self._make_phone(
            EngineSettings(host=self._host, port=port, user=user, gate=Gate.OPEN, trusted=self._trusted, sound=False)
        )


async def _first(starting: list[asyncio.Task[None]]) -> None:
    """Wait for the first line that runs; raises the last PhoneError when none does."""
    failure: PhoneError | None = None
    for started in asyncio.as_completed(starting):
        try:
            await started
        except PhoneError as error:
            log.warning("a line could not start: %s", error)
            failure = error
        else:
            return
    if failure:
        raise failure
