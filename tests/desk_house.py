"""A central in a process of its own that may be killed, a citizen at its chat, and desks without a screen."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from catgem_tui.desk.intents import Login
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import DeskState, Line
from catgem_tui.phone.port import Phone
from catgem_tui.protocol.commands import SetPresence
from catgem_tui.protocol.enums import Presence, Role
from tests.central_house import PASSWORD, hire, running_central

PATIENCE = 30.0
"""Seconds to wait for what should come at once; a slow machine may take them."""


_PROGRAM = """
import sys, time
right, ahead = time.time, float(sys.argv.pop(1))
time.time = lambda: right() + ahead
from catgem_tui.cli import main
sys.exit(main())
"""


class CentralProcess:
    """``catgem central serve`` on one port with chat and nothing else; its data outlives it.

    ``clock_ahead``: seconds by which its clock is wrong when it is started next.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self.clock_ahead = 0.0
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._settings = folder / "settings.toml"
        self._settings.write_text(
            f"""
[central]
port = {port}
data = "{folder / "data"}"
heartbeat = 1.0
voice.lines = 0
mail.enabled = false
chat.messages_per_minute = 100000
"""
        )
        self._process: asyncio.subprocess.Process | None = None

    async def run(self, *arguments: str, text: str = "") -> None:
        process = await self._spawn(*arguments)
        output, _ = await process.communicate(text.encode())
        assert process.returncode == 0, output.decode()

    async def hire(self, username: str, role: str = "advisor") -> None:
        """While it is not running: by a central here, on its data."""
        async with running_central(self._folder / "data") as house:
            await hire(house, username, Role(role))

    async def start(self) -> None:
        self._process = await self._spawn("central", "serve")
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(trust_env=False) as client:
            while True:
                try:
                    (await client.get(f"{self.url}/api/v1/health")).raise_for_status()
                except httpx.HTTPError:
                    assert self._process.returncode is None, await self._output()
                    await asyncio.sleep(0.05)
                else:
                    return

    async def kill(self) -> None:
        """kill -9."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
        self._process = None

    async def _output(self) -> str:
        assert self._process is not None
        return (await self._process.communicate())[0].decode()

    async def _spawn(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-c", _PROGRAM, str(self.clock_ahead),
            *arguments, "--settings", str(self._settings),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "XDG_STATE_HOME": str(self._folder), "CATGEM_LANGUAGE": "en"},
        )  # fmt: skip


class Citizen:
    """A chat page: comes back by itself, repeats what was not acknowledged. ``heard``: every advisor line, in order."""

    def __init__(self, url: str, name: str = "Marisol") -> None:
        self._url = url.replace("http", "ws", 1) + "/chat/socket"
        self._name = name
        self._token = ""
        self._last = ""
        self._socket: ClientConnection | None = None
        self._unsaid: dict[str, str] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.heard: list[str] = []
        self.acknowledged: list[str] = []
        self.ended = False

    async def __aenter__(self) -> "Citizen":
        self._task = asyncio.create_task(self._live())
        await self.until(lambda: self._socket is not None)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def say(self, text: str) -> None:
        """Said in order: each line waits for the acknowledgement of the one before."""
        self._unsaid[str(len(self._unsaid) + len(self.acknowledged) + 1)] = text
        if len(self._unsaid) == 1:
            await self._say_next()

    async def _say_next(self, after: float = 0.0) -> None:
        await asyncio.sleep(after)
        for number, text in self._unsaid.items():
            await self._send({"t": "say", "id": number, "text": text})
            break

    async def until(self, condition: Callable[[], bool], patience: float = PATIENCE) -> None:
        async with asyncio.timeout(patience):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def _send(self, frame: dict[str, Any]) -> None:
        if self._socket is not None:
            with contextlib.suppress(WebSocketException):  # it is repeated on the next line
                await self._socket.send(json.dumps(frame))

    async def _live(self) -> None:
        while True:
            try:
                async with connect(self._url, proxy=None) as socket:
                    start = {
                        "t": "start",
                        "token": self._token,
                        "after": self._last,
                        "consent": True,
                        "name": self._name,
                    }
                    await socket.send(json.dumps(start))
                    self._socket = socket
                    await self._say_next()
                    self._changed.set()
                    async for data in socket:
                        await self._hear(json.loads(data))
                        self._changed.set()
            except (OSError, WebSocketException):
                pass
            self._socket = None
            await asyncio.sleep(0.1)

    async def _hear(self, frame: dict[str, Any]) -> None:
        match frame["t"]:
            case "welcome":
                self._token = frame["token"]
                for line in frame.get("history", ()):
                    self._take(line)
            case "said":
                if frame["id"] in self._unsaid:
                    self.acknowledged.append(self._unsaid.pop(frame["id"]))
                    await self._say_next()
            case "message":
                self._take(frame["line"])
            case "ended":
                self.ended = True
            case "error" if frame.get("retry"):
                await self._say_next(after=frame["retry"])

    def _take(self, line: dict[str, Any]) -> None:
        self._last = line["id"]
        if line["author"] == "advisor":
            self.heard.append(line["text"])


@asynccontextmanager
async def desk_at(url: str, folder: Path, phone: Phone | None = None) -> AsyncIterator[Desk]:
    desk = Desk(url, folder, phone)
    await desk.start()
    try:
        yield desk
    finally:
        await desk.close()


async def sit_down(desk: Desk, username: str) -> DeskState:
    """Log in and be available."""
    desk.do(Login(username, PASSWORD))
    await desk.wait_for(lambda s: s.line is Line.ONLINE and s.me is not None, PATIENCE)
    desk.do(SetPresence(presence=Presence.AVAILABLE))
    return await desk.wait_for(lambda s: s.me is not None and s.me.presence is Presence.AVAILABLE, PATIENCE)
