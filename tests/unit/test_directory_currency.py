"""How quickly changes are everywhere: by day and by week, the slowest, and who still waits."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from catgem_tui.central.directory.currency import LATE, PATIENCE, CurrencyBook
from catgem_tui.central.directory.reach import Awaited, Reach
from catgem_tui.central.directory.service import SLICE, Directory
from catgem_tui.central.store.database import Database
from catgem_tui.protocol.editing import Figures, Publication
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record

DAY = 86_400.0
NOON = datetime(2026, 11, 24, 12).timestamp()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    await opened.migrate()
    yield opened
    await opened.close()


class Floor:
    """Workstations of these people, and the book of what they say; ``now`` is its clock."""

    def __init__(self, database: Database, *names: str) -> None:
        self.now = NOON
        self.desks = {name: Awaited(name) for name in names}
        self.book = CurrencyBook(database, self.follow, lambda: self.now)
        self.revision = 0

    def follow(self, revision: int) -> Reach:
        reach = Reach(revision, len(self.desks))
        for desk in self.desks.values():
            desk.add(reach)
        return reach

    def publish(self, title: str, document_at: float | None = None) -> None:
        self.revision += 1
        publication = Publication(change=title, title=title, who="Irma", published_at=self.now, document_at=document_at)
        self.book.published(publication, self.revision)

    def say(self, name: str, after: float) -> None:
        """This workstation has everything published so far, so many seconds after."""
        self.desks[name].acknowledge(self.revision, lambda: self.now + after)


async def test_days_and_weeks_have_figures_of_their_own(database: Database) -> None:
    floor = Floor(database, "Ana")
    for days, wait, reach in ((0, 60.0, 0.5), (0, 120.0, 0.25), (1, 30.0, 2.0), (9, 10.0, 4.0)):
        floor.now = NOON - days * DAY
        floor.publish(f"{days} {wait}", document_at=floor.now - wait)
        floor.say("Ana", reach)
    floor.now = NOON
    await floor.book.flush()
    told = await floor.book.figures(14)
    assert (told.count, told.document_max, told.reach_max) == (4, 120.0, 4.0)
    assert [span.count for span in told.spans] == [2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    today = told.spans[0]
    assert datetime.fromtimestamp(today.since) == datetime(2026, 11, 24)
    assert today.document == Figures(median=60.0, p95=120.0, max=120.0)
    assert today.reach == Figures(median=0.25, p95=0.5, max=0.5)
    assert told.spans[2].document == Figures()
    weeks = (await floor.book.figures(21)).spans
    assert [span.count for span in weeks] == [3, 1, 0]
    assert [it.title for it in told.slowest] == ["9 10.0", "1 30.0", "0 60.0", "0 120.0"]


async def test_two_writings_at_once_do_not_get_in_each_other_s_way(database: Database) -> None:
    floor = Floor(database, "Ana")
    floor.publish("alta")
    floor.say("Ana", 0.5)
    await asyncio.gather(floor.book.flush(), floor.book.flush())
    figures = await floor.book.figures(1)
    assert [row.title for row in figures.slowest] == ["alta"]


async def test_the_slowest_name_who_had_it_last_and_who_still_waits(database: Database) -> None:
    floor = Floor(database, "Ana", "Luis", "María")
    floor.publish("quick")
    for seconds, name in enumerate(floor.desks):
        floor.say(name, float(seconds))
    floor.publish("slow")
    floor.say("Luis", 3.0)
    await floor.book.flush()
    assert [it.title for it in (await floor.book.figures(1)).slowest] == ["quick"], "the other is still on its way"
    floor.now += LATE + 1
    await floor.book.flush()
    slow, quick = (await floor.book.figures(1)).slowest
    assert (slow.title, slow.confirmed, slow.last, slow.late) == ("slow", 1, "Luis", ("Ana", "María"))
    assert (quick.last, quick.late, quick.reached_at) == ("María", (), NOON + 2.0)
    floor.desks["Ana"].lose()
    floor.now += PATIENCE
    await floor.book.flush()
    slow = (await floor.book.figures(1)).slowest[0]
    assert (slow.late, slow.reached_at) == (("María",), None)


async def test_an_import_is_one_publication_however_many_slices_it_takes(database: Database) -> None:
    floor = Floor(database, "Ana")
    directory = Directory(database, lambda records: None, floor.book.published)
    await directory.start()
    offices = [Record(id=f"r{n}", kind=RecordKind.OFFICE, title=f"Módulo {n}", revision=0) for n in range(SLICE + 1)]
    await directory.import_records(offices, "catgem demo", "Oficio 7")
    await directory.import_records(offices, "catgem demo", "Oficio 7")
    floor.revision = directory.cursor
    floor.now = floor.book._open[next(iter(floor.book._open))][0].published_at
    floor.say("Ana", 1.0)
    await floor.book.flush()
    (told,) = (await floor.book.figures(1)).publications
    assert (told.who, told.title, told.records, told.reference) == ("catgem demo", "Módulo 0", SLICE + 1, "Oficio 7")
    assert (told.workstations, told.confirmed, told.document_at) == (1, 1, None)
