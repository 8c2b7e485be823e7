"""Sessions: a short access token, and a refresh token that changes with every use. Both are opaque, kept as hashes."""

import hashlib
import logging
import secrets
import time
import uuid
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from catgem_tui.central.auth.passwords import verify_password
from catgem_tui.central.store.database import Database
from catgem_tui.central.store.tables import sessions
from catgem_tui.central.store.users import find_credentials, read_user
from catgem_tui.protocol.http import Session
from catgem_tui.protocol.model import User

logger = logging.getLogger(__name__)

REUSE_SECONDS = 60.0
"""A refresh token may be used again so soon after its use: the answer may have been lost on a bad line. Any other
use of a token that is not the last one means that somebody has a copy, and ends the session (RFC 9700, 4.14.2)."""


class WrongCredentials(Exception):
    """User name or password is wrong; which one is not for the caller to know: ``known`` is whether the user exists."""

    def __init__(self, *, known: bool) -> None:
        super().__init__("wrong credentials")
        self.known = known


class Expired(Exception):
    """The token is unknown, used up or too old. ``session`` is the one that ended by this, or empty."""

    def __init__(self, session: str = "") -> None:
        super().__init__("expired")
        self.session = session


@dataclass(frozen=True)
class Holder:
    """Whose token it is, and of which session."""

    user: User
    session: str


class Sessions:
    """Logging in, staying in, logging out."""

    def __init__(self, database: Database, *, access_lifetime: float, refresh_lifetime: float) -> None:
        """Lifetimes in seconds; a refresh token's begins anew with every use."""
        self._database = database
        self._access_lifetime = access_lifetime
        self._refresh_lifetime = refresh_lifetime

    async def log_in(self, username: str, password: str) -> Session:
        """Raises WrongCredentials, StorageFailed."""
        async with self._database.read() as connection:
            found = await find_credentials(connection, username)
        right = await verify_password(password, found[1] if found else None)
        if found is None or not right:
            raise WrongCredentials(known=found is not None)
        return await self.open(found[0])

    async def open(self, user: User) -> Session:
        """A session of somebody who has shown who they are. Raises StorageFailed."""
        now, session = time.time(), uuid.uuid4().hex
        access, refresh = _token(), _refresh_token(session)
        async with self._database.write() as connection:
            await connection.execute(delete(sessions).where(sessions.c.refresh_expires_at < now))
            await connection.execute(
                sessions.insert().values(
                    id=session,
                    user_id=user.id,
                    access_hash=_hash(access),
                    access_expires_at=now + self._access_lifetime,
                    refresh_hash=_hash(refresh),
                    refresh_expires_at=now + self._refresh_lifetime,
                    rotated_at=now,
                )
            )
        return self._session(user, access, refresh)

    async def refresh(self, refresh_token: str) -> Session:
        """New tokens for old. Raises Expired, StorageFailed."""
        now, hashed = time.time(), _hash(refresh_token)
        session = refresh_token.partition(".")[0]
        access, refresh = _token(), _refresh_token(session)
        stolen = False
        user = None
        async with self._database.write() as connection:
            row = (await connection.execute(select(sessions).where(sessions.c.id == session))).first()
            if row is not None:
                answer_lost = row.previous_refresh_hash == hashed and now <= row.rotated_at + REUSE_SECONDS
                stolen = row.refresh_hash != hashed and not answer_lost
                user = await read_user(connection, row.user_id)
            if row is None or user is None or stolen or row.refresh_expires_at < now:
                if row is not None:
                    await connection.execute(delete(sessions).where(sessions.c.id == row.id))
            else:
                await connection.execute(
                    update(sessions)
                    .where(sessions.c.id == row.id)
                    .values(
                        access_hash=_hash(access),
                        access_expires_at=now + self._access_lifetime,
                        refresh_hash=_hash(refresh),
                        refresh_expires_at=now + self._refresh_lifetime,
                        previous_refresh_hash=hashed,
                        rotated_at=now,
                    )
                )
                return self._session(user, access, refresh)
        if stolen:
            logger.warning("a refresh token was used again: session of user %s ended", row.user_id if row else "?")
        raise Expired(session if row is not None else "")

    async def holder_of(self, access_token: str) -> Holder | None:
        """Whose token this is, or None when it is unknown or too old. Raises StorageFailed."""
        async with self._database.read() as connection:
            query = select(sessions.c.id, sessions.c.user_id).where(
                sessions.c.access_hash == _hash(access_token), sessions.c.access_expires_at > time.time()
            )
            row = (await connection.execute(query)).first()
            user = await read_user(connection, row.user_id) if row else None
        return Holder(user=user, session=row.id) if row and user else None

    async def log_out(self, session: str) -> None:
        """Forget the session's tokens. Raises StorageFailed."""
        async with self._database.write() as connection:
            await connection.execute(delete(sessions).where(sessions.c.id == session))

    def _session(self, user: User, access: str, refresh: str) -> Session:
        return Session(user=user, access_token=access, access_expires_in=self._access_lifetime, refresh_token=refresh)


def _refresh_token(session: str) -> str:
    """It names its session, so that one used up long ago still tells which session somebody has a copy of."""
    return f"{session}.{_token()}"


def _token() -> str:
    return secrets.token_urlsafe(32)


def _hash(token: str) -> str:
    # A token has 256 random bits; a plain hash is enough, nothing can be guessed.
    return hashlib.sha256(token.encode()).hexdigest()
