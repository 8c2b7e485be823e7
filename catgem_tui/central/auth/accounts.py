"""What a user name, a name and a password must be."""

import re

from catgem_tui.config.i18n import _

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
