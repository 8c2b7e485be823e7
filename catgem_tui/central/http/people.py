"""Routes: logging in, staying in, logging out; who I am; the people who work here."""

import logging
from typing import Any

from litestar import Request, delete, get, post
from litestar.params import JSONBody

from catgem_tui.central.auth.accounts import BadAccount, create_user
from catgem_tui.central.auth.roles import ADMINISTRATORS, EVERYONE
from catgem_tui.central.auth.sessions import Expired, WrongCredentials
from catgem_tui.central.http.access import PUBLIC
from catgem_tui.central.http.problems import ProblemError
from catgem_tui.central.http.services import Given
from catgem_tui.central.store.users import UsernameTaken, read_users
from catgem_tui.protocol.http import Login, NewUser, Refresh, Session
from catgem_tui.protocol.model import User

logger = logging.getLogger(__name__)


@post("/session", opt={"roles": PUBLIC}, status_code=200)
async def log_in(request: Request[Any, Any, Any], data: JSONBody[Login], services: Given) -> Session:
    """New tokens for a user name and password. 401 ``wrong_credentials``; 429 ``too_many_attempts``."""
    username = data.username.strip().lower()
    address = request.client.host if request.client else ""
    if not services.attempts.begin(username, address):
        raise ProblemError(429, "too_many_attempts")
    try:
        session = await services.sessions.log_in(username, data.password)
    except WrongCredentials as error:
        # People type their password where the user name belongs: only a name that is one goes into the log.
        logger.warning("wrong password for %s from %s", username if error.known else "an unknown user", address)
        raise ProblemError(401, "wrong_credentials") from error
    services.attempts.right(username, address)
    return session


@post("/session/refresh", opt={"roles": PUBLIC}, status_code=200)
async def refresh(data: JSONBody[Refresh], services: Given) -> Session:
    """New tokens for a refresh token, which is used up by this. 401 ``expired``, which ends the live line too."""
    try:
        return await services.sessions.refresh(data.refresh_token)
    except Expired as error:
        services.hub.end_session(error.session)
        raise ProblemError(401, "expired") from error


@delete("/session", opt={"roles": EVERYONE})
async def log_out(request: Request[User, str, Any], services: Given) -> None:
    """Forget this session's tokens, and end its live line."""
    await services.sessions.log_out(request.auth)
    services.hub.end_session(request.auth)


@get("/me", opt={"roles": EVERYONE})
async def me(request: Request[User, Any, Any]) -> User:
    """The user of the token."""
    return request.user


@get("/users", opt={"roles": ADMINISTRATORS})
async def list_users(services: Given) -> list[User]:
    """Everybody who works here."""
    async with services.database.read() as connection:
        return list(await read_users(connection))


@post("/users", opt={"roles": ADMINISTRATORS})
async def hire(request: Request[User, Any, Any], data: JSONBody[NewUser], services: Given) -> User:
    """Somebody new. 400 ``malformed``; 409 ``username_taken``."""
    try:
        user = await create_user(
            services.database,
            username=data.username,
            name=data.name,
            role=data.role,
            password=data.password,
            skills=data.skills,
        )
    except BadAccount as error:
        raise ProblemError(400, "malformed", str(error)) from error
    except UsernameTaken as error:
        raise ProblemError(409, "username_taken", error.username) from error
    await services.actor.admit(user)
    logger.info("user %s (%s) added by %s", user.username, user.role, request.user.username)
    return user


ROUTES = [log_in, refresh, log_out, me, list_users, hire]
