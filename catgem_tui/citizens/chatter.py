"""A simulated citizen at the chat page: the page's own socket and frames, without the page.

The frames are written out here, because citizens know central only from outside.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from catgem_tui.citizens import phrases

logger = logging.getLogger(__name__)

_PING_EVERY = 20.0
_RECONNECT = 1.0
_SCORES = (5, 5, 5, 5, 5, 5, 5, 4, 4, 3)
_SURVEYED = 0.7
_NAMED = 0.8
_WITH_EMAIL = 0.4
"""Shares of citizens who answer the survey, give their name, give their e-mail."""


@dataclass
class Chatter:
    """One chat from the first question to the survey. ``run`` ends when the chat does, or patience."""

    url: str
    """``ws://host:port/chat/socket``."""
    random: Random
    pace: float = 1.0
    """How long the citizen takes to read and type: 1 as a person does, 0 at once."""
    patience: float = 900.0
    """Seconds without an answer after which the citizen leaves."""
    person: phrases.Person = field(init=False)
    heard: list[str] = field(default_factory=list)
    """What the advisor said, each message once, in order."""
    said: list[str] = field(default_factory=list)
    """What central has acknowledged."""
    score: int | None = None
    """The acknowledged survey answer."""

    def __post_init__(self) -> None:
        self.person = phrases.make_person(self.random)
        enquiry = self.random.choice(phrases.ENQUIRIES)
        self._replies = phrases.make_follow_ups(self.random, self.person, enquiry)
        self._unacknowledged = {"1": phrases.make_question(self.random, self.person, enquiry)}
        self._name = self.person.name if self.random.random() < _NAMED else ""
        self._email = self.person.email if self.random.random() < _WITH_EMAIL else ""
        self._opinion = self.random.choice(_SCORES) if self.random.random() < _SURVEYED else 0
        self._count = 1
        self._token = ""
        self._last = ""
        self._seen: set[str] = set()
        self._over = False
        self._socket: ClientConnection | None = None
        self._typing: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Comes back through broken lines and restarts of central, within its patience."""
        try:
            async with asyncio.timeout(self.patience) as patience:
                while not self._over:
                    try:
                        async with connect(self.url, proxy=None) as socket:
                            await self._talk(socket, patience)
                    except (OSError, WebSocketException, InvalidHandshake):
                        logger.debug("the chat's line broke")
                    if not self._over:
                        await asyncio.sleep(_RECONNECT)
        except TimeoutError:
            logger.info("a simulated citizen ran out of patience")
        finally:
            if self._typing is not None:
                self._typing.cancel()

    async def _talk(self, socket: ClientConnection, patience: asyncio.Timeout) -> None:
        self._socket = socket
        await self._send(
            t="start",
            token=self._token,
            after=self._last,
            consent=True,
            name=self._name,
            email=self._email,
        )
        while not self._over:
            try:
                async with asyncio.timeout(_PING_EVERY):
                    frame = json.loads(await socket.recv())
            except TimeoutError:
                await self._send(t="ping")
                continue
            if frame["t"] in {"message", "joined"}:
                patience.reschedule(asyncio.get_running_loop().time() + self.patience)
            await self._take(frame)

    async def _take(self, frame: dict[str, Any]) -> None:
        match frame["t"]:
            case "history":
                for line in frame["lines"]:
                    self._hear(line)
            case "welcome":
                self._token = frame["token"]
                for line in frame.get("history", ()):
                    self._hear(line)
                for key, text in tuple(self._unacknowledged.items()):
                    await self._send(t="say", id=key, text=text)
                if frame["state"] == "ended":
                    await self._end(survey=frame.get("survey", False))
            case "said":
                acknowledged = self._unacknowledged.pop(frame["id"], None)
                if acknowledged is not None:
                    self.said.append(acknowledged)
            case "message":
                self._hear(frame["line"])
            case "ended":
                await self._end(survey=frame.get("survey", False))
            case "surveyed":
                self.score = frame["score"]
                self._over = True
            case "error":
                await self._mind(frame)

    async def _mind(self, error: dict[str, Any]) -> None:
        if error.get("retry") and (text := self._unacknowledged.get(error.get("id", ""))) is not None:
            await asyncio.sleep(error["retry"])
            await self._send(t="say", id=error["id"], text=text)
        elif error["code"] in {"full", "ended", "too_long"}:
            self._over = True

    def _hear(self, line: dict[str, Any]) -> None:
        if line["id"] in self._seen:
            return
        self._seen.add(line["id"])
        self._last = line["id"]
        if line["author"] == "advisor":
            self.heard.append(line["text"])
            if self._typing is None or self._typing.done():
                self._typing = asyncio.create_task(self._reply(), name="simulated citizen types")

    async def _reply(self) -> None:
        """Read, think, type, send. Further lines of the advisor meanwhile get no reply of their own."""
        if not self._replies:
            return
        await asyncio.sleep(self.pace * self.random.uniform(1, 3))
        text = self._replies[0]
        for _ in range(3):
            await self._send(t="typing")
            await asyncio.sleep(self.pace * len(text) / 30)
        if self._over:
            return
        self._replies.pop(0)
        self._count += 1
        self._unacknowledged[str(self._count)] = text
        await self._send(t="say", id=str(self._count), text=text)

    async def _end(self, *, survey: bool) -> None:
        if survey and self._opinion:
            await asyncio.sleep(self.pace * self.random.uniform(1, 3))
            await self._send(t="survey", score=self._opinion)
        else:
            self._over = True

    async def _send(self, **frame: object) -> None:
        """What cannot be sent now is sent again, or no longer matters, on the next line."""
        if self._socket is not None:
            try:
                await self._socket.send(json.dumps(frame))
            except WebSocketException:
                logger.debug("the chat's line broke under a send")


def chat_visits(url: str) -> Callable[[Random], Coroutine[Any, Any, None]]:
    """What the arrivals call for each citizen who comes by chat."""

    def visit(random: Random) -> Coroutine[Any, Any, None]:
        return Chatter(url=url, random=random).run()

    return visit
