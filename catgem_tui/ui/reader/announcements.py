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
    """The last ``KEPT``, newest last; and those of them that no terminal has shown yet."""

    def __init__(self) -> None:
        self.told: deque[News] = deque(maxlen=KEPT)
        self._waiting: deque[News] = deque(maxlen=KEPT)
        self._rest = ""
        """What is left of words that were too long to be shown at once."""
        self._taken: list[News] = []
        self._rest_after = ""
        """The same once those that were taken are shown."""
        self._back = 0

    def add(self, news: Sequence[News]) -> None:
        for each in news:
            for kept in (self.told, self._waiting):
                if kept and each.topic and kept[-1].topic == each.topic:
                    kept[-1] = each
                else:
                    kept.append(each)
        if news:
            self._back, self._rest, self._rest_after = 0, "", ""

    def take(self, fits: Callable[[str], bool]) -> tuple[str, int]:
        """As many of those not shown yet as fit, the pressing first, then the oldest; and how many are left. Of one
        that does not fit by itself the beginning. The same again, with what came since, until they are ``shown``."""
        self.give_back()
        if self._rest:
            return self.begin(self._rest, fits)
        words = ""
        for each in sorted(self._waiting, key=lambda waiting: not waiting.pressing):
            joined = f"{words} {ended(each.words)}".strip()
            if words and not fits(joined):
                break
            words = joined
            self._taken.append(each)
        return self.begin(words, fits)

    def begin(self, words: str, fits: Callable[[str], bool]) -> tuple[str, int]:
        """As much of these words as fits, and how many there are to be said after it."""
        shown, self._rest_after = words, ""
        if not fits(words):
            parts = words.split(" ")
            number = max(1, bisect(range(1, len(parts)), False, key=lambda count: not fits(_begun(parts[:count]))))
            shown, self._rest_after = _begun(parts[:number]), " ".join(parts[number:])
        return shown, self.left

    @property
    def left(self) -> int:
        """How many there are to be said after those that were taken."""
        return len(self._not_taken()) + bool(self._rest_after)

    def give_back(self) -> None:
        """What was taken or begun and not shown."""
        self._taken, self._rest_after = [], self._rest

    def shown(self) -> None:
        """What was taken or begun. What took the place of one of them meanwhile still waits."""
        self._waiting = deque(self._not_taken(), maxlen=KEPT)
        self._taken, self._rest = [], self._rest_after

    def _not_taken(self) -> list[News]:
        taken = {id(each) for each in self._taken}  # the same words again are other news
        return [each for each in self._waiting if id(each) not in taken]

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
