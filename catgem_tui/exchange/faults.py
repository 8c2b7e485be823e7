"""What can be wrong with a file, a row of it, or a cell."""

from typing import NamedTuple


class BadFile(ValueError):
    """Nothing of the file can be used; the message is a sentence."""


class SheetsMissing(Exception):
    """Spreadsheets need the packages of the extra ``sheets``, which are not installed."""


class BadValue(ValueError):
    """What a field cannot hold; the message is the reason, a part of a sentence."""


class BadRow(NamedTuple):
    """A row that was not taken."""

    line: int
    """Counted from 1, as editors and spreadsheets do."""
    column: str
    """Its heading or the field's name; empty where it is the whole row."""
    reason: str
