"""One central per data folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if os.name == "posix":
    import fcntl


class DataInUse(Exception):
    """Another central works on this data folder."""

    def __init__(self, folder: Path, process: str) -> None:
        super().__init__(f"{folder} is in use by process {process or 'unknown'}")
        self.folder, self.process = folder, process


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold the lock file for the block. The system lets go of it when the process dies, however it dies.

    Raises DataInUse, OSError.
    """
    # Opened for appending: whoever holds the lock has written its process number, which must not be cut off here.
    with path.open("a+", encoding="ascii") as file:
        if os.name == "posix":
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                raise DataInUse(path.parent, file.read().strip()) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
