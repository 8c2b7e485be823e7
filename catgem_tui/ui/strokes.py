"""Keys of several strokes, and keys that stand for others: what a stroke means after those before it. No timing: what
was begun waits until it is finished or given up."""

from collections.abc import Callable, Iterator
from enum import Enum, auto

from msgspec import Struct

from catgem_tui.config.keymap import GIVE_UP, Keymap, is_text


class Meaning(Struct, frozen=True):
    """What a key does: an action (``keys``), a move (``lists``), a command of the field (``fields``) or of one that was
    left (``left``)."""

    section: str
    name: str


class Outcome(Enum):
    PASSES = auto()
    """The stroke means nothing here: it goes where it always went."""
    DOES = auto()
    WAITS = auto()
    """It begins a key, or goes on with one."""
    STARTS_NOTHING = auto()
    """It does not go on with what was begun."""
    GIVEN_UP = auto()


Permits = Callable[[Meaning, str], bool]
"""(meaning, its key): whether that may be done here and now"""


_DIGITS = frozenset("0123456789")
_MOST_DIGITS = 3


class Strokes:
    """``waiting``: the strokes that were begun; ``count``: the digits of how often."""

    def __init__(self, keymap: Keymap) -> None:
        self.waiting: tuple[str, ...] = ()
        self.count = ""
        self.found: tuple[Meaning, ...] = ()
        """What the last stroke does."""
        self.times = 0
        """How often, 0 where nothing was said."""
        self.given_up = False
        """Whether the last stroke gave up what was begun."""
        self._counts = keymap.counts
        self._meanings: dict[tuple[str, ...], list[Meaning]] = {}
        self._long: dict[str, list[tuple[str, ...]]] = {}
        """The keys of several strokes, by their first."""
        for section in ("keys", "lists", "fields", "left"):
            for name, keys in getattr(keymap, section).items():
                for key in keys:
                    self._add(tuple(key.split()), Meaning(section, name))

    def _add(self, strokes: tuple[str, ...], meaning: Meaning) -> None:
        if strokes not in self._meanings and len(strokes) > 1:
            self._long.setdefault(strokes[0], []).append(strokes)
        self._meanings.setdefault(strokes, []).append(meaning)

    def take(self, stroke: str, *, writing: bool, permits: Permits) -> Outcome:
        """What this stroke comes to. While text is being written a character begins nothing."""
        self.given_up = self.begun and stroke in GIVE_UP
        if self.given_up:
            self.waiting, self.count = (), ""
            return Outcome.GIVEN_UP
        if not self.begun and writing and is_text(stroke):
            return Outcome.PASSES
        strokes = (*self.waiting, stroke)
        if any(self._longer(strokes, permits)):
            self.waiting = strokes
            return Outcome.WAITS
        found = self._meant(strokes, permits)
        if (not found or (self.count and not self.waiting)) and self._is_count(stroke, permits):
            self.count += stroke
            return Outcome.WAITS
        begun = bool(self.waiting)
        self.found, self.times = found, int(self.count or 0)
        self.waiting, self.count = (), ""
        if found:
            return Outcome.DOES
        return Outcome.STARTS_NOTHING if begun else Outcome.PASSES

    @property
    def begun(self) -> bool:
        return bool(self.waiting or self.count)

    def actions(self, stroke: str) -> tuple[str, ...]:
        """Those that this stroke alone starts somewhere."""
        return tuple(each.name for each in self._meanings.get((stroke,), ()) if each.section == "keys")

    def goes_on(self, stroke: str, permits: Permits) -> bool:
        """Whether this stroke would do something or begin it."""
        strokes = (*self.waiting, stroke)
        return bool(self._meant(strokes, permits)) or any(self._longer(strokes, permits))

    def _meant(self, strokes: tuple[str, ...], permits: Permits) -> tuple[Meaning, ...]:
        key = " ".join(strokes)
        return tuple(each for each in self._meanings.get(strokes, ()) if permits(each, key))

    def _is_count(self, stroke: str, permits: Permits) -> bool:
        """Before a stroke, or after one that begins a change: ``2 d w`` and ``d 2 w`` are the same."""
        if not self._counts or stroke not in _DIGITS or len(self.count) >= _MOST_DIGITS:
            return False
        changes = all(meaning.section == "left" for _long, meaning in self._longer(self.waiting, permits))
        return (stroke != "0" or bool(self.count)) and (not self.waiting or changes)

    def _longer(self, strokes: tuple[str, ...], permits: Permits) -> Iterator[tuple[tuple[str, ...], Meaning]]:
        """The keys that begin with these strokes and go on."""
        if not strokes:
            return
        for long in self._long.get(strokes[0], ()):
            if len(long) > len(strokes) and long[: len(strokes)] == strokes:
                for meaning in self._meanings[long]:
                    if permits(meaning, " ".join(long)):
                        yield long, meaning

    def following(self, permits: Permits) -> dict[str, Meaning | None]:
        """What may follow those that wait: by stroke what it does, None where more must follow."""
        told: dict[str, Meaning | None] = {}
        for long, meaning in self._longer(self.waiting, permits):
            stroke = long[len(self.waiting)]
            told.setdefault(stroke, meaning if len(long) == len(self.waiting) + 1 else None)
        return told
