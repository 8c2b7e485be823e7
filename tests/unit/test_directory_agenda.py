"""Scheduled changes and measured publications, whatever the clock does."""

from collections.abc import AsyncIterator

import pytest

from catgem_tui.central.directory.agenda import Agenda
from catgem_tui.central.directory.changes import Changes
from catgem_tui.central.directory.currency import PATIENCE, CurrencyBook
from catgem_tui.central.directory.reach import Reach
from catgem_tui.central.directory.service import Directory
from catgem_tui.central.store.database import Database
from catgem_tui.central.store.verifying import verify
from catgem_tui.config import settings
from catgem_tui.protocol.editing import ChangeRequest, ProposalSummary, Publication, Support, WorkCounts
from catgem_tui.protocol.enums import ChangeState, RecordKind, Role
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Record, User
from tests.central_house import eventually

IRMA = User(id="1", username="irma", name="Irma", role=Role.INFORMATION_MANAGER)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class House:
    """A directory with its agenda on a clock that can be set."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.published_titles: list[str] = []
        self.shown: list[WorkCounts] = []
        self.told: list[tuple[str, ProposalSummary]] = []
        self.clock = clock
        self.directory = Directory(database, lambda records: self.published_titles.extend(it.title for it in records))
        self.agenda = Agenda(database, settings.Directory(), self.shown.append, clock)
        self.changes = Changes(self.directory, database, self, clock=clock)

    def published(self, publication: Publication, revision: int) -> None:
        pass

    def decided(self, proposal: ProposalSummary, proposer: str) -> None:
        self.told.append((proposer, proposal))

    def changed(self) -> None:
        self.agenda.changed()

    async def schedule(self, title: str, hour: float) -> None:
        request = ChangeRequest(
            id=new_id(),
            records=(Record(id=title, kind=RecordKind.OFFICE, title=title, revision=0),),
            support=Support(reference="Oficio 1"),
            publish_at=hour,
        )
        assert (await self.changes.submit(request, IRMA)).state is ChangeState.SCHEDULED


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    await opened.migrate()
    yield opened
    await opened.close()


async def test_a_clock_set_forward_is_noticed_and_one_set_back_publishes_nothing_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catgem_tui.central.directory.agenda.NAP", 0.02)
    clock = Clock()
    house = House(database, clock)
    await house.directory.start()
    await house.schedule("segunda", 8000.0)
    await house.schedule("primera", 5000.0)
    await house.schedule("lejana", 99_000.0)
    house.agenda.start(house.changes)
    try:
        await eventually(lambda: house.shown[-1:] == [WorkCounts(scheduled=3)])
        assert house.published_titles == []
        clock.now = 9000.0
        await eventually(lambda: house.shown[-1] == WorkCounts(scheduled=1))
        assert house.published_titles == ["primera", "segunda"]
    finally:
        await house.agenda.stop()
    clock.now = 2000.0
    again = House(database, clock)
    await again.directory.start()
    assert await again.changes.publish_due() == 0
    clock.now = 99_000.0
    assert await again.changes.publish_due() == 1
    assert again.published_titles == ["lejana"]
    async with database.read() as connection:
        assert (await verify(connection)).fault is None


async def test_who_scheduled_a_change_is_told_at_its_hour_that_somebody_was_quicker(database: Database) -> None:
    clock = Clock()
    house = House(database, clock)
    await house.directory.start()
    await house.schedule("oficina", 5000.0)
    await house.schedule("módulo", 5000.0)
    taken = Record(id="oficina", kind=RecordKind.OFFICE, title="Oficina de otra persona", revision=0)
    await house.directory.import_records([taken], "Eva", "Oficio 2")
    clock.now = 6000.0
    assert await house.changes.publish_due() == 2
    assert house.published_titles == ["Oficina de otra persona", "módulo"]
    ((proposer, told),) = house.told
    assert (proposer, told.state, told.mine) == (IRMA.id, ChangeState.CLASHED, True)
    assert told.records == (("oficina", "oficina"),)


async def test_a_workstation_that_never_says_so_is_given_up_and_told_as_not_confirmed(database: Database) -> None:
    clock = Clock()
    reaches: list[Reach] = []

    def follow(revision: int) -> Reach:
        reaches.append(Reach(revision, 2))
        return reaches[-1]

    book = CurrencyBook(database, follow, clock)
    book.published(Publication(change="x", who="Irma", published_at=clock.now), 7)
    reaches[0].confirm(clock.now + 1)
    await book.flush()
    clock.now += PATIENCE + 1
    await book.flush()
    reaches[0].confirm(clock.now)
    await book.flush()
    (told,) = (await book.figures(1)).publications
    assert (told.workstations, told.confirmed, told.reached_at) == (2, 1, None)


async def test_the_figures_are_those_of_all_publications(database: Database) -> None:
    clock = Clock()
    book = CurrencyBook(database, lambda revision: Reach(revision, 1), clock)
    for number in range(1, 101):
        clock.now = 1000.0 + number
        book.published(
            Publication(change=str(number), who="Irma", published_at=clock.now, document_at=clock.now - number),
            number,
        )
        _, reach = book._open[str(number)]
        reach.confirm(clock.now + number / 100)
    await book.flush()
    told = await book.figures(1)
    assert (told.count, len(told.publications), told.publications[0].change) == (100, 100, "100")
    assert (told.document_median, told.document_p95) == (50.0, 95.0)
    assert (told.reach_median, told.reach_p95) == (pytest.approx(0.5), pytest.approx(0.95))
