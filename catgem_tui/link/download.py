"""One large file over HTTP that may be cut off at any byte, in this process or the next."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from catgem_tui.link.address import Failed

if TYPE_CHECKING:
    import httpx

PART = ".part"
"""Ending of a file that is not whole. Its name is the entity tag of what it is a part of."""
_CODES = {401: "unauthorized", 404: "not_found"}
Seal = Callable[[str, int], Any]
"""Makes of a file's name and a place in it what turns the bytes from there on into sealed ones (``update``)."""
log = logging.getLogger(__name__)


async def download(
    client: "httpx.AsyncClient",
    url: str,
    token: str,
    folder: Path,
    progress: Callable[[int, int], None],
    *,
    seal: Seal | None = None,
) -> Path | Failed:
    """The whole file. ``unreachable`` when it was cut off: the part stays, to be gone on with.

    With ``seal`` no byte of it is on disk as it came. Raises OSError.
    """
    import httpx

    part = _begun(folder)
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    if part is not None:
        headers |= {"Range": f"bytes={part.stat().st_size}-", "If-Range": _tag_of(part)}
    try:
        async with client.stream("GET", url, headers=headers) as answer:
            if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and part is not None:
                whole = _size_of(answer) == part.stat().st_size
                if whole:
                    return part
                part.unlink()
                return Failed("unreachable", "another file")
            if answer.status_code not in {200, 206} or "etag" not in answer.headers:
                return Failed(_CODES.get(answer.status_code, "unreachable"), str(answer.status_code))
            if answer.status_code == 200 or part is None:
                part = _begin(folder, answer.headers["etag"])
            here = part.stat().st_size
            total = here + int(answer.headers.get("content-length", 0))
            cipher = seal(part.name, here) if seal else None
            with part.open("ab") as file:
                async for block in answer.aiter_raw():
                    file.write(cipher.update(block) if cipher else block)
                    here += len(block)
                    progress(here, total)
    except httpx.HTTPError as error:
        log.info("a download was cut off: %s", type(error).__name__)
        return Failed("unreachable", str(error))
    return part if here == total else Failed("unreachable", f"{here} of {total}")


def _begun(folder: Path) -> Path | None:
    """What an earlier try left; with several, none of them is trusted."""
    parts = list(folder.glob(f"*{PART}"))
    if len(parts) == 1 and parts[0].stat().st_size:
        return parts[0]
    for part in parts:
        part.unlink()
    return None


def _begin(folder: Path, tag: str) -> Path:
    for part in folder.glob(f"*{PART}"):
        part.unlink()
    part = folder / f"{quote(tag, safe='')}{PART}"
    part.touch(mode=0o600)
    return part


def _tag_of(part: Path) -> str:
    return unquote(part.name.removesuffix(PART))


def _size_of(answer: "httpx.Response") -> int:
    """Of ``Content-Range: bytes */N``; -1 where it does not say."""
    size = answer.headers.get("content-range", "").rpartition("/")[2]
    return int(size) if size.isdecimal() else -1
