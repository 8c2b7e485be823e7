"""A real central on a free port, and plain clients that speak to it as a workstation does."""

import asyncio
import inspect
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec
import websockets

from catgem_tui.central.app import Central
from catgem_tui.central.store.database import Database, sqlite_url
from catgem_tui.config import settings as configuration
from catgem_tui.protocol import frames, session
from catgem_tui.protocol.enums import Role
from catgem_tui.protocol.http import Session
from catgem_tui.protocol.model import Struct, User

PASSWORD = "una-clave-larga"
PATIENCE = 30.0
"""Seconds to wait for what should come at once; a slow machine may take them."""


def settings_for(folder: Path, **central: Any) -> configuration.Settings:
    """A central without channels on a free port."""
    given: dict[str, Any] = {
        "port": 0,
        "voice": configuration.Voice(lines=0),
        "mail": configuration.Mail(enabled=False),
        "chat": configuration.Chat(enabled=False),
        **central,
    }
    return configuration.Settings(central=configuration.Central(data=str(folder), **given))


async def eventually(condition: Callable[[], Any]) -> None:
    """Wait until the condition holds; it may be an async function."""
    async with asyncio.timeout(PATIENCE):
        while True:
            result = condition()
            if await result if inspect.isawaitable(result) else result:
                return
            await asyncio.sleep(0.01)


_empty: list[bytes] = []
"""A database with all its tables and nothing in them, once one was made."""


async def lay_empty_database(path: Path) -> None:
    """One with all its tables, unless there is one: making them takes as long as all else at the start of a central."""
    if not _empty:
        with tempfile.TemporaryDirectory() as elsewhere:
            _empty.append(await make_empty_database(Path(elsewhere) / "empty.sqlite"))
    await asyncio.to_thread(_lay, path, _empty[0])


def _lay(path: Path, content: bytes) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


async def make_empty_database(path: Path) -> bytes:
    database = Database(sqlite_url(path))
    await database.migrate()
    await database.close()
    return await asyncio.to_thread(path.read_bytes)


@asynccontextmanager
async def running_central(folder: Path, **central: Any) -> AsyncIterator[Central]:
    house = Central(settings_for(folder, **central))
    await lay_empty_database(house.folder.database)
    async with house:
        yield house


async def hire(house: Central, username: str, role: Role = Role.ADVISOR) -> User:
    return await house.add_user(username=username, name=username.title(), role=role, password=PASSWORD)


async def log_in(url: str, username: str, password: str = PASSWORD) -> Session:
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", trust_env=False) as client:
        answer = await client.post("/session", json={"username": username, "password": password})
        answer.raise_for_status()
        return msgspec.json.decode(answer.content, type=Session)


@asynccontextmanager
async def client_of(url: str, username: str) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client that is logged in."""
    token = (await log_in(url, username)).access_token
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers=headers, trust_env=False) as client:
        yield client


class Desk:
    """A workstation's end of the live line. ``seen`` is everything that came, in order."""

    def __init__(self, url: str, token: str, cursors: dict[str, int] | None = None) -> None:
        self.url = url.replace("http", "ws", 1) + "/api/v1/live"
        self.token = token
        self.session = session.WorkstationSession(time.monotonic, cursors)
        self.seen: list[session.Incoming] = []
        self.raw: list[str] = []
        self.closed = ""
        """Why central ended the line."""
        self.socket: websockets.ClientConnection
        self._changed = asyncio.Event()
        self._reader: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        self.socket = await websockets.connect(
            self.url, compression=None, proxy=None, ping_interval=None, close_timeout=1
        )
        self.session.connect(self.token)
        await self._flush()
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave()

    async def leave(self) -> None:
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self.socket.close()
        self.session.disconnect()

    async def _read(self) -> None:
        try:
            async for data in self.socket:
                self.raw.append(str(data))
                for incoming in self.session.receive(data):
                    self.seen.append(incoming)
                    if isinstance(incoming, session.Closed):
                        self.closed = incoming.reason
                await self._flush()
                self._changed.set()
        except websockets.ConnectionClosed:
            pass
        self.closed = self.closed or "cut"
        self._changed.set()

    def stop_reading(self) -> None:
        """The socket stays open, but nothing is taken from it and nothing said."""
        self._reader.cancel()
        self.socket.transport.pause_reading()

    def go_on_reading(self) -> None:
        self.socket.transport.resume_reading()
        self._reader = asyncio.create_task(self._read())

    async def _flush(self) -> None:
        for text in self.session.frames_to_send():
            await self.socket.send(text)

    async def until(self, found: Callable[[], Any]) -> Any:
        """Wait until ``found()`` is true, and return it. Raises ConnectionError when the line ends before."""
        async with asyncio.timeout(PATIENCE):
            while not (result := found()):
                if self.closed:
                    raise ConnectionError(f"central ended the line: {self.closed}")
                self._changed.clear()
                await self._changed.wait()
            return result

    async def ready(self) -> Self:
        """Wait for both topics to be settled."""
        await self.until(lambda: len(self.snapshots()) >= 2)
        return self

    async def ended(self) -> str:
        return str(await self.until(lambda: self.closed))

    async def command(self, body: Struct, command_id: str = "") -> frames.Refused | None:
        """Send a command and wait for its reply."""
        command_id = command_id or str(uuid.uuid4())
        before = len(self.seen)
        assert self.session.send(command_id, body)
        await self._flush()
        answer: session.Answered = await self.until(
            lambda: next(
                (it for it in self.seen[before:] if isinstance(it, session.Answered) and it.to == command_id), None
            )
        )
        return answer.refused

    def snapshots(self) -> list[session.SnapshotArrived]:
        return [it for it in self.seen if isinstance(it, session.SnapshotArrived)]

    def events(self, kind: type[Struct] | None = None) -> list[session.EventArrived]:
        found = [it for it in self.seen if isinstance(it, session.EventArrived)]
        return [it for it in found if kind is None or isinstance(it.body, kind)]


@asynccontextmanager
async def desk_of(house: Central, username: str, cursors: dict[str, int] | None = None) -> AsyncIterator[Desk]:
    token = (await log_in(house.url, username)).access_token
    async with Desk(house.url, token, cursors) as desk:
        yield desk
