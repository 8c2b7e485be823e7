"""This workstation at its central: who is logged in there, the live line, and what is asked."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from catgem_tui.desk import happenings
from catgem_tui.desk.account import Account
from catgem_tui.desk.courier import Courier
from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.source import CentralSource
from catgem_tui.directory.sync import Directory
from catgem_tui.link.address import Address, Failed, parse_address
from catgem_tui.link.api import Api
from catgem_tui.link.editing import EditingApi
from catgem_tui.link.live import FINAL, LONGEST_PAUSE, LiveLine
from catgem_tui.protocol.enums import RESTRICTED_READERS
from catgem_tui.protocol.events import DIRECTORY
from catgem_tui.protocol.http import Session
from catgem_tui.protocol.model import Struct, User
from catgem_tui.protocol.session import Incoming, WorkstationSession

PASSING = frozenset({"unreachable", "storage"})
"""Failures to take a session up that pass by themselves."""
LOG = 20
"""Lines of a change log that a card shows."""

T = TypeVar("T")


class Connection:
    """``user`` gives who works here, ``report`` hears what happens on the line and what central answers.

    ``directory``, the local copy in the file ``copy``, is filled over it. ``account`` and ``api`` are None until
    ``open``, and after it where ``central`` is no address.
    """

    def __init__(
        self,
        central: str,
        credentials: Credentials,
        courier: Courier,
        copy: Path,
        *,
        user: Callable[[], User | None],
        report: Callable[[object], None],
    ) -> None:
        self._credentials = credentials
        self._courier = courier
        self._user = user
        self._report = report
        self._address = parse_address(central)
        self.directory = Directory(copy, CentralSource(self.ask), self._tell_of_directory)
        self.api: EditingApi | None = None
        self.account: Account | None = None
        self._changing_user = asyncio.Lock()
        self._session: WorkstationSession | None = None
        self._line: LiveLine | None = None

    def open(self) -> None:
        if isinstance(self._address, Address):
            self.api = EditingApi(self._address)
            self.account = Account(self.api, self._credentials)

    async def close_line(self) -> None:
        if self._line is not None:
            await self._line.close()

    async def close(self) -> None:
        """After the line, and everything that asks, is closed."""
        if self.api is not None:
            await self.api.close()

    async def ask(self, ask: Callable[[Api, str], Awaitable[T | Failed]]) -> T | None:
        """What central gives to somebody logged in; None when it cannot now."""
        api = self.api
        if self.account is None or api is None:
            return None
        answer = await self.account.ask(lambda token: ask(api, token))
        return None if isinstance(answer, Failed) else answer

    # --- who is logged in ---

    async def resume(self) -> None:
        """Take an earlier session up, for as long as nobody logs in."""
        while self.account is not None:
            async with self._changing_user:
                if self._user() is not None:
                    return
                session = await self.account.resume()
                if isinstance(session, Session):
                    await self._enter(session)
                    return
            retrying = session.code in PASSING
            self._report(happenings.LoginFailed(session.code, retrying=retrying))
            if not retrying:
                return
            await asyncio.sleep(LONGEST_PAUSE)

    async def log_in(self, username: str, password: str) -> None:
        if self.account is None:
            code = self._address.code if isinstance(self._address, Failed) else "bad_address"
            self._report(happenings.LoginFailed(code))
            return
        async with self._changing_user:
            session = await self.account.log_in(username, password)
            if isinstance(session, Failed):
                self._report(happenings.LoginFailed(session.code))
            else:
                await self._enter(session)

    async def leave(self, line_closed: Callable[[], None]) -> None:
        """Log out; the line goes first, and ``line_closed`` hears when it has."""
        async with self._changing_user:
            line, self._line = self._line, None
            if line is not None:
                await line.close()
            line_closed()
            self.directory.rest()
            self.directory.leave()
            if self.account is not None:
                await self.account.log_out()

    async def _enter(self, session: Session) -> None:
        kept = await self._courier.adopt(session.user.id)
        self.directory.serve(session.user.id, restricted=session.user.role in RESTRICTED_READERS)
        before = self._user()
        if self._line is not None and (before is None or before.id != session.user.id):
            await self._line.close()
            self._line = None
        self._report(happenings.LoggedIn(session.user, kept.commands, kept.texts))

    # --- the line ---

    def open_line(self) -> None:
        """Open it, or have it try again at once."""
        if self._line is None and isinstance(self._address, Address):
            self._session = WorkstationSession(asyncio.get_running_loop().time)
            self._session.reached[DIRECTORY] = self.directory.reached
            self._line = LiveLine(self._address, self._session, self._give_token, self)
        if self._line is not None:
            self._line.hurry()

    def send(self, command_id: str, body: Struct) -> bool:
        """Returns whether there is a line that took it."""
        return self._line is not None and self._line.send(command_id, body)

    def line_brought(self, incoming: Incoming) -> None:
        self._report(incoming)

    def line_lost(self, reason: str, unanswered: tuple[str, ...]) -> None:
        self.directory.rest()
        self._report(happenings.LineLost(reason, unanswered, final=reason in FINAL))

    async def _give_token(self, renew: bool) -> str | Failed:
        """Called before each connection: also the moment to say where the directory's copy stands."""
        if self.account is None or self._session is None:
            return Failed("expired")
        self._session.cursors.pop(DIRECTORY, None)
        cursor = self.directory.tell_cursor()
        if cursor is not None:
            self._session.cursors[DIRECTORY] = cursor
        return await self.account.token(renew)

    def _tell_of_directory(self) -> None:
        copy = self.directory
        if self._session is not None and self._line is not None:
            self._session.reached[DIRECTORY] = copy.reached
            self._line.acknowledge()
        stage, done, total = copy.progress
        self._report(
            happenings.DirectoryChanged(len(copy), copy.syncing, copy.problem, (done, total), stage, copy.complete)
        )

    # --- what is asked ---

    async def fetch_history(self, contact: str) -> None:
        items = await self.ask(lambda api, token: api.history(token, contact))
        if items is not None:
            self._report(happenings.HistoryFetched(contact, items))

    async def fetch_log(self, record: str) -> None:
        page = await self.ask(lambda api, token: api.record_log(token, record, LOG))
        self._report(happenings.LogFetched(record, None if page is None else page.items))
