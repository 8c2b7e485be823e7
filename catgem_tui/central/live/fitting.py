"""Making a snapshot fit into one frame: a busy floor says more than a frame holds."""

import logging

import msgspec

from catgem_tui.protocol.enums import ContactState
from catgem_tui.protocol.events import FloorSnapshot
from catgem_tui.protocol.frames import MAX_FRAME, raw
from catgem_tui.protocol.model import Contact

logger = logging.getLogger(__name__)

_ROOM = MAX_FRAME - 1024
"""Bytes for the body; the rest is the frame around it."""


def fit_snapshot(snapshot: FloorSnapshot) -> msgspec.Raw:
    """The snapshot as a frame's body, at the price of its oldest messages and, if need be, of who waits shortest.

    The reader's own contacts keep everything longest. What is left out can be read over HTTP, contact by contact; a
    contact that was left out appears with its next event.
    """
    body = raw(snapshot)
    if _size(body) <= _ROOM:
        return body
    bare = msgspec.structs.replace(snapshot, messages=())
    if _size(raw(bare)) > _ROOM:
        bare = _with_fewer_contacts(bare)
    room = _ROOM - _size(raw(bare))
    mine = frozenset(snapshot.me.contacts)
    kept: set[str] = set()
    for message in sorted(snapshot.messages, key=lambda it: (it.contact in mine, it.sent_at), reverse=True):
        room -= _size(raw(message)) + 1
        if room < 0:
            break
        kept.add(message.id)
    logger.info("a snapshot carries %d of %d messages", len(kept), len(snapshot.messages))
    fitting = tuple(message for message in snapshot.messages if message.id in kept)
    return raw(msgspec.structs.replace(bare, messages=fitting))


def _with_fewer_contacts(snapshot: FloorSnapshot) -> FloorSnapshot:
    """Without others' notes and drafts, and then without those who came last: nobody may be locked out by a flood."""
    mine = frozenset(snapshot.me.contacts)
    room = _ROOM - _size(raw(msgspec.structs.replace(snapshot, contacts=())))
    kept: list[Contact] = []
    for contact in sorted(
        snapshot.contacts, key=lambda it: (it.id not in mine, it.state is ContactState.QUEUED, it.arrived_at)
    ):
        shown = contact if contact.id in mine else msgspec.structs.replace(contact, notes="", draft="")
        room -= _size(raw(shown)) + 1
        if room < 0:
            break
        kept.append(shown)
    logger.warning("a snapshot carries %d of %d contacts", len(kept), len(snapshot.contacts))
    return msgspec.structs.replace(snapshot, contacts=tuple(kept))


def _size(body: msgspec.Raw) -> int:
    return len(memoryview(body))
