"""The rows of a table, whatever holds them: text with separators, or a spreadsheet."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain
from pathlib import Path

from catgem_tui.config.i18n import _
from catgem_tui.exchange.faults import BadFile, BadRow, SheetsMissing

Line = tuple[int, list[str]]
"""A row's number and its cells."""
LARGEST_FILE = 256 << 20
"""Bytes of a file of text."""
LARGEST_SHEET = 768 << 20
"""Bytes of a spreadsheet once it is unpacked."""
MOST_CELLS = 40_000_000
"""From the first to the last used cell of a sheet; the library keeps room for all between them."""
_WIDTH = re.compile(rb"""\br=["']([A-Z]{1,3})\d""")
_HEIGHT = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\br=["'](\d{1,9})["']""")
_CHUNK = 4 << 20
_LONGEST_TAG = 256


def decode(data: bytes) -> str:
    """Text of a file in UTF-8, UTF-16 or Windows-1252; bytes that are of neither become lone surrogates.

    A file that is UTF-8 but for some bytes is still UTF-8: its broken rows can be named.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").replace("\ufffd", "\udcff")
    if data[1:2] == b"\0" or data[:1] == b"\0":
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace").replace("\ufffd", "\udcff")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "surrogateescape")
    if data.lstrip().startswith(b"{"):
        return text  # JSON has no other encoding (RFC 8259)
    broken = sum("\udc80" <= char <= "\udcff" for char in text)
    sound = sum(char > "\x7f" for char in text) - broken
    return text if sound > broken else data.decode("cp1252", "surrogateescape")


def csv_rows(text: str) -> Iterator[Line | BadRow]:
    """The rows of RFC 4180 text with the separator that its first line uses most. Empty rows are skipped."""
    head = re.sub('"[^"]*"', "", text[:100_000].lstrip().partition("\n")[0])
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(line, "", _csv_reason(str(error), line, reader.line_num))
            continue
        if any(cells):
            yield line, cells


def _csv_reason(error: str, first: int, last: int) -> str:
    if "end of data" in error or "field limit" in error:
        return _("a quotation mark is not closed (read up to line {last})").format(last=last)
    if "expected after" in error:
        return _("a quotation mark stands within a cell and is not doubled (lines {first} to {last})").format(
            first=first, last=last
        )
    return error


def sheet_rows(path: Path) -> Iterator[Line]:
    """The rows of a workbook's first visible sheet. Raises BadFile, SheetsMissing."""
    _check_size(path)
    try:
        import python_calamine as calamine
    except ImportError as error:
        raise SheetsMissing from error
    try:
        with calamine.load_workbook(path) as book:
            visible = [it.name for it in book.sheets_metadata if it.visible is calamine.SheetVisibleEnum.Visible]
            if not visible:
                raise BadFile(_("The workbook has no sheet that can be seen."))
            sheet = book.get_sheet_by_name(visible[0])
            for line, cells in enumerate(sheet.to_python(skip_empty_area=False), start=1):
                texts = [cell if isinstance(cell, str) else _cell_text(cell) for cell in cells]
                if any(texts):
                    yield line, texts
    except (calamine.CalamineError, OSError) as error:
        raise BadFile(_("The spreadsheet is damaged or cut off.")) from error


def _cell_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ") if cell.time() != datetime.min.time() else cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _check_size(path: Path) -> None:
    """Raises BadFile for what would not fit into memory: it is unpacked once, in pieces, and nothing of it kept."""
    total = 0
    try:
        with zipfile.ZipFile(path) as book:
            for entry in book.infolist():
                if not entry.filename.endswith((".xml", ".rels")):
                    continue
                is_sheet = "worksheets/" in entry.filename
                columns: set[bytes] = set()
                height, before = 0, b""
                with book.open(entry) as part:
                    while chunk := part.read(_CHUNK):
                        total += len(chunk)
                        if total > LARGEST_SHEET:
                            raise BadFile(_("The spreadsheet is too large; save it as CSV."))
                        if is_sheet:
                            piece = before + chunk
                            columns.update(_WIDTH.findall(piece))
                            height = max(chain((height,), map(int, _HEIGHT.findall(piece))))
                            before = chunk[-_LONGEST_TAG:]
                if height * max(map(_column_number, columns), default=0) > MOST_CELLS:
                    raise BadFile(_("The spreadsheet's used area is too large; remove what stands far outside."))
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise BadFile(_("The spreadsheet is damaged or cut off.")) from error


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
