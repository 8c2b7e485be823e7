"""Text as the change log is searched by: without case and accents."""

from catgem_tui.protocol.plain import plain


def fold(text: str) -> str:
    """In lower case, without accents, runs of white space as one space."""
    return " ".join(plain(text).split())


def folded_line(who: str, title: str, reference: str, record: str) -> str:
    """What a line of the change log is found by; who comes first, so that it can be asked for alone."""
    return "\n".join(fold(part) for part in (who, title, reference, record))
