"""How two copies of the directory are compared without sending them: a sum for each range of records.

| route | what |
|---|---|
| ``GET /directory/copy?restricted=true`` | the whole directory as gzip: JSON lines, a ``CopyHeader`` and then each record by revision; ranges and If-Range as in RFC 9110; ``restricted`` for those who may see those fields |
| ``GET /directory/sums?at=CURSOR`` → DirectorySums | one sum for each bucket, soon no older than where the copy stands |
| ``GET /directory/listing?bucket=N&bucket=M`` → Listing | what is in some buckets |
| ``POST /directory/some`` Wanted → RecordPage | some records by id |

All of them leave out what is retired.
"""  # noqa: E501 - a table's row

import zlib
from collections.abc import Iterable
from hashlib import blake2b

from catgem_tui.protocol.model import Struct

BUCKETS = 256
MOST_WANTED = 500
"""Records that are asked for by id at once."""
COPY_SCHEMA = 1
"""Of the copy's lines; a reader that does not know it pulls pages."""
_ROUND = 1 << 63


class CopyHeader(Struct, frozen=True, kw_only=True):
    schema: int
    cursor: int
    """Every change up to here is in it."""
    count: int
    """Records that follow."""


class DirectorySums(Struct, frozen=True, kw_only=True):
    cursor: int
    """The directory's, when they were made."""
    sums: tuple[int, ...]


class Listing(Struct, frozen=True, kw_only=True):
    cursor: int
    records: tuple[tuple[str, int], ...]
    """(id, revision)."""


class Wanted(Struct, frozen=True, kw_only=True):
    ids: tuple[str, ...]


def bucket_of(record_id: str) -> int:
    return zlib.crc32(record_id.encode()) % BUCKETS


def sums_of(records: Iterable[tuple[str, int]]) -> tuple[int, ...]:
    """The sum of every bucket over (id, revision), in whatever order they come."""
    sums = [0] * BUCKETS
    for record_id, revision in records:
        digest = blake2b(f"{record_id}\0{revision}".encode(), digest_size=8).digest()
        bucket = bucket_of(record_id)
        sums[bucket] = (sums[bucket] + int.from_bytes(digest)) % _ROUND
    return tuple(sums)
