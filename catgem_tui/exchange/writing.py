"""Records as CSV, JSON lines or XLSX; restricted fields are never in it."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import msgspec

from catgem_tui.config.i18n import _
from catgem_tui.exchange.cells import escape, neutralise
from catgem_tui.exchange.columns import EXTRA, FIELDS, heading_of
from catgem_tui.exchange.faults import BadFile, SheetsMissing
from catgem_tui.exchange.values import format_value
from catgem_tui.protocol.model import Record

FORMATS = {"csv": (".csv",), "jsonl": (".jsonl", ".ndjson", ".json"), "xlsx": (".xlsx",)}
"""The suffixes by which a format is chosen."""
Progress = Callable[[int, int], None]
TOLD = 500
"""Records between two words of progress."""
_MOST_ROWS = 1_048_576
_LONGEST_CELL = 32_767


def format_of(name: str) -> str:
    """By a file's name; CSV where that does not say it."""
    lower = name.lower()
    return next((format_name for format_name, suffixes in FORMATS.items() if lower.endswith(suffixes)), "csv")


def write_records(
    file: BinaryIO, name: str, records: Sequence[Record], progress: Progress = lambda done, total: None
) -> None:
    """Write in one of ``FORMATS``. ``progress`` is told the records that are written, and of how many.

    Raises OSError, BadFile for what a spreadsheet cannot hold, SheetsMissing.
    """
    if name == "jsonl":
        encode = msgspec.json.Encoder().encode
        for record in _told(records, progress):
            file.write(encode(msgspec.structs.replace(record, restricted={})) + b"\n")
    elif name == "csv":
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        table = csv.writer(text)
        table.writerows([neutralise(cell) for cell in row] for row in _rows(records, progress))
        text.detach()
    else:
        _write_sheet(file, records, progress)


def _told(records: Sequence[Record], progress: Progress) -> Iterator[Record]:
    for number, record in enumerate(records, 1):
        yield record
        if number % TOLD == 0:
            progress(number, len(records))


def _rows(records: Sequence[Record], progress: Progress) -> Iterator[list[str]]:
    """The headings, then a row for each record; further fields have the last columns."""
    further = sorted({name for record in records for name in record.extra})
    yield [heading_of(field) for field in FIELDS] + [EXTRA + name for name in further]
    for record in _told(records, progress):
        row = [format_value(field, getattr(record, field)) for field in FIELDS]
        yield row + [record.extra.get(name, "") for name in further]


def _write_sheet(file: BinaryIO, records: Sequence[Record], progress: Progress) -> None:
    try:
        import xlsxwriter
    except ImportError as error:
        raise SheetsMissing from error
    if len(records) >= _MOST_ROWS:
        raise BadFile(_("A spreadsheet has at most {rows} rows; export CSV.").format(rows=_MOST_ROWS))
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for number, row in enumerate(_rows(records, progress)):
        for place, cell in enumerate(row):
            if len(cell) >= _LONGEST_CELL:
                raise BadFile(_("The record {id} has a text too long for a spreadsheet; export CSV.").format(id=row[0]))
            if cell:
                sheet.write_string(number, place, escape(cell), None if number else bold)
    book.close()
