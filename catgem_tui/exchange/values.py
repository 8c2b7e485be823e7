"""What a cell says, as the value of a field, and the other way round."""

import json
import math
import re
from collections.abc import Callable
from datetime import datetime, time
from functools import cache
from typing import Any

from catgem_tui.config import i18n
from catgem_tui.config.i18n import _
from catgem_tui.exchange.cells import find_unwanted, plain, shown, tidy
from catgem_tui.exchange.columns import fold
from catgem_tui.exchange.faults import BadValue
from catgem_tui.protocol.enums import RecordKind

LONGEST_ID = 200
"""Characters, as central takes them."""
LATEST = 1e11
"""Seconds since the epoch: central takes no later instant."""
INSTANTS = ("confirmed_at", "review_at", "valid_from", "valid_until")
LISTS = ("keywords", "related")
KINDS: dict[RecordKind, tuple[str, ...]] = {
    RecordKind.PERSON: ("persona", "person", "personas", "servidor público", "servidora pública"),
    RecordKind.UNIT: ("unidad", "unit", "unidades", "área", "unidad administrativa"),
    RecordKind.PROCEDURE: ("trámite", "procedure", "trámites", "servicio", "trámite o servicio"),
    RecordKind.OFFICE: ("oficina", "office", "oficinas", "módulo"),
    RecordKind.NUMBER: ("número", "number", "números", "teléfono"),
    RecordKind.ARTICLE: ("orientación", "article", "artículo", "orientaciones"),
    RecordKind.AGREEMENT: ("convenio", "agreement", "convenios", "acuerdo"),
    RecordKind.SYNONYM: ("sinónimo", "synonym", "sinónimos"),
}
"""The Spanish word, the English one (which is the code), then others that are understood; so the levels."""
LEVELS: dict[str, tuple[str, ...]] = {
    "": ("", ""),
    "federal": ("federal", "federal", "federación"),
    "state": ("estatal", "state", "estado"),
    "municipal": ("municipal", "municipal", "municipio"),
}
_KINDS = {fold(word): kind for kind, words in KINDS.items() for word in words}
_LEVELS = {fold(word): level for level, words in LEVELS.items() for word in words}
_YES = frozenset({"si", "yes", "true", "1", "x", "verdadero"})
_NO = frozenset({"", "no", "false", "0", "falso"})
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_LAST_SECOND = time(23, 59, 59)
_known_words = cache(fold)


def text_of(cell: str) -> str:
    """A cell of a table, as it was before it was written. Raises BadValue."""
    return clean(plain(cell))


def clean(text: str) -> str:
    """The text, tidied. Raises BadValue for what no record may hold."""
    text = tidy(text)
    if unwanted := find_unwanted(text):
        if "\ud800" <= unwanted <= "\udfff":
            raise BadValue(_("holds bytes that are not of the file's encoding"))
        raise BadValue(_("holds the control character {code}").format(code=f"U+{ord(unwanted):04X}"))
    return text


def parser_of(field: str) -> Callable[[str], Any] | None:
    """What makes a tidied text the field's value; None where the text is the value."""
    return _PARSERS.get(field)


def parse(field: str, text: str) -> Any:
    """A tidied text as the field's value. Raises BadValue."""
    parser = _PARSERS.get(field)
    return parser(text) if parser else text


def parse_value(field: str, value: object) -> Any:
    """A value of JSON as the field's. Raises BadValue."""
    if value is None:
        return parse(field, "")
    if isinstance(value, str):
        return parse(field, clean(value))
    if field in LISTS and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(clean(item) for item in value)
    if isinstance(value, bool):
        if field != "retired":
            raise BadValue(_("a text is needed"))
        return value
    if field in INSTANTS and isinstance(value, int | float):
        return _bounded(float(value))
    if isinstance(value, int | float) and field != "retired" and field not in LISTS:
        return parse(field, str(value))
    raise BadValue(_("a text is needed"))


def parse_extra(value: object) -> str:
    """A further field of JSON as text; what is no text is kept as JSON. Raises BadValue."""
    if value is None or isinstance(value, str):
        return clean(value or "")
    return clean(json.dumps(value, ensure_ascii=False))


