"""A PostgreSQL of our own on a socket of its own, for as long as the tests take."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "postgres"
"""Whom the server runs as when we are root, which it refuses to be."""
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=40")
"""Nothing of these tests outlives them."""


def find_programs() -> Path | None:
    """The folder of initdb and postgres; Debian keeps it out of PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), default=None)


@contextmanager
def running_server(programs: Path) -> Iterator[Path]:
    """Yields the folder of its socket."""
    with tempfile.TemporaryDirectory(prefix="catgem-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        as_user = USER if os.getuid() == 0 else None
        if as_user:
            shutil.chown(folder, as_user)
        data = folder / "data"

        def run(program: str, *arguments: str) -> None:
            subprocess.run(
                [str(programs / program), *arguments], user=as_user, cwd=folder, check=True,
                stdout=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=120,
            )  # fmt: skip

        run("initdb", "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync")
        options = " ".join([f"-k {folder}", "-c listen_addresses=", *(f"-c {option}" for option in QUICK)])
        run("pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            yield folder
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")


def create_database(programs: Path, socket: Path, name: str, template: str = "template1") -> str:
    """A copy of a database that nobody is connected to, an empty one unless another is named; returns SQLAlchemy's URL
    of it."""
    subprocess.run(
        [str(programs / "createdb"), "-h", str(socket), "-U", USER, "-T", template, name],
        check=True, cwd=socket, timeout=60,
    )  # fmt: skip
    return f"postgresql+asyncpg://{USER}@/{name}?host={socket}"
