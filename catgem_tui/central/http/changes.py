"""Routes: changing the directory, and the log of its changes."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.params import JSONBody, QueryParameter

from catgem_tui.central.auth.roles import EVERYONE, visible_record
from catgem_tui.central.directory.validation import RefusedChange
from catgem_tui.central.http.problems import ProblemError
from catgem_tui.central.http.services import Given
from catgem_tui.central.store.changelog import read_lines
from catgem_tui.protocol.editing import ChangeOutcome, ChangePage, ChangeRequest, LoggedChange
from catgem_tui.protocol.enums import FLOOR_ROLES, MANAGER_ROLES, Role
from catgem_tui.protocol.model import Record, User

READERS = FLOOR_ROLES | MANAGER_ROLES
LARGEST_CHANGE = 8 << 20
"""Bytes of a request: 500 records of 16 kB, and little enough to be read between two beats of the live lines."""
PAGE = 100
"""Lines in one answer at most."""
_INSTANT = 1e11


@post("/directory/changes", opt={"roles": MANAGER_ROLES}, status_code=200, request_max_body_size=LARGEST_CHANGE)
async def change_records(
    request: Request[User, Any, Any], data: JSONBody[ChangeRequest], services: Given
) -> ChangeOutcome:
    """All of the records, or none. 400 ``malformed``, ``bad_record``, ``support_required``, ``document_unknown``;
    413 ``too_long``."""
    try:
        return await services.changes.submit(data, request.user)
    except RefusedChange as error:
        raise ProblemError(413 if error.code == "too_long" else 400, error.code, error.detail) from error


@get("/directory/changes", opt={"roles": EVERYONE})
async def change_log(
    request: Request[User, Any, Any],
    services: Given,
    *,
    record: Annotated[str, QueryParameter(max_length=200)] = "",
    who: Annotated[str, QueryParameter(max_length=200)] = "",
    text: Annotated[str, QueryParameter(max_length=200)] = "",
    since: Annotated[float | None, QueryParameter(ge=0, le=_INSTANT)] = None,
    until: Annotated[float | None, QueryParameter(ge=0, le=_INSTANT)] = None,
    before: Annotated[int | None, QueryParameter(ge=1, le=2**62)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE)] = 50,
) -> ChangePage:
    """Newest first; of one record for everyone, of all for those who keep the directory and the floor roles."""
    if not record and request.user.role not in READERS:
        raise ProblemError(403, "not_allowed")
    async with services.database.read() as connection:
        lines = await read_lines(
            connection, record=record, who=who, text=text, since=since, until=until, before=before, limit=limit + 1
        )
    items = tuple(_visible(line, request.user.role) for line in lines[:limit])
    return ChangePage(items=items, more=len(lines) > limit)


def _visible(line: LoggedChange, role: Role) -> LoggedChange:
    def seen(record: Record | None) -> Record | None:
        return visible_record(record, role) if record else None

    return msgspec.structs.replace(line, before=seen(line.before), after=seen(line.after))


ROUTES = [change_records, change_log]
