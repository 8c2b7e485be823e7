"""Every error of the API is a Problem with a code; the log has what lies behind it."""

import logging
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from catgem_tui.central.ports import StorageFailed
from catgem_tui.protocol.http import Problem

logger = logging.getLogger(__name__)

_CODES = {
    400: "malformed",
    401: "expired",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_long",
    415: "malformed",
}


class ProblemError(Exception):
    """Ends a request with this answer."""

    def __init__(self, status: int, code: str, detail: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.headers = status, code, detail, headers or {}


def _answer(status: int, code: str, detail: str = "", headers: dict[str, str] | None = None) -> Response[Problem]:
    return Response(
        Problem(code=code, detail=detail), status_code=status, headers=headers, media_type="application/json"
    )


def _problem(_request: Request[Any, Any, Any], error: ProblemError) -> Response[Problem]:
    return _answer(error.status, error.code, error.detail, error.headers)


def _http(_request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    detail = error.detail
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        detail = "; ".join(f"{item.get('key', 'body')}: {item.get('message', '')}" for item in error.extra)
    return _answer(error.status_code, _CODES.get(error.status_code, "failed"), detail)


def _storage(_request: Request[Any, Any, Any], _error: StorageFailed) -> Response[Problem]:
    return _answer(503, "storage")


def _too_deep(_request: Request[Any, Any, Any], _error: RecursionError) -> Response[Problem]:
    """A body of thousands of brackets: the JSON reader gives up on it."""
    return _answer(400, "malformed")


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _answer(500, "internal")


EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    ProblemError: _problem,
    HTTPException: _http,
    StorageFailed: _storage,
    RecursionError: _too_deep,
    Exception: _unexpected,
}
