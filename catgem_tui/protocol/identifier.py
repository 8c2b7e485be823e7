"""Identifiers made here and nowhere else: UUIDv7, which sort by the time of their making (RFC 9562, section 5.7)."""

import secrets
import time
import uuid


def new_id(now: float | None = None) -> str:
    """A new identifier; ``now`` is seconds since the epoch, the present by default."""
    milliseconds = int((time.time() if now is None else now) * 1000)
    value = (milliseconds & (1 << 48) - 1) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
