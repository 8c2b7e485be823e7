"""The rows of a file, each with the fields it gives; the bad ones named with line, column and reason."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from catgem_tui.config.i18n import _
from catgem_tui.config.reasons import reason
from catgem_tui.exchange.cells import find_unwanted, shown
from catgem_tui.exchange.columns import EXTRA, BadColumns, assign, fold
from catgem_tui.exchange.faults import BadFile, BadRow, BadValue
from catgem_tui.exchange.mapping import ColumnMapping
from catgem_tui.exchange.tables import LARGEST_FILE, Line, csv_rows, decode, sheet_rows
from catgem_tui.exchange.values import clean, parse_extra, parse_value, parser_of, text_of
from catgem_tui.protocol.editing import LONGEST_RECORD
from catgem_tui.protocol.enums import RecordKind

IDENTITY = ("kind", "title", "agency", "unit", "municipality")
"""What tells a record without an id from others."""
_PLACE = re.compile(r"\(byte (\d+)\)")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class Row(NamedTuple):
    """What one row says of one record."""

    line: int
    id: str
    columns: tuple[str, ...]
    """The fields it gives, further ones as ``extra.NAME``; the id is not among them."""
    values: tuple[Any, ...]
    kind: RecordKind | None
    """Of a new record, where ``columns`` do not say it."""
    revision: int | None = None
    """Of the record when the file was exported, if the file says so."""


@dataclass(frozen=True)
class FileRead:
    rows: list[Row]
    bad: list[BadRow]


def read_file(path: Path, mapping: ColumnMapping) -> FileRead:
    """Read CSV, JSON lines or XLSX, told apart by what is in the file. Raises BadFile, SheetsMissing."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
            if not start:
                raise BadFile(_("The file is empty: {file}.").format(file=path))
            data = b"" if start.startswith((_ZIP, _OLE)) else start + file.read(LARGEST_FILE)
    except IsADirectoryError as error:
        raise BadFile(_("{file} is a folder, not a file.").format(file=path)) from error
    except OSError as error:
        raise BadFile(_("{file}: {detail}.").format(file=path, detail=reason(error))) from error
    if start.startswith(_OLE):
        raise BadFile(_("The spreadsheet is protected by a password, or of an old kind: save it as XLSX without one."))
    if len(data) > LARGEST_FILE:
        raise BadFile(_("The file is larger than {limit} MB; split it.").format(limit=LARGEST_FILE >> 20))
    reader = _Reader(mapping)
    if start.startswith(_ZIP):
        reader.read_table(sheet_rows(path))
    else:
        text = decode(data)
        if text.lstrip()[:1] == "{":
            reader.read_lines(text)
        elif text.strip("\0 \r\n\t"):
            reader.read_table(csv_rows(text))
        else:
            raise BadFile(_("The file is empty: {file}.").format(file=path))
    if not reader.rows and not reader.bad:
        raise BadFile(_("The file holds no rows: {file}.").format(file=path))
    return FileRead(reader.rows, sorted(reader.bad))


class _Column(NamedTuple):
    place: int
    field: str
    parser: Callable[[str], Any] | None


