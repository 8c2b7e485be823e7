"""For how long a machine that did not keep up with short blocks is spared them. Pure; times in seconds of a clock that
does not jump."""

FIRST_REST, LONGEST_REST = 600.0, 4 * 3600.0


class Sparing:
    """It does not go back and forth: each rest is twice as long as the one before, and none ends within a call."""

    def __init__(self) -> None:
        self._until: float | None = None
        self._rest = FIRST_REST

    @property
    def on(self) -> bool:
        return self._until is not None

    def begin(self, now: float) -> None:
        """The machine did not keep up."""
        self._until = now + self._rest
        self._rest = min(2 * self._rest, LONGEST_REST)

    def look(self, now: float, *, in_call: bool) -> None:
        """End it when it is time."""
        if self._until is not None and now >= self._until and not in_call:
            self._until = None
