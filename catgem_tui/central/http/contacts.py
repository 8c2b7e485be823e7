"""Routes: a contact with its messages, its citizen's history, its recording."""

import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
from anyio import open_file
from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Stream

from catgem_tui.central.auth.roles import EVERYONE, visible_contact
from catgem_tui.central.http.problems import ProblemError
from catgem_tui.central.http.services import Given, Services
from catgem_tui.central.store.floor import read_detail, read_history, read_recording
from catgem_tui.protocol.enums import FLOOR_ROLES
from catgem_tui.protocol.http import ContactDetail
from catgem_tui.protocol.model import Contact, HistoryItem, User

audit = logging.getLogger("catgem_tui.audit")
_BLOCK = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@get("/contacts/{contact:str}", opt={"roles": EVERYONE})
async def contact_detail(request: Request[User, Any, Any], contact: FromPath[str], services: Given) -> ContactDetail:
    """The contact and everything said. For its advisor and the floor roles."""
    return await _visible_detail(services, contact, request.user)


@get("/contacts/{contact:str}/history", opt={"roles": EVERYONE})
async def contact_history(
    request: Request[User, Any, Any], contact: FromPath[str], services: Given
) -> list[HistoryItem]:
    """Earlier contacts of the same citizen, newest first."""
    detail = await _visible_detail(services, contact, request.user)
    async with services.database.read() as connection:
        return list(await read_history(connection, detail.contact))


@get("/contacts/{contact:str}/recording", opt={"roles": FLOOR_ROLES}, media_type="audio/wav")
async def contact_recording(request: Request[User, Any, Any], contact: FromPath[str], services: Given) -> Stream:
    """The call's recording: citizen left, advisor right. Answers ranges (RFC 9110, section 14)."""
    async with services.database.read() as connection:
        relative = await read_recording(connection, contact)
    path = (services.recordings / relative).resolve() if relative else None
    if path is None or not path.is_relative_to(services.recordings.resolve()) or not path.is_file():
        raise ProblemError(404, "not_found")
    size = path.stat().st_size
    asked = request.headers.get("range", "")
    first, last = parse_range(asked, size)
    audit.info("recording of contact %s, bytes %d-%d, read by %s", contact, first, last, request.user.username)
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(last - first + 1), "Cache-Control": "no-store"}
    partial = (first, last) != (0, size - 1)
    if partial:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Stream(
        read_file(path, first, last), headers=headers, status_code=206 if partial else 200, media_type="audio/wav"
    )


async def _visible_detail(services: Services, contact: str, user: User) -> ContactDetail:
    """Raises ProblemError: not found also when it is not this user's to see, so that ids cannot be tried out."""
    async with services.database.read() as connection:
        detail = await read_detail(connection, contact)
    if detail is None or (user.role not in FLOOR_ROLES and user.id not in _readers(detail.contact)):
        raise ProblemError(404, "not_found")
    return msgspec.structs.replace(detail, contact=visible_contact(detail.contact, user.role))


def _readers(contact: Contact) -> set[str | None]:
    """Its advisor, and the colleague whom they ask about it."""
    asked = contact.call.consultation if contact.call else None
    return {contact.advisor, asked.advisor or None} if asked else {contact.advisor}


def parse_range(header: str, size: int) -> tuple[int, int]:
    """First and last byte to send. Raises ProblemError 416; a range we don't understand is the whole."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.group(0) == "bytes=-" or size == 0:
        return 0, size - 1
    start, end = match.groups()
    if start:
        first, last = int(start), min(int(end), size - 1) if end else size - 1
    else:
        first, last = max(0, size - int(end)), size - 1
    if first > last:
        raise ProblemError(416, "malformed", headers={"Content-Range": f"bytes */{size}"})
    return first, last


async def read_file(path: Path, first: int, last: int) -> AsyncIterator[bytes]:
    async with await open_file(path, "rb") as file:
        await file.seek(first)
        left = last - first + 1
        while left > 0 and (block := await file.read(min(_BLOCK, left))):
            left -= len(block)
            yield block


ROUTES = [contact_detail, contact_history, contact_recording]
