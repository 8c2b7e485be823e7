"""The information managers' pages on a real central: the change log into a file, how quickly a change spread, and the
notice of an agreement that nears its end."""

import time
from functools import partial
from pathlib import Path

import msgspec
import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.intents import Login
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.editing import ChangeRequest, Support
from catgem_tui.protocol.enums import RecordKind, Role
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Record
from catgem_tui.ui.app import WorkstationApp
from catgem_tui.ui.lines import plain
from catgem_tui.ui.screens.currency import CurrencyScreen
from catgem_tui.ui.screens.log import LogScreen
from catgem_tui.ui.wording import notice
from tests.central_house import PASSWORD, PATIENCE, client_of, eventually, hire, running_central

DAY = 86_400.0


class Keyring:
    """In memory, as the system's would be."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, secret: str) -> None:
        self.kept[service, name] = secret

    def delete_password(self, service: str, name: str) -> None:
        self.kept.pop((service, name), None)


def agreement(key: str, days: float) -> Record:
    return Record(
        id=key, kind=RecordKind.AGREEMENT, title=f"Convenio con {key}", agency=key, responsible="Irma", revision=0,
        valid_until=time.time() + days * DAY,
    )  # fmt: skip


def is_told(desk: Desk, sentence: str) -> bool:
    return sentence in [notice(it) for it in desk.state.notices]


async def test_the_log_goes_into_a_file_and_the_currency_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catgem_tui.central.directory.currency.FLUSH", 0.01)
    async with running_central(tmp_path / "central") as house:
        await hire(house, "eva", Role.INFORMATION_MANAGER)
        await house.directory.import_records([agreement("ine", 300)], "Irma", "Oficio 7/2026")
        desk = Desk(house.url, tmp_path / "eva", None, credentials=Credentials(house.url, lambda: None))
        await desk.start()
        desk.do(Login("eva", PASSWORD))
        await desk.wait_for(lambda s: s.directory.records == 1 and not s.directory.syncing, PATIENCE)
        async with client_of(house.url, "eva") as eva:
            (known,) = (await eva.get("/directory/records")).json()["records"]
            request = ChangeRequest(
                id=new_id(), records=(msgspec.convert({**known, "title": "Convenio con el INE"}, Record),),
                support=Support(reference="Oficio 8/2026", dated_at=time.time() - 1800),
            )  # fmt: skip
            await eva.post("/directory/changes", content=msgspec.json.encode(request))
            await house.currency.flush()
        app = WorkstationApp(desk)
        async with app.run_test(size=(160, 45)) as pilot:
            await eventually(lambda: app.place == "keeping" and app.keeping_screen.drawable)
            await pilot.press("alt+h")
            await eventually(lambda: [it.number for it in desk.state.keeping.log] == [2, 1])
            assert isinstance(app.screen, LogScreen)
            await pilot.press(*"oficio 8")
            await eventually(lambda: [it.number for it in desk.state.keeping.log] == [2])
            (tmp_path / "nota").write_text("no es una carpeta")
            for where, why in (
                (tmp_path / "papeles" / "bitacora.csv", "no existe ese archivo o carpeta"),
                (tmp_path / "nota" / "bitacora.csv", "una parte de su ruta no es una carpeta"),
                (tmp_path / f"{'b' * 300}.csv", "su nombre es demasiado largo"),
                (tmp_path, "es una carpeta"),
            ):
                await pilot.press("ctrl+s")
                await eventually(lambda: not isinstance(app.screen, LogScreen))
                app.screen.field.value = str(where)  # type: ignore[attr-defined]
                await pilot.press("enter")
                said = f"No se puede escribir {where}: {why}."
                await eventually(partial(is_told, desk, said))
            await pilot.press("ctrl+s")
            await eventually(lambda: not isinstance(app.screen, LogScreen))
            app.screen.field.value = str(tmp_path / "bitacora.csv")  # type: ignore[attr-defined]
            await pilot.press("enter")
            await eventually(lambda: "exported" in {it.code for it in desk.state.notices})
            assert (tmp_path / "bitacora.csv").read_text("utf-8-sig").count("\n") == 2
            await pilot.press("escape", "escape", "alt+u")
            await eventually(lambda: desk.state.keeping.currency is not None)
            page = app.screen
            assert isinstance(page, CurrencyScreen)
            await eventually(lambda: any("30 min" in plain(line) for line in page.table.drawn))
            before = desk.state.keeping.currency
            await house.directory.import_records([agreement("sre", 300)], "Irma", "Oficio 9/2026")
            await eventually(
                lambda: desk.state.keeping.currency != before
            )  # central tells of it: nobody asks in between
            assert desk.state.keeping.currency is not None
            assert desk.state.keeping.currency.count == 3
        await desk.close()


async def test_an_agreement_that_nears_its_end_is_told_once_also_after_a_restart(tmp_path: Path) -> None:
    keyring = Keyring()

    def told(state: DeskState) -> list[object]:
        return [it.args["title"] for it in state.notices if it.code == "expiring"]

    async with running_central(tmp_path / "central") as house:
        await hire(house, "eva", Role.INFORMATION_MANAGER)
        await house.directory.import_records([agreement("ine", 10), agreement("sre", 100)], "Irma", "")
        desk = Desk(house.url, tmp_path / "eva", None, credentials=Credentials(house.url, lambda: keyring))
        await desk.start()
        desk.do(Login("eva", PASSWORD))
        await desk.wait_for(lambda s: told(s) == ["Convenio con ine"], PATIENCE)
        await desk.close()
        desk = Desk(house.url, tmp_path / "eva", None, credentials=Credentials(house.url, lambda: keyring))
        await desk.start()
        await desk.wait_for(lambda s: len(s.keeping.work.expiring) == 1, PATIENCE)
        assert told(desk.state) == []
        await house.directory.import_records([agreement("sat", 5)], "Irma", "")
        await desk.wait_for(lambda s: told(s) == ["Convenio con sat"], PATIENCE)
        await desk.close()
