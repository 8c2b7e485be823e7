"""The part of the index that does not change: arrays in files, mapped into memory, made anew in the background.

A segment is a folder of ``.npy`` files with ``meta.json``, which is written last: a folder without it was never
finished. Documents are numbered in the order of their titles, words in the order of the alphabet.
"""

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from catgem_tui.directory.fold import sound
from catgem_tui.directory.lexicon import Lexicon
from catgem_tui.directory.reading import ABOUT, Bytes, Ints, Longs, Reading, spread_ranges
from catgem_tui.directory.telephones import Packed, grams, letters, pack
from catgem_tui.directory.tokens import Field
from catgem_tui.protocol.model import Record

VERSION = 3
UNFINISHED = ".making"
"""Ending of a folder that is still being written."""
TITLE_WORDS = 4
"""Words by which titles are put in order."""

Narrow = npt.NDArray[np.integer[Any]]
"""Numbers from zero on in as few bytes as the highest needs: what is mapped counts."""

_ARRAYS = (
    "word_starts", "word_having", "sound_starts", "sound_having", "sounding_starts", "sounding",
    "posting_starts", "postings", "token_starts", "token_words", "shapes", "shape_starts", "shape_fields", "heads",
    "title_sizes", "initials", "keys", "sorted_keys", "key_order", "kinds", "levels", "places", "agencies",
    "valid_from", "valid_until", "gram_starts", "gram_docs", "telephones",
)  # fmt: skip


class SegmentUnusable(Exception):
    """The folder is no whole segment of this version."""


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
    token_starts: Narrow
    """Where the words of a document begin in ``token_words``."""
    token_words: Narrow
    shapes: Narrow
    """By document: how its words stand in fields, which is the same for many."""
    shape_starts: Longs
    """Where the fields of a shape's words begin in ``shape_fields``."""
    shape_fields: Bytes
    heads: Narrow
    """The first word of each title, ascending."""
    title_sizes: Bytes
    initials: npt.NDArray[np.uint32]
    """By document: which letters its words begin with, a bit for each (``initial``)."""
    keys: Narrow
    """What the store knows a document by."""
    sorted_keys: Narrow
    key_order: Ints
    """The documents of ``sorted_keys``."""
    kinds: Bytes
    levels: Bytes
    places: npt.NDArray[np.uint16]
    agencies: npt.NDArray[np.uint16]
    valid_from: npt.NDArray[np.uint16]
    valid_until: npt.NDArray[np.uint16]
    gram_starts: Longs
    """Where the documents of four digits begin in ``gram_docs``."""
    gram_docs: Ints
    telephones: Packed

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
        held = self.sorted_keys
        if not len(held) or not held[0] <= key <= held[-1]:
            return -1
        place = held.searchsorted(held.dtype.type(key))  # of another type it would copy them all
        return int(self.key_order[place]) if held[place] == key else -1

    def titles_begun(self, first: int, last: int) -> tuple[int, int]:
        """The documents whose titles begin with a word from ``first`` to before ``last``: from the one to before the
        other."""
        known = len(self.words)
        start, end = self.heads.searchsorted(np.array((min(first, known), min(last, known)), dtype=self.heads.dtype))
        return int(start), int(end)

    def tokens(self, documents: npt.NDArray[np.integer[Any]]) -> tuple[Narrow, Bytes, Longs]:
        """The words of these documents, one document after the other, their fields, and how many of each."""
        starts = self.token_starts[documents].astype(np.int64)
        sizes = self.token_starts[documents + 1] - starts
        fields = spread_ranges(self.shape_starts[self.shapes[documents]], sizes)
        return self.token_words[spread_ranges(starts, sizes)], self.shape_fields[fields], sizes


def initial(word: str) -> int:
    """The bit of a word's first letter; 0 for what is no letter from a to z."""
    place = ord(word[0]) - ord("a") if word else -1
    return 1 << place if 0 <= place < 26 else 0


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
    read = Reading()
    read.read(records)
    arrays, vocabulary = _arrays(read)
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


