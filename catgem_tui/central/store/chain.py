"""The chain of digests that holds the change log together: a line cannot be altered, taken out or put in unseen.

A line's digest is the SHA-256, as hex, of the UTF-8 JSON list of the digest before it (empty for the first line) and
the line's columns in the order of ``COLUMNS``, bodies as the texts that are stored. The form is for ever: what was
digested once has to be found the same.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

COLUMNS = (
    "number",
    "record",
    "at",
    "who",
    "approved_by",
    "support",
    "document",
    "dated_at",
    "comment",
    "change",
    "before",
    "after",
)


def digest_of(previous: str, line: Mapping[str, Any], columns: Sequence[str] = COLUMNS) -> str:
    """The digest of a row that follows the line with the digest ``previous``; the audit trail has other columns."""
    return hashlib.sha256(msgspec.json.encode([previous, *(line[name] for name in columns)])).hexdigest()
