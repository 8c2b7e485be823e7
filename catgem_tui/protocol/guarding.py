"""What guards a centre, as HTTP shows it: the audit trail and the block list.

| route | what |
|---|---|
| ``GET /guard/blocked`` → [Blocked] | callers refused now, the last blocked first; floor roles |
| ``GET /guard/audit?before=N&limit=N&kind=&contact=`` → AuditPage | newest first; floor roles |
"""

from catgem_tui.protocol.model import Struct


class AuditEntry(Struct, frozen=True, kw_only=True):
    """A line of the audit trail: who did what, when, with which contact; never what a citizen said."""

    number: int = 0
    """Of the line; 0 before it is written."""
    at: float
    who: str
    """Name of the person; empty for central itself."""
    kind: str
    """``recording.paused``, ``recording.resumed``, ``caller.warned``, ``caller.blocked``, ``caller.unblocked``,
    ``contact.emergency``."""
    contact: str = ""
    phone: str = ""
    """The telephone number it is about."""
    details: dict[str, str | float] = {}
    digest: str = ""


class AuditPage(Struct, frozen=True, kw_only=True):
    items: tuple[AuditEntry, ...]
    more: bool = False


class Blocked(Struct, frozen=True, kw_only=True):
    """A caller who is refused until an instant."""

    phone: str
    """As the network gave it."""
    until: float
    at: float
    by: str
    """Name of who blocked it."""
    reason: str = ""
    contact: str = ""
