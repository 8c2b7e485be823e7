"""Bodies of the HTTP API (`/api/v1`), JSON both ways.

| route | what |
|---|---|
| ``POST /session`` Login → Session | 401 ``wrong_credentials`` |
| ``POST /session/refresh`` Refresh → Session | 401 ``expired`` |
| ``DELETE /session`` | forgets this session's tokens |
| ``GET /me`` → User | |
| ``GET /directory/records?after=CURSOR&limit=N`` → RecordPage | changed since, oldest change first |
| ``GET /contacts/{id}`` → ContactDetail | its advisor and the floor roles |
| ``GET /contacts/{id}/history`` → [HistoryItem] | earlier contacts of the same citizen |
| ``GET /contacts/{id}/recording`` → audio/wav | floor roles |
| ``GET /users``, ``POST /users`` | administrators |
| ``GET /health`` → Health | anyone |

How the directory is changed is in ``protocol.editing``.

Everything but ``POST /session*`` and ``/health`` wants ``Authorization: Bearer``. Errors are Problem with a status.
"""

from catgem_tui.protocol.enums import Role
from catgem_tui.protocol.model import Contact, Message, Record, Struct, User


class Login(Struct, frozen=True, kw_only=True):
    username: str
    password: str


class Refresh(Struct, frozen=True, kw_only=True):
    refresh_token: str


class Session(Struct, frozen=True, kw_only=True):
    user: User
    access_token: str
    access_expires_in: float
    """Seconds."""
    refresh_token: str


class RecordPage(Struct, frozen=True, kw_only=True):
    records: tuple[Record, ...]
    cursor: int
    """Ask for what comes after this next."""
    more: bool = False


class ContactDetail(Struct, frozen=True, kw_only=True):
    contact: Contact
    messages: tuple[Message, ...] = ()
    recording: bool = False


class NewUser(Struct, frozen=True, kw_only=True):
    username: str
    name: str
    role: Role
    password: str
    skills: tuple[str, ...] = ()


class Health(Struct, frozen=True, kw_only=True):
    ok: bool
    version: str
    protocol: int
    sip: str = ""
    """Where citizens' calls arrive: host:port."""
    smtp: str = ""
    chat: str = ""
    """Path of the citizen's page."""


class Problem(Struct, frozen=True, kw_only=True):
    """An error, by code; worded where it is shown."""

    code: str
    detail: str = ""
