"""From what a pane draws to what can be read aloud: columns become sentences, signs become words.

In this mode panes draw to ``WIDE`` cells, so that nothing is abbreviated; what they drew is then joined and wrapped to
the cells there are.
"""

import re
from collections.abc import Iterable, Sequence

from catgem_tui.config.i18n import N_, _
from catgem_tui.ui.lines import Line, Row, Span, plain, wrap

WIDE = 1_000
"""Cells a pane has to draw to; no title and no sentence of ours is longer."""
ENDLESS = 100 * WIDE
"""Cells for what has paragraphs, as the manual: a line that ends before its sentence would be read as one."""
_COLUMNS = re.compile(r"\s{2,}|\s+[·›]\s+")
_SIGNS = {
    "!!": N_("urgent"),
    "!": N_("needs attention"),
    "[x]": N_("done"),
    "[ ]": N_("to do"),
    "×": N_("failed"),
    "→": N_("becomes"),
    "—": N_("nothing"),
    "−": N_("before"),
    "+": N_("now"),
}
"""What stands for a word where there is no room for it."""
_SIGN = re.compile(r"(?<!\S)(!!|!|\[x\]|\[ \]|×|(?<=[^\s←↑↓] )→|—|^[−+])(?!\S)")
_BETWEEN = {"→", "—"}
"""Signs in the place of a word; the others say something of what follows them."""
_SILENT = re.compile(r"·{2,}|[•●◆◇‖○◦■□▪▸▶\u2500-\u259f]+|(?<!\S)>(?!\S)")
"""Drawn for the eye, beside the word that says the same."""
_ERROR = "!!"
"""In the slot ``error`` the sign of what went wrong, and of no hurry."""
_UNITS = {
    "ms": N_("milliseconds"), "s": N_("seconds"), "min": N_("minutes"), "h": N_("hours"), "d": N_("days"),
}  # fmt: skip
_UNIT = re.compile(r"(?<=\d )(ms|s|min|h|d)(?![\w.])")
_EXTENSION = re.compile(r"(?<!\w)ext\. (?=\d)")
_QUOTES = re.compile("[«»“”]")
_STROKE = re.compile(r"\S+")
_CONTROL = re.compile(r"\^(?=[A-Z↑↓←→])")
_ARROWS = {"↑": N_("Up"), "↓": N_("Down"), "←": N_("Left"), "→": N_("Right")}
_PUNCTUATION = {
    ".": N_("period"),
    ",": N_("comma"),
    ":": N_("colon"),
    ";": N_("semicolon"),
    "?": N_("question mark"),
    "!": N_("exclamation mark"),
    "+": N_("plus"),
    "-": N_("minus"),
    "*": N_("asterisk"),
    "/": N_("slash"),
    "\\": N_("backslash"),
    "#": N_("number sign"),
    "_": N_("underscore"),
    "<": N_("less than"),
    ">": N_("greater than"),
    "[": N_("left bracket"),
    "]": N_("right bracket"),
    "^": N_("caret"),
}
"""Keys that a screen reader passes over, or takes for the end of a sentence."""
_ENDS = (".", ":", ";", ",", "?", "!", "…")


def sentence(line: Iterable[Span]) -> str:
    """One line as it is read: its columns set apart by semicolons, keys and signs in words."""
    spans = _with_strokes(line)
    if spans and spans[0][1] == "error" and spans[0][0].startswith(_ERROR):
        spans = _without_error(spans)
    if len(spans) > 1 and _fills(spans[0]):
        spans = ((f"{spans[0][0]} ", "dim"), *spans[1:])
    parts = _parts(spans)
    if len(parts) > 1 and _is_label(spans[0]):
        parts[0] += ":"
    return join(parts)


def _without_error(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The sign as a word, but before what already begins with one in capitals: an emergency."""
    (sign, slot), *rest = spans
    told = plain(((sign.removeprefix(_ERROR), slot), *rest)).split()
    words = "" if told and told[0].rstrip(":").isupper() else _("Error:")
    return ((words + sign.removeprefix(_ERROR), slot), *rest)


def columns(line: Iterable[Span]) -> list[str]:
    """The same, each of its columns by itself."""
    return _parts(_with_strokes(line))


def _with_strokes(line: Iterable[Span]) -> tuple[Span, ...]:
    return tuple((_STROKE.sub(_stroke, text), slot) if slot == "key" else (text, slot) for text, slot in line)


def _parts(spans: Iterable[Span]) -> list[str]:
    return [words for part in _COLUMNS.split(plain(spans)) if (words := _spoken(part))]


def _stroke(found: re.Match[str]) -> str:
    """One stroke of a key: “Control L”, “period”."""
    *modifiers, last = found[0].rsplit("+", 1) if len(found[0]) > 1 and found[0][-1] != "+" else (found[0],)
    words = ""
    if len(last) > 1 and last[0] == "^":
        words, last = _("Control") + " ", last[1:]
    return "".join(f"{each}+" for each in modifiers) + words + (_(_PUNCTUATION[last]) if last in _PUNCTUATION else last)


def _is_label(first: Span) -> bool:
    """Whether a line begins with the name of what follows: a dim word in a column of its own."""
    text, slot = first
    return slot == "dim" and text[:1].isalpha() and text.endswith("  ")


def _fills(first: Span) -> bool:
    """Whether it is such a name that fills its column: only the capital tells it from the beginning of a sentence."""
    text, slot = first
    return slot == "dim" and text[:1].isupper() and text.endswith(" ") and not text.endswith("  ")


def join(parts: Iterable[str]) -> str:
    """The parts as one sentence; what already ends is not ended again."""
    told = ""
    for part in filter(None, parts):
        told += ((" " if told.endswith(_ENDS) else "; ") if told else "") + part
    return told


def _spoken(part: str) -> str:
    words = _CONTROL.sub(_("Control") + " ", part.strip())
    words = _UNIT.sub(lambda unit: _(_UNITS[unit[1]]), words)
    words = _EXTENSION.sub(_("extension") + " ", words)
    words = _SIGN.sub(lambda sign: _word(sign[1], last=sign.end() == len(words)), words)
    words = "".join(f" {_(_ARROWS[each])}" if each in _ARROWS else each for each in words)
    return " ".join(_SILENT.sub(" ", _QUOTES.sub("", words)).split())


def _word(sign: str, *, last: bool) -> str:
    return _(_SIGNS[sign]) + ("" if last or sign in _BETWEEN else ",")


def laid(lines: Sequence[Line], width: int) -> list[Line]:
    """Lines drawn to ``WIDE`` cells as lines of at most ``width``; empty ones are left out."""
    return [
        ((part, _slot(line)),)
        for line in lines
        if (words := sentence(line))
        for part in wrap(words, max(8, width))
    ]  # fmt: skip


def laid_rows(rows: Sequence[Row], width: int) -> list[Row]:
    """Each row as a sentence that ends with its place: “3 of 12”."""
    count = sum(bool(row.key) for row in rows)
    told: list[Row] = []
    number = 0
    for row in rows:
        words = row_words(row)
        if row.key:
            number += 1
            words = join((words, _("%(number)d of %(count)d") % {"number": number, "count": count}))
        if words:
            told.append(Row(row.key, tuple(((part, "text"),) for part in wrap(words, max(8, width)))))
    return told


def row_words(row: Row) -> str:
    """A row as one sentence."""
    return join(sentence(line) for line in row.lines)


def _slot(line: Line) -> str:
    """The slot of the first word, which colours the whole sentence."""
    return next((slot for text, slot in line if text.strip()), "text")
