"""Routes: changing the directory, and the log of its changes."""

import logging
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, QueryParameter, SkipValidation
from litestar.response import Stream

from catgem_tui.central.auth.roles import EVERYONE, visible_record
from catgem_tui.central.directory.evidence import FORMATS, export
from catgem_tui.central.directory.validation import RefusedChange
from catgem_tui.central.http.documents import saved_as
from catgem_tui.central.http.problems import ProblemError
from catgem_tui.central.http.services import Given
from catgem_tui.central.store.changelog import Wanted, count_lines, read_head, read_lines
from catgem_tui.protocol.editing import EXPORTED, ChangeOutcome, ChangePage, ChangeRequest, LoggedChange
from catgem_tui.protocol.enums import FLOOR_ROLES, MANAGER_ROLES, Role
from catgem_tui.protocol.model import Record, User

READERS = FLOOR_ROLES | MANAGER_ROLES
LARGEST_CHANGE = 8 << 20
"""Bytes of a request: 500 records of 16 kB, and little enough to be read between two beats of the live lines."""
PAGE = 100
"""Lines in one answer at most."""
_INSTANT = 1e11
Lines = NamedDependency[SkipValidation[Wanted]]
audit = logging.getLogger("catgem_tui.audit")


@post("/directory/changes", opt={"roles": MANAGER_ROLES}, status_code=200, request_max_body_size=LARGEST_CHANGE)
async def change_records(
    request: Request[User, Any, Any], data: JSONBody[ChangeRequest], services: Given
) -> ChangeOutcome:
    """All of the records, or none; at once, or kept until it is approved or its hour has come.

    400 ``malformed``, ``bad_record``, ``support_required``, ``document_unknown``; 413 ``too_long``.
    """
    try:
        return await services.changes.submit(data, request.user)
    except RefusedChange as error:
        raise ProblemError(413 if error.code == "too_long" else 400, error.code, error.detail) from error


async def wanted_lines(
    *,
    record: Annotated[str, QueryParameter(max_length=200)] = "",
    who: Annotated[str, QueryParameter(max_length=200)] = "",
    text: Annotated[str, QueryParameter(max_length=200)] = "",
    since: Annotated[float | None, QueryParameter(ge=0, le=_INSTANT)] = None,
    until: Annotated[float | None, QueryParameter(ge=0, le=_INSTANT)] = None,
) -> Wanted:
    return Wanted(record=record, who=who, text=text, since=since, until=until)


@get("/directory/changes", opt={"roles": EVERYONE}, dependencies={"wanted": Provide(wanted_lines)})
async def change_log(
    request: Request[User, Any, Any],
    services: Given,
    wanted: Lines,
    before: Annotated[int | None, QueryParameter(ge=1, le=2**62)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE)] = 50,
) -> ChangePage:
    """Newest first; of one record for everyone, of all for those who keep the directory and the floor roles."""
    if not wanted.record and request.user.role not in READERS:
        raise ProblemError(403, "not_allowed")
    async with services.database.read() as connection:
        lines = await read_lines(connection, wanted, before=before, limit=limit + 1)
    items = tuple(_visible(line, request.user.role) for line in lines[:limit])
    return ChangePage(items=items, more=len(lines) > limit)


@get("/directory/changes/export", opt={"roles": READERS}, dependencies={"wanted": Provide(wanted_lines)})
async def export_log(
    request: Request[User, Any, Any],
    services: Given,
    wanted: Lines,
    form: Annotated[Literal["csv", "jsonl"], QueryParameter(name="format")] = "jsonl",
) -> Stream:
    """The log as evidence, oldest first, as it stands now; without restricted values."""
    async with services.database.read() as connection:
        head = await read_head(connection)
        count = await count_lines(connection, wanted, head)
    audit.info("change log up to line %d exported by %s", head.number, request.user.username)
    return Stream(
        export(services.database, wanted, head, form),
        headers=saved_as(f"changes.{form}") | {EXPORTED: str(count)},
        media_type=FORMATS[form],
    )


def _visible(line: LoggedChange, role: Role) -> LoggedChange:
    def seen(record: Record | None) -> Record | None:
        return visible_record(record, role) if record else None

    return msgspec.structs.replace(line, before=seen(line.before), after=seen(line.after))


ROUTES = [change_records, change_log, export_log]
