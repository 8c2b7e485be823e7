"""The HTTP client: every call returns what was asked for or ``Failed``."""

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import msgspec

from catgem_tui.link.address import Address, Failed
from catgem_tui.protocol.editing import ChangePage
from catgem_tui.protocol.http import Login, Problem, RecordPage, Refresh, Session
from catgem_tui.protocol.model import HistoryItem, Struct

if TYPE_CHECKING:
    import httpx

TIMEOUT = 10.0
"""Seconds for any one answer."""

log = logging.getLogger(__name__)
T = TypeVar("T")


class Api:
    """Central's HTTP API. The library and its client are loaded in a thread at the first call, not before."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def log_in(self, username: str, password: str) -> Session | Failed:
        return await self._ask(Session, "POST", "/session", body=Login(username=username, password=password))

    async def refresh(self, refresh_token: str) -> Session | Failed:
        return await self._ask(Session, "POST", "/session/refresh", body=Refresh(refresh_token=refresh_token))

    async def log_out(self, token: str) -> None:
        """Forget this session's tokens at central; if that fails they expire by themselves."""
        await self._ask(msgspec.Raw, "DELETE", "/session", token=token)

    async def records(self, token: str, after: int, limit: int) -> RecordPage | Failed:
        """What changed in the directory after the cursor ``after``, oldest change first."""
        return await self._ask(RecordPage, "GET", f"/directory/records?after={after}&limit={limit}", token=token)

    async def history(self, token: str, contact: str) -> tuple[HistoryItem, ...] | Failed:
        """Earlier contacts of the same citizen."""
        return await self._ask(tuple[HistoryItem, ...], "GET", f"/contacts/{contact}/history", token=token)

    async def record_log(self, token: str, record: str, limit: int) -> ChangePage | Failed:
        """The change log of one record, newest first."""
        return await self._ask(
            ChangePage, "GET", f"/directory/changes?record={quote(record, safe='')}&limit={limit}", token=token
        )

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _ask(
        self, kind: type[T], method: str, path: str, *, token: str = "", body: Struct | None = None
    ) -> T | Failed:
        try:
            client = await self._open()
        except (ImportError, OSError, ValueError) as error:  # a proxy of the environment that nothing here can speak to
            log.warning("no HTTP client: %s", error)
            return Failed("unreachable", str(error))
        import httpx

        headers = {"Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = msgspec.json.encode(body)
        try:
            answer = await client.request(method, self._address.http + path, headers=headers, content=content)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            log.info("%s %s failed: %s", method, path.partition("?")[0], type(error).__name__)
            return Failed("unreachable", str(error))
        return read_answer(kind, answer.status_code, answer.content)

    async def _open(self) -> "httpx.AsyncClient":
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._make_client)
            return self._client

    def _make_client(self) -> "httpx.AsyncClient":
        import httpx

        # A proxy of the environment has no business between two programs of one machine.
        return httpx.AsyncClient(timeout=TIMEOUT, trust_env=not self._address.local)


def read_answer(kind: type[T], status: int, content: bytes) -> T | Failed:
    """An HTTP answer as the body it should hold, or what went wrong."""
    if 200 <= status < 300:
        try:
            return msgspec.json.decode(content or b"null", type=kind)
        except msgspec.MsgspecError as error:
            return Failed("incompatible", str(error))
    try:
        problem = msgspec.json.decode(content, type=Problem)
    except (msgspec.MsgspecError, UnicodeError):
        problem = Problem(code="")
    if status == 401:
        return Failed(problem.code or "unauthorized", problem.detail)
    if status == 429:
        return Failed("too_many_attempts", problem.detail)
    if status >= 500:
        code = "storage" if problem.code == "storage" else "unreachable"
        return Failed(code, f"{status} {problem.code}".strip())
    return Failed(problem.code or "incompatible", problem.detail or str(status))
