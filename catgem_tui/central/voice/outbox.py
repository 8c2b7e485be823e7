"""What a conversation has decided and not yet handed out, with what must be remembered to decide well."""

from collections.abc import Iterable

from catgem_tui.central.ports import Happening
from catgem_tui.central.voice.signals import ClearTimer, Do, Output, SetTimer, Tell
from catgem_tui.central.voice.wiring import Wire
from catgem_tui.phone.port import Connect, Disconnect, HangUp, PhoneCommand


class Outbox:
    """Gathers outputs in order; knows which timers run and which wires the engine has."""

    def __init__(self) -> None:
        self._outputs: list[Output] = []
        self._last: list[Output] = []
        self._timers: set[str] = set()
        self._wires: frozenset[Wire] = frozenset()

    def take(self) -> list[Output]:
        """Everything gathered since the last time."""
        taken = self._outputs + self._last
        self._outputs, self._last = [], []
        return taken

    def do(self, command: PhoneCommand, then: Happening | None = None) -> None:
        self._outputs.append(Do(command=command, then=then))

    def hang_up(self, call: str, code: int = 486) -> None:
        """Comes after everything else: the call's wires are cut first, so no wire of a dead call is touched."""
        self._last.append(Do(command=HangUp(call=call, code=code)))

    def tell(self, happening: Happening) -> None:
        self._outputs.append(Tell(happening=happening))

    def set_timer(self, name: str, seconds: float) -> None:
        self._timers.add(name)
        self._outputs.append(SetTimer(name=name, seconds=seconds))

    def clear_timer(self, name: str) -> None:
        if name in self._timers:
            self._timers.remove(name)
            self._outputs.append(ClearTimer(name=name))

    def clear_timers(self) -> None:
        for name in sorted(self._timers):
            self.clear_timer(name)

    def timer_fired(self, name: str) -> None:
        self._timers.discard(name)

    def rewire(self, wanted: Iterable[Wire]) -> None:
        """Bring the engine's wires to what is wanted; cut before joining, so that nobody overhears a change."""
        target = frozenset(wanted)
        for source, sink in sorted(self._wires - target):
            self.do(Disconnect(source=source, sink=sink))
        for source, sink in sorted(target - self._wires):
            self.do(Connect(source=source, sink=sink))
        self._wires = target

    def forget(self, endpoint: str) -> None:
        """A call, player or recorder that is gone took its wires with it."""
        sides = {endpoint, f"{endpoint}:left", f"{endpoint}:right"}
        self._wires = frozenset(wire for wire in self._wires if sides.isdisjoint(wire))

    def forget_all(self) -> None:
        self._wires = frozenset()
