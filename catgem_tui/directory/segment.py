"""The part of the index that does not change: arrays in files, mapped into memory, made anew in the background.

A segment is a folder of ``.npy`` files with ``meta.json``, which is written last: a folder without it was never
finished. Documents are numbered in the order of their titles, words in the order of the alphabet.
"""

import json
import os
import shutil
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from catgem_tui.directory.fold import sound, words
from catgem_tui.directory.lexicon import Lexicon
from catgem_tui.directory.tokens import Field, numbers, tokens
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record

VERSION = 2
UNFINISHED = ".making"
"""Ending of a folder that is still being written."""
DAY = 86_400.0
LEVELS = ("", "federal", "state", "municipal")
KIND_NUMBERS = {kind: number for number, kind in enumerate(RecordKind)}
LEVEL_NUMBERS = {level: number for number, level in enumerate(LEVELS)}
TITLE_WORDS = 4
"""Words by which titles are put in order."""
LONGEST_NUMBER = 32
"""Characters of all a record's telephone numbers together."""
GRAM = 4
"""Digits of a telephone that are looked up together."""

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

_ARRAYS = (
    "word_starts", "word_having", "sound_starts", "sound_having", "sounding_starts", "sounding",
    "posting_starts", "postings", "token_starts", "token_words", "token_fields", "heads", "title_sizes",
    "keys", "sorted_keys", "key_order", "kinds", "levels", "places", "agencies", "valid_from", "valid_until",
    "gram_starts", "gram_docs", "telephones",
)  # fmt: skip


class SegmentUnusable(Exception):
    """The folder is no whole segment of this version."""


@dataclass(frozen=True, slots=True)
class Described:
    """What the index keeps of one record beside its words."""

    kind: int
    level: int
    place: str
    agency: str
    valid_from: int
    valid_until: int
    """Days since the epoch; 0: none."""
    telephones: str

    @classmethod
    def of(cls, record: Record) -> "Described":
        return cls(
            KIND_NUMBERS[record.kind],
            LEVEL_NUMBERS.get(record.level, 0),
            "".join(words(record.municipality)),
            "".join(words(record.agency_acronym or record.agency)),
            _day(record.valid_from),
            _day(record.valid_until),
            numbers(record)[:LONGEST_NUMBER],
        )