def _arrays(read: Reading) -> tuple[dict[str, Any], list[str]]:
    count = len(read.keys)
    vocabulary = sorted(read.known.met)
    renumbered = np.empty(len(vocabulary), dtype=np.int32)
    renumbered[[read.known[word] for word in vocabulary]] = np.arange(len(vocabulary))
    fields, shape_sizes = read.shape_fields()
    shape_starts = np.cumsum(shape_sizes) - shape_sizes
    in_title = np.concatenate(([0], np.cumsum(fields == Field.TITLE)))
    titled = in_title[shape_starts + shape_sizes] - in_title[shape_starts]
    words_read = _narrow(renumbered[read.column("words")], len(vocabulary))
    sizes, shapes = read.column("sizes"), read.column("shapes")
    title_sizes = titled[shapes].clip(max=255).astype(np.uint8)
    starts = np.cumsum(sizes, dtype=np.int64) - sizes
    order = _by_title(starts, title_sizes, words_read)
    sizes, shapes, title_sizes = sizes[order], shapes[order], title_sizes[order]
    words = words_read[spread_ranges(starts[order], sizes)]
    token_starts = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
    posting_starts, postings = _postings(words, sizes, len(vocabulary))
    numbers = letters(read.telephones)[order]
    gram_starts, gram_docs = grams(numbers)
    keys = np.array(read.keys, dtype=np.int64)[order]
    key_order = np.argsort(keys)
    heads = np.zeros(count, dtype=np.int64)
    heads[title_sizes > 0] = words[token_starts[:-1][title_sizes > 0]]
    return {
        "token_starts": _narrow(token_starts, len(words)),
        "token_words": words,
        "shapes": _narrow(shapes, len(shape_sizes)),
        "shape_starts": shape_starts,
        "shape_fields": fields,
        "posting_starts": posting_starts,
        "postings": postings,
        "heads": _narrow(np.maximum.accumulate(heads), len(vocabulary)),
        "title_sizes": title_sizes,
        "initials": _initials(words, token_starts, vocabulary),
        "keys": _narrow(keys, int(keys.max(initial=0))),
        "sorted_keys": _narrow(keys[key_order], int(keys.max(initial=0))),
        "key_order": key_order.astype(np.int32),
        "telephones": pack(numbers),
        "gram_starts": gram_starts,
        "gram_docs": gram_docs,
        **{name: read.column(name)[order] for name in ABOUT},
    }, vocabulary


def _narrow(numbers: npt.NDArray[Any], most: int) -> Narrow:
    return numbers.astype(np.min_scalar_type(most), copy=False)


def _by_title(starts: Longs, title_sizes: Bytes, words_read: Narrow) -> Longs:
    """The documents in the order of the first words of their titles."""
    columns = []
    for place in range(TITLE_WORDS):
        column = np.zeros(len(starts), dtype=np.int64)
        there = title_sizes > place
        column[there] = words_read[starts[there] + place] + np.int64(1)
        columns.append(column)
    first, second, third, fourth = columns
    return np.lexsort((third << 32 | fourth, first << 32 | second))


def _postings(words: Narrow, sizes: Bytes, vocabulary: int) -> tuple[Longs, Ints]:
    """Which documents have which word, ascending, each once."""
    # By the lower 16 bits and then by the upper ones: numpy sorts such numbers by counting, several times as quick.
    order = np.argsort(words.astype(np.uint16), kind="stable")
    if vocabulary > 1 << 16:
        order = order[np.argsort((words >> 16).astype(np.uint16)[order], kind="stable")]
    words = words[order]
    postings = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)[order]
    once = np.ones(len(words), dtype=bool)
    once[1:] = (words[1:] != words[:-1]) | (postings[1:] != postings[:-1])
    return _starts(words[once], vocabulary), postings[once]


def _starts(sorted_numbers: npt.NDArray[Any], count: int) -> Longs:
    """Where each of ``count`` numbers begins in a list that has been sorted by them."""
    starts = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(sorted_numbers, minlength=count), out=starts[1:])
    return starts


def _initials(words: Narrow, token_starts: Longs, vocabulary: list[str]) -> npt.NDArray[np.uint32]:
    found = np.zeros(len(token_starts) - 1, dtype=np.uint32)
    filled = np.diff(token_starts) > 0
    bits = np.fromiter(map(initial, vocabulary), dtype=np.uint32, count=len(vocabulary))
    if len(words):
        found[filled] = np.bitwise_or.reduceat(bits[words], token_starts[:-1][filled])
    return found
