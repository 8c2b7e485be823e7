"""What was announced: kept, to be shown as there is room for it, and to be heard again."""

from bisect import bisect
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SEARCH = "search"
"""Topic of what the directory found."""
KEPT = 50
"""Announcements that can be read again."""


@dataclass(frozen=True, slots=True)
class News:
    topic: str
    """A later one of the same topic takes the place of the one just before it: of a search only the last counts."""
    words: str
    pressing: bool = False
    """Said before everything that still waits to be said."""


class Announcements:
    """The last ``KEPT``, newest last; and those of them that were not shown yet."""

    def __init__(self) -> None:
        self.told: deque[News] = deque(maxlen=KEPT)
        self._waiting: deque[News] = deque(maxlen=KEPT)
        self._rest = ""
        """What is left of words that were too long to be shown at once."""
        self._back = 0

    @property
    def unshown(self) -> int:
        return len(self._waiting) + bool(self._rest)

    def add(self, news: Sequence[News]) -> None:
        for each in news:
            for kept in (self.told, self._waiting):
                if kept and each.topic and kept[-1].topic == each.topic:
                    kept[-1] = each
                else:
                    kept.append(each)
        if news:
            self._back, self._rest = 0, ""

    def take(self, fits: Callable[[str], bool]) -> tuple[str, int]:
        """As many of those not shown yet as fit, the pressing first, then the oldest; and how many are left. Of one
        that does not fit by itself the beginning."""
        if self._rest:
            return self.begin(self._rest, fits)
        words = ""
        for each in sorted(self._waiting, key=lambda waiting: not waiting.pressing):
            joined = f"{words} {ended(each.words)}".strip()
            if words and not fits(joined):
                break
            words = joined
            self._waiting.remove(each)
        return self.begin(words, fits)

    def begin(self, words: str, fits: Callable[[str], bool]) -> tuple[str, int]:
        """As much of these words as fits, and how many there are to be said after it."""
        shown, self._rest = words, ""
        if not fits(words):
            parts = words.split(" ")
            number = max(1, bisect(range(1, len(parts)), False, key=lambda count: not fits(_begun(parts[:count]))))
            shown, self._rest = _begun(parts[:number]), " ".join(parts[number:])
        return shown, self.unshown

    def step_back(self) -> tuple[str, int]:
        """The newest again, then at each call the one before it; and which that is, counted from the newest."""
        if not self.told:
            return "", 0
        self._back = self._back % len(self.told) + 1
        return self.told[-self._back].words, self._back


def _begun(parts: Sequence[str]) -> str:
    return " ".join(parts) + " …"


def ended(words: str) -> str:
    return words if words.endswith((".", "?", "!", "…")) else f"{words}."
