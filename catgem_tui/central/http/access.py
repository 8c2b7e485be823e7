"""Who may call which route: one guard over the whole API. A route that does not say who may call it is closed."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from catgem_tui.central.auth.sessions import Sessions
from catgem_tui.central.http.problems import ProblemError
from catgem_tui.protocol.enums import Role

PUBLIC: frozenset[Role] | None = None
"""Value of a route's ``roles`` that lets anyone in, without a token."""


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Litestar guard: check the bearer token and the role.

    Sets ``request.user``, and ``request.auth`` to the session's id. Raises ProblemError, StorageFailed.
    An address with a zero character is refused: PostgreSQL keeps it in no text, so nothing is found by it.
    """
    if b"%00" in connection.scope["raw_path"] + b"?" + connection.scope["query_string"]:
        raise ProblemError(400, "malformed")
    roles = handler.opt.get("roles", frozenset())
    if roles is PUBLIC:
        return
    sessions: Sessions = connection.app.state.sessions
    token = bearer(connection)
    holder = await sessions.holder_of(token) if token else None
    if holder is None:
        raise ProblemError(401, "expired", headers={"WWW-Authenticate": "Bearer"})
    if holder.user.role not in roles:
        raise ProblemError(403, "not_allowed")
    connection.scope["user"], connection.scope["auth"] = holder.user, holder.session


def bearer(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The access token of the Authorization header, or empty (RFC 6750)."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
