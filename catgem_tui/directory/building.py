"""Building the index of a whole copy, in a process of its own: it takes seconds, and none of them from the screen.

python -m catgem_tui.directory.building COPY.sqlite FOLDER
"""

import asyncio
import contextlib
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import catgem_tui
from catgem_tui.directory.segment import (
    UNFINISHED,
    Segment,
    SegmentUnusable,
    build_segment,
    open_segment,
    write_segment,
)
from catgem_tui.directory.store import Place, Store, code_of, entries, open_to_read

_START = """
import sys
sys.path.append(sys.argv.pop(1))
from catgem_tui.directory.building import main
raise SystemExit(main(*sys.argv[1:]))
"""
_WORDS = 400
_MORE = 100_000
STATUSES = {"disk": 5, "locked": 6, "damaged": 7}
"""Exit statuses of a process that works on the copy, by what went wrong (``store.code_of``)."""


class BuildFailed(Exception):
    """There is no new index, or no new copy; the message says why, ``code`` as StoreFailed, or empty."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status
        self.code = next((code for code, number in STATUSES.items() if number == status), "")


def main(copy: str, folder: str) -> int:
    """Returns the exit status."""
    try:
        build(Path(copy), Path(folder))
    except (sqlite3.Error, OSError) as error:
        return report(error)
    return 0


def report(error: Exception) -> int:
    """Say on standard error what went wrong; the exit status that tells it."""
    sys.stderr.write(f"{type(error).__name__}: {error}")
    return STATUSES[code_of(error)]


def build(copy: Path, folder: Path) -> None:
    """Write a segment of everything in the copy. Raises sqlite3.Error and OSError."""
    with contextlib.suppress(OSError):
        os.nice(10)
    with open_to_read(copy, timeout=10) as connection:
        connection.execute("BEGIN")  # one look at everything
        mark, identity = connection.execute("SELECT mark, identity FROM place").fetchone()
        made = folder / f"{identity}-{mark}"
        if not made.is_dir():  # else nothing has changed since
            write_segment(made, entries(connection), mark)


async def build_beside(store: Store, place: Place) -> Segment:
    """A segment of what is in the store now, built beside the event loop; ``place`` is the store's or an earlier one.

    Raises BuildFailed and StoreFailed.
    """
    if not store.on_disk:
        changes = await store.changed_since(0, place.records + _MORE)
        return await asyncio.to_thread(build_segment, changes.records, place.mark)
    await run_beside(_START, str(store.path), str(index_folder(store.path)))
    found = await asyncio.to_thread(open_latest, store.path, place.identity)
    if found is None or found.mark < place.mark:
        raise BuildFailed("the new index cannot be opened")
    return found


async def run_beside(
    program: str,
    *arguments: str,
    given: bytes = b"",
    files: Sequence[int] = (),
    hear: Callable[[list[int]], None] = lambda numbers: None,
) -> None:
    """Run Python code in a process of its own, with arguments, standard input, and files that it inherits.

    ``hear`` is told the numbers of each line that it writes to standard output. Raises BuildFailed.
    """
    root = str(Path(catgem_tui.__file__).parent.parent)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, root, *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        pass_fds=files,
    )  # fmt: skip
    assert process.stdin is not None  # noqa: S101 - all three are pipes
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    try:
        process.stdin.write(given)
        process.stdin.close()
        said, _ = await asyncio.gather(process.stderr.read(), _hear(process.stdout, hear))
        await process.wait()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise BuildFailed(said.decode("utf-8", "replace")[-_WORDS:], process.returncode)


async def _hear(output: asyncio.StreamReader, hear: Callable[[list[int]], None]) -> None:
    async for line in output:
        hear([int(number) for number in line.split()])


def index_folder(copy: Path) -> Path:
    """Where the segments of a copy are."""
    return copy.with_name(copy.stem + ".index")


def open_latest(copy: Path, identity: str, *, tidy: bool = True) -> Segment | None:
    """The newest usable segment of this copy; everything else is deleted, if it is ours to ``tidy``."""
    folder = index_folder(copy)
    best: Segment | None = None
    for candidate in sorted(folder.iterdir() if folder.is_dir() else (), key=_mark_of, reverse=True):
        if best is None and candidate.name.startswith(identity) and not candidate.name.endswith(UNFINISHED):
            with contextlib.suppress(SegmentUnusable):
                best = open_segment(candidate)
                continue
        if tidy:
            shutil.rmtree(candidate, ignore_errors=True)
    return best


def _mark_of(folder: Path) -> int:
    mark = folder.name.rpartition("-")[2]
    return int(mark) if mark.isdigit() else -1
