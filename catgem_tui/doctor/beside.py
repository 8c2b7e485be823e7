"""The doctor for the workstation that is at work: in a process of its own, so that nothing of it is felt on the screen.

A ``Job`` as JSON comes on standard input; a ``Told`` as JSON goes to standard output for each part that is done, a line
each. The parts that need the terminal for themselves are not for it.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from catgem_tui.config import i18n, log
from catgem_tui.config.settings import Settings
from catgem_tui.desk.examining import ExaminationFailed
from catgem_tui.desk.happenings import PartExamined
from catgem_tui.desk.state import Finding

_START = """
import sys
sys.path.append(sys.argv.pop(1))
from catgem_tui.doctor.beside import main
main()
"""
_WORDS = 400
"""Bytes of what a broken process says that go into the log."""
PARTING = 3.0
"""Seconds that a stopped process has to close the telephone's engine and the sound card."""


class Job(Struct, frozen=True):
    settings: Settings
    central: str
    parts: tuple[str, ...]
    telephone_elsewhere: str = ""
    """As in ``Subject``; empty: the telephone is here."""


class Told(Struct, frozen=True):
    part: str
    found: tuple[Finding, ...]


class DoctorBeside:
    """The desk's ``Examiner``. ``central`` is its base URL; ``elsewhere`` the place of a telephone that is not here."""

    def __init__(self, settings: Settings, central: str, elsewhere: Path | None = None) -> None:
        self._settings, self._central, self._elsewhere = settings, central, elsewhere

    async def examine(self, parts: Sequence[str], hear: Callable[[PartExamined], None]) -> None:
        """Raises ExaminationFailed."""
        elsewhere = str(self._elsewhere) if self._elsewhere else ""
        job = msgspec.json.encode(Job(self._settings, self._central, tuple(parts), elsewhere))
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _START, str(Path(__file__).parents[2]),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
                env={**os.environ, i18n.VARIABLE: i18n.current()}, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise ExaminationFailed(str(error)) from error
        assert process.stdin is not None  # noqa: S101 - all three are pipes
        assert process.stdout is not None  # noqa: S101
        assert process.stderr is not None  # noqa: S101
        try:
            process.stdin.write(job)
            process.stdin.close()
            said, _ = await asyncio.gather(process.stderr.read(), _hear(process.stdout, hear))
            await process.wait()
        except asyncio.CancelledError:
            await _end(process)
            raise
        if process.returncode:
            raise ExaminationFailed(said.decode("utf-8", "replace")[-_WORDS:])


async def _hear(output: asyncio.StreamReader, hear: Callable[[PartExamined], None]) -> None:
    """Raises ExaminationFailed."""
    async for line in output:
        try:
            told = msgspec.json.decode(line, type=Told)
        except msgspec.MsgspecError as error:
            raise ExaminationFailed(str(error)) from error
        hear(PartExamined(told.part, told.found))


async def _end(process: asyncio.subprocess.Process) -> None:
    """It and what it has started: the engine of a trial goes with it."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), PARTING)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


# --- the process ---


def main() -> None:
    log.start("doctor")
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    asyncio.run(_work(job))


async def _work(job: Job) -> None:
    from catgem_tui.doctor import rounds
    from catgem_tui.doctor.finding import Subject

    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - within asyncio.run
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    subject = Subject(
        settings=job.settings,
        environment=dict(os.environ),
        central=job.central,
        telephone_elsewhere=Path(job.telephone_elsewhere) if job.telephone_elsewhere else None,
        at_work=True,
    )

    def tell(_part: str, examined: rounds.Examined | None) -> None:
        if examined is None:
            return
        found = tuple(Finding(each.level.value, each.sentence, each.remedy) for each in examined.found.findings)
        sys.stdout.buffer.write(msgspec.json.encode(Told(examined.part, found)) + b"\n")
        sys.stdout.buffer.flush()

    with contextlib.suppress(asyncio.CancelledError):
        await rounds.examine(subject, job.parts, tell)
