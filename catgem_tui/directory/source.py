"""What the local copy asks of central. Every answer is None when central cannot give it now."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from catgem_tui.directory.sealing import Sealer
from catgem_tui.protocol.http import RecordPage
from catgem_tui.protocol.model import Record
from catgem_tui.protocol.sums import DirectorySums, Listing


class NoCopy(Exception):
    """Central does not give the whole directory as a file; its pages are understood."""


Progress = Callable[[int, int], None]
"""(bytes here, bytes in all)"""


class Source(Protocol):
    async def page(self, after: int, limit: int) -> RecordPage | None:
        """What changed after a cursor, oldest change first."""
        ...

    async def copy(self, folder: Path, progress: Progress, sealer: Sealer | None) -> Path | None:
        """The whole directory as a file (``protocol.sums``) in this folder; goes on where an earlier try ended.

        With a ``sealer`` restricted fields are in it, and the file is sealed (``sealing.stream_cipher`` by its name).
        Raises NoCopy, and OSError when the file cannot be written.
        """
        ...

    async def sums(self, at: int) -> DirectorySums | None:
        """One sum for each range of records, for a copy that stands ``at`` a cursor; they may be of another one."""
        ...

    async def listing(self, buckets: Sequence[int]) -> Listing | None:
        """What there is in some ranges."""
        ...

    async def some(self, ids: Sequence[str]) -> tuple[Record, ...] | None:
        """These records, as far as they are there; ``MOST_WANTED`` at most."""
        ...