def format_value(field: str, value: Any) -> str:
    """The text that ``parse`` takes for this value."""
    if not value and value != 0.0:
        return ""
    if field == "kind":
        return _word(KINDS.get(value, (value, value)))
    if field == "level":
        return _word(LEVELS.get(value, (value, value)))
    if field in INSTANTS:
        return _format_instant(field, value)
    if field in LISTS:
        single = all(item and item == tidy(item) and not re.search(r"[,;\n]|^\[", item) for item in value)
        return "; ".join(value) if single else json.dumps(value, ensure_ascii=False)
    return (_word(("sí", "yes")) if value else "") if isinstance(value, bool) else str(value)


def parse_kind(text: str) -> RecordKind | None:
    """The kind a word in Spanish or English stands for, None for no word. Raises BadValue."""
    if not text:
        return None
    kind = _KINDS.get(_known_words(text)) if len(text) < 40 else None
    if kind is None:
        raise BadValue(_("“{word}” is no kind of record; there are: {words}").format(
            word=shown(text, 40), words=", ".join(_word(words) for words in KINDS.values())
        ))  # fmt: skip
    return kind


def _word(words: tuple[str, ...]) -> str:
    return words[1] if i18n.current() == "en" else words[0]


def _parse_level(text: str) -> str:
    level = _LEVELS.get(_known_words(text)) if len(text) < 40 else None
    if level is None:
        raise BadValue(_("“{word}” is no level of government").format(word=shown(text, 40)))
    return level


def _parse_retired(text: str) -> bool:
    word = _known_words(text) if len(text) < 40 else text
    if word not in _YES | _NO:
        raise BadValue(_("“{word}” is neither yes nor no").format(word=shown(text, 40)))
    return word in _YES


def _parse_list(text: str) -> tuple[str, ...]:
    """``a; b``, ``a, b``, or a list of JSON, which may hold both signs."""
    if text.startswith("["):
        try:
            items = json.loads(text)
        except (ValueError, RecursionError):
            items = None
        if isinstance(items, list) and all(isinstance(item, str) for item in items):
            return tuple(items)
    found = (item.strip() for item in re.split(";|\n" if ";" in text else ",|\n", text))
    return tuple(item for item in found if item)


def _parse_revision(text: str) -> int | None:
    """None where the file does not say which state of the record its row was made from."""
    if not text or text.isdecimal():
        return int(text or 0) or None
    raise BadValue(_("“{word}” is no revision; leave the column as it was exported").format(word=shown(text, 40)))


def _parse_id(text: str) -> str:
    if len(text) > LONGEST_ID or not text.isprintable():
        raise BadValue(_("an id has at most {limit} characters, all of which can be seen").format(limit=LONGEST_ID))
    return text


def _instant_parser(field: str) -> Callable[[str], float | None]:
    def parse_instant(text: str) -> float | None:
        """A date is the beginning of that day here; a validity ends with its last second."""
        if not text:
            return None
        dated = _DAY_FIRST.fullmatch(text)
        try:
            if dated:
                day, month, year, hour, minute, second = (int(part or 0) for part in dated.groups())
                when = datetime(year, month, day, hour, minute, second)
            else:
                when = datetime.fromisoformat(text)
            if field == "valid_until" and not re.search(r"\d[T ]", text):
                when = datetime.combine(when.date(), _LAST_SECOND)
            return _bounded(when.timestamp())
        except (ValueError, OverflowError, OSError) as error:
            raise BadValue(_("“{text}” is no date: 2026-12-31 or 31/12/2026").format(text=shown(text, 40))) from error

    return parse_instant


def _bounded(instant: float) -> float:
    if not (math.isfinite(instant) and 0 <= instant <= LATEST):
        raise BadValue(_("a date outside of 1970 to 5138"))
    return instant


def _format_instant(field: str, instant: float) -> str:
    """The day alone where that says it all; exact to the microsecond."""
    when = datetime.fromtimestamp(instant).astimezone()
    day = when.date().isoformat()
    return day if _PARSERS[field](day) == instant else when.isoformat()


_PARSERS: dict[str, Callable[[str], Any]] = {
    "id": _parse_id,
    "kind": parse_kind,
    "level": _parse_level,
    "retired": _parse_retired,
    "revision": _parse_revision,
    **dict.fromkeys(LISTS, _parse_list),
    **{field: _instant_parser(field) for field in INSTANTS},
}
