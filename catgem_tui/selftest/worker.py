"""A person of the centre without a screen: the desk layer, a telephone, and hands."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from catgem_tui.desk.intents import AcceptOffer, Login
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import DeskState, Line, PhoneStatus
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import EngineSettings, Play, StopPlaying
from catgem_tui.protocol.commands import CloseContact, EndContact, SetPresence
from catgem_tui.protocol.enums import Channel, ContactState, Outcome, Presence
from catgem_tui.protocol.model import Contact
from catgem_tui.selftest.telephone import Ear, TappedPhone


class Worker:
    """One logged-in person."""

    def __init__(self, central: str, folder: Path, username: str, password: str) -> None:
        self._username, self._password, self._folder = username, password, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.engine = EngineClient(EngineSettings(sound=False, user=username))
        self.phone = TappedPhone(self.engine)
        self.desk = Desk(central, folder, self.phone)
        self._files = 0

    async def __aenter__(self) -> "Worker":
        await self.desk.start()
        self.desk.do(Login(username=self._username, password=self._password))
        await self.until(
            lambda s: s.line is Line.ONLINE and s.me is not None and _has_its_telephone(s, s.me.phone_ready), within=30
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.desk.close()

    @property
    def state(self) -> DeskState:
        return self.desk.state

    @property
    def call(self) -> str:
        """Id of the call on this telephone."""
        return self.state.phone.calls[0].id

    async def until(self, predicate: Callable[[DeskState], bool], within: float = 15) -> DeskState:
        """The first state for which it holds. Raises TimeoutError."""
        return await self.desk.wait_for(predicate, within)

    async def be(self, presence: Presence) -> None:
        self.desk.do(SetPresence(presence=presence))
        await self.until(lambda s: s.me is not None and presence in (s.me.presence, s.me.next_presence))

    async def offered(self, within: float = 15) -> Contact:
        state = await self.until(lambda s: s.offer is not None, within)
        assert state.offer is not None  # noqa: S101 - for the type checker
        return state.offer

    async def accept(self, contact: str, within: float = 15) -> None:
        """Take an offer; for a call, wait until its sound flows."""
        if self.state.contacts[contact].channel is Channel.CALL:
            await self.until(lambda s: any(c.contact == contact for c in s.phone.calls), within)
        self.desk.do(AcceptOffer(contact=contact))
        await self.until(lambda s: s.contacts[contact].state is ContactState.ACTIVE, within)
        if self.state.contacts[contact].channel is Channel.CALL:
            await self.until(lambda s: any(c.contact == contact and c.media for c in s.phone.calls), within)

    async def take(self, within: float = 15) -> Contact:
        """Wait for the next offer and take it."""
        contact = await self.offered(within)
        await self.accept(contact.id, within)
        return self.state.contacts[contact.id]

    async def finish(self, contact: str) -> None:
        """End the contact, if that is not done, and close it as resolved."""
        if self.state.contacts[contact].state in (ContactState.ACTIVE, ContactState.PARKED):
            self.desk.do(EndContact(contact=contact))
        await self.until(lambda s: s.contacts[contact].state is ContactState.WRAP_UP)
        settings = self.state.settings
        disposition = settings.default_disposition if settings else ""
        self.desk.do(CloseContact(contact=contact, disposition=disposition, outcome=Outcome.RESOLVED))
        await self.until(lambda s: contact not in s.contacts or s.contacts[contact].state is ContactState.CLOSED)

    async def speak(self, tone: Path) -> None:
        """Play a tone into this person's call, as their microphone would."""
        await self.phone.do(Play(player="voice", path=str(tone), loop=True, to=(self.call,)))

    async def be_silent(self) -> None:
        await self.phone.do(StopPlaying(player="voice"))

    def listening(self) -> Ear:
        """What comes out of this person's earpiece, while the block runs."""
        self._files += 1
        return Ear(self.phone, self.call, self._folder / f"{self._username}-heard-{self._files}.wav")


def _has_its_telephone(state: DeskState, registered: bool) -> bool:
    """Where the telephone's library is not installed, there is none to wait for."""
    return state.phone.status is PhoneStatus.MISSING or (state.phone.status is PhoneStatus.READY and registered)


async def settle(seconds: float) -> None:
    """Let sound flow for a while: a recording has no event for "enough"."""
    await asyncio.sleep(seconds)
