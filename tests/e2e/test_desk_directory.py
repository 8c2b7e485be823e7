"""The directory on a desk with a real central: pulled, kept, changed on every screen within a second."""

import time
from pathlib import Path

import pytest
from msgspec.structs import replace

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.intents import Login, Search, ShowLog
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import Line
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record
from catgem_tui.ui.records import differences
from tests.central_house import PASSWORD, PATIENCE, hire, running_central


def office(number: int, title: str = "", **fields: bool) -> Record:
    return Record(
        id=f"r{number}",
        kind=RecordKind.OFFICE,
        title=title or f"Oficialía {number:04d} del Registro Civil",
        municipality="Toluca",
        revision=0,
        retired=fields.get("retired", False),
    )


def desk_in(folder: Path, url: str) -> Desk:
    return Desk(url, folder, None, credentials=Credentials(url, lambda: None))


async def test_pulled_searched_changed_and_there_at_the_next_start(tmp_path: Path) -> None:
    async with running_central(tmp_path / "central") as house:
        await hire(house, "ana")
        await house.directory.import_records([office(n) for n in range(1200)], "test", "")
        desk = desk_in(tmp_path / "desk", house.url)
        await desk.start()
        desk.do(Login("ana", PASSWORD))
        await desk.wait_for(lambda s: s.directory.records == 1200 and not s.directory.syncing, PATIENCE)
        desk.do(Search("oficialia 0777 toluca"))
        state = await desk.wait_for(lambda s: bool(s.directory.hits), PATIENCE)
        assert state.directory.hits[0].id == "r777"

        desk.do(Search("licencias"))
        begun = time.monotonic()
        await house.directory.import_records([office(3, "Módulo de licencias"), office(4, retired=True)], "test", "")
        state = await desk.wait_for(lambda s: bool(s.directory.hits) and s.directory.records == 1199, PATIENCE)
        assert state.directory.hits[0].id == "r3"
        assert time.monotonic() - begun < 5  # a second, on a machine that is not busy with other tests
        await desk.close()

        await house.directory.import_records([office(5, "Cambiada sin nosotros")], "test", "")
        again = desk_in(tmp_path / "desk", house.url)
        await again.start()
        await again.wait_for(lambda s: s.directory.records == 1199, PATIENCE)
        assert again.state.line is Line.LOGGED_OUT, "searching needs no login"
        again.do(Login("ana", PASSWORD))
        again.do(Search("cambiada"))
        await again.wait_for(lambda s: [r.id for r in s.directory.hits] == ["r5"], PATIENCE)
        await again.close()


async def test_another_central_at_the_same_address_brings_its_own_directory(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    for name, first, count in (("one", 5000, 40), ("two", 0, 1200)):
        async with running_central(tmp_path / name) as house:
            await hire(house, "ana")
            await house.directory.import_records(
                [office(n, f"De {name} {n}") for n in range(first, first + count)], "test", ""
            )
            desk = desk_in(folder, house.url)
            await desk.start()
            desk.do(Login("ana", PASSWORD))
            await desk.wait_for(
                lambda s, count=count: s.directory.records == count and not s.directory.syncing,  # type: ignore[misc]
                PATIENCE,
            )
            await desk.close()


async def test_a_card_shows_the_record_s_change_log_as_this_person_may_see_it(tmp_path: Path) -> None:
    async with running_central(tmp_path / "central") as house:
        await hire(house, "ana")
        internal = replace(office(1), restricted={"mobile": "7221112233"})
        await house.directory.import_records([internal], "catgem central import", "Oficio 1/2026")
        await house.directory.import_records([replace(internal, phone="7225550101")], "Elena", "Oficio 2/2026")
        desk = desk_in(tmp_path / "desk", house.url)
        await desk.start()
        desk.do(ShowLog("r1"))
        state = await desk.wait_for(lambda s: s.directory.log_missing, PATIENCE)
        assert state.directory.log is None, "nobody is logged in yet"
        desk.do(Login("ana", PASSWORD))
        await desk.wait_for(lambda s: s.directory.records == 1, PATIENCE)
        desk.do(ShowLog("r1"))
        state = await desk.wait_for(lambda s: s.directory.log is not None, PATIENCE)
        newest, oldest = state.directory.log or ()
        assert (newest.who, newest.support.reference) == ("Elena", "Oficio 2/2026")
        assert [(n, old, new) for n, old, new in differences(newest.before, newest.after) if n == "Teléfono"] == [
            ("Teléfono", "", "7225550101")
        ]
        assert oldest.before is None
        assert all(record.restricted == {} for record in (newest.before, newest.after, oldest.after) if record)
        await desk.close()


async def test_an_open_card_follows_its_record_through_change_and_merging_and_after_a_lost_line(tmp_path: Path) -> None:
    async with running_central(tmp_path / "central") as house:
        await hire(house, "ana")
        naming = replace(office(1), related=("r2", "r77"))
        await house.directory.import_records([naming, office(2), office(3)], "test", "")
        desk = desk_in(tmp_path / "desk", house.url)
        await desk.start()
        desk.do(Login("ana", PASSWORD))
        await desk.wait_for(lambda s: s.directory.records == 3 and not s.directory.syncing, PATIENCE)
        desk.do(ShowLog("r1"))
        state = await desk.wait_for(lambda s: s.directory.card is not None, PATIENCE)
        assert list(state.directory.near) == ["r2"]
        await house.directory.import_records([replace(naming, phone="911")], "test", "")
        await desk.wait_for(lambda s: s.directory.card is not None and s.directory.card.phone == "911", PATIENCE)
        await house.directory.import_records([replace(naming, retired=True, merged_into="r3")], "test", "")
        state = await desk.wait_for(lambda s: "r3" in s.directory.near, PATIENCE)
        assert state.directory.card is not None
        assert (state.directory.card.retired, state.directory.card.merged_into) == (True, "r3")
        await desk.close()

        # A card opened from a hit that has gone while nobody listened: central's log tells where it went.
        again = desk_in(tmp_path / "desk", house.url)
        await again.start()
        again.do(Login("ana", PASSWORD))
        await again.wait_for(lambda s: s.directory.records == 2 and not s.directory.syncing, PATIENCE)
        again.do(ShowLog("r1"))
        state = await again.wait_for(lambda s: "r3" in s.directory.near, PATIENCE)
        assert state.directory.card is not None
        assert state.directory.card.merged_into == "r3"
        await again.close()
