"""Routes: the block list and the audit trail."""

import logging
from typing import Annotated, Any

from litestar import Request, get
from litestar.params import QueryParameter

from catgem_tui.central.http.services import Given
from catgem_tui.central.store.guarding import WantedEntries, read_blocks, read_entries
from catgem_tui.protocol.enums import FLOOR_ROLES
from catgem_tui.protocol.guarding import AuditPage, Blocked
from catgem_tui.protocol.model import User

PAGE = 100
"""Lines in one answer at most."""
audit = logging.getLogger("catgem_tui.audit")


@get("/guard/blocked", opt={"roles": FLOOR_ROLES})
async def blocked_callers(services: Given) -> list[Blocked]:
    """Who is refused now, the last blocked first."""
    async with services.database.read() as connection:
        return list((await read_blocks(connection, services.clock())).values())


@get("/guard/audit", opt={"roles": FLOOR_ROLES})
async def audit_trail(
    request: Request[User, Any, Any],
    services: Given,
    *,
    kind: Annotated[str, QueryParameter(max_length=40)] = "",
    contact: Annotated[str, QueryParameter(max_length=200)] = "",
    before: Annotated[int | None, QueryParameter(ge=1, le=2**62)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE)] = 50,
) -> AuditPage:
    """Newest first."""
    async with services.database.read() as connection:
        wanted = WantedEntries(kind=kind, contact=contact)
        items = await read_entries(connection, wanted, before=before, limit=limit + 1)
    audit.info("audit trail read by %s", request.user.username)
    return AuditPage(items=items[:limit], more=len(items) > limit)


ROUTES = [blocked_callers, audit_trail]
