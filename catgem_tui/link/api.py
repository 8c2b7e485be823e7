"""The HTTP client: every call returns what was asked for or ``Failed``."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import msgspec

from catgem_tui.link.address import Address, Failed
from catgem_tui.link.download import Seal, download
from catgem_tui.protocol.editing import ChangePage
from catgem_tui.protocol.http import Login, Problem, RecordPage, Refresh, Session
from catgem_tui.protocol.model import HistoryItem, Record, Struct
from catgem_tui.protocol.sums import DirectorySums, Listing, Wanted

if TYPE_CHECKING:
    import httpx

TIMEOUT = 10.0
"""Seconds for any one answer."""

log = logging.getLogger(__name__)
T = TypeVar("T")


class _Page(Struct, frozen=True, kw_only=True):
    """A RecordPage before its records are looked at."""

    records: tuple[msgspec.Raw, ...]
    cursor: int
    more: bool = False


def _readable(records: Sequence[msgspec.Raw]) -> tuple[Record, ...]:
    """Those that this version can read: one that it cannot must not hold up the others."""
    found = []
    for record in records:
        try:
            found.append(msgspec.json.decode(record, type=Record))
        except msgspec.MsgspecError as error:
            log.warning("a record cannot be read and is left out: %s", error)
    return tuple(found)


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
        page = await self._ask(_Page, "GET", f"/directory/records?after={after}&limit={limit}", token=token)
        if isinstance(page, Failed):
            return page
        return RecordPage(records=_readable(page.records), cursor=page.cursor, more=page.more)

    async def directory_sums(self, token: str, at: int) -> DirectorySums | Failed:
        """What the local copy, which stands ``at`` a cursor, is compared with."""
        return await self._ask(DirectorySums, "GET", f"/directory/sums?at={at}", token=token)

    async def directory_listing(self, token: str, buckets: Sequence[int]) -> Listing | Failed:
        """Ids and revisions in these ranges."""
        wanted = "&".join(f"bucket={bucket}" for bucket in buckets)
        return await self._ask(Listing, "GET", f"/directory/listing?{wanted}", token=token)

    async def some_records(self, token: str, ids: Sequence[str]) -> tuple[Record, ...] | Failed:
        """These records, as far as they are there."""
        page = await self._ask(_Page, "POST", "/directory/some", token=token, body=Wanted(ids=tuple(ids)))
        return page if isinstance(page, Failed) else _readable(page.records)

    async def directory_copy(
        self, token: str, folder: Path, progress: Callable[[int, int], None], seal: Seal | None = None
    ) -> Path | Failed:
        """The whole directory as a file in ``folder``. What is there of an earlier try is gone on with (RFC 9110, 14).

        ``progress`` hears how many bytes are here, and of how many. Restricted fields are in it only where the file can
        be kept sealed. Raises OSError when the file cannot be written.
        """
        client = await self._open()
        url = self._address.http + ("/directory/copy?restricted=true" if seal else "/directory/copy")
        return await download(client, url, token, folder, progress, seal=seal)

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
