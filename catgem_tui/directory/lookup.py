"""Searching without a workstation: in this machine's copy, or in a file on the spot."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from catgem_tui.directory.building import open_latest
from catgem_tui.directory.index import Index
from catgem_tui.directory.segment import build_segment
from catgem_tui.directory.store import (
    check_schema,
    entries,
    holds_copy,
    open_to_read,
    read_records,
    synonym_records,
)
from catgem_tui.directory.thesaurus import Thesaurus, is_entry
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record


class LookupFailed(Exception):
    """Nothing can be searched: ``no_copy``, ``damaged`` or ``unreadable``; ``detail`` says more."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


class Result(NamedTuple):
    """What one query brought."""

    query: str
    milliseconds: float
    """That searching took, without reading the records."""
    found: list[tuple[Record, float]]
    """With their scores, best first."""


class Lookup:
    """An index, and how to read the records it finds by key."""

    def __init__(self, index: Index, read: Callable[[Sequence[int]], dict[int, Record]]) -> None:
        self._index = index
        self._read = read

    def search(self, query: str, limit: int, *, whole: bool = False) -> Result:
        """The best ``limit`` records; ``whole``: only what has everything that was typed."""
        begun = time.perf_counter()
        hits = [hit for hit in self._index.search(query, limit) if hit.whole or not whole]
        taken = (time.perf_counter() - begun) * 1000
        records = self._read([hit.key for hit in hits])
        return Result(query, taken, [(records[hit.key], hit.score) for hit in hits if hit.key in records])


@contextlib.contextmanager
def copy_at(path: Path) -> Iterator[Lookup]:
    """The workstation's copy, which may be in use meanwhile. Raises LookupFailed."""
    try:
        with _opened(path) as connection:
            yield Lookup(_index_of(path, connection), lambda keys: read_records(connection, keys))
    except sqlite3.Error as error:
        raise LookupFailed("damaged", str(error)) from error


def records_at(path: Path) -> list[Record]:
    """Every record of the workstation's copy, which may be in use meanwhile. Raises LookupFailed."""
    try:
        with _opened(path) as connection:
            return [record for _, record in entries(connection)] + synonym_records(connection)
    except (sqlite3.Error, msgspec.MsgspecError) as error:
        raise LookupFailed("damaged", str(error)) from error


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Raises LookupFailed and sqlite3.Error."""
    if not path.is_file():
        raise LookupFailed("no_copy", str(path))
    with open_to_read(path) as connection:
        if not holds_copy(connection):
            raise LookupFailed("no_copy", str(path))
        check_schema(connection)
        yield connection


def _index_of(path: Path, connection: sqlite3.Connection) -> Index:
    """The built index with everything that came after it; built here where there is none."""
    (identity,) = connection.execute("SELECT identity FROM place").fetchone()
    segment = open_latest(path, identity, tidy=False)
    synonyms = Thesaurus(synonym_records(connection)).synonyms()
    if segment is None:
        return Index(build_segment(entries(connection)), synonyms)
    index = Index(segment, synonyms)
    decode = msgspec.json.Decoder(Record).decode
    for (key,) in connection.execute("SELECT key FROM gone WHERE mark > ?", (segment.mark,)):
        index.remove(key)
    for key, body in connection.execute("SELECT key, body FROM records WHERE mark > ?", (segment.mark,)):
        with contextlib.suppress(msgspec.MsgspecError):  # rot in the file: the workstation mends it
            if is_entry(record := decode(body)):
                index.put(key, record)
    return index


def file_at(path: Path) -> Lookup:
    """A file of JSON lines: ``id, kind, title, post, unit, agency, agency_acronym, municipality, phone, extension,
    email, keywords`` and any other field of a record; missing ones are empty, unknown ones do no harm.

    Raises LookupFailed with the line that is no JSON object.
    """
    records: list[Record] = []
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    records.append(_record(line, number))
    except (OSError, UnicodeDecodeError) as error:
        raise LookupFailed("unreadable", f"{path}: {error}") from error
    entries = ((key, record) for key, record in enumerate(records) if is_entry(record))
    return Lookup(
        Index(build_segment(entries), Thesaurus(records).synonyms()), lambda keys: {key: records[key] for key in keys}
    )


def _record(line: str, number: int) -> Record:
    try:
        row: dict[str, Any] = msgspec.json.decode(line, type=dict[str, Any])
        known = {name: row[name] for name in Record.__struct_fields__ if row.get(name) is not None}
        if isinstance(known.get("keywords"), str):
            known["keywords"] = known["keywords"].split(",")
        if known.get("kind") not in {kind.value for kind in RecordKind}:
            known["kind"] = RecordKind.ARTICLE
        return msgspec.convert({"id": str(number), "title": "", **known, "revision": 0}, Record, strict=False)
    except msgspec.MsgspecError as error:
        raise LookupFailed("unreadable", f"{number}: {error}") from error
