"""Advisors' telephones outside: each is held on the line by an anchor, a softphone of its own without a sound card.

The anchor calls the telephone outside and keeps it. Lines call the anchor as they call any softphone, with the token of
their offer; when the advisor has accepted at the workstation it answers and lets both hear each other.
"""

import asyncio
import logging
from collections.abc import Callable

from catgem_tui.central.ports import (
    CallOutside,
    Effect,
    Inbox,
    Join,
    LeaveOutside,
    MuteOutside,
    Offer,
    OutsideChanged,
    Requeue,
    StartConsulting,
    StartMonitoring,
    StorageFailed,
    Withdraw,
)
from catgem_tui.central.voice.prompts import Prompts
from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Connect,
    Dial,
    Disconnect,
    EngineSettings,
    EngineStopped,
    Expect,
    Phone,
    PhoneCommand,
    PhoneError,
    PhoneEvent,
    Play,
)
from catgem_tui.protocol.enums import OutsideState

log = logging.getLogger(__name__)

MakePhone = Callable[[EngineSettings], Phone]
OUTSIDE = "outside"
"""The call to the telephone outside."""
ANSWER_SECONDS = 45.0
"""How long it may ring there."""
RETRY_SECONDS = 1.0


class Anchors:
    """By advisor."""

    def __init__(self, make_phone: MakePhone, host: str, inbox: Inbox, prompts: Prompts) -> None:
        self._make_phone, self._host = make_phone, host
        self._inbox, self._prompts = inbox, prompts
        self._anchors: dict[str, Anchor] = {}

    async def perform(self, effect: Effect) -> bool:
        """Take note of what concerns an anchor; whether it concerns nobody else. Never raises."""
        match effect:
            case CallOutside(advisor=advisor, uri=uri):
                await self._leave(advisor)
                settings = EngineSettings(host=self._host, user=advisor, sound=False)
                anchor = Anchor(advisor, self._make_phone(settings), self._inbox, self._prompts)
                self._anchors[advisor] = anchor
                anchor.begin(uri)
            case LeaveOutside(advisor=advisor):
                await self._leave(advisor)
            case MuteOutside(advisor=advisor, muted=muted):
                if concerned := self._anchors.get(advisor):
                    await concerned.mute(muted=muted)
            case _:
                await self._follow(effect)
                return False
        return True

    async def _follow(self, effect: Effect) -> None:
        """What the lines do concerns who is called by them."""
        match effect:
            case Offer(advisor=advisor, contact=contact, token=token) if anchor := self._anchors.get(advisor):
                await anchor.expect(contact, token)
            case Join(advisor=advisor, contact=contact) if anchor := self._anchors.get(advisor):
                await anchor.accept(contact)
            case StartMonitoring(coordinator=advisor, token=token) if token and (anchor := self._anchors.get(advisor)):
                await anchor.expect("", token)
            case StartConsulting(uri=uri, token=token) if anchor := self._at(uri):
                await anchor.expect("", token)  # whoever has the receiver at their ear all day is asked at once
            case Withdraw(advisor=advisor, contact=contact) if anchor := self._anchors.get(advisor):
                anchor.forget(contact)
            case Requeue(contact=contact):
                for one in self._anchors.values():
                    one.forget(contact)

    async def stop(self) -> None:
        await asyncio.gather(*(anchor.end() for anchor in self._anchors.values()))
        self._anchors.clear()

    def _at(self, uri: str) -> "Anchor | None":
        return next((anchor for anchor in self._anchors.values() if uri and anchor.uri == uri), None)

    async def _leave(self, advisor: str) -> None:
        if anchor := self._anchors.pop(advisor, None):
            await anchor.end()


