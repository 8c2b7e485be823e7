"""Ten thousand notifications in a second, through a real central in a process of its own, to the real command in a
terminal, while somebody types.

    python tests/flood.py [--count N]           prints one JSON object: milliseconds from a key to its echo, memory
    python tests/flood.py --central FOLDER     is that central: prints its address, floods at a line of input
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from tests.central_house import PASSWORD, hire, running_central  # noqa: E402
from tests.pretended_terminal import PretendedTerminal  # noqa: E402

BURSTS = 50
"""In which a second's notifications come."""
SIZE = (100, 30)
PATIENCE = 90.0
LETTERS = "qwertyuiopasdfghjklz"
"""What is typed into the search, a letter at a time, and then anew."""
PROGRAM = """
import fcntl, runpy, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
runpy.run_module("catgem_tui", run_name="__main__", alter_sys=True)
"""


class Told(Struct, frozen=True):
    """What came of a flood."""

    notifications: int
    seconds: float
    """In which central sent them into its buffers."""
    most_buffered: int
    """Frames that waited at central at once."""
    before_ms: tuple[float, ...]
    """From a key to its echo, in a calm minute."""
    during_ms: tuple[float, ...]
    after_ms: tuple[float, ...]
    memory_before_mb: float
    memory_after_mb: float


# --- central ---


async def serve(folder: Path, count: int) -> None:
    from catgem_tui.protocol.enums import RecordKind
    from catgem_tui.protocol.events import ReportAnswered
    from catgem_tui.protocol.model import Record

    async with running_central(folder) as house:
        ana = await hire(house, "ana")
        print(house.url, flush=True)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, sys.stdin.readline)
        begun, most, number = loop.time(), 0, 0
        records = [Record(id=f"r{n}", kind=RecordKind.OFFICE, title=f"Oficina {n}", revision=0) for n in range(count)]
        importing = asyncio.create_task(house.directory.import_records(records, "Irma", "Oficio 1"))
        for burst in range(BURSTS):
            for _ in range(count // BURSTS):
                number += 1
                house.hub.signal(ReportAnswered(report=answered(number)), (ana.id,), key=f"p{number}")
            waiting = [line.session for line in house.hub._lines.values()]
            most = max(most, *(len(each._out) + len(each._signals) for each in waiting))
            await asyncio.sleep(max(0.0, begun + (burst + 1) / BURSTS - loop.time()))
        seconds = loop.time() - begun
        await importing
        print(json.dumps({"seconds": seconds, "most": most}), flush=True)
        await loop.run_in_executor(None, sys.stdin.readline)


def answered(number: int):  # type: ignore[no-untyped-def]
    from catgem_tui.protocol.editing import Report

    now = time.time()
    return Report(
        id=f"p{number}", record="r1", at=now - 60, who="Ana", title=f"Reporte {number}", answer="Corregido",
        closed_by="Irma", closed_at=now + number / 1e6,
    )  # fmt: skip


# --- the workstation ---


class Workstation:
    def __init__(self, terminal: PretendedTerminal, process: asyncio.subprocess.Process) -> None:
        self.terminal = terminal
        self.process = process
        self.typed = ""

    def rows(self) -> str:
        return "\n".join(self.terminal.screen.display)

    async def until(self, condition: Callable[[str], bool]) -> None:
        """Until the screen is so."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not condition(self.rows()):
                    self.terminal.more.clear()
                    await self.terminal.more.wait()
        except TimeoutError:
            raise AssertionError(self.rows()) from None

    async def type_letter(self) -> float:
        """Milliseconds until it is in the search field on the screen."""
        anew = self.typed == LETTERS
        self.typed = LETTERS[: 1 if anew else len(self.typed) + 1]
        begun = time.perf_counter()
        self.terminal.type(b"\x06" * anew + self.typed[-1].encode())  # Ctrl+F: what is typed takes the place
        await self.until(lambda rows: f"│ {self.typed} " in rows)
        return (time.perf_counter() - begun) * 1000

    def memory_mb(self) -> float:
        """Resident."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@asynccontextmanager
async def workstation(folder: Path, url: str) -> AsyncIterator[Workstation]:
    """Logged in, with the cursor in the directory's search."""
    terminal = PretendedTerminal(SIZE, SIZE, b"", mute=False)
    homes = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    own = {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "CATGEM_LANGUAGE": "en"}
    keyring = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, "--central", url, "--user", "ana",
        env=environment | homes | own | keyring, stdin=terminal.its, stdout=terminal.its, stderr=terminal.its,
        start_new_session=True,
    )  # fmt: skip
    asyncio.get_running_loop().add_reader(terminal.own, terminal.read)
    station = Workstation(terminal, process)
    try:
        await station.until(lambda rows: "Password" in rows)
        while "line ready" not in station.rows():  # a machine with too much to do is asked again
            terminal.type(PASSWORD.encode() + b"\r")
            await station.until(lambda rows: "does not answer" not in rows)
            await station.until(lambda rows: "line ready" in rows or "does not answer" in rows)
        terminal.type(b"\x06")  # Ctrl+F
        await station.until(lambda rows: "Type a name" in rows)
        yield station
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        asyncio.get_running_loop().remove_reader(terminal.own)
        for descriptor in (terminal.own, terminal.its):
            os.close(descriptor)


async def flood(folder: Path, count: int, letters: int = 12) -> Told:
    """Notifications and as many changed records, while somebody types."""
    central = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(__file__)), "--central", str(folder / "central"), "--count", str(count),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert central.stdin is not None
    assert central.stdout is not None
    try:
        url = (await central.stdout.readline()).decode().strip()
        async with workstation(folder / "station", url) as station:
            before = [await station.type_letter() for _ in range(letters)]
            memory = station.memory_mb()
            telling = asyncio.create_task(central.stdout.readline())
            central.stdin.write(b"flood\n")
            during = []
            while not telling.done():
                during.append(await station.type_letter())
            told = json.loads(telling.result())
            await station.until(lambda rows: f"Reporte {count}" in rows)
            after = [await station.type_letter() for _ in range(letters)]
            station.terminal.type(b"\x06" + f"oficina {count - 1}".encode())  # Ctrl+F: a new search
            await station.until(lambda rows: f"Oficina {count - 1}" in rows)
            return Told(
                notifications=count, seconds=told["seconds"], most_buffered=told["most"], before_ms=tuple(before),
                during_ms=tuple(during), after_ms=tuple(after), memory_before_mb=memory,
                memory_after_mb=station.memory_mb(),
            )  # fmt: skip
    finally:
        with contextlib.suppress(ProcessLookupError):
            central.kill()
        await central.wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--central", type=Path)
    parser.add_argument("--count", type=int, default=10_000)
    given = parser.parse_args()
    if given.central:
        asyncio.run(serve(given.central, given.count))
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # a builder of the index may be ending
        told = asyncio.run(flood(Path(folder), given.count))
    print(json.dumps({
        "notifications": told.notifications, "seconds": round(told.seconds, 2), "most_buffered": told.most_buffered,
        **{f"{when}_ms_{name}": round(value, 1)
           for when, all_ in (("before", told.before_ms), ("during", told.during_ms), ("after", told.after_ms))
           for name, value in (("median", statistics.median(all_)), ("longest", max(all_)))},
        "keys_during": len(told.during_ms),
        "memory_mb": [round(told.memory_before_mb, 1), round(told.memory_after_mb, 1)], "load": os.getloadavg()[0],
    }))  # fmt: skip


if __name__ == "__main__":
    main()
