"""One workstation's websocket: the session's frames out and in, commands to the actor and their replies back."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec
from litestar import WebSocket
from litestar.exceptions import WebSocketDisconnect

from catgem_tui.central.actor import Actor
from catgem_tui.central.auth.roles import COMMAND_ROLES, visible_contact
from catgem_tui.central.auth.sessions import Sessions
from catgem_tui.central.directory.commands import DirectoryCommands
from catgem_tui.central.directory.service import Directory
from catgem_tui.central.live.fitting import fit_snapshot
from catgem_tui.central.live.hub import Hub, Line, record_entry, visible_entry
from catgem_tui.central.ports import AdvisorCommand, StorageFailed
from catgem_tui.central.store.database import Database
from catgem_tui.central.store.floor import read_events, read_oldest_event
from catgem_tui.central.store.records import read_changed
from catgem_tui.protocol import frames
from catgem_tui.protocol.commands import EditRecord, ReportRecord
from catgem_tui.protocol.enums import Refusal
from catgem_tui.protocol.events import DIRECTORY, FLOOR, DirectorySnapshot
from catgem_tui.protocol.model import User
from catgem_tui.protocol.session import BUFFER, Asked, CentralSession, Closed, Greeted

logger = logging.getLogger(__name__)

IN_FLIGHT = 64
"""Commands of one workstation that may wait for their reply; more are not read until one is answered."""
FAR_BEHIND = BUFFER
"""Events of a topic that are worth reading one by one; further behind, a snapshot is shorter."""
LONGEST_ID = 64
_POLICY_VIOLATION = 1008
LAST_WORDS = 1.0
"""Seconds that a goodbye may take to be sent."""


class LiveServer:
    """What every live line needs."""

    def __init__(
        self,
        *,
        actor: Actor,
        hub: Hub,
        directory: Directory,
        commands: DirectoryCommands,
        sessions: Sessions,
        database: Database,
        heartbeat: float,
        clock: Callable[[], float],
    ) -> None:
        """``clock``: seconds since the epoch, the actor's own."""
        self.clock = clock
        self.actor, self.hub, self.directory, self.commands = actor, hub, directory, commands
        self.sessions, self.database, self.heartbeat = sessions, database, heartbeat

    async def serve(self, socket: WebSocket[Any, Any, Any]) -> None:
        """Talk to one workstation until either side ends it."""
        if "origin" in socket.headers:
            # Only browsers say where a page comes from, and no page of ours speaks this line.
            await socket.close(_POLICY_VIOLATION)
            return
        await socket.accept()
        await _Conversation(self, socket).run()


