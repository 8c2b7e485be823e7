"""Who may call, and how many at a time: what stands between an INVITE and whoever uses the telephone."""

import time
from collections import deque
from collections.abc import Callable

from catgem_tui.phone.port import EngineSettings, Expect, Gate

KNOCK_SECONDS = 2.0
"""How long an INVITE with an unknown token waits for its announcement, which comes another way and may be slower."""
MAX_KNOCKING = 2
EXPECTED_SECONDS = 600.0
"""How long an announced call may take to come; its token is worth nothing afterwards."""
HURRY_SECONDS = 0.5
HURRY_CALLS = 12
"""pjsip aborts when it opens the sockets of some 30 calls within half a second, for it frees them no sooner. When calls
come faster than this, refused ones keep their place for a while: the library turns others away before any socket."""


class Gatekeeper:
    """Knows whom to let in."""

    def __init__(self, settings: EngineSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._gate = settings.gate
        self._clock = clock
        self._expected: dict[str, tuple[float, Expect]] = {}
        """What was announced, until when, by its token; the oldest first."""
        self._exchange = ""
        """Where the registrar was heard last (``192.0.2.1:5060``)."""

    def expect(self, announcement: Expect) -> None:
        self._forget()
        self._expected.pop(announcement.token, None)
        self._expected[announcement.token] = self._clock() + EXPECTED_SECONDS, announcement

    def trust(self, exchange: str) -> None:
        """What comes from this address and port without a token is let in; empty: from none."""
        self._exchange = exchange

    def find_welcome(self, token: str, source: str) -> Expect | None:
        """As what a call is let in, using its announcement up; None: it is not, unless it is announced yet."""
        self._forget()
        if (announced := self._expected.pop(token, None)) is not None:
            return announced[1]
        by_exchange = not token and source == self._exchange != ""
        return Expect(token=token) if by_exchange or self._gate is Gate.OPEN else None

    def _forget(self) -> None:
        """The announcements whose calls did not come."""
        now = self._clock()
        while self._expected:
            token, (until, _announcement) = next(iter(self._expected.items()))
            if now < until:
                return
            del self._expected[token]


class Pace:
    """How fast calls begin, ours and others'."""

    def __init__(self) -> None:
        self._begun: deque[float] = deque(maxlen=HURRY_CALLS)

    def note(self) -> None:
        self._begun.append(time.monotonic())

    def is_hurried(self) -> bool:
        """Whether calls come faster than the library can bear."""
        return len(self._begun) == HURRY_CALLS and time.monotonic() - self._begun[0] < HURRY_SECONDS
