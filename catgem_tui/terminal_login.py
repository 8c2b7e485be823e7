"""Central, for one command of the command line: a session of its own, which ends with the command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from catgem_tui.config.i18n import _
from catgem_tui.desk.account import Account
from catgem_tui.desk.credentials import Credentials
from catgem_tui.link.address import Failed, parse_address
from catgem_tui.link.editing import EditingApi
from catgem_tui.protocol.model import User
from catgem_tui.ui import wording


class NotAdmitted(Exception):
    """Central did not let us in, or does not answer; the message is a sentence for the person."""


@dataclass(frozen=True)
class Admitted:
    """An open session. ``account.token()`` is always fresh."""

    user: User
    api: EditingApi
    account: Account


@asynccontextmanager
async def admitted(central: str, username: str, password: str) -> AsyncIterator[Admitted]:
    """Log in at this base URL, and out at the end. Raises NotAdmitted."""
    address = parse_address(central)
    if isinstance(address, Failed):
        raise NotAdmitted(sentence(address, central))
    api = EditingApi(address)
    account = Account(api, Credentials(central, lambda: None))
    try:
        session = await account.log_in(username, password)
        if isinstance(session, Failed):
            raise NotAdmitted(sentence(session, central))
        try:
            yield Admitted(session.user, api, account)
        finally:
            await account.log_out()
    finally:
        await api.close()


def sentence(failed: Failed, central: str) -> str:
    """What central did not do, and what the person may do."""
    code = {"unreachable": "central_unreachable", "incompatible": "central_incompatible"}.get(failed.code, failed.code)
    words = wording.NOTICES.get(code)
    if words is None:
        return _("Central refused: %s.") % (failed.detail or failed.code)
    return _(words) % {"central": central}
