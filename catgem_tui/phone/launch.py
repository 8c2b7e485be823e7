"""Starting the engine's process, or reaching one that runs elsewhere behind a Unix socket."""

import asyncio
import contextlib
import logging
import socket
from collections import deque
from pathlib import Path

import catgem_tui
from catgem_tui.phone.port import PhoneError

_log = logging.getLogger(__name__)

MISSING = 3
"""What our program ends with under an interpreter that lacks a module."""
_BOOTSTRAP = f"""
import runpy, sys
sys.path.append(sys.argv.pop(1))
try:
    runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit({MISSING})
"""
_LAST_WORDS = 5
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class EngineProcess:
    """The child. Its standard error goes to our log, never to the terminal."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._words: deque[str] = deque(maxlen=_LAST_WORDS)
        self._listening = asyncio.create_task(self._listen(), name="engine-stderr")

    @property
    def pid(self) -> int:
        return self._process.pid

    async def wait(self) -> str:
        """Wait for its end; return how it ended, with its last words."""
        status = await self._process.wait()
        await asyncio.wait([self._listening], timeout=0.2)
        how = f"signal {-status}" if status < 0 else f"status {status}"
        return f"{how}: {' / '.join(self._words)}" if self._words else how

    async def lacks_library(self, seconds: float) -> bool:
        """Whether it ended, within so long, because its interpreter lacks a module."""
        try:
            async with asyncio.timeout(seconds):
                return await self._process.wait() == MISSING
        except TimeoutError:
            return False

    async def end(self, seconds: float) -> None:
        """Give it so long to exit by itself, then kill it."""
        with contextlib.suppress(TimeoutError):
            # Not asyncio.timeout: before Python 3.11.3 it raises CancelledError in a task once cancelled.
            await asyncio.wait_for(self._process.wait(), seconds)
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        # Its standard error ends with it, unless a child of its own still holds it.
        await asyncio.wait([self._listening], timeout=0.1)
        self._listening.cancel()

    async def _listen(self) -> None:
        stream = self._process.stderr
        if stream is None:
            return
        # Read in pieces, not lines: a line longer than the stream's limit would raise.
        while data := await stream.read(4096):
            for line in data.decode("utf-8", "replace").splitlines():
                self._words.append(line)
                _log.debug("engine: %s", line)


def bootstrap(python: str, module: str, *arguments: str) -> tuple[str, ...]:
    """``python -m module …`` for an interpreter that may not have this package installed: it is found last, so that the
    other interpreter's own libraries come first."""
    return (python, "-c", _BOOTSTRAP, str(Path(catgem_tui.__file__).parent.parent), module, *arguments)


async def spawn_engine(python: str) -> tuple[EngineProcess, Streams]:
    """Start the engine under ``python``, joined by a socket pair. Raises PhoneError ``not_running``."""
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *bootstrap(python, "catgem_tui.phone.engine", "--fd", str(theirs.fileno())),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=(theirs.fileno(),),
                # Ctrl-C in the terminal is for the workstation, which then ends its engine in good order.
                start_new_session=True,
            )
    except BaseException as error:
        ours.close()
        if isinstance(error, OSError | ValueError):
            raise PhoneError("not_running", f"{python}: {error}") from error
        raise
    child = EngineProcess(process)
    try:
        return child, await asyncio.open_unix_connection(sock=ours)
    except BaseException:
        # Cancelled on the way: nobody else knows of this process yet.
        ours.close()
        await child.end(0.0)
        raise


async def reach_engine(path: Path) -> Streams:
    """Connect to an engine that listens at ``path``. Raises PhoneError ``not_running``."""
    try:
        return await asyncio.open_unix_connection(path)
    except OSError as error:
        raise PhoneError("not_running", f"{path}: {error}") from error
