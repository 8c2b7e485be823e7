"""What may follow the strokes of a key that wait, said in parts of as many as there is room for."""

from collections.abc import Callable, Sequence

from catgem_tui.config.i18n import ngettext
from catgem_tui.ui.reader.linear import join


class Following:
    """``said`` is the part that was told last."""

    def __init__(self) -> None:
        self.said = ""
        self._begun = ""
        self._keys: Sequence[str] = ()
        self._next = 0

    def begin(self, columns: Sequence[str]) -> None:
        """The strokes that wait, then each that may follow with what it does."""
        self._begun, self._keys, self._next = columns[0], columns[1:], 0

    def next(self, fits: Callable[[str], bool], more: str) -> str:
        """The next of them that fit, after the last the first again; and how many are left, which the key ``more``
        tells."""
        if self._next >= len(self._keys):
            self._next = 0
        told = self._begun if self._next == 0 else ""
        for key in self._keys[self._next :]:
            longer = join((told, key))
            if told and not fits(longer):
                break
            told, self._next = longer, self._next + 1
        left = len(self._keys) - self._next
        self.said = f"{told} ({ngettext('%d more', '%d more', left) % left}: {more})" if left else told
        return self.said
