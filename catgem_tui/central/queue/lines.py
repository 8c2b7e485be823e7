"""Where contacts wait: one line for each (channel, priority, requirements), the most urgent contact at its head.

Within a line all share one target, so the order never changes with time and only heads need to be compared.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from catgem_tui.central.queue.rules import QueueRules
from catgem_tui.protocol.enums import Channel


class LineKey(NamedTuple):
    """What the contacts of one line have in common."""

    channel: Channel
    priority: int
    requirements: tuple[str, ...]
    """Sorted."""
    reserved_for: str = ""
    """User id; a line of its own for contacts that one advisor alone may take for the moment."""
    avoid: str = ""
    """User id; a line of its own for contacts that one advisor has given away."""


class Place(NamedTuple):
    """A contact's place in its line; the smallest is the head."""

    since: float
    """Arrival less the head start."""
    serial: int
    """Arrivals counted: of two that came in the same instant, the first one goes first."""
    contact: str


class Lines:
    """All lines that are not empty."""

    def __init__(self) -> None:
        self._lines: dict[LineKey, list[Place]] = {}

    def add(self, key: LineKey, place: Place) -> None:
        insort(self._lines.setdefault(key, []), place)

    def remove(self, key: LineKey, place: Place) -> None:
        line = self._lines[key]
        del line[bisect_left(line, place)]
        if not line:
            del self._lines[key]

    def head(self, key: LineKey) -> Place | None:
        line = self._lines.get(key)
        return line[0] if line else None

    def view(self) -> Mapping[LineKey, list[Place]]:
        """The lines themselves; not to be changed."""
        return self._lines

    def by_urgency(self, rules: QueueRules, now: float) -> Iterator[tuple[LineKey, Place]]:
        """Heads, the most urgent first."""
        heads = [(key, line[0]) for key, line in self._lines.items()]
        heads.sort(key=lambda head: (-urgency(rules, head[0], head[1], now), head[1]))
        return iter(heads)


def urgency(rules: QueueRules, key: LineKey, place: Place, now: float) -> float:
    """(Time waited + head starts) ÷ target: 1 is the moment at which the contact is late."""
    waited = now - place.since + key.priority * rules.priority_head_start
    return waited / rules.channels[key.channel].target
