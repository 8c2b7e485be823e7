"""New accounts: what a user name, a name and a password must be, and making one."""

import re

from catgem_tui.central.auth.passwords import hash_password
from catgem_tui.central.store.database import Database
from catgem_tui.central.store.users import add_user
from catgem_tui.config.i18n import _
from catgem_tui.protocol.enums import Role
from catgem_tui.protocol.model import User

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}", re.ASCII)


class BadAccount(ValueError):
    """A sentence that says what is wrong."""


def check_account(username: str, name: str, password: str) -> None:
    """Raises BadAccount."""
    if not _USERNAME.fullmatch(username.strip().lower()):
        raise BadAccount(_("A user name has 2 to 40 letters without accents, digits, dots, hyphens or underscores."))
    if not 0 < len(name.strip()) <= 120:
        raise BadAccount(_("A name has 1 to 120 characters."))
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadAccount(
            _("A password has {shortest} to {longest} characters.").format(
                shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD
            )
        )


async def create_user(
    database: Database, *, username: str, name: str, role: Role, password: str, skills: tuple[str, ...] = ()
) -> User:
    """Raises BadAccount, UsernameTaken, StorageFailed."""
    check_account(username, name, password)
    password_hash = await hash_password(password)
    async with database.write() as connection:
        return await add_user(
            connection, username=username, name=name, role=role, skills=skills, password_hash=password_hash
        )
