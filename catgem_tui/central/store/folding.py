"""Text as the change log is searched by: without case and accents."""

import re

from catgem_tui.protocol.plain import plain

_PARTS = re.compile(r'"([^"]+)"|([^\s"]+)')


def fold(text: str) -> str:
    """In lower case, without accents, runs of white space as one space."""
    return " ".join(plain(text).split())


def words_of(text: str) -> list[str]:
    """What a line has to have, in any order; what stands between quotation marks as it stands."""
    return [found for part in _PARTS.finditer(text) if (found := fold(part[1] or part[2]))]


def folded_line(who: str, title: str, reference: str, record: str) -> str:
    """What a line of the change log is found by; who comes first, so that it can be asked for alone."""
    return "\n".join(fold(part) for part in (who, title, reference, record))
