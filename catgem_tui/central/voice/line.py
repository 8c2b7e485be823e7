"""One telephone line at work: its phone engine, its conversation, and its way to central."""

import asyncio
import logging
from pathlib import Path

from catgem_tui.central.ports import ContactArrived, Effect, Happening, Inbox, PartyChanged, StorageFailed
from catgem_tui.central.voice.conversation import Conversation
from catgem_tui.central.voice.signals import (
    ArrivalRefused,
    ClearTimer,
    CommandFailed,
    Do,
    Input,
    Output,
    SetTimer,
    Tell,
    TimerFired,
)
from catgem_tui.phone.port import (
    CallArrived,
    Connect,
    Disconnect,
    EngineStopped,
    HangUp,
    Phone,
    PhoneCommand,
    PhoneError,
    Ready,
    Record,
    StopPlaying,
)

log = logging.getLogger(__name__)

RESERVED_SECONDS = 2.0
"""How long a line is kept for a citizen who was sent to it; not longer, for some who call never come."""
RETRY_SECONDS = 1.0
"""Before central is told again what its store could not keep."""
HARMLESS = (Connect, Disconnect, HangUp, StopPlaying)
"""Commands that fail when what they are about has just ended by itself."""


class Line:
    """Everything on a line happens in one task, in order; another tells central, so a slow disk stops no sound."""

    def __init__(self, name: str, phone: Phone, conversation: Conversation, inbox: Inbox) -> None:
        self.name = name
        self.uri = ""
        """Where the line can be called; empty while its engine doesn't run."""
        self._phone = phone
        self._conversation = conversation
        self._inbox = inbox
        self._inputs: asyncio.Queue[Input | tuple[TimerFired, object]] = asyncio.Queue()
        self._news: asyncio.Queue[Happening] = asyncio.Queue()
        self._timers: dict[str, tuple[asyncio.TimerHandle, object]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._reserved_until = 0.0

    @property
    def contact(self) -> str:
        return self._conversation.contact

    @property
    def free(self) -> bool:
        now = asyncio.get_running_loop().time()
        return bool(self.uri) and not self._conversation.busy and now >= self._reserved_until

    def reserve(self) -> None:
        """Keep the line for who has just been sent to it."""
        self._reserved_until = asyncio.get_running_loop().time() + RESERVED_SECONDS

    async def start(self) -> None:
        """Raises PhoneError."""
        ready = await self._phone.start()
        self.uri = ready.uri
        for work in (self._listen, self._converse, self._report):
            self._tasks.append(asyncio.create_task(work(), name=f"{self.name}{work.__name__}"))
        log.info("%s answers at %s", self.name, ready.uri)

    def give(self, effect: Effect) -> None:
        self._inputs.put_nowait(effect)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for handle, _ in self._timers.values():
            handle.cancel()
        self.uri = ""
        await self._phone.close()

    # --- the line's own task ---

    async def _listen(self) -> None:
        async for event in self._phone.events():
            if isinstance(event, EngineStopped):
                log.warning("the engine of %s stopped: %s", self.name, event.reason)
                self.uri = ""
            elif isinstance(event, Ready):
                self.uri = event.uri
            self._inputs.put_nowait(event)

    async def _converse(self) -> None:
        while True:
            event = await self._inputs.get()
            if isinstance(event, tuple):
                timer, token = event
                if self._timers.get(timer.name, (None, None))[1] is not token:
                    continue
                del self._timers[timer.name]
                event = timer
            if isinstance(event, CallArrived):
                self._reserved_until = 0.0
            try:
                for output in self._conversation.handle(event):
                    await self._perform(output)
            except Exception:  # one call's surprise must not silence the line for good
                log.exception("%s: %s was not dealt with", self.name, type(event).__name__)

    async def _perform(self, output: Output) -> None:
        match output:
            case Tell(happening=happening):
                self._news.put_nowait(happening)
            case SetTimer(name=name, seconds=seconds):
                self._clear_timer(name)
                self._set_timer(name, seconds)
            case ClearTimer(name=name):
                self._clear_timer(name)
            case Do(command=command, then=then):
                if await self._command(command) and then:
                    self._news.put_nowait(then)

    async def _command(self, command: PhoneCommand) -> bool:
        try:
            if isinstance(command, Record):
                await asyncio.to_thread(_make_folder, command.path)
            await self._phone.do(command)
        except (PhoneError, OSError) as error:
            level = logging.DEBUG if isinstance(command, HARMLESS) else logging.WARNING
            log.log(level, "%s: %s failed: %s", self.name, type(command).__name__, error)
            code = error.code if isinstance(error, PhoneError) else "no_such_file"
            self._inputs.put_nowait(CommandFailed(command=command, code=code))
            return False
        return True

    def _set_timer(self, name: str, seconds: float) -> None:
        token = object()
        due = (TimerFired(name=name), token)
        handle = asyncio.get_running_loop().call_later(seconds, self._inputs.put_nowait, due)
        self._timers[name] = (handle, token)

    def _clear_timer(self, name: str) -> None:
        if former := self._timers.pop(name, None):
            former[0].cancel()

    # --- telling central ---

    async def _report(self) -> None:
        while True:
            happening = await self._news.get()
            try:
                await self._submit(happening)
            except Exception:  # nor may it stop telling central of the next
                log.exception("%s: central was not told of %s", self.name, type(happening).__name__)

    async def _submit(self, happening: Happening) -> None:
        contact: str = getattr(happening, "contact", "")
        while True:
            try:
                refused = await self._inbox.submit(happening)
            except StorageFailed:
                if not isinstance(happening, ContactArrived):
                    log.warning("%s: central could not keep %s, trying again", self.name, type(happening).__name__)
                    await asyncio.sleep(RETRY_SECONDS)
                    # What became of a call outside may open a contact again that was closed meanwhile.
                    if isinstance(happening, PartyChanged) or self._inbox.knows(contact):
                        continue
                    return
                self._inputs.put_nowait(ArrivalRefused(contact=contact))
                return
            if refused:
                log.info("%s: central refused %s: %s", self.name, type(happening).__name__, refused.code)
                if isinstance(happening, ContactArrived):
                    self._inputs.put_nowait(ArrivalRefused(contact=contact))
            return


def _make_folder(path: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
