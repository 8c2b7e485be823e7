"""Routes: the directory's changes, and central's health."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.params import QueryParameter

from catgem_tui.central.auth.roles import EVERYONE, visible_record
from catgem_tui.central.directory.service import PAGE
from catgem_tui.central.http.access import PUBLIC
from catgem_tui.central.http.services import Given
from catgem_tui.protocol.http import Health, RecordPage
from catgem_tui.protocol.model import User


@get("/directory/records", opt={"roles": EVERYONE})
async def changed_records(
    request: Request[User, Any, Any],
    services: Given,
    after: Annotated[int, QueryParameter(ge=0, le=2**62)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE)] = PAGE,
) -> RecordPage:
    """Records changed after the cursor, oldest change first, as this role may see them."""
    page = await services.directory.page(after, limit)
    records = tuple(visible_record(record, request.user.role) for record in page.records)
    return msgspec.structs.replace(page, records=records)


@get("/health", opt={"roles": PUBLIC})
async def health(services: Given) -> Health:
    """Whether central works, and where citizens reach it."""
    return services.health()


ROUTES = [changed_records, health]
