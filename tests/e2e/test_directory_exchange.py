"""Import and export with a real central and this machine's copy, as the command line does them."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from catgem_tui.central.app import Central
from catgem_tui.config import i18n
from catgem_tui.config import settings as configuration
from catgem_tui.directory.store import Store
from catgem_tui.directory_exchange import ExchangeFailed, Sender, Sent, Wanted, dry_run, export, import_file
from catgem_tui.exchange.mapping import ColumnMapping
from catgem_tui.exchange.planning import make_plan
from catgem_tui.exchange.reading import read_file
from catgem_tui.protocol.enums import RecordKind, Role
from catgem_tui.protocol.model import Record
from catgem_tui.terminal_login import admitted
from tests.central_house import PASSWORD, eventually, hire, running_central

ROOT = Path(__file__).resolve().parents[2]
ANA = Record(
    id="ana", kind=RecordKind.PERSON, title="Ana Colín", revision=0, phone="722", post="Jefa",
    restricted={"mobile": "7229999999"},
)  # fmt: skip


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = i18n.current()
    i18n.use("en")
    yield
    i18n.use(before)


@asynccontextmanager
async def house_with(folder: Path, *records: Record, **central_settings: Any) -> AsyncIterator[Central]:
    async with running_central(folder / "data", **central_settings) as central:
        await hire(central, "irma", Role.INFORMATION_MANAGER)
        await hire(central, "ana")
        await central.directory.import_records(records, "test", "")
        yield central


async def sent(house: Central, wanted: Wanted, user: str = "irma") -> int:
    return await asyncio.to_thread(_in_a_process, house.url, wanted, user)


def _in_a_process(url: str, wanted: Wanted, user: str) -> int:
    """As a program of its own: Ctrl-C belongs to a main thread."""
    arguments = [str(wanted.file), "--central", url, "--user", user, "--password-stdin", "--support", wanted.support]
    run = catgem("import", *arguments, *(["--all-or-nothing"] if wanted.all_or_nothing else []),
                 *(["--overwrite"] if wanted.overwrite else []))  # fmt: skip
    said, told = run.communicate(f"{PASSWORD}\n", timeout=60)
    assert "Traceback" not in told, told
    print(said, told)
    return run.returncode


def catgem(*arguments: str, settings: Path | None = None) -> "subprocess.Popen[str]":
    given = ["--settings", str(settings)] if settings is not None else []
    return subprocess.Popen(
        [sys.executable, "-m", "catgem_tui", *given, "directory", *arguments],
        cwd=ROOT, env={**os.environ, "CATGEM_LANGUAGE": "en"}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


async def kept(house: Central) -> dict[str, Record]:
    return {record.id: record for record in (await house.directory.page(0)).records}


async def copy_of(folder: Path, *records: Record) -> Path:
    store = Store(folder / "directory.sqlite")
    place = await store.open()
    await store.put(list(enumerate(records, place.next_key)), place._replace(complete=True))
    await store.close()
    return store.path


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_partial_file_changes_its_fields_only_and_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file.csv"
    file.write_text("id;Tipo;Nombre;Teléfono\nana;;Ana Colín;55\nnueva;persona;Eva;1\nmala;castillo;x;\n", "utf-8")
    async with house_with(tmp_path, ANA) as house:
        assert await sent(house, Wanted(file, ColumnMapping(), support="Oficio 7")) == 1
        said = capfd.readouterr().out
        assert "Changed at central: 2 of 2." in said
        assert "line 4, Tipo" in said
        records = await kept(house)
        assert records["ana"] == msgspec.structs.replace(
            ANA, phone="55", support="Oficio 7", revision=records["ana"].revision
        )
        assert records["nueva"].title == "Eva"
        cursor = house.directory.cursor
        assert await sent(house, Wanted(file, ColumnMapping(), support="Oficio 8")) == 1
        assert house.directory.cursor == cursor


async def test_nothing_at_all_is_sent_if_so_wanted_or_not_allowed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file.csv"
    file.write_text("id,Tipo,Nombre\neva,persona,Eva\nmala,castillo,x\n", "utf-8")
    async with house_with(tmp_path, ANA) as house:
        cursor = house.directory.cursor
        assert await sent(house, Wanted(file, ColumnMapping(), all_or_nothing=True, support="x")) == 1
        assert await sent(house, Wanted(file, ColumnMapping())) == 1
        assert "--support" in capfd.readouterr().out
        assert await sent(house, Wanted(file, ColumnMapping(), support="x"), user="ana") == 1
        assert "0 of 1" in capfd.readouterr().out
        assert house.directory.cursor == cursor


async def test_a_row_that_central_alone_refuses_is_named_and_the_others_are_kept(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file.csv"
    file.write_text("id,Tipo,Nombre,Retirado,Fusionado en\nb,persona,B,sí,nadie\nc,persona,C,,\n", "utf-8")
    async with house_with(tmp_path) as house:
        assert await sent(house, Wanted(file, ColumnMapping(), support="x")) == 1
        assert "line 2, Merged into" in capfd.readouterr().out
        assert set(await kept(house)) == {"c"}


async def test_ctrl_c_between_two_slices_says_what_was_sent(tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_text("id,Tipo,Nombre\n" + "".join(f"{n},persona,P {n}\n" for n in range(20_000)), "utf-8")
    async with house_with(tmp_path) as house:
        arguments = ["--central", house.url, "--user", "irma", "--password-stdin", "--support", "x"]
        run = catgem("import", str(file), *arguments)
        answer = asyncio.create_task(asyncio.to_thread(run.communicate, f"{PASSWORD}\n", 60))
        begun = house.directory.cursor
        await eventually(lambda: house.directory.cursor > begun)
        run.send_signal(signal.SIGINT)
        _, told = await answer
        assert run.returncode == 130
        done = house.directory.cursor - begun
        assert 0 < done < 20_000
        assert f"Interrupted after {done} of 20000" in told


async def test_what_would_change_is_told_without_central(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = await copy_of(tmp_path, ANA)
    file = tmp_path / "file.csv"
    file.write_text("id,Tipo,Nombre,Teléfono\nana,persona,Ana Colín,55\neva,persona,Eva,\n", "utf-8")
    assert dry_run(Wanted(file, ColumnMapping(), report=tmp_path / "report.csv"), copy) == 0
    said = capsys.readouterr().out
    assert "Phone: “722” → “55”" in said
    assert "New: 1; changed: 1; unchanged: 0; bad rows: 0." in said
    assert (tmp_path / "report.csv").read_bytes().count(b"\r\n") == 3
    assert dry_run(Wanted(file, ColumnMapping()), tmp_path / "none.sqlite") == 0
    assert "New: 2" in capsys.readouterr().out
    with pytest.raises(ExchangeFailed):
        dry_run(Wanted(file, ColumnMapping(), report=tmp_path / "no" / "report.csv"), copy)


@pytest.mark.parametrize("name", ["csv", "jsonl", "xlsx"])
async def test_the_copy_is_exported_whole_or_not_at_all_and_imported_unchanged(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    office = Record(id="b", kind=RecordKind.OFFICE, title="Módulo", revision=1, phone="+52 722",
                    review_at=1_769_213_021.0434551)  # fmt: skip
    synonym = Record(id="s", kind=RecordKind.SYNONYM, title="placas", keywords=("reemplacamiento",), revision=1)
    copy = await copy_of(tmp_path, ANA, office, synonym)
    out = tmp_path / f"out.{name}"
    assert export(copy, str(out), name, kind=None, query="") == 3
    assert b"7229999999" not in out.read_bytes()
    assert dry_run(Wanted(out, ColumnMapping()), copy) == 0
    assert "unchanged: 3" in capsys.readouterr().out
    assert export(copy, str(out), name, kind=RecordKind.OFFICE, query="") == 1
    assert export(copy, str(out), name, kind=None, query="colin") == 1
    with pytest.raises(ExchangeFailed):
        export(copy, str(tmp_path / "no" / "out"), name, kind=None, query="")
    assert [name for name in names_in(tmp_path) if "out" in name] == [out.name]


async def test_ctrl_c_leaves_no_half_of_an_export(tmp_path: Path) -> None:
    people = [Record(id=f"p{n}", kind=RecordKind.PERSON, title=f"P {n}", revision=1) for n in range(30_000)]
    await copy_of(tmp_path, *people)
    settings = tmp_path / "catgem.toml"
    settings.write_text(f'[workstation]\ndata = "{tmp_path}"\n', "utf-8")
    before = names_in(tmp_path)
    run = catgem("export", str(tmp_path / "out.xlsx"), settings=settings)
    await eventually((tmp_path / ".out.xlsx.part").exists)
    run.send_signal(signal.SIGINT)
    told = await asyncio.to_thread(run.communicate, None, 60)
    assert (run.returncode, told) == (130, ("", "Stopped; no file was written.\n"))
    assert names_in(tmp_path) == before


def test_a_central_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_text("id,Tipo,Nombre\na,persona,A\n", "utf-8")
    with pytest.raises(ExchangeFailed, match="does not answer"):
        import_file(Wanted(file, ColumnMapping()), "http://127.0.0.1:9", "irma", PASSWORD)


def unheard(_words: str, _done: int, _total: int) -> None:
    """Nobody looks at how far it is."""


async def test_what_somebody_changed_meanwhile_keeps_their_change_and_the_restricted_fields(tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_text("id,Teléfono\nana,55\n", "utf-8")
    wanted = Wanted(file, ColumnMapping(), support="x")
    async with house_with(tmp_path, ANA) as house, admitted(house.url, "irma", PASSWORD) as session:
        plan = make_plan(read_file(file, ColumnMapping()).rows, await kept(house))
        await house.directory.import_records([msgspec.structs.replace(ANA, post="Directora")], "test", "")
        sent_ = Sent(len(plan.changes))
        await Sender(session, house.url, wanted, sent_, unheard).send(plan.changes)
        assert (sent_.done, sent_.changed, sent_.bad, sent_.stopped) == (1, 1, [], "")
        ana = (await kept(house))["ana"]
        assert (ana.phone, ana.post, ana.restricted) == ("55", "Directora", ANA.restricted)


async def test_what_somebody_changed_meanwhile_is_undone_only_if_so_wanted(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file.csv"
    file.write_text("id,Tipo,Nombre,Teléfono\nana,persona,Ana Colín,55\neva,persona,Eva,1\nb,persona,B,1\n", "utf-8")
    wanted = Wanted(file, ColumnMapping(), support="x")
    async with house_with(tmp_path, ANA) as house, admitted(house.url, "irma", PASSWORD) as session:
        plan = make_plan(read_file(file, ColumnMapping()).rows, await kept(house))
        theirs = Record(id="eva", kind=RecordKind.PERSON, title="Eva", revision=0, phone="2")
        await house.directory.import_records([msgspec.structs.replace(ANA, phone="777"), theirs], "Olga", "")
        sent_ = Sent(len(plan.changes))
        await Sender(session, house.url, wanted, sent_, unheard).send(plan.changes)
        assert [(row.line, row.column) for row in sorted(sent_.bad)] == [(2, "phone"), (3, "id")]
        assert all("Olga" in row.reason for row in sent_.bad)
        assert {key: it.phone for key, it in (await kept(house)).items()} == {"ana": "777", "eva": "2", "b": "1"}
        forced = Wanted(file, ColumnMapping(), support="x", overwrite=True)
        await Sender(session, house.url, forced, Sent(2), unheard).send(plan.changes)
        assert {key: it.phone for key, it in (await kept(house)).items()} == {"ana": "55", "eva": "1", "b": "1"}


async def test_a_file_exported_before_somebodys_change_is_refused_row_by_row(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with house_with(tmp_path, ANA) as house:
        file = tmp_path / "file.csv"
        export(await copy_of(tmp_path, *(await kept(house)).values()), str(file), "csv", kind=None, query="")
        file.write_text(file.read_text("utf-8-sig").replace("Ana Colín", "Ana Colín Ruiz"), "utf-8")
        await house.directory.import_records([msgspec.structs.replace(ANA, phone="777")], "Olga", "")
        assert await sent(house, Wanted(file, ColumnMapping(), support="x")) == 1
        assert "line 2: the record was changed after the file was exported" in capfd.readouterr().out
        assert (await kept(house))["ana"].phone == "777"
        assert await sent(house, Wanted(file, ColumnMapping(), support="x", overwrite=True)) == 0
        assert (await kept(house))["ana"].phone == "722"


async def test_what_waits_for_a_second_pair_of_eyes_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file.csv"
    file.write_text("id,Tipo,Nombre\neva,persona,Eva\n", "utf-8")
    async with house_with(tmp_path, directory=configuration.Directory(second_eyes=True)) as house:
        assert await sent(house, Wanted(file, ColumnMapping(), support="x")) == 0
        assert "Waiting for a second pair of eyes: 1." in capfd.readouterr().out
        assert await kept(house) == {}
