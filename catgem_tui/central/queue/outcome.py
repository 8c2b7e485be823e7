"""What one step of the queue brought about."""

from dataclasses import dataclass, field

from catgem_tui.central.ports import Effect
from catgem_tui.protocol.frames import Refused
from catgem_tui.protocol.guarding import AuditEntry, Blocked
from catgem_tui.protocol.model import Advisor, Contact, Message, Struct


@dataclass(frozen=True, slots=True)
class Addressed:
    """An event of the floor topic (a body of ``protocol.events``) and who gets it."""

    body: Struct
    audience: frozenset[str] = frozenset()
    """User ids."""
    floor: bool = True
    """Whether the floor roles (``protocol.enums.FLOOR_ROLES``) get it too, whoever they are."""


@dataclass(slots=True)
class Outcome:
    """What to write, tell and do.

    Write ``contacts``, ``advisors``, ``messages``, ``audit``, ``blocks``, ``next_folio`` and ``events`` in one
    transaction; then publish the
    events in their order, perform the effects in theirs, and reply.

    When ``refused`` is set nothing has changed and all the lists are empty.
    """

    contacts: list[Contact] = field(default_factory=list)
    """Each changed contact once, whole, as it now is."""
    advisors: list[Advisor] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    """Added ones, and known ones whose delivery changed."""
    events: list[Addressed] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)
    """Lines for the audit trail, which numbers them."""
    blocks: dict[str, Blocked | None] = field(default_factory=dict)
    """Changes of the block list by number; None takes a number off it."""
    refused: Refused | None = None
    next_folio: int = 0
    """The folio counter after this step; goes with the stored state."""
