"""Routes: the documents that changes rest on."""

import logging
import re
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Request, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from catgem_tui.central.directory.documents import LONGEST_GIVEN
from catgem_tui.central.http.contacts import read_file
from catgem_tui.central.http.problems import ProblemError
from catgem_tui.central.http.services import Given
from catgem_tui.protocol.editing import LARGEST_DOCUMENT, Document
from catgem_tui.protocol.enums import MANAGER_ROLES, RESTRICTED_READERS
from catgem_tui.protocol.model import User

audit = logging.getLogger("catgem_tui.audit")


@post("/directory/documents", opt={"roles": MANAGER_ROLES}, request_max_body_size=LARGEST_DOCUMENT)
async def keep_document(
    request: Request[User, Any, Any],
    services: Given,
    name: Annotated[str, QueryParameter(max_length=LONGEST_GIVEN)] = "",
) -> Document:
    """The body is the file. 400 ``malformed`` when it is empty, 413 ``too_long``, 503 ``storage``."""
    document = await services.documents.keep(
        request.stream(),
        name=name,
        media_type=request.headers.get("content-type", ""),
        who=request.user.name,
    )
    if document is None:
        raise ProblemError(400, "malformed", "body")
    audit.info("document %s received from %s", document.sha256, request.user.username)
    return document


@get("/directory/documents/{sha256:str}", opt={"roles": RESTRICTED_READERS})
async def read_document(request: Request[User, Any, Any], sha256: FromPath[str], services: Given) -> Stream:
    """The file, to be saved. 404 ``not_found``."""
    found = await services.documents.find(sha256)
    if found is None:
        raise ProblemError(404, "not_found")
    document, path = found
    audit.info("document %s read by %s", sha256, request.user.username)
    headers = {**saved_as(document.name), "Content-Length": str(document.size)}
    return Stream(read_file(path, 0, document.size - 1), headers=headers, media_type=document.media_type)


def saved_as(name: str) -> dict[str, str]:
    """Headers of a file that the reader saves under this name (RFC 6266, the full name as RFC 5987 has it)."""
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "no-store",
    }


ROUTES = [keep_document, read_document]
