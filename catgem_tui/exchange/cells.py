"""What a cell of a table may hold, and how it is written so that a spreadsheet does not take it for a formula."""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")
# Controls but tab and newline, bidirectional overrides (a text that reads as something else), and half characters,
# which stand for bytes that were not of the file's encoding.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def neutralise(text: str) -> str:
    """The text with ``'`` before it where a spreadsheet would calculate (``=``, ``+``, ``-``, ``@`` at the start).

    OWASP, CSV Injection. One that already is neutralised gets one more, so that ``plain`` undoes it exactly.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def escape(text: str) -> str:
    """For cells that are marked as text, which nothing calculates: only what ``plain`` would take for neutralised."""
    return f"'{text}" if _NEUTRALISED.match(text) else text


def plain(text: str) -> str:
    """What was neutralised or escaped, as it was."""
    return text[1:] if text.startswith("'") and _NEUTRALISED.match(text) else text


def tidy(text: str) -> str:
    """Without blanks around it, its lines ended by ``\\n``."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def find_unwanted(text: str) -> str:
    """The first character that no record may hold, or nothing."""
    found = _UNWANTED.search(text)
    return found.group() if found else ""


def shown(text: str, limit: int = 80) -> str:
    """The text on one line of a terminal, which it cannot command, at most ``limit`` characters."""
    text = _UNWANTED.sub("\ufffd", " ".join(text[: 4 * limit].split()))
    return text if len(text) <= limit else text[: limit - 1] + "…"
