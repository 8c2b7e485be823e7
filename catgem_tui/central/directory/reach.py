"""How far one publication has come, as the live lines acknowledge it."""

from collections import deque
from collections.abc import Callable
from itertools import islice


class Reach:
    """Counts the workstations that say they have a revision of the directory."""

    __slots__ = ("_last", "_waits_for", "confirmed", "given_up", "last", "revision", "waiting", "workstations")

    def __init__(self, revision: int, workstations: int) -> None:
        self.revision = revision
        self.workstations = self.waiting = workstations
        self.confirmed = 0
        self.given_up = False
        """Set when it is no longer waited for; what is said later does not count."""
        self.last = ""
        """Name of who works at the workstation that said so last."""
        self._last: float | None = None
        self._waits_for: dict[Awaited, None] = {}

    @property
    def settled(self) -> bool:
        """Whether nothing more can come of it."""
        return self.given_up or not self.waiting

    @property
    def reached_at(self) -> float | None:
        """When the last one said so; None while one that stayed has not, and when nobody did."""
        return None if self.waiting else self._last

    def late(self, most: int) -> tuple[str, ...]:
        """Names of who works at those that have not said so, the first ``most``."""
        return tuple(awaited.name for awaited in islice(self._waits_for, most))

    def wait_for(self, workstation: "Awaited") -> None:
        self._waits_for[workstation] = None

    def confirm(self, at: float, workstation: "Awaited | None" = None) -> None:
        if not self.given_up:
            self.waiting -= 1
            self.confirmed += 1
            self._last = at
            if workstation is not None:
                self.last = workstation.name
                self._waits_for.pop(workstation, None)

    def lose(self, workstation: "Awaited | None" = None) -> None:
        """One has left without saying so: it gets the change when it comes back, and is not waited for."""
        if not self.given_up:
            self.waiting -= 1
            if workstation is not None:
                self._waits_for.pop(workstation, None)


class Awaited:
    """What one workstation has still to acknowledge, oldest first. ``name``: of who works there."""

    __slots__ = ("_reaches", "name")

    def __init__(self, name: str = "") -> None:
        self.name = name
        self._reaches: deque[Reach] = deque()

    def add(self, reach: Reach) -> None:
        # One that stays connected and says nothing must not gather them for ever.
        while self._reaches and self._reaches[0].given_up:
            self._reaches.popleft()
        self._reaches.append(reach)
        reach.wait_for(self)

    def acknowledge(self, revision: int, clock: Callable[[], float]) -> None:
        while self._reaches and self._reaches[0].revision <= revision:
            self._reaches.popleft().confirm(clock(), self)

    def lose(self) -> None:
        while self._reaches:
            self._reaches.popleft().lose(self)
