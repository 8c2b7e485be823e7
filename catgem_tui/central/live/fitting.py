"""Making a snapshot fit into one frame: a busy floor says more than a frame holds."""

import logging

import msgspec

from catgem_tui.protocol.events import FloorSnapshot
from catgem_tui.protocol.frames import MAX_FRAME, raw

logger = logging.getLogger(__name__)

_ROOM = MAX_FRAME - 1024
"""Bytes for the body; the rest is the frame around it."""


def fit_snapshot(snapshot: FloorSnapshot) -> msgspec.Raw:
    """The snapshot as a frame's body, at the price of its oldest messages.

    The reader's own contacts keep theirs longest. What is left out can be read over HTTP, contact by contact.
    """
    body = raw(snapshot)
    if len(memoryview(body)) <= _ROOM:
        return body
    bare = raw(msgspec.structs.replace(snapshot, messages=()))
    room = _ROOM - len(memoryview(bare))
    mine = frozenset(snapshot.me.contacts)
    kept: set[str] = set()
    for message in sorted(snapshot.messages, key=lambda it: (it.contact in mine, it.sent_at), reverse=True):
        room -= len(memoryview(raw(message))) + 1
        if room < 0:
            break
        kept.add(message.id)
    logger.info("a snapshot carries %d of %d messages", len(kept), len(snapshot.messages))
    fitting = tuple(message for message in snapshot.messages if message.id in kept)
    return raw(msgspec.structs.replace(snapshot, messages=fitting))
