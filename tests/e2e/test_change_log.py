"""The change log on the command line, while a real central works on it."""

import asyncio
import csv
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from catgem_tui.central.app import Central
from catgem_tui.protocol.enums import RecordKind, Role
from catgem_tui.protocol.model import Record
from catgem_tui.terminal_login import admitted
from tests.central_house import PASSWORD, hire, running_central

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Central]:
    async with running_central(tmp_path / "data") as central:
        await hire(central, "irma", Role.INFORMATION_MANAGER)
        await hire(central, "ana")
        offices = [Record(id=f"r{n}", kind=RecordKind.OFFICE, title=f"Módulo {n}", revision=0) for n in range(5)]
        await central.directory.import_records(offices, "Irma", "Oficio 7/2026")
        await central.directory.import_records([offices[2]], "Irma", "Oficio 8/2026")
        changed = msgspec.structs.replace(offices[2], phone="722 555 0101")
        await central.directory.import_records([changed], "Olga", "Oficio 9/2026")
        yield central


async def catgem(folder: Path, *arguments: str, said: str = "") -> tuple[int, str, str]:
    settings = folder / "catgem.toml"
    settings.write_text(f'[central]\ndata = "{folder / "data"}"\n', encoding="utf-8")
    run = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-m", "catgem_tui", *arguments, "--settings", str(settings)],
        cwd=ROOT, env={**os.environ, "CATGEM_LANGUAGE": "en", "XDG_STATE_HOME": str(folder / "state")},
        input=said, text=True, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert "Traceback" not in run.stderr, run.stderr
    return run.returncode, run.stdout, run.stderr


async def test_the_log_is_read_verified_and_exported_beside_a_running_central(house: Central, tmp_path: Path) -> None:
    status, told, _ = await catgem(tmp_path, "central", "changes", "--text", '"MODULO 2"')
    assert status == 0
    assert [line.split("  ")[0] for line in told.splitlines()] == ["6", "3"]
    assert "Olga" in told.splitlines()[0]
    status, told, _ = await catgem(tmp_path, "central", "changes", "--verify")
    assert (status, "6 lines" in told) == (0, True)
    for name in ("log.csv", "log.jsonl"):
        status, told, _ = await catgem(tmp_path, "central", "changes", "--export", str(tmp_path / name))
        assert (status, "up to line 6" in told) == (0, True)
        status, told, _ = await catgem(tmp_path, "central", "changes", "--against", str(tmp_path / name))
        assert status == 0
    with (tmp_path / "log.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [(row["number"], row["who"], row["changed"]) for row in csv.DictReader(file)][4:] == [
            ("5", "Irma", ""), ("6", "Olga", "phone")
        ]  # fmt: skip
    status, told, _ = await catgem(tmp_path, "central", "changes", "--export", "-", "--from", "2100-01-01")
    assert (status, told) == (0, "")


async def test_what_is_wrong_with_the_log_is_a_sentence_and_an_exit_status(house: Central, tmp_path: Path) -> None:
    kept = tmp_path / "kept.csv"
    await catgem(tmp_path, "central", "changes", "--export", str(kept))

    def meddle(statement: str) -> None:
        with closing(sqlite3.connect(tmp_path / "data" / "central.sqlite")) as raw:
            raw.executescript(
                "DROP TRIGGER IF EXISTS changes_never_altered; DROP TRIGGER IF EXISTS changes_never_deleted;"
            )
            raw.execute(statement)
            raw.commit()

    meddle("DELETE FROM changes WHERE number = 6")
    assert (await catgem(tmp_path, "central", "changes", "--verify"))[::2] == (
        1, "The end of the change log was cut off: line 6 is missing.\n"
    )  # fmt: skip
    meddle("UPDATE changes SET who = 'nadie' WHERE number = 2")
    assert (await catgem(tmp_path, "central", "changes", "--against", str(kept)))[::2] == (
        1, "Line 2 of the change log is not as it was written.\n"
    )  # fmt: skip
    for arguments, words in {
        ("--against", str(tmp_path / "catgem.toml")): "is no export of the change log",
        ("--against", str(tmp_path / "nowhere.csv")): "there is no such file",
        ("--export", str(tmp_path / "nowhere" / "x.csv")): "cannot be written",
        ("--from", "mañana"): "2026-11-30",
    }.items():
        status, _, told = await catgem(tmp_path, "central", "changes", *arguments)
        assert (status > 0, words in told) == (True, True), told
    assert "no database" in (await catgem(tmp_path / "state", "central", "changes"))[2]


async def test_a_manager_exports_from_elsewhere_and_an_advisor_may_not(house: Central, tmp_path: Path) -> None:
    wanted = ("directory", "changes", str(tmp_path / "log.jsonl"), "--central", house.url, "--password-stdin")
    status, told, _ = await catgem(tmp_path, *wanted, "--user", "irma", "--who", "olg", said=f"{PASSWORD}\n")
    assert (status, "log.jsonl" in told) == (0, True)
    (line,) = (msgspec.json.decode(line) for line in (tmp_path / "log.jsonl").read_text().splitlines())
    assert (line["number"], line["who"], line["changed"]) == (6, "Olga", ["phone"])
    status, _, told = await catgem(tmp_path, *wanted, "--user", "irma", said=f"{PASSWORD}\n")
    assert (status, "already there" in told) == (1, True), "what was exported may be evidence"
    assert (tmp_path / "log.jsonl").read_text().count("\n") == 1
    status, _, told = await catgem(tmp_path, *wanted, "--user", "ana", said=f"{PASSWORD}\n")
    assert (status, "role" in told) == (1, True)


@pytest.mark.parametrize("name", ["log.csv", "log.jsonl"])
async def test_how_much_of_an_export_has_come_is_told_in_lines(house: Central, tmp_path: Path, name: str) -> None:
    told: list[tuple[int, int]] = []
    async with admitted(house.url, "irma", PASSWORD) as session:
        token = await session.account.token()
        assert isinstance(token, str)
        ask = {"text": "modulo"}
        await session.api.export_changes(token, tmp_path / name, ask, lambda *progress: told.append(progress))
    assert told[-1] == (6, 6)
