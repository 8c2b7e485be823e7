"""``catgem directory search``: in the copy, in a file, and without either."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import IO

import pytest

from catgem_tui.directory.store import Store
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    {"id": "a", "kind": "unit", "title": "Registro Civil", "phone": "722 555 0100", "color": "unknown to us"},
    {"title": "Sin nada más"},
    {"id": "c", "title": "Tesorería", "keywords": "impuestos,predial", "post": None},
]


def search(
    folder: Path, *arguments: str, typed: str = "", output: IO[bytes] | int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    settings = folder / "catgem.toml"
    settings.write_text(f"[workstation]\ndata = {json.dumps(str(folder))}\n", "utf-8")
    homes = {f"XDG_{name}_HOME": str(folder) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    environment = {**os.environ, **homes, "CATGEM_LANGUAGE": "en", "CATGEM_CONFIG": str(settings)}
    command = [sys.executable, "-m", "catgem_tui", "directory", "search", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, input=typed, stdout=output, stderr=subprocess.PIPE, text=True, check=False,
        timeout=60,
    )  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in ROWS) + "\n\n", "utf-8")
    return path


async def test_this_machines_copy_is_searched_without_central(tmp_path: Path) -> None:
    store = Store(tmp_path / "directory.sqlite")
    place = await store.open()
    record = Record(id="r", kind=RecordKind.OFFICE, title="Oficialía del Registro Civil", revision=3)
    await store.put([(1, record)], place._replace(cursor=3, complete=True))
    ended = search(tmp_path, "--json", "rejistro", "sivil")  # with the copy open elsewhere
    await store.close()
    answer = json.loads(ended.stdout)
    assert (ended.returncode, answer["query"]) == (0, "rejistro sivil")
    assert answer["milliseconds"] > 0
    (found,) = answer["results"]
    assert {**found, "score": 0} == {"id": "r", "kind": "office", "title": "Oficialía del Registro Civil", "score": 0}


def test_a_file_is_searched_on_the_spot_query_by_query(tmp_path: Path, file: Path) -> None:
    ended = search(
        tmp_path, "--json", "--data", str(file), "--batch", "-", "--limit", "1", typed="predial\n\n0100\nzz\n"
    )
    answers = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [answer["query"] for answer in answers] == ["predial", "0100", "zz"]
    assert [[found["id"] for found in answer["results"]] for answer in answers] == [["c"], ["a"], []]


def test_people_get_lines(tmp_path: Path, file: Path) -> None:
    assert search(tmp_path, "--data", str(file), "registro").stdout == "Registro Civil  722 555 0100\n"
    assert search(tmp_path, "--data", str(file), "zzz").stdout == "Nothing found for “zzz”.\n"


def test_whoever_reads_no_further_ends_it_without_a_word(tmp_path: Path, file: Path) -> None:
    """As in ``catgem directory search … | head -1``."""
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as output:
        ended = search(tmp_path, "--data", str(file), "registro", output=output)
    assert (ended.returncode, ended.stderr) == (1, "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("registro",), "There is no copy of the directory on this machine yet"),
        (("--data", "missing.jsonl", "x"), "cannot be read as JSON lines"),
        (("--data", "broken.jsonl", "x"), "(2: "),
        (("--batch", "missing.txt"), "The queries cannot be read"),
        (("--limit", "0", "x"), "a whole number from 1 to 1000"),
    ],
)
def test_what_cannot_be_searched_is_told_in_a_sentence(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    (tmp_path / "broken.jsonl").write_text('{"id": "a"}\n{"id": \n', "utf-8")
    ended = search(tmp_path, *(str(tmp_path / each) if "." in each else each for each in arguments))
    assert ended.returncode in {1, 2}
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_damaged_copy_is_told(tmp_path: Path) -> None:
    (tmp_path / "directory.sqlite").write_bytes(b"no database " * 1000)
    ended = search(tmp_path, "registro")
    assert (ended.returncode, "cannot be read" in ended.stderr) == (1, True)


def test_a_copy_that_was_only_begun_is_none_yet(tmp_path: Path) -> None:
    (tmp_path / "directory.sqlite").touch()
    assert "There is no copy of the directory on this machine yet" in search(tmp_path, "registro").stderr


async def test_a_copy_whose_writer_was_killed_is_searched(tmp_path: Path) -> None:
    """Its half-written change is on disk, with the journal by which the next who opens it takes it back."""
    store = Store(tmp_path / "theirs.sqlite")
    place = await store.open()
    offices = [
        (n, Record(id=f"r{n}", kind=RecordKind.OFFICE, title=f"Oficialía {n}", text="x" * 2000, revision=n))
        for n in range(1, 200)
    ]
    await store.put(offices, place._replace(cursor=200, complete=True))
    await store.close()
    with closing(sqlite3.connect(store.path, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = DELETE")
        writer.execute("PRAGMA cache_size = 5")  # so that changes reach the file before they are committed
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE records SET body = replace(body, 'Oficialía', 'Ventanilla')")
        for suffix in ("", "-journal"):
            shutil.copy(f"{store.path}{suffix}", tmp_path / f"directory.sqlite{suffix}")
        assert b"Ventanilla" in (tmp_path / "directory.sqlite").read_bytes()
    assert search(tmp_path, "--limit", "1", "oficialia 77").stdout == "Oficialía 77\n"
