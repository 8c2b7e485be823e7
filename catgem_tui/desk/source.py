"""Where the directory's copy comes from: central, as whoever is logged in."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from catgem_tui.directory.sealing import Sealer, stream_cipher
from catgem_tui.directory.source import NoCopy
from catgem_tui.link.address import Failed
from catgem_tui.link.api import Api
from catgem_tui.protocol.http import RecordPage
from catgem_tui.protocol.model import Record
from catgem_tui.protocol.sums import DirectorySums, Listing

T = TypeVar("T")


class Ask(Protocol):
    """Asks central with a token that is good; None where it cannot answer now."""

    async def __call__(self, ask: Callable[[Api, str], Awaitable[T | Failed]], /) -> T | None: ...


class CentralSource:
    """The directory's ``Source``."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def page(self, after: int, limit: int) -> RecordPage | None:
        return await self._ask(lambda api, token: api.records(token, after, limit))

    async def copy(self, folder: Path, progress: Callable[[int, int], None], sealer: Sealer | None) -> Path | None:
        async def ask(api: Api, token: str) -> Path | Failed:
            answer = await api.directory_copy(token, folder, progress, _seal_with(sealer))
            if isinstance(answer, Failed) and answer.code == "not_found":
                raise NoCopy
            return answer

        return await self._ask(ask)

    async def sums(self, at: int) -> DirectorySums | None:
        return await self._ask(lambda api, token: api.directory_sums(token, at))

    async def listing(self, buckets: Sequence[int]) -> Listing | None:
        return await self._ask(lambda api, token: api.directory_listing(token, buckets))

    async def some(self, ids: Sequence[str]) -> tuple[Record, ...] | None:
        return await self._ask(lambda api, token: api.some_records(token, ids))


def _seal_with(sealer: Sealer | None) -> Callable[[str, int], Any] | None:
    if sealer is None:
        return None
    key = sealer.key
    return lambda name, start: stream_cipher(key, name, start)
