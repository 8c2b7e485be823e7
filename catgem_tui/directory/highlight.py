"""Where in a text the words stand that met what was typed."""

import re
from collections.abc import Collection

from catgem_tui.directory.fold import fold

_WORD = re.compile(r"[^\W_]+(?:\.[^\W_]+)*")


def highlight(text: str, met: Collection[str]) -> tuple[tuple[int, int], ...]:
    """The places (from, to) of the words whose folded form is among ``met``."""
    if not met:
        return ()
    return tuple(found.span() for found in _WORD.finditer(text) if fold(found[0]).replace(".", "") in met)