class _Conversation:
    def __init__(self, server: LiveServer, socket: WebSocket[Any, Any, Any]) -> None:
        self._server = server
        self._socket = socket
        self._session = CentralSession(time.monotonic, heartbeat=server.heartbeat)
        self._line: Line | None = None
        self._wake = asyncio.Event()
        self._in_flight: set[asyncio.Future[frames.Refused | None]] = set()
        self._cut = False

    async def run(self) -> None:
        sender = asyncio.create_task(self._send())
        others = [asyncio.create_task(self._receive()), asyncio.create_task(self._watch())]
        try:
            done, _ = await asyncio.wait([sender, *others], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if not task.cancelled() and task.exception() is not None:
                    logger.error("a live line of %s broke", self._session.user or "nobody", exc_info=task.exception())
            await _cancel(others)
            self._wake.set()
            # A goodbye is worth a moment; a dead line is not worth more, and one that is cut nothing.
            await asyncio.wait([sender], timeout=0 if self._cut else LAST_WORDS)
        finally:
            await _cancel([sender, *others])
            if self._line is not None:
                self._server.commands.forget(self._line.user, self._line)
                await asyncio.shield(asyncio.ensure_future(self._server.hub.leave(self._line)))
            with suppress(Exception):
                # The connection may be gone in any of several ways; it is closed either way.
                async with asyncio.timeout(LAST_WORDS):
                    await self._socket.close()

    # --- in ---

    async def _receive(self) -> None:
        while True:
            try:
                data = await self._socket.receive_data(mode="text")
            except WebSocketDisconnect:
                self._cut = True
                return
            for request in self._session.receive(data):
                match request:
                    case Closed():
                        return
                    case Greeted(token=token):
                        if not await self._greet(token):
                            return
                    case Asked(command=command):
                        await self._ask(command)
            if self._line is not None:
                self._line.acknowledge(self._server.clock)
            self._wake.set()

    async def _greet(self, token: str) -> bool:
        try:
            holder = await self._server.sessions.holder_of(token)
        except StorageFailed:
            self._session.goodbye("stopping")
            return False
        if holder is None:
            self._session.goodbye("unauthorized")
            return False
        user = holder.user
        self._line = Line(self._session, user, holder.session, self._wake)
        self._session.welcome(user.id, self._server.clock())
        await self._server.hub.join(self._line)
        try:
            await self._resume_floor(user)
            await self._resume_directory(user)
        except StorageFailed:
            self._session.goodbye("stopping")
            return False
        return True

    async def _resume_floor(self, user: User) -> None:
        latest = self._server.actor.cursor
        async with self._server.database.read() as connection:
            oldest = await read_oldest_event(connection, FLOOR) or latest + 1
            after = self._session.decide(FLOOR, oldest=max(oldest, latest - FAR_BEHIND), latest=latest)
            if after is not None:
                logged = await read_events(connection, FLOOR, after, 2 * FAR_BEHIND)
                entries = (visible_entry(event, user) for event in logged)
                self._session.resume(FLOOR, [entry for entry in entries if entry is not None])

    async def _resume_directory(self, user: User) -> None:
        latest = self._server.directory.cursor
        after = self._session.decide(DIRECTORY, oldest=max(1, latest - FAR_BEHIND), latest=latest)
        if after is not None:
            async with self._server.database.read() as connection:
                records = await read_changed(connection, after, 2 * FAR_BEHIND)
            self._session.resume(DIRECTORY, [record_entry(record, user.role) for record in records])

    async def _ask(self, command: frames.Command) -> None:
        assert self._line is not None  # noqa: S101 - the session lets no command through before the greeting
        user = self._line.user
        refused, body = None, None
        if not 0 < len(command.id) <= LONGEST_ID:
            refused = frames.Refused(code=Refusal.MALFORMED, field="id")
        else:
            try:
                body = frames.command_body(command)
            except frames.FrameError:
                refused = frames.Refused(code=Refusal.MALFORMED)
        if refused is None and body is None:
            refused = frames.Refused(code=Refusal.UNKNOWN_COMMAND)
        elif refused is None and user.role not in COMMAND_ROLES.get(command.kind, frozenset()):
            refused = frames.Refused(code=Refusal.NOT_ALLOWED)
        if refused is not None or body is None:
            self._session.reply(command.id, refused)
            return
        answer: asyncio.Future[frames.Refused | None]
        match body:
            case EditRecord():
                self._server.commands.edit(user, self._line, body)
                self._session.reply(command.id, None)
                return
            case ReportRecord():
                answer = asyncio.ensure_future(self._server.commands.report(user, command.id, body))
            case _:
                answer = self._server.actor.post(AdvisorCommand(advisor=user.id, id=command.id, body=body))
        self._in_flight.add(answer)
        answer.add_done_callback(partial(self._reply, command.id))
        if len(self._in_flight) >= IN_FLIGHT:
            await asyncio.wait(self._in_flight, return_when=asyncio.FIRST_COMPLETED)

    def _reply(self, command: str, answer: "asyncio.Future[frames.Refused | None]") -> None:
        self._in_flight.discard(answer)
        if answer.cancelled():
            return
        failed = answer.exception()
        self._session.reply(command, frames.Refused(code=Refusal.STORAGE) if failed else answer.result())
        self._wake.set()

    # --- out ---

    async def _send(self) -> None:
        with suppress(WebSocketDisconnect, OSError):  # the second is uvicorn's, in the middle of a frame
            while True:
                while (text := self._session.next_frame()) is not None:
                    await self._socket.send_data(text)
                if self._session.ended:
                    return
                self._wake.clear()
                wanted = self._session.snapshots_wanted()
                if wanted and self._line is not None:
                    await self._snapshot(wanted[0], self._line.user)
                else:
                    await self._wake.wait()

    async def _snapshot(self, topic: str, user: User) -> None:
        if topic == DIRECTORY:
            self._session.snapshot(DIRECTORY, self._server.directory.cursor, frames.raw(DirectorySnapshot()))
            return
        try:
            snapshot, cursor = await self._server.actor.look(
                lambda queue: (queue.snapshot(user.id, self._server.clock()), self._server.actor.cursor)
            )
        except StorageFailed:
            snapshot, cursor = None, 0
        if snapshot is None:
            self._session.goodbye("stopping")
            return
        contacts = tuple(visible_contact(contact, user.role) for contact in snapshot.contacts)
        snapshot = msgspec.structs.replace(snapshot, contacts=contacts)
        self._session.snapshot(FLOOR, cursor, fit_snapshot(snapshot))

    async def _watch(self) -> None:
        """Ping in time; end the line when the workstation is dead."""
        while True:
            # The greeting brings the deadline nearer, so never sleep past one heartbeat.
            remaining = self._session.deadline - time.monotonic()
            await asyncio.sleep(min(max(0.0, remaining), self._server.heartbeat))
            closed = self._session.tick()
            self._wake.set()
            if closed is not None:
                logger.info("live line of %s ended: %s", self._session.user or "nobody", closed.reason)
                return


async def _cancel(tasks: "list[asyncio.Task[None]]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