class _Reader:
    def __init__(self, mapping: ColumnMapping) -> None:
        self._mapping = mapping
        self.rows: list[Row] = []
        self.bad: list[BadRow] = []
        self._lines: dict[str, int] = {}
        self._fields: dict[str, str] = {}

    # --- tables ---

    def read_table(self, lines: Iterator[Line | BadRow]) -> None:
        """The first row names the columns. Raises BadFile."""
        first = next(lines, None)
        if first is None or isinstance(first, BadRow):
            raise BadFile(_("The first line does not name the columns: {reason}.").format(
                reason=first.reason if first else _("it is empty")
            ))  # fmt: skip
        headings = [heading.strip() for heading in first[1]]
        try:
            fields = assign(headings, self._mapping.columns, self._mapping.ignored)
        except BadColumns as error:
            raise BadFile(str(error)) from error
        if not {"id", "title"} & set(fields):
            raise BadFile(_("No column is the id or the name of a record; the columns are: {columns}.").format(
                columns=shown(", ".join(headings), 300)
            ))  # fmt: skip
        places = [place for place, field in enumerate(fields) if field]
        columns = [_Column(place, fields[place], parser_of(fields[place])) for place in places]
        for line in lines:
            if isinstance(line, BadRow):
                self.bad.append(line)
            elif len(line[1]) != len(headings) and (len(line[1]) < len(headings) or any(line[1][len(headings) :])):
                words = {"cells": len(line[1]), "columns": len(headings)}
                self.bad.append(BadRow(line[0], "", _("its cells are {cells}, the columns {columns}").format(**words)))
            else:
                self._take_cells(line[0], headings, columns, line[1])

    def _take_cells(self, line: int, headings: list[str], columns: list[_Column], cells: list[str]) -> None:
        given = {}
        sound = not find_unwanted("".join(cells))  # nearly always; one look at the row is quicker than one at each cell
        for place, field, parser in columns:
            cell = cells[place]
            try:
                text = cell.strip() if sound and not cell.startswith("'") else text_of(cell)
                given[field] = parser(text) if parser else text
            except BadValue as error:
                self.bad.append(BadRow(line, shown(headings[place]), str(error)))
                return
        self._take(line, given)

    # --- JSON lines ---

    def read_lines(self, text: str) -> None:
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip():
                continue
            try:
                self._take_object(number, line)
            except BadValue as error:
                self.bad.append(BadRow(number, "", str(error)))

    def _take_object(self, number: int, line: str) -> None:
        if len(line) > 2 * LONGEST_RECORD:
            raise BadValue(_("longer than {limit} characters").format(limit=2 * LONGEST_RECORD))
        if find_unwanted(line.rstrip("\r")):
            clean(line)  # says which
        try:
            row = msgspec.json.decode(line, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise BadValue(_no_object(line, str(error))) from error
        given: dict[str, Any] = {}
        for key, value in row.items():
            try:
                self._take_value(given, key, value)
            except BadValue as error:
                self.bad.append(BadRow(number, shown(key), str(error)))
                return
        self._take(number, given)

    def _take_value(self, given: dict[str, Any], key: str, value: object) -> None:
        if key in {"extra", "restricted"}:
            if not isinstance(value, dict):
                raise BadValue(_("an object is needed"))
            if key == "extra":
                for name, item in value.items():
                    given[EXTRA + clean(name)] = parse_extra(item)
            elif self._mapping.restricted:
                given[key] = {clean(name): parse_extra(item) for name, item in value.items()}
            return
        field = self._fields.get(key) or self._field_of(key)
        if field == "-":
            return
        if field in given:
            raise BadValue(_("is “{field}” once more").format(field=shown(field)))
        given[field] = parse_extra(value) if field.startswith(EXTRA) else parse_value(field, value)

    def _field_of(self, key: str) -> str:
        """As ``columns.assign`` for one key; ``-`` for what is not read."""
        try:
            (field,) = assign([key], {n: f for n, f in self._mapping.columns.items() if fold(n) == fold(key)},
                              self._mapping.ignored)  # fmt: skip
        except BadColumns as error:
            raise BadFile(str(error)) from error
        self._fields[key] = field or "-"
        return self._fields[key]

    # --- both ---

    def _take(self, line: int, given: dict[str, Any]) -> None:
        if "kind" in given and given["kind"] is None:
            del given["kind"]  # no record is without one
        if given.get("title") == "":
            self.bad.append(BadRow(line, "title", _("is empty")))
            return
        identifier, revision = given.pop("id", ""), given.pop("revision", None)
        if not identifier:
            kind: RecordKind | None = given.get("kind") or self._mapping.kind
            missing = "title" if "title" not in given else "" if kind else "kind"
            if missing:
                self.bad.append(BadRow(line, missing, _("is needed, because the row has no id")))
                return
            identifier = _made_id([kind or "", *(given.get(field, "") for field in IDENTITY[1:])])
        if identifier in self._lines:
            reason = _("the record {id} is already on line {line}").format(
                id=shown(identifier), line=self._lines[identifier]
            )
            self.bad.append(BadRow(line, "id", reason))
            return
        self._lines[identifier] = line
        columns = _shared(tuple(given))
        self.rows.append(Row(line, identifier, columns, tuple(given.values()), self._mapping.kind, revision))


@lru_cache(256)
def _shared(columns: tuple[str, ...]) -> tuple[str, ...]:
    return columns


_folded = lru_cache(8192)(fold)


def _no_object(line: str, detail: str) -> str:
    """That a line is no JSON object, and where it ceases to be one, as far as the decoder says."""
    byte = _PLACE.search(detail)
    if byte is None:
        return _("no JSON object")
    before = line.encode("utf-8", "surrogateescape")[: int(byte[1])].decode("utf-8", "ignore")
    return _("no JSON object; see character {place}").format(place=len(before) + 1)


def _made_id(parts: Iterable[str]) -> str:
    """The same for the same record in the next file, whatever its accents and case."""
    return "i-" + hashlib.blake2b("\x1f".join(map(_folded, parts)).encode(), digest_size=12).hexdigest()
