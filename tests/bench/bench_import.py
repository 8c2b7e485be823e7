"""How long a file of directory records takes: read, compared with this machine's copy, and imported to the end.

Run it: ``python tests/bench/bench_import.py [--count ROWS]``. Prints one JSON object, seconds for each format:
``parse`` (in this process), ``dry_run`` against a copy that has all of them, and ``import`` of all as new ones into an
empty, real central in a process of its own; the last two are whole runs of ``catgem``, start and login included.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from catgem_tui.directory.store import Store
from catgem_tui.exchange.mapping import ColumnMapping
from catgem_tui.exchange.reading import read_file
from catgem_tui.exchange.writing import FORMATS, write_records
from catgem_tui.protocol.enums import Role
from catgem_tui.protocol.model import Record
from tests.bench.directory_data import generate
from tests.central_house import PASSWORD, hire, running_central

ROOT = Path(__file__).resolve().parents[2]
GOAL = 30.0
"""Seconds for 120,000 rows, to the end."""
HOUSE = """
import asyncio, sys
from pathlib import Path
from tests.bench.bench_import import keep_house
asyncio.run(keep_house(Path(sys.argv[1])))
"""


async def keep_house(folder: Path) -> None:
    """A central with one information manager; says where it is, ends with its standard input."""
    async with running_central(folder) as house:
        await hire(house, "irma", Role.INFORMATION_MANAGER)
        print(house.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


async def _keep_copy(path: Path, records: list[Record]) -> None:
    store = Store(path)
    place = await store.open()
    await store.put(list(enumerate(records, place.next_key)), place._replace(complete=True))
    await store.close()


def _run(folder: Path, *arguments: str) -> float:
    """Seconds that ``catgem directory import`` takes."""
    folders = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "catgem_tui", "directory", "import", *arguments],
        cwd=ROOT,
        env={**os.environ, **folders, "HOME": str(folder), "CATGEM_LANGUAGE": "en"},
        input=f"{PASSWORD}\n",
        text=True,
        check=True,
        stdout=subprocess.PIPE,
    )
    return time.perf_counter() - begun


def _import(folder: Path, file: Path) -> float:
    house = subprocess.Popen(
        [sys.executable, "-c", HOUSE, str(folder / f"data-{file.suffix[1:]}")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert house.stdout is not None
        url = house.stdout.readline().strip()
        arguments = ("--central", url, "--user", "irma", "--password-stdin", "--support", "Oficio 1/2026")
        return _run(folder, str(file), *arguments)
    finally:
        house.communicate("")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=120_000, help="rows")
    rows = parser.parse_args().count
    seconds: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        records = list(generate(rows))
        settings = folder / "catgem.toml"
        settings.write_text(f"[workstation]\ndata = {json.dumps(str(folder / 'station'))}\n")
        asyncio.run(_keep_copy(folder / "station" / "directory.sqlite", records))
        for format_name in FORMATS:
            file = folder / f"records.{format_name}"
            with file.open("wb") as out:
                write_records(out, format_name, records)
            begun = time.perf_counter()
            read = read_file(file, ColumnMapping())
            parsed = time.perf_counter() - begun
            assert (len(read.rows), read.bad) == (rows, [])
            del read
            seconds[format_name] = {
                "parse": round(parsed, 2),
                "dry_run": round(_run(folder, str(file), "--dry-run", "--settings", str(settings)), 2),
                "import": round(_import(folder, file), 2),
            }
    worst = max(each["import"] for each in seconds.values())
    print(
        json.dumps(
            {
                "bench": "import",
                "rows": rows,
                "seconds": seconds,
                "goal": GOAL,
                "ok": worst <= GOAL,
                "load": os.getloadavg()[0],
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
