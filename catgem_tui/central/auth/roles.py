"""What each role may do. What is not listed is refused."""

import msgspec

from catgem_tui.protocol.commands import COMMANDS
from catgem_tui.protocol.enums import FLOOR_ROLES, MANAGER_ROLES, RESTRICTED_READERS, Role
from catgem_tui.protocol.model import Contact, Record, without_listeners

EVERYONE = frozenset(Role)
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})

_COMMANDS_OF_SOME = {
    **dict.fromkeys(("floor.monitor", "floor.leave", "floor.reassign"), FLOOR_ROLES),
    "caller.unblock": FLOOR_ROLES,
    "directory.editing": MANAGER_ROLES,
}
COMMAND_ROLES: dict[str, frozenset[Role]] = {kind: _COMMANDS_OF_SOME.get(kind, EVERYONE) for kind in COMMANDS}
"""Who may send a command at all; whether it is theirs to do (their contact, their state) is the queue's to say."""


def visible_contact(contact: Contact, role: Role) -> Contact:
    """The contact as this role may see it: who listens to a call is told to the floor roles only."""
    return contact if role in FLOOR_ROLES else without_listeners(contact)


def visible_record(record: Record, role: Role) -> Record:
    """The record as this role may see it."""
    if not record.restricted or role in RESTRICTED_READERS:
        return record
    return msgspec.structs.replace(record, restricted={})
