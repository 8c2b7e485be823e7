"""Calls from a line to other telephones. An engine has room for few calls, and one being hung up still takes its."""

from catgem_tui.central.voice.outbox import Outbox
from catgem_tui.phone.port import Dial

MAX_CALLS = 4
"""Of one engine: the citizen, an advisor, and two more."""
REACH = "reach:"
"""What the names of the timers begin with that watch a call which does not ring yet."""


class Telephones:
    """Knows every call the engine has; a call that finds no room is dialled when one ends."""

    def __init__(self, out: Outbox, reach_seconds: float) -> None:
        self._out = out
        self._reach_seconds = reach_seconds
        self._calls: set[str] = set()
        self._waiting: list[Dial] = []
        self._patient: set[str] = set()
        """Calls to telephones that may be slow to ring."""
        self._count = 0

    def name(self, who: str) -> str:
        """A new name for a call."""
        self._count += 1
        return f"{who}-{self._count}"

    def admit(self, call: str) -> None:
        """A call came in."""
        self._calls.add(call)

    def release(self, call: str) -> None:
        """A call has ended, or could not be made."""
        self._calls.discard(call)
        self._patient.discard(call)
        self._out.clear_timer(REACH + call)
        self._out.forget(call)

    def release_all(self) -> None:
        """The engine is gone."""
        self._calls.clear()
        self._patient.clear()
        self._waiting.clear()
        self._out.forget_all()

    def dial(self, command: Dial, *, must_ring_soon: bool = True) -> None:
        self._waiting.append(command)
        if not must_ring_soon:
            self._patient.add(command.call)

    def dial_waiting(self) -> None:
        """Dial for as long as there is room."""
        while self._waiting and len(self._calls) < MAX_CALLS:
            dial = self._waiting.pop(0)
            self._calls.add(dial.call)
            self._out.do(dial)
            if dial.call not in self._patient:
                self._out.set_timer(REACH + dial.call, self._reach_seconds)

    def reached(self, call: str) -> None:
        """It rings there, or was answered."""
        self._out.clear_timer(REACH + call)

    def hang_up(self, call: str) -> None:
        self._out.clear_timer(REACH + call)
        waiting = [dial for dial in self._waiting if dial.call != call]
        if len(waiting) < len(self._waiting):
            self._waiting = waiting
        else:
            self._out.hang_up(call)

    def forget_waiting(self) -> None:
        """The citizen these calls were for has left."""
        self._waiting.clear()
