"""What the person says of a file's columns, on the command line or in a file of TOML.

kind = "person"                    # of rows that do not say it
ignore = ["Notas"]
[columns]
"Nombre completo" = "title"
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catgem_tui.config.fault import FileFault
from catgem_tui.config.i18n import _
from catgem_tui.config.reading import read_toml
from catgem_tui.exchange.faults import BadFile, BadValue
from catgem_tui.exchange.values import parse_kind
from catgem_tui.protocol.enums import RecordKind


@dataclass(frozen=True)
class ColumnMapping:
    """How the columns are read; what is not said here their headings say."""

    columns: dict[str, str] = field(default_factory=dict)
    """Field by heading."""
    ignored: frozenset[str] = frozenset()
    kind: RecordKind | None = None
    """Of new records whose row does not say it."""
    restricted: bool = False
    """Whether restricted fields are read; only JSON lines can hold them."""


def build_mapping(
    file: Path | None, pairs: Iterable[str], ignored: Sequence[str], kind: str, *, restricted: bool = False
) -> ColumnMapping:
    """What the file says, and over it what was said beside it (``Column=field``). Raises BadFile."""
    said = _read(file) if file else {}
    columns, skipped = said.get("columns", {}), said.get("ignore", [])
    good = isinstance(columns, dict) and all(isinstance(name, str) for name in columns.values())
    good = good and isinstance(skipped, list) and all(isinstance(name, str) for name in skipped)
    if not good or not isinstance(said.get("kind", ""), str) or said.keys() - {"columns", "ignore", "kind"}:
        raise BadFile(_("{file}: only kind, ignore = […] and [columns] are understood.").format(file=file))
    columns = dict(columns)
    for pair in pairs:
        heading, sign, name = pair.rpartition("=")
        if not sign or not heading.strip() or not name.strip():
            raise BadFile(_("“{pair}” does not say a column and a field: Column=field.").format(pair=pair))
        columns[heading.strip()] = name.strip()
    try:
        meant = parse_kind(kind or said.get("kind", ""))
    except BadValue as error:
        raise BadFile(f"{error}.") from error
    return ColumnMapping(columns, frozenset([*skipped, *ignored]), meant, restricted)


def _read(file: Path) -> dict[str, Any]:
    try:
        return read_toml(file)[1]
    except FileFault as fault:
        raise BadFile(f"{fault}.") from fault
