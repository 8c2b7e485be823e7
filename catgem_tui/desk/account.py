"""Who we are to central: logging in, and an access token that is always fresh."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from catgem_tui.desk.credentials import Credentials, KeptSession
from catgem_tui.link.address import Failed
from catgem_tui.link.api import Api
from catgem_tui.protocol.http import Session

MARGIN = 30.0
"""Seconds before its end at which a token counts as old."""
TRY_AGAIN = frozenset({"unreachable", "storage", "incompatible", "too_many_attempts"})
"""Failures that say nothing about the session."""

log = logging.getLogger(__name__)
T = TypeVar("T")


class Account:
    """One login at one central."""

    def __init__(self, api: Api, credentials: Credentials) -> None:
        self._api = api
        self._credentials = credentials
        self._session: Session | None = None
        self._fresh_until = 0.0
        self._refreshing = asyncio.Lock()

    async def log_in(self, username: str, password: str) -> Session | Failed:
        session = await self._api.log_in(username, password)
        if isinstance(session, Session):
            await self._take(session)
        return session

    async def resume(self) -> Session | Failed:
        """Take the kept session up again."""
        async with self._refreshing:
            return await self._refresh()

    async def token(self, renew: bool = False) -> str | Failed:
        """An access token; ``renew`` when central would not have the last one. ``expired``: log in again."""
        async with self._refreshing:
            session = self._session
            if session is not None and not renew and asyncio.get_running_loop().time() < self._fresh_until:
                return session.access_token
            refreshed = await self._refresh()
            return refreshed if isinstance(refreshed, Failed) else refreshed.access_token

    async def ask(self, question: Callable[[str], Awaitable[T | Failed]]) -> T | Failed:
        """What central answers to a question put with a token; one that it would not have is renewed, once."""
        answer: T | Failed = Failed("expired")
        for renew in (False, True):
            token = await self.token(renew)
            answer = token if isinstance(token, Failed) else await question(token)
            if not (isinstance(answer, Failed) and answer.code == "unauthorized"):
                break
        return answer

    async def log_out(self) -> None:
        session, self._session = self._session, None
        await self._credentials.forget_session()
        if session is not None:
            await self._api.log_out(session.access_token)

    async def _refresh(self) -> Session | Failed:
        kept = self._credentials.session
        if kept is None:
            return Failed("expired")
        session = await self._api.refresh(kept.refresh_token)
        if isinstance(session, Session):
            await self._take(session)
            return session
        if session.code in TRY_AGAIN:
            return session
        log.info("the session is over: %s", session.code)
        self._session = None
        await self._credentials.forget_session()
        return Failed("expired", session.detail)

    async def _take(self, session: Session) -> None:
        self._session = session
        margin = min(MARGIN, session.access_expires_in / 2)
        self._fresh_until = asyncio.get_running_loop().time() + session.access_expires_in - margin
        await self._credentials.keep_session(KeptSession(session.user.username, session.refresh_token))
