"""What is to be heard, one line of it after another.

A screen reader speaks what changes on the screen: words that were composed and replaced before they were written to the
terminal were said to nobody, and so were, to one that compares pictures of the screen, words that hardly stood on it.
So what comes joins the line until that is composed, as far as it fits. From then on the line is left alone until it is
written and has stood for ``STANDS``; only then it gives way to the next.
"""

from collections.abc import Callable, Sequence

from catgem_tui.config.i18n import _
from catgem_tui.ui.reader.announcements import Announcements, News, ended
from catgem_tui.ui.screen_reader import Telling

STANDS = 0.1
"""Seconds. A console's screen readers and those of Windows look at the screen some twenty times a second."""
Fits = Callable[[str], bool]


class Utterances:
    """The news and what is of the moment, until the terminal has them; news are told first."""

    def __init__(self, with_more: Callable[[str, int], str]) -> None:
        self.announcements = Announcements()
        self._with_more = with_more
        self._owed = 0
        """Lines of news that are to be told."""
        self._moment: dict[Telling, str] = {}
        self._on_line: dict[Telling, str] = {}
        self._came_since = False
        """Whether there are news that the line knows nothing of."""

    @property
    def waiting(self) -> bool:
        """Whether there is anything that no terminal has."""
        return bool(self._owed or self._moment)

    def announce(self, told: Sequence[News]) -> None:
        self.announcements.add(told)
        self._owed = max(1, self._owed)
        self._came_since = True

    def tell(self, kind: Telling, words: str) -> None:
        """After what there is; nothing takes back what was to be told."""
        self._moment.pop(kind, None)
        if words:
            self._moment[kind] = words

    def more(self) -> None:
        """The news that are left; then the newest once more, and at each further call the one before."""
        if self.announcements.left:
            self._owed += 1
        elif not self._owed:
            words, number = self.announcements.step_back()
            told = _("%(number)d back: %(words)s") % {"number": number, "words": words} if words else _("Nothing yet.")
            self.tell(Telling.AGAIN, told)

    def line(self, fits: Fits, spare: Fits) -> str:
        """What the line is to say now; ``spare``: whether words fit beside how many there are left."""
        self.announcements.give_back()
        words = self._with_more(*self.announcements.take(spare)) if self._owed else ""
        self._on_line = {}
        self._came_since = False
        for kind, told in self._moment.items():
            joined = f"{ended(words)} {told}" if words else told
            if not fits(joined):
                if words:
                    break
                joined = self._with_more(*self.announcements.begin(told, spare))
            words = joined
            self._on_line[kind] = told
        return words

    def written(self) -> None:
        """The terminal has that line; what came since has not been told."""
        if self._owed or self._on_line:
            self.announcements.shown()
        self._owed = min(max(self._owed - 1, int(self._came_since)), self.announcements.left)
        self._moment = {kind: told for kind, told in self._moment.items() if self._on_line.get(kind) != told}
        self._on_line = {}
