"""An information manager changes a record on the screen, and an advisor's search finds it changed."""

from pathlib import Path

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.intents import Login, Search
from catgem_tui.desk.runtime import Desk
from catgem_tui.protocol.enums import RecordKind, Role
from catgem_tui.protocol.model import Record
from catgem_tui.ui.app import WorkstationApp
from catgem_tui.ui.screens.form import FormScreen
from tests.central_house import PASSWORD, PATIENCE, eventually, hire, running_central

OFFICE = Record(id="r1", kind=RecordKind.OFFICE, title="Oficialía 01", municipality="Toluca", revision=0)


def desk_in(folder: Path, url: str) -> Desk:
    return Desk(url, folder, None, credentials=Credentials(url, lambda: None))


async def test_from_the_form_to_an_advisors_search(tmp_path: Path) -> None:
    async with running_central(tmp_path / "central") as house:
        await hire(house, "ana")
        await hire(house, "eva", Role.INFORMATION_MANAGER)
        await house.directory.import_records([OFFICE], "test", "")
        advisor, manager = desk_in(tmp_path / "ana", house.url), desk_in(tmp_path / "eva", house.url)
        for desk, name in ((advisor, "ana"), (manager, "eva")):
            await desk.start()
            desk.do(Login(name, PASSWORD))
            await desk.wait_for(lambda s: s.directory.records == 1 and not s.directory.syncing, PATIENCE)
        app = WorkstationApp(manager)
        async with app.run_test(size=(160, 45)) as pilot:
            await eventually(lambda: app.place == "keeping" and app.keeping_screen.drawable)
            await pilot.press(*"oficialia")
            await manager.wait_for(lambda s: bool(s.directory.hits), PATIENCE)
            await eventually(lambda: app.keeping_screen.directory.chosen() is not None)
            await pilot.press("alt+e")
            await eventually(lambda: isinstance(app.screen, FormScreen) and app.screen.draft.whole)
            form = app.screen
            assert isinstance(form, FormScreen)
            await pilot.press("end", *" bis")
            await pilot.press("ctrl+s")
            await manager.wait_for(lambda s: bool(s.keeping.drafts["r1"].faults), PATIENCE)
            await eventually(lambda: form.focused is form.rows["reference"].widget)
            await pilot.press(*"Oficio 12")
            await pilot.press("ctrl+s")
            await manager.wait_for(lambda s: not s.keeping.drafts, PATIENCE)
            await eventually(lambda: not isinstance(app.screen, FormScreen))
        advisor.do(Search("oficialia bis"))
        await advisor.wait_for(
            lambda s: [record.title for record in s.directory.hits] == ["Oficialía 01 bis"], PATIENCE
        )
        for desk in (advisor, manager):
            await desk.close()
