"""What was typed: words, numbers and filters.

``:tramite`` filters by kind, ``:municipal`` by level of government, ``@toluca`` by municipality or agency; everything
else is sought. Nothing typed is ever an error: a filter that means nothing yet is ignored while it is being written.
"""

import re
from dataclasses import dataclass
from typing import TypeVar

from catgem_tui.directory.fold import digits, fold, words
from catgem_tui.protocol.enums import RecordKind

LONGEST = 300
"""Characters of a query that count: a pasted page is sought by its beginning."""
MOST_WORDS = 12
_FILTER = re.compile(r"(?:^|(?<=\s))([:@])(\S*)")
_NUMBER = re.compile(r"(?:^|(?<=[\s(+]))[\d(+][\d\s().+-]*\d(?!\w)")
SHORTEST_NUMBER = 4
"""Digits from which on a number is sought inside telephones; a shorter one is a word like any other."""

KIND_WORDS = {
    RecordKind.PERSON: ("persona", "servidor", "servidora", "person"),
    RecordKind.UNIT: ("unidad", "area", "unit"),
    RecordKind.PROCEDURE: ("tramite", "servicio", "procedure"),
    RecordKind.OFFICE: ("oficina", "office"),
    RecordKind.NUMBER: ("numero", "telefono", "emergencia", "number"),
    RecordKind.ARTICLE: ("orientacion", "articulo", "article"),
    RecordKind.AGREEMENT: ("convenio", "agreement"),
}
LEVEL_WORDS = {"federal": ("federal",), "state": ("estatal", "estado", "state"), "municipal": ("municipal",)}


@dataclass(frozen=True, slots=True)
class Query:
    words: tuple[str, ...] = ()
    open_end: bool = True
    """Whether the last word may still be growing: nothing was typed after it."""
    numbers: tuple[str, ...] = ()
    """Digits of telephones sought."""
    kind: RecordKind | None = None
    level: str = ""
    where: str = ""
    """Folded and without spaces, possibly unfinished: a municipality or an agency."""

    @property
    def filtered(self) -> bool:
        return bool(self.kind or self.level or self.where)

    @property
    def empty(self) -> bool:
        return not (self.words or self.numbers or self.filtered)


def parse(text: str) -> Query:
    """Never fails, whatever is pasted into it."""
    text = " ".join(text[:LONGEST].split())
    kind, level, where = None, "", ""
    for sign, value in _FILTER.findall(text):
        name = "".join(words(value))
        if sign == "@":
            where = name or where
        elif name:
            kind = _meant(KIND_WORDS, name) or kind
            level = _meant(LEVEL_WORDS, name) or level
    rest = _FILTER.sub(" ", text)
    numbers = []
    for found in _NUMBER.findall(fold(rest)):
        number = digits(found)
        if len(number) >= SHORTEST_NUMBER:
            numbers.append(number)
            rest = fold(rest).replace(found, " ", 1)
    sought = words(rest)[:MOST_WORDS]
    open_end = bool(sought) and not text.endswith((":", "@")) and text[-1:].isalnum()
    return Query(tuple(sought), open_end, tuple(numbers), kind, level, where)


Key = TypeVar("Key")


def _meant(known: dict[Key, tuple[str, ...]], name: str) -> Key | None:
    """The one whose word begins so."""
    return next((key for key, names in known.items() if any(word.startswith(name) for word in names)), None)
