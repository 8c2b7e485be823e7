"""Passwords are kept as argon2id hashes; wrong ones are slowed down."""

import asyncio
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

ATTEMPTS = 10
"""Wrong passwords allowed for one user name from one address within ``WINDOW`` seconds."""
WINDOW = 60.0
_MOST_PAIRS = 10_000

_hasher = PasswordHasher()
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")
"""Each verification takes 64 MiB and a core for some 50 ms; a flood of logins must not take them all."""


@cache
def _nobody() -> str:
    """Verified against when the user name is unknown, so that the answer takes as long."""
    return _hasher.hash("nobody")


async def hash_password(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether the password is right. ``None`` (an unknown user) takes as long and is always wrong."""
    loop = asyncio.get_running_loop()
    matches = await loop.run_in_executor(_threads, _verify, password, password_hash)
    return matches and password_hash is not None


def _verify(password: str, password_hash: str | None) -> bool:
    nobody = _nobody()  # asked for whoever it is: the very first of all logins takes twice as long
    try:
        return _hasher.verify(password_hash or nobody, password)
    except (VerificationError, InvalidHashError):
        return False


_LONGEST_KEY = 64
"""Characters of a user name that are looked at: no account's is as long, and what is counted is kept in memory."""


class Attempts:
    """Counts attempts by (user name, address), in memory: a restart forgives. A right password forgives too."""

    def __init__(self, limit: int = ATTEMPTS) -> None:
        self._limit = limit
        self._wrong: dict[tuple[str, str], deque[float]] = {}

    def begin(self, username: str, address: str) -> bool:
        """Whether this attempt may be made. It counts as wrong at once: many together are no way around the limit."""
        key, now = (username[:_LONGEST_KEY], address), time.monotonic()
        times = self._wrong.setdefault(key, deque(maxlen=self._limit))
        while times and times[0] < now - WINDOW:
            times.popleft()
        if len(times) >= self._limit:
            return False
        times.append(now)
        if len(self._wrong) > _MOST_PAIRS:
            self._wrong.pop(next(iter(self._wrong)))
        return True

    def right(self, username: str, address: str) -> None:
        self._wrong.pop((username[:_LONGEST_KEY], address), None)
