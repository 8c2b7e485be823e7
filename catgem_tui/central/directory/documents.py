"""Supporting documents: files named by the SHA-256 of what is in them, whole or not there."""

import asyncio
import hashlib
import os
import re
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from catgem_tui.central.plaintext import clean_line
from catgem_tui.central.ports import StorageFailed
from catgem_tui.central.store.database import Database
from catgem_tui.central.store.documents import add_document, read_document
from catgem_tui.protocol.editing import Document

if TYPE_CHECKING:
    from tempfile import _TemporaryFileWrapper

LONGEST_NAME = 150
"""Characters of a file name that are kept."""
LONGEST_GIVEN = 1000
"""Characters of a name that are looked at, folders included."""
UNNAMED = "document"
UNKNOWN_TYPE = "application/octet-stream"
_PARTIAL = ".part"
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Documents:
    """The folder of documents and its list in the database. What is in the list is on disk, whole."""

    def __init__(self, folder: Path, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._database, self._clock = folder, database, clock

    async def start(self) -> None:
        """Make the folder, and throw away what a crash left half written. Raises OSError."""
        await asyncio.to_thread(self._tidy)

    async def keep(self, blocks: AsyncIterator[bytes], *, name: str, media_type: str, who: str) -> Document | None:
        """Store a file as it comes in; None when it is empty.

        ``name`` and ``media_type`` are what the sender says; ``who`` is a name. A file that is there already keeps the
        name it had first. Raises StorageFailed, and whatever ``blocks`` raises; then nothing of it is left.
        """
        digest, size = hashlib.sha256(), 0
        try:
            file = await asyncio.to_thread(self._begin)
        except OSError as error:
            raise StorageFailed(error.strerror or str(error)) from error
        try:
            async for block in blocks:
                digest.update(block)
                size += len(block)
                await asyncio.to_thread(file.write, block)
            if not size:
                return None
            sha256 = digest.hexdigest()
            await asyncio.to_thread(self._settle, file, sha256)
        except OSError as error:
            raise StorageFailed(error.strerror or str(error)) from error
        finally:
            _discard(file)
        document = Document(
            sha256=sha256,
            name=safe_name(name),
            media_type=safe_type(media_type),
            size=size,
            received_at=self._clock(),
        )
        async with self._database.write() as connection:
            return await add_document(connection, document, who)

    async def find(self, sha256: str) -> tuple[Document, Path] | None:
        """The document and its file, if both are there. Raises StorageFailed."""
        if not _SHA256.fullmatch(sha256):
            return None
        async with self._database.read() as connection:
            document = await read_document(connection, sha256)
        path = self._folder / sha256
        if document is None or not await asyncio.to_thread(path.is_file):
            return None
        return document, path

    def _tidy(self) -> None:
        self._folder.mkdir(exist_ok=True, mode=0o700)
        for left in self._folder.glob(f"*{_PARTIAL}"):
            left.unlink(missing_ok=True)

    def _begin(self) -> "_TemporaryFileWrapper[bytes]":
        return tempfile.NamedTemporaryFile(dir=self._folder, suffix=_PARTIAL, delete=False)

    def _settle(self, file: "_TemporaryFileWrapper[bytes]", sha256: str) -> None:
        """On disk under its name, and the name on disk too, before the database speaks of it."""
        file.flush()
        os.fsync(file.fileno())
        Path(file.name).replace(self._folder / sha256)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _discard(file: "_TemporaryFileWrapper[bytes]") -> None:
    """Close it, and remove it unless it has got its name."""
    with suppress(OSError):
        file.close()
    with suppress(OSError):
        Path(file.name).unlink()


def safe_name(name: str) -> str:
    """A file name without folders, control characters or what a system takes amiss; never empty."""
    last = re.split(r"[/\\]", clean_line(name, LONGEST_GIVEN))[-1]
    plain = re.sub(r'[<>:"|?*]', "_", last).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > LONGEST_NAME and dot and len(ending) < 10:
        plain = stem[: LONGEST_NAME - len(ending) - 1].rstrip(". ") + "." + ending
    return plain[:LONGEST_NAME].rstrip(". ") or UNNAMED


def safe_type(media_type: str) -> str:
    """The media type without its parameters; of an odd one, that of any bytes."""
    plain = media_type.partition(";")[0].strip().lower()
    return plain if _TYPE.fullmatch(plain) else UNKNOWN_TYPE
