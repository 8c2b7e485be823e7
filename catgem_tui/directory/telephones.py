"""Telephone numbers in the index: two digits in a byte, and which documents have which four digits in a row."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

GRAM = 4
"""Digits that are looked up together."""
_LETTERS = b"\x000123456789 "
"""By what is written for them."""
_WRITTEN = np.zeros(256, dtype=np.uint8)
_WRITTEN[list(_LETTERS)] = np.arange(len(_LETTERS))
_READ = _LETTERS.ljust(16, b"\0")
_PAIRS = np.array([[_READ[pair >> 4], _READ[pair & 15]] for pair in range(256)], dtype=np.uint8).view(np.uint16).ravel()
"""The two letters of a byte, side by side."""

Packed = npt.NDArray[np.uint8]
"""A row for each document, as wide as the longest needs."""


def letters(numbers: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Digits and spaces as they are, a row for each document, filled up with zeros to an even number."""
    width = max(map(len, numbers), default=0)
    held = np.array(numbers, dtype=f"S{max(2, width + width % 2)}")
    return held.view(np.uint8).reshape(len(held), held.itemsize)


def pack(rows: npt.NDArray[np.uint8]) -> Packed:
    """Of what ``letters`` gives."""
    written = _WRITTEN[rows]
    packed: Packed = (written[:, ::2] << 4 | written[:, 1::2]).astype(np.uint8)
    return packed


def unpack(packed: Packed) -> list[bytes]:
    """What was packed, by document."""
    if not len(packed):
        return []
    found: list[bytes] = _PAIRS[packed].view(f"S{2 * packed.shape[1]}").ravel().tolist()
    return found


def grams(rows: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Where the documents of each gram begin in the second; of what ``letters`` gives."""
    digits = (rows.T.copy() - ord("0")).astype(np.int16)
    is_digit = (digits >= 0) & (digits <= 9)
    codes, documents = [np.empty(0, dtype=np.uint16)], [np.empty(0, dtype=np.int32)]
    for place in range(len(digits) - GRAM + 1):
        whole = np.flatnonzero(is_digit[place : place + GRAM].all(axis=0))
        code = np.zeros(len(whole), dtype=np.uint16)
        for column in digits[place : place + GRAM] if len(whole) else ():
            code = code * np.uint16(10) + column[whole].astype(np.uint16)
        codes.append(code)
        documents.append(whole.astype(np.int32))
    code, document = np.concatenate(codes), np.concatenate(documents)
    pairs = code.astype(np.int64) << 32 | document
    pairs.sort()
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    starts = np.zeros(10**GRAM + 1, dtype=np.int64)
    np.cumsum(np.bincount(pairs >> 32, minlength=10**GRAM), out=starts[1:])
    return starts, pairs.astype(np.int32)
