"""Central, put together: store, actor, directory, live lines, web server and the channels."""

import asyncio
import logging
import secrets
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Self

from catgem_tui import __version__
from catgem_tui.central.actor import Actor
from catgem_tui.central.auth.accounts import create_user
from catgem_tui.central.auth.passwords import Attempts
from catgem_tui.central.auth.sessions import Sessions
from catgem_tui.central.channels import Channels, build_channels
from catgem_tui.central.clock import SteadyClock
from catgem_tui.central.directory.agenda import Agenda
from catgem_tui.central.directory.changes import Changes
from catgem_tui.central.directory.commands import DirectoryCommands
from catgem_tui.central.directory.copies import Copies
from catgem_tui.central.directory.currency import CurrencyBook
from catgem_tui.central.directory.documents import Documents
from catgem_tui.central.directory.service import Directory
from catgem_tui.central.http.services import Services
from catgem_tui.central.http.site import build_site
from catgem_tui.central.live.hub import Hub
from catgem_tui.central.live.socket import LiveServer
from catgem_tui.central.lock import hold
from catgem_tui.central.ports import DataFolder
from catgem_tui.central.rules import rules_of
from catgem_tui.central.store.archive import Archive
from catgem_tui.central.store.database import Database, sqlite_url
from catgem_tui.central.web import WebServer, bind, is_loopback
from catgem_tui.config.settings import Settings
from catgem_tui.phone.port import PhoneError
from catgem_tui.protocol.editing import ProposalSummary, Publication
from catgem_tui.protocol.enums import Role
from catgem_tui.protocol.events import CitizenTyping, ProposalDecided, ReportAnswered
from catgem_tui.protocol.frames import VERSION
from catgem_tui.protocol.http import Health
from catgem_tui.protocol.model import Record, User

logger = logging.getLogger(__name__)