class Anchor:
    """One telephone outside, from the call to it until it is lost or let go."""

    def __init__(self, advisor: str, phone: Phone, inbox: Inbox, prompts: Prompts) -> None:
        self._advisor, self._phone, self._inbox, self._prompts = advisor, phone, inbox, prompts
        self._uri = ""
        self._expected: dict[str, str] = {}
        """Contact by the token of the call that a line makes for it; empty for a call that is only listened to."""
        self._ringing: dict[str, str] = {}
        """Our call by its contact, before the advisor has accepted."""
        self._accepted: set[str] = set()
        """Contacts accepted before their call was here."""
        self._bridged: set[str] = set()
        self._muted = False
        self._beeps = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def uri(self) -> str:
        """Where lines call it; empty before it is there."""
        return self._uri

    def begin(self, uri: str) -> None:
        """Call it; what comes of that is told by ``OutsideChanged``."""
        self._task = asyncio.create_task(self._work(uri), name=f"anchor of {self._advisor}")

    async def end(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._phone.close()

    async def expect(self, contact: str, token: str) -> None:
        self._expected[token] = contact
        await self._do(Expect(token=token, auto_answer=not contact))

    async def accept(self, contact: str) -> None:
        call = self._ringing.pop(contact, "")
        if call:
            await self._bridge(call)
        elif contact in self._expected.values():
            self._accepted.add(contact)

    def forget(self, contact: str) -> None:
        """The offer is over; its line hangs up by itself."""
        self._accepted.discard(contact)
        self._ringing.pop(contact, None)
        self._expected = {token: one for token, one in self._expected.items() if one != contact}

    async def mute(self, *, muted: bool) -> None:
        self._muted = muted
        for call in self._bridged:
            wire = (OUTSIDE, call)
            await self._do(Disconnect(source=wire[0], sink=wire[1]) if muted else Connect(source=wire[0], sink=wire[1]))

    # --- its own task ---

    async def _work(self, uri: str) -> None:
        try:
            self._uri = (await self._phone.start()).uri
            await self._phone.do(Dial(call=OUTSIDE, uri=uri))
            await self._keep()
        except PhoneError as error:
            log.warning("the telephone outside of %s cannot be called: %s", self._advisor, error)
        except TimeoutError:
            log.info("the telephone outside of %s does not answer", self._advisor)
        await self._tell(OutsideState.LOST)
        await self._phone.close()

    async def _keep(self) -> None:
        """Returns when it is lost. Raises TimeoutError when nobody answers."""
        answered = False
        async with asyncio.timeout(ANSWER_SECONDS) as limit:
            async for event in self._phone.events():
                match event:
                    case CallChanged(call=call, state=CallState.ENDED) if call == OUTSIDE:
                        return
                    case EngineStopped():
                        return
                    case CallChanged(call=call, state=CallState.CONFIRMED) if call == OUTSIDE and not answered:
                        answered = True
                        limit.reschedule(None)
                        await self._play("prompt", self._prompts.outside)
                        await self._tell(OutsideState.ON_THE_LINE)
                    case _:
                        await self._hear(event)

    async def _hear(self, event: PhoneEvent) -> None:
        match event:
            case CallArrived(call=call, token=token):
                contact = self._expected.pop(token, "")
                waits = bool(contact) and contact not in self._accepted
                if waits:
                    self._ringing[contact] = call  # before anything is awaited: it may be accepted at any moment
                self._accepted.discard(contact)
                self._beeps += 1
                await self._play(f"beep-{self._beeps}", self._prompts.beep)
                if not contact:
                    await self._connect(call)
                elif not waits:
                    await self._bridge(call)
            case CallChanged(call=call, state=CallState.ENDED):
                self._bridged.discard(call)
                self._ringing = {contact: one for contact, one in self._ringing.items() if one != call}

    async def _bridge(self, call: str) -> None:
        await self._do(Answer(call=call))
        await self._connect(call)

    async def _connect(self, call: str) -> None:
        self._bridged.add(call)
        await self._do(Connect(source=call, sink=OUTSIDE))
        if not self._muted:
            await self._do(Connect(source=OUTSIDE, sink=call))

    async def _play(self, player: str, path: object) -> None:
        await self._do(Play(player=player, path=str(path), to=(OUTSIDE,)))

    async def _do(self, command: PhoneCommand) -> None:
        try:
            await self._phone.do(command)
        except PhoneError as error:
            log.info("the anchor of %s: %s failed: %s", self._advisor, type(command).__name__, error)

    async def _tell(self, state: OutsideState) -> None:
        uri = self._uri if state is OutsideState.ON_THE_LINE else ""
        while True:
            try:
                await self._inbox.submit(OutsideChanged(advisor=self._advisor, state=state, uri=uri))
            except StorageFailed:
                await asyncio.sleep(RETRY_SECONDS)
                continue
            return
