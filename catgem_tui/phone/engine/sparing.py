"""When a machine may have short blocks: not before it has proved to keep up with them, nor soon after it did not. Pure;
times in seconds of a clock that does not jump."""

FIRST_REST, LONGEST_REST = 600.0, 4 * 3600.0


class Sparing:
    """It does not go back and forth: each rest is twice as long as the one before, and none ends within a call."""

    def __init__(self, proof: float) -> None:
        """``proof``: seconds in which the machine has to be in time before it is spared no longer."""
        self._proof = proof
        self._until = float("-inf")
        self._rest = FIRST_REST
        self.on = True

    def begin(self, now: float) -> None:
        """The machine did not keep up."""
        self.on = True
        self._until = now + self._rest
        self._rest = min(2 * self._rest, LONGEST_REST)

    def look(self, now: float, *, in_call: bool, in_time_for: float) -> None:
        """End it when it is time. ``in_time_for``: seconds since the machine was late, or the sound began."""
        if now >= self._until and not in_call and in_time_for >= self._proof:
            self.on = False