class Central:
    """The server in this process: ``async with Central(settings) as central: …``.

    Entering raises DataInUse, PortTaken, StorageFailed or OSError, and leaves nothing behind then.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = DataFolder(root=settings.central_data)
        self._exits = AsyncExitStack()
        self._clock = SteadyClock()
        self.database: Database
        self.actor: Actor
        self.hub: Hub
        self.directory: Directory
        self.documents: Documents
        self.changes: Changes
        self.agenda: Agenda
        self.currency: CurrencyBook
        self.channels: Channels
        self.port = 0
        """Where HTTP and the live websocket are served, once entered."""

    @property
    def url(self) -> str:
        scheme = "https" if self.settings.central.certificate else "http"
        host = self.settings.central.host
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._exits.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    async def _start(self) -> None:
        own, exits = self.settings.central, self._exits
        self.folder.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.recordings.mkdir(exist_ok=True, mode=0o700)
        exits.enter_context(hold(self.folder.lock))
        if not own.certificate and not is_loopback(own.host):
            logger.warning(
                "%s is no loopback address and there is no certificate: put a proxy with TLS before", own.host
            )
        listening = exits.enter_context(bind(own.host, own.port))
        self.port = listening.getsockname()[1]

        self.database = Database(sqlite_url(self.folder.database))
        exits.push_async_callback(self.database.close)
        await self.database.migrate()

        self.hub = Hub()
        self.directory = Directory(self.database, self._records_changed, self.published)
        await self.directory.start()
        self.documents = Documents(self.folder.documents, self.database, clock=self._clock)
        await self.documents.start()
        self.agenda = Agenda(
            self.database, own.directory, self.hub.show_work, self._clock,
            lambda report, user: self.hub.signal(ReportAnswered(report=report), (user,), key=report.id),
        )  # fmt: skip
        self.currency = CurrencyBook(self.database, self.hub.follow, self._clock, self.hub.currency_changed)
        self.changes = Changes(
            self.directory,
            self.database,
            self,
            support_required=own.directory.support_required,
            second_eyes=own.directory.second_eyes,
            clock=self._clock,
        )
        self.actor = Actor(
            self.database,
            rules_of(self.settings),
            self.hub,
            new_token=lambda: secrets.token_urlsafe(24),
            clock=self._clock,
        )
        self.channels = build_channels(
            self.settings,
            self.folder,
            Archive(self.database),
            typing=self._citizen_is_typing,
            is_blocked=self.actor.is_blocked,
            clock=self._clock,
        )
        exits.push_async_callback(self.actor.stop)
        await self.actor.start(channel.channel for channel in self.channels.all)
        self.hub.serve(self.actor)
        for channel in self.channels.all:
            exits.push_async_callback(channel.stop)
            try:
                await channel.start(self.actor)
            except PhoneError as error:
                # Central without a telephone still serves chat and mail; the health route says that there is none.
                logger.warning("no telephone lines: %s", error)
                self.actor.detach(channel.channel)
            else:
                self.actor.attach(channel)

        exits.push_async_callback(self.currency.stop)
        self.currency.start()
        exits.push_async_callback(self.agenda.stop)
        self.agenda.start(self.changes)
        web = WebServer(
            build_site(self._services(), self.channels.routes),
            listening,
            certificate=own.certificate,
            key=own.key,
        )
        exits.push_async_callback(web.stop)
        exits.push_async_callback(self.hub.close)
        await web.start()
        logger.info("central serves %s from %s", self.url, self.folder.root)

    async def add_user(
        self, *, username: str, name: str, role: Role, password: str, skills: tuple[str, ...] = ()
    ) -> User:
        """Somebody new, who may log in at once. Raises BadAccount, UsernameTaken, StorageFailed."""
        user = await create_user(
            self.database, username=username, name=name, role=role, password=password, skills=skills
        )
        await self.actor.admit(user)
        return user

    def _services(self) -> Services:
        own = self.settings.central
        sessions = Sessions(self.database, access_lifetime=own.access_lifetime, refresh_lifetime=own.refresh_lifetime)
        return Services(
            database=self.database,
            sessions=sessions,
            attempts=Attempts(own.login_attempts),
            actor=self.actor,
            hub=self.hub,
            live=LiveServer(
                actor=self.actor,
                hub=self.hub,
                directory=self.directory,
                commands=DirectoryCommands(self.database, self.hub.signal, self.agenda.changed, self._clock),
                sessions=sessions,
                database=self.database,
                heartbeat=own.heartbeat,
                clock=self._clock,
            ),
            directory=self.directory,
            copies=Copies(self.database, self.folder.copies),
            changes=self.changes,
            documents=self.documents,
            agenda=self.agenda,
            currency=self.currency,
            recordings=self.folder.recordings,
            clock=self._clock,
            health=self.health,
        )

    def health(self) -> Health:
        return Health(
            ok=not self.actor.broken.is_set(),
            version=__version__,
            protocol=VERSION,
            sip=self.channels.sip(),
            smtp=self.channels.smtp(),
            chat=self.channels.chat,
        )

    def _records_changed(self, records: Sequence[Record]) -> None:
        self.hub.publish_records(records)
        self.agenda.changed()

    def published(self, publication: Publication, revision: int) -> None:
        """A change is on its way to the live lines: measure when it is everywhere."""
        self.currency.published(publication, revision)

    def decided(self, proposal: ProposalSummary, proposer: str) -> None:
        """Tell who proposed it."""
        self.hub.signal(ProposalDecided(proposal=proposal), (proposer,), key=proposal.id)

    def changed(self) -> None:
        """What waits for the information managers may be different."""
        self.agenda.changed()

    def _citizen_is_typing(self, contact: str) -> None:
        holder = self.actor.holder(contact)
        if holder is not None:
            self.hub.signal(CitizenTyping(contact=contact), (holder,), key=contact)


class Broken(Exception):
    """A fault of central's own ended it; the log has it."""


async def run(settings: Settings) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP, then end in order. Raises as ``Central`` does, and Broken."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        with suppress(NotImplementedError, AttributeError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
            loop.add_signal_handler(getattr(signal, name), stop.set)
    async with Central(settings) as central:
        ends = [asyncio.create_task(stop.wait()), asyncio.create_task(central.actor.broken.wait())]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        logger.info("central is stopping")
        broken = central.actor.broken.is_set()
    if broken:
        raise Broken