def _day(instant: float | None) -> int:
    """Days since the epoch; 0: none."""
    return max(0, min(int(instant // DAY), 65_535)) if instant else 0


class Segment:
    """Read-only. Every array is mapped: what is not touched takes no memory."""

    word_starts: Longs
    word_having: Ints
    sound_starts: Longs
    sound_having: Ints
    sounding_starts: Longs
    """Where the words of a sound begin in ``sounding``."""
    sounding: Ints
    posting_starts: Longs
    """Where the documents of a word begin in ``postings``."""
    postings: Ints
    token_starts: Longs
    """Where the words of a document begin in ``token_words`` and ``token_fields``."""
    token_words: Ints
    token_fields: Bytes
    heads: Ints
    """The first word of each title, ascending."""
    title_sizes: Bytes
    keys: Longs
    """What the store knows a document by."""
    sorted_keys: Longs
    key_order: Ints
    """The documents of ``sorted_keys``."""
    kinds: Bytes
    levels: Bytes
    places: npt.NDArray[np.uint16]
    agencies: npt.NDArray[np.uint16]
    valid_from: npt.NDArray[np.uint16]
    valid_until: npt.NDArray[np.uint16]
    gram_starts: Longs
    gram_docs: Ints
    telephones: npt.NDArray[np.bytes_]

    def __init__(self, arrays: dict[str, Any], vocabulary: list[str], sounds: list[str], meta: dict[str, Any]) -> None:
        for name in _ARRAYS:
            setattr(self, name, arrays[name])
        self.words = Lexicon(vocabulary, self.word_starts, self.word_having)
        self.sounds = Lexicon(sounds, self.sound_starts, self.sound_having)
        self.place_names: list[str] = meta["places"]
        self.agency_names: list[str] = meta["agencies"]
        self.mark: int = meta["mark"]
        """The store's mark up to which every change is in it."""

    def __len__(self) -> int:
        return len(self.keys)

    def document(self, key: int) -> int:
        """The document with this key, or -1."""
        place = int(self.sorted_keys.searchsorted(key))
        there = place < len(self.sorted_keys) and self.sorted_keys[place] == key
        return int(self.key_order[place]) if there else -1


def open_segment(folder: Path) -> Segment:
    """Raises SegmentUnusable."""
    try:
        meta = json.loads((folder / "meta.json").read_text("utf-8"))
        if meta["version"] != VERSION:
            raise SegmentUnusable(f"{folder}: version {meta['version']}")
        arrays = {name: _mapped(folder / f"{name}.npy") for name in _ARRAYS}
        if {name: len(held) for name, held in arrays.items()} != meta["sizes"]:
            raise SegmentUnusable(f"{folder}: sizes differ")
        vocabulary, sounds = (_read_lines(folder / f"{name}.txt") for name in ("words", "sounds"))
        if [len(vocabulary), len(sounds)] != meta["counts"]:
            raise SegmentUnusable(f"{folder}: words are missing")
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise SegmentUnusable(f"{folder}: {error}") from error
    return Segment(arrays, vocabulary, sounds, meta)


def _mapped(file: Path) -> npt.NDArray[Any]:
    mapped: npt.NDArray[Any] = np.load(file, mmap_mode="r", allow_pickle=False)
    return mapped.view(np.ndarray)  # numpy's own class for mapped arrays takes long for every slice


def _read_lines(file: Path) -> list[str]:
    text = file.read_text("utf-8")
    return text.split("\n") if text else []


def write_segment(folder: Path, records: Iterable[tuple[int, Record]], mark: int) -> None:
    """Build a segment of these (key, record) in a folder that is not there yet. Raises OSError."""
    arrays, vocabulary, sounds, meta = build(records, mark)
    making = folder.with_name(folder.name + UNFINISHED)
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True, mode=0o700)
    for name, held in arrays.items():
        np.save(making / f"{name}.npy", held, allow_pickle=False)
    (making / "words.txt").write_text("\n".join(vocabulary), "utf-8")
    (making / "sounds.txt").write_text("\n".join(sounds), "utf-8")
    (making / "meta.json").write_text(json.dumps(meta, ensure_ascii=False), "utf-8")
    for file in making.iterdir():
        with file.open("rb") as written:
            os.fsync(written.fileno())
    making.rename(folder)


def build_segment(records: Iterable[tuple[int, Record]], mark: int = 0) -> Segment:
    """The same in memory, for a small directory and for searching in a file."""
    return Segment(*build(records, mark))


def build(
    records: Iterable[tuple[int, Record]], mark: int
) -> tuple[dict[str, Any], list[str], list[str], dict[str, Any]]:
    """A segment's arrays by name, its words, its sounds, and what else there is to know of it."""
    read = _Reading()
    for key, record in records:
        read.take(key, record)
    arrays, vocabulary = read.arrays()
    sounds, of_word = np.unique(np.array([sound(word) for word in vocabulary], dtype=object), return_inverse=True)
    sounds = sounds.tolist()
    arrays["word_starts"], arrays["word_having"] = Lexicon.pairs_of(vocabulary)
    arrays["sound_starts"], arrays["sound_having"] = Lexicon.pairs_of(sounds)
    arrays["sounding"] = np.argsort(of_word, kind="stable").astype(np.int32)
    arrays["sounding_starts"] = _starts(of_word, len(sounds))
    meta = {
        "version": VERSION,
        "mark": mark,
        "places": list(read.place_numbers),
        "agencies": list(read.agency_numbers),
        "counts": [len(vocabulary), len(sounds)],
        "sizes": {name: len(arrays[name]) for name in _ARRAYS},
    }
    return arrays, vocabulary, sounds, meta


class _Reading:
    """Records as they are read, in compact columns."""

    def __init__(self) -> None:
        self.word_numbers: dict[str, int] = {}
        self.place_numbers: dict[str, int] = {"": 0}
        self.agency_numbers: dict[str, int] = {"": 0}
        self.common: dict[str, list[int]] = {}
        """The words' numbers by text, of texts that many records have."""
        self.joined: dict[str, str] = {}
        self.keys = array("q")
        self.words = array("i")
        self.fields = bytearray()
        self.sizes = array("i")
        self.columns: dict[str, array[int]] = {
            "kinds": array("B"), "levels": array("B"), "places": array("H"), "agencies": array("H"),
            "valid_from": array("H"), "valid_until": array("H"),
        }  # fmt: skip
        self.telephones: list[str] = []

    def take(self, key: int, record: Record) -> None:
        found, fields = tokens(record, self._numbers)
        self.keys.append(key)
        self.words.extend(found)
        self.fields.extend(fields)
        self.sizes.append(len(found))
        self.telephones.append(numbers(record)[:LONGEST_NUMBER])
        columns = self.columns
        columns["kinds"].append(KIND_NUMBERS[record.kind])
        columns["levels"].append(LEVEL_NUMBERS.get(record.level, 0))
        columns["places"].append(self._numbered(self.place_numbers, record.municipality))
        columns["agencies"].append(self._numbered(self.agency_numbers, record.agency_acronym or record.agency))
        columns["valid_from"].append(_day(record.valid_from))
        columns["valid_until"].append(_day(record.valid_until))

    def _numbered(self, known: dict[str, int], name: str) -> int:
        """The number of a place or agency, by its name without spaces, accents and case."""
        joined = self.joined.get(name)
        if joined is None:
            joined = self.joined[name] = "".join(words(name))
        return known.setdefault(joined, len(known)) if len(known) < 65_535 else known.get(joined, 0)

    def _numbers(self, text: str, common: bool) -> Sequence[int]:
        found = self.common.get(text) if common else None
        if found is None:
            known = self.word_numbers
            found = [known.setdefault(word, len(known)) for word in words(text)]
            if common:
                self.common[text] = found
        return found

    def arrays(self) -> tuple[dict[str, Any], list[str]]:
        count = len(self.keys)
        vocabulary = sorted(self.word_numbers)
        renumbered = np.empty(len(vocabulary), dtype=np.int32)
        for place, word in enumerate(vocabulary):
            renumbered[self.word_numbers[word]] = place
        words_read = renumbered[np.frombuffer(self.words, dtype=np.int32)] if self.words else np.empty(0, np.int32)
        fields_read = np.frombuffer(self.fields, dtype=np.uint8)
        sizes = np.array(self.sizes, dtype=np.int64)
        starts_read = np.concatenate(([0], np.cumsum(sizes)))[:-1]
        order = _by_title(starts_read, sizes, words_read, fields_read)
        token_starts = np.concatenate(([0], np.cumsum(sizes[order]))).astype(np.int64)
        picked = spread_ranges(starts_read[order], sizes[order])
        token_words, token_fields = words_read[picked], fields_read[picked]
        of_doc = np.repeat(np.arange(count, dtype=np.int64), sizes[order])
        pairs = _once(token_words.astype(np.int64) * max(count, 1) + of_doc)
        telephones = np.array(self.telephones, dtype=f"S{LONGEST_NUMBER}")[order]
        keys = np.array(self.keys, dtype=np.int64)[order]
        key_order = np.argsort(keys)
        arrays: dict[str, Any] = {
            "token_starts": token_starts,
            "token_words": token_words,
            "token_fields": token_fields,
            "posting_starts": _starts(pairs // max(count, 1), len(vocabulary)),
            "postings": (pairs % max(count, 1)).astype(np.int32),
            "heads": _heads(token_starts, token_words, token_fields),
            "title_sizes": _title_sizes(token_starts, token_fields),
            "keys": keys,
            "sorted_keys": keys[key_order],
            "key_order": key_order.astype(np.int32),
            "telephones": telephones,
            **{name: np.array(column)[order] for name, column in self.columns.items()},
        }
        arrays["gram_starts"], arrays["gram_docs"] = _grams(telephones)
        return arrays, vocabulary


def _by_title(starts: Longs, sizes: Longs, words_read: Ints, fields_read: Bytes) -> Longs:
    """The documents in the order of the first words of their titles."""
    columns = []
    for place in range(TITLE_WORDS):
        column = np.full(len(starts), -1, dtype=np.int32)
        there = np.flatnonzero(sizes > place)
        there = there[fields_read[starts[there] + place] == Field.TITLE]
        column[there] = words_read[starts[there] + place]
        columns.append(column)
    return np.lexsort(columns[::-1])


def spread_ranges(starts: npt.NDArray[Any], sizes: npt.NDArray[Any]) -> Longs:
    """The numbers of several ranges one after the other: ``[5, 9], [2, 1]`` are 5, 6, 9."""
    total = int(sizes.sum())
    steps = np.repeat(starts - np.concatenate(([0], np.cumsum(sizes)[:-1])), sizes) if len(sizes) else starts
    spread: Longs = (np.arange(total) + steps).astype(np.int64)
    return spread


def _once(numbers: Longs) -> Longs:
    """Each number once, ascending; several times as quick as ``np.unique``."""
    numbers.sort()
    once: Longs = numbers[np.concatenate(([True], numbers[1:] != numbers[:-1]))] if len(numbers) else numbers
    return once


def _starts(sorted_numbers: npt.NDArray[Any], count: int) -> Longs:
    """Where each of ``count`` numbers begins in a list that has been sorted by them."""
    starts = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(sorted_numbers, minlength=count), out=starts[1:])
    return starts


def _heads(token_starts: Longs, token_words: Ints, token_fields: Bytes) -> Ints:
    heads = np.zeros(len(token_starts) - 1, dtype=np.int32)
    filled = np.flatnonzero(np.diff(token_starts) > 0)
    firsts = token_starts[filled]
    titled = token_fields[firsts] == Field.TITLE
    heads[filled[titled]] = token_words[firsts[titled]]
    ascending: Ints = np.maximum.accumulate(heads)
    return ascending


def _title_sizes(token_starts: Longs, token_fields: Bytes) -> Bytes:
    in_title = np.concatenate(([0], np.cumsum(token_fields == Field.TITLE)))
    sizes: Bytes = np.minimum(in_title[token_starts[1:]] - in_title[token_starts[:-1]], 255).astype(np.uint8)
    return sizes


def _grams(telephones: npt.NDArray[np.bytes_]) -> tuple[Longs, Ints]:
    """Which documents have which four digits in a row."""
    count = len(telephones)
    digits = telephones.view(np.uint8).reshape(count, LONGEST_NUMBER).astype(np.int64) - ord("0")
    found = []
    for place in range(LONGEST_NUMBER - GRAM + 1):
        window = digits[:, place : place + GRAM]
        whole = np.flatnonzero(((window >= 0) & (window <= 9)).all(axis=1))
        if len(whole):
            found.append((window[whole] @ np.array([1000, 100, 10, 1])) * max(count, 1) + whole)
    pairs = _once(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)
    return _starts(pairs // max(count, 1), 10**GRAM), (pairs % max(count, 1)).astype(np.int32)
