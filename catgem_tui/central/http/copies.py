"""Routes: the whole directory at once, and what a workstation compares its copy with."""

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.params import JSONBody, QueryParameter
from litestar.response import Stream

from catgem_tui.central.auth.roles import EVERYONE, visible_record
from catgem_tui.central.http.contacts import parse_range, read_file
from catgem_tui.central.http.problems import ProblemError
from catgem_tui.central.http.services import Given
from catgem_tui.protocol.enums import RESTRICTED_READERS
from catgem_tui.protocol.http import RecordPage
from catgem_tui.protocol.model import User
from catgem_tui.protocol.sums import BUCKETS, MOST_WANTED, DirectorySums, Listing, Wanted


@get("/directory/copy", opt={"roles": EVERYONE}, media_type="application/gzip")
async def directory_copy(
    request: Request[User, Any, Any], services: Given, restricted: Annotated[bool, QueryParameter()] = False
) -> Stream:
    """All records, compressed, as this role may see them. Answers ranges (RFC 9110, sections 13.1.5 and 14)."""
    restricted = restricted and request.user.role in RESTRICTED_READERS
    wanted = request.headers.get("if-range", "")
    copy = await services.copies.copy(services.directory.cursor, restricted=restricted, etag=wanted)
    size = copy.path.stat().st_size
    asked = "" if wanted and wanted != copy.etag else request.headers.get("range", "")
    first, last = parse_range(asked, size)
    partial = (first, last) != (0, size - 1)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-transform",
        "Content-Length": str(last - first + 1),
        "ETag": copy.etag,
    }
    if partial:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Stream(
        read_file(copy.path, first, last),
        headers=headers,
        status_code=206 if partial else 200,
        media_type="application/gzip",
    )


@get("/directory/sums", opt={"roles": EVERYONE})
async def directory_sums(services: Given, at: Annotated[int, QueryParameter(ge=0, le=2**62)] = 0) -> DirectorySums:
    """One sum for each bucket of records. ``at`` is where the copy stands that they are compared with."""
    return await services.copies.sums(services.directory.cursor, at)


@get("/directory/listing", opt={"roles": EVERYONE})
async def directory_listing(
    services: Given, bucket: Annotated[list[int], QueryParameter(min_items=1, max_items=BUCKETS)]
) -> Listing:
    """Ids and revisions of the records in these buckets."""
    return await services.copies.listing(frozenset(bucket))


@post("/directory/some", opt={"roles": EVERYONE}, status_code=200)
async def some_records(request: Request[User, Any, Any], services: Given, data: JSONBody[Wanted]) -> RecordPage:
    """These records, as far as they are there and as this role may see them."""
    if len(data.ids) > MOST_WANTED:
        raise ProblemError(400, "too_long")
    found = await services.copies.some(data.ids)
    records = tuple(visible_record(record, request.user.role) for record in found)
    return RecordPage(records=records, cursor=services.directory.cursor)


ROUTES = [directory_copy, directory_sums, directory_listing, some_records]
