"""A citizen on the chat page's own socket, who repeats what was not confirmed and comes back when the line breaks."""

import asyncio
from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit

import msgspec
import websockets

from catgem_tui.central.chat.frames import (
    Ended,
    Error,
    FromPage,
    History,
    Joined,
    Line,
    NewMessage,
    Said,
    Say,
    Start,
    Survey,
    ToPage,
    Welcome,
)
from catgem_tui.link.address import is_loopback

_decoder: msgspec.json.Decoder[ToPage] = msgspec.json.Decoder(ToPage)
_encoder = msgspec.json.Encoder()


class Visitor:
    """One chat. ``lines`` is what the page shows of the advisor, ``confirmed`` what central has of ours."""

    def __init__(self, url: str, name: str = "Visitante") -> None:
        self._url, self._name = url, name
        self._proxy: Literal[True] | None = None if is_loopback(urlsplit(url).hostname or "") else True
        self._token = ""
        self._task: asyncio.Task[None] | None = None
        self._socket: websockets.ClientConnection | None = None
        self._news = asyncio.Condition()
        self._unconfirmed: dict[str, Say] = {}
        self._repeating: asyncio.Future[None] | None = None
        self._last = ""
        self.confirmed: list[str] = []
        self.lines: list[Line] = []
        self.advisor = ""
        self.ended = False

    async def __aenter__(self) -> "Visitor":
        self._task = asyncio.create_task(self._stay())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def say(self, identifier: str, text: str) -> None:
        """Write. One line is on its way at a time and is repeated until central has it, so none overtakes another."""
        self._unconfirmed[identifier] = Say(id=identifier, text=text)
        if len(self._unconfirmed) == 1:
            await self._say_next()

    async def answer_survey(self, score: int) -> None:
        await self._send(Survey(score=score))

    async def until(self, holds: Callable[["Visitor"], bool], within: float = 15) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(lambda: holds(self))

    async def _stay(self) -> None:
        while True:
            try:
                async with websockets.connect(self._url, compression=None, open_timeout=5, proxy=self._proxy) as socket:
                    start = Start(token=self._token, after=self._last, consent=True, name=self._name)
                    await socket.send(_encoder.encode(start).decode())
                    async for data in socket:
                        frame = _decoder.decode(data)
                        if isinstance(frame, Welcome):
                            # Only now: what is said next must not overtake what is repeated.
                            self._socket = socket
                        await self._take(frame)
            except (OSError, websockets.WebSocketException):
                pass
            self._socket = None
            await asyncio.sleep(0.1)  # between two attempts to reach a central that is away

    async def _take(self, frame: ToPage) -> None:
        async with self._news:
            match frame:
                case History(lines=lines):
                    for line in lines:
                        self._show(line)
                case Welcome():
                    self._token = frame.token
                    for line in frame.history:
                        self._show(line)
                    await self._say_next()
                case Said(id=identifier):
                    if self._unconfirmed.pop(identifier, None):
                        self.confirmed.append(identifier)
                        await self._say_next()
                case Error(code="unavailable", retry=retry):
                    asyncio.get_running_loop().call_later(retry, self._say_again)
                case NewMessage(line=line):
                    self._show(line)
                case Joined(name=name):
                    self.advisor = name
                case Ended():
                    self.ended = True
                case _:
                    pass
            self._news.notify_all()

    async def _say_next(self) -> None:
        if self._unconfirmed:
            await self._send(next(iter(self._unconfirmed.values())))

    def _say_again(self) -> None:
        self._repeating = asyncio.ensure_future(self._say_next())

    def _show(self, line: Line) -> None:
        self._last = line.id
        if line.author == "advisor":
            self.lines.append(line)

    async def _send(self, frame: FromPage) -> None:
        socket = self._socket
        if socket is None:
            return
        try:
            await socket.send(_encoder.encode(frame).decode())
        except websockets.ConnectionClosed:
            return  # said again after the reconnection
