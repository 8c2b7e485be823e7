"""Where in a TOML file something is written, to tell a mistake with its line: the reader does not say."""

import re
from collections.abc import Iterator, Sequence

_TABLE = re.compile(r"^\s*(?P<open>\[{1,2})(?P<name>[^\[\]]+)\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*(?P<key>[\w"'-]+(?:\s*\.\s*[\w"'-]+)*)\s*=""")
_ANY = "..."
"""What msgspec writes for the keys of a table."""


def find_line(text: str, path: Sequence[str], value: str = "") -> int:
    """The line, from 1, of the key at ``path``, or of the nearest key or table around it that the text holds; 0 if
    there is none.

    ``path`` goes from the outermost table inwards, with an index (``"0"``) for a table of an array. Of several lines
    that the key's value takes it is the one that holds ``value`` in quotes.
    """
    best, best_length, within = 0, 0, False
    for number, line, written in _written(text):
        if written is not None:
            within = len(written) > best_length and _leads_to(written, path)
            if within:
                best, best_length = number, len(written)
        if within and value and best_length == len(path) and (f'"{value}"' in line or f"'{value}'" in line):
            return number
    return best


def key_in(line: str) -> str:
    """The key that a line sets, as it is written; empty if it sets none."""
    found = _KEY.match(line)
    return found["key"] if found else ""


def _written(text: str) -> Iterator[tuple[int, str, list[str] | None]]:
    """Each line with its number, and the path of the table that opens or of the key that is set there."""
    here: list[str] = []
    counts: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        table, key = _TABLE.match(line), key_in(line)
        if table:
            here = _split(table["name"])
            if len(table["open"]) == 2:
                index = counts.get(tuple(here), -1) + 1
                counts[tuple(here)] = index
                here = [*here, str(index)]
            yield number, line, here
        else:
            yield number, line, [*here, *_split(key)] if key else None


def _split(name: str) -> list[str]:
    """The parts of a dotted name, with or without quotes around it: the same action, slot or setting is meant."""
    return [part.strip().strip("\"'") for part in name.split(".")]


def _leads_to(written: list[str], path: Sequence[str]) -> bool:
    """Whether ``written`` is a beginning of ``path``."""
    return len(written) <= len(path) and all(part in (each, _ANY) for each, part in zip(written, path, strict=False))
