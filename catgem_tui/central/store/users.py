"""Reading and writing the people who work here."""

import time
import uuid
from typing import Any

import msgspec
from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.store.tables import sessions, users
from catgem_tui.protocol.enums import Role
from catgem_tui.protocol.model import User


class UsernameTaken(Exception):
    """Somebody else has this user name."""

    def __init__(self, username: str) -> None:
        super().__init__(username)
        self.username = username


async def find_credentials(connection: AsyncConnection, username: str) -> tuple[User, str] | None:
    """The user of this name and the password's hash."""
    row = (await connection.execute(select(users).where(users.c.username == username.strip().lower()))).first()
    return (_user(row), row.password_hash) if row else None


async def read_user(connection: AsyncConnection, user_id: str) -> User | None:
    row = (await connection.execute(select(users).where(users.c.id == user_id))).first()
    return _user(row) if row else None


async def read_users(connection: AsyncConnection) -> tuple[User, ...]:
    """Everybody, by user name."""
    return tuple(_user(row) for row in await connection.execute(select(users).order_by(users.c.username)))


async def add_user(
    connection: AsyncConnection, *, username: str, name: str, role: Role, skills: tuple[str, ...], password_hash: str
) -> User:
    """Raises UsernameTaken."""
    if await find_credentials(connection, username):
        raise UsernameTaken(username)
    user = User(id=uuid.uuid4().hex, username=username.strip().lower(), name=name.strip(), role=role, skills=skills)
    await connection.execute(
        users.insert().values(
            id=user.id,
            username=user.username,
            name=user.name,
            role=user.role.value,
            skills=msgspec.json.encode(user.skills).decode(),
            password_hash=password_hash,
            created_at=time.time(),
        )
    )
    return user


async def set_password(connection: AsyncConnection, user_id: str, password_hash: str) -> None:
    """The new password ends every session that the old one began."""
    await connection.execute(update(users).where(users.c.id == user_id).values(password_hash=password_hash))
    await connection.execute(sessions.delete().where(sessions.c.user_id == user_id))


def _user(row: Row[Any]) -> User:
    return User(
        id=row.id,
        username=row.username,
        name=row.name,
        role=Role(row.role),
        skills=msgspec.json.decode(row.skills, type=tuple[str, ...]),
    )
