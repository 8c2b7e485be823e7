"""Making a whole download the copy and its index, in a process of its own; here is the side that starts it."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from catgem_tui.directory.building import BuildFailed, index_folder, run_beside
from catgem_tui.directory.segment import UNFINISHED
from catgem_tui.directory.store import StoreFailed

_FILL = """
import sys
sys.path.append(sys.argv.pop(1))
from catgem_tui.directory.ingesting import main
raise SystemExit(main())
"""


async def fill_beside(
    copy: Path, download: Path, key: bytes, files: Sequence[int], progress: Callable[[int, int], None]
) -> None:
    """``key`` opens the download and seals restricted fields; without one it is plain. ``files`` are inherited.
    ``progress`` is told the records that are done, and of how many.

    Raises StoreFailed where the machine is in the way, and BuildFailed where the download is of no use; the copy is
    then as it was.
    """
    job = {"copy": str(copy), "folder": str(index_folder(copy)), "file": str(download), "key": key.decode()}
    try:
        await run_beside(_FILL, given=msgspec.json.encode(job), files=files, hear=lambda said: progress(*said))
    except BuildFailed as error:
        clear_unfinished(copy)
        if error.code:
            raise StoreFailed(str(error), error.code) from error
        raise


def clear_unfinished(copy: Path) -> None:
    """Give the room back that an index takes which did not get done."""
    for folder in index_folder(copy).glob(f"*{UNFINISHED}"):
        shutil.rmtree(folder, ignore_errors=True)
