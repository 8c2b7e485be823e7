"""Who may write this machine's copy: one program at a time, by a lock that the kernel takes back when it ends."""

import fcntl
import os
from pathlib import Path


class Claim:
    """An advisory lock (flock) on a file beside the copy. A child process that gets ``files`` holds it too."""

    def __init__(self, copy: Path) -> None:
        self._path = copy.with_name(copy.stem + ".lock")
        self._file: int | None = None

    @property
    def held(self) -> bool:
        return self._file is not None

    @property
    def files(self) -> tuple[int, ...]:
        """What a child process has to inherit so that nobody else writes while it does, whatever becomes of us."""
        return () if self._file is None else (self._file,)

    def take(self) -> bool:
        """Whether it is ours now; False while another program has it. Raises OSError where there can be no lock."""
        if self._file is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        except OSError:
            os.close(file)
            raise
        self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
