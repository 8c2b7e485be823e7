"""Changes to the directory: once, whole, and never over somebody else's."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from catgem_tui.central.directory.changes import Changes
from catgem_tui.central.directory.service import Directory
from catgem_tui.central.directory.validation import RefusedChange
from catgem_tui.central.store.database import Database
from catgem_tui.central.store.verifying import verify
from catgem_tui.protocol.editing import ChangeRequest, ProposalSummary, Publication, Support
from catgem_tui.protocol.enums import ChangeState, RecordKind, Role
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Record, User

IRMA = User(id="1", username="irma", name="Irma", role=Role.INFORMATION_MANAGER)
OLGA = User(id="2", username="olga", name="Olga", role=Role.INFORMATION_MANAGER)
OFFICE = Record(id="a", kind=RecordKind.OFFICE, title="Oficina", revision=0)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    await opened.migrate()
    yield opened
    await opened.close()


class Book:
    """Writes down what it is told of."""

    def __init__(self) -> None:
        self.publications: list[Publication] = []

    def published(self, publication: Publication, revision: int) -> None:
        self.publications.append(publication)

    def decided(self, proposal: ProposalSummary, proposer: str) -> None:
        pass

    def changed(self) -> None:
        pass


async def begin(database: Database) -> tuple[Directory, Changes, list[Record]]:
    published: list[Record] = []
    directory = Directory(database, published.extend)
    await directory.start()
    return directory, Changes(directory, database, Book()), published


def asks(*records: Record, **fields: object) -> ChangeRequest:
    given = {"id": new_id(), "support": Support(reference="Oficio 1"), **fields}
    return ChangeRequest(records=records, **given)  # type: ignore[arg-type]


async def test_a_repeated_request_has_its_first_outcome_also_after_a_restart(database: Database) -> None:
    _, changes, published = await begin(database)
    request = asks(OFFICE)
    first = await changes.submit(request, IRMA)
    assert (first.state, first.changed) == (ChangeState.PUBLISHED, 1)
    assert await changes.submit(request, IRMA) == first
    assert [it.support for it in published] == ["Oficio 1"]
    _, again, republished = await begin(database)
    assert await again.submit(request, IRMA) == first
    assert republished == []
    with pytest.raises(RefusedChange):
        await again.submit(request, OLGA)


async def test_of_two_editors_the_second_is_told_and_nothing_of_theirs_is_kept(database: Database) -> None:
    directory, changes, published = await begin(database)
    await changes.submit(asks(OFFICE), IRMA)
    (current,) = published
    mine, theirs = (msgspec.structs.replace(current, phone=phone) for phone in ("1", "2"))
    other = msgspec.structs.replace(OFFICE, id="b")
    outcomes = await asyncio.gather(changes.submit(asks(mine), IRMA), changes.submit(asks(other, theirs), OLGA))
    assert [it.state for it in outcomes] == [ChangeState.PUBLISHED, ChangeState.CLASHED]
    (clash,) = outcomes[1].clashes
    assert (clash.record, clash.who) == ("a", "Irma")
    assert clash.current is not None and clash.current.phone == "1"
    assert [it.id for it in (await directory.page(0)).records] == ["a"]
    forced = await changes.submit(asks(theirs, overwrite=True), OLGA)
    assert (forced.state, forced.changed) == (ChangeState.PUBLISHED, 1)
    async with database.read() as connection:
        assert (await verify(connection)).fault is None


async def test_what_does_not_change_gets_no_new_revision(database: Database) -> None:
    directory, changes, published = await begin(database)
    await changes.submit(asks(OFFICE), IRMA)
    before = directory.cursor
    outcome = await changes.submit(asks(published[0], support=Support(reference="Oficio 2")), IRMA)
    assert (outcome.changed, directory.cursor) == (0, before)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": " "}, "bad_record"),
        ({"id": "a\x1b"}, "bad_record"),
        ({"kind": RecordKind.OTHER}, "bad_record"),
        ({"text": "x" * 100_001}, "bad_record"),
        ({"valid_from": 2.0, "valid_until": 1.0}, "bad_record"),
        ({"review_at": float("inf")}, "bad_record"),
        ({"retired": True, "merged_into": "nobody"}, "bad_record"),
        ({"kind": RecordKind.AGREEMENT, "agency": "INE", "responsible": "Irma"}, "bad_record"),
        ({"kind": RecordKind.AGREEMENT, "agency": "INE", "valid_until": 9e9}, "bad_record"),
    ],
)
async def test_a_bad_record_is_named_and_nothing_is_kept(
    database: Database, fields: dict[str, object], code: str
) -> None:
    directory, changes, _ = await begin(database)
    good = msgspec.structs.replace(OFFICE, id="good")
    with pytest.raises(RefusedChange) as refused:
        await changes.submit(asks(good, msgspec.structs.replace(OFFICE, **fields)), IRMA)
    assert refused.value.code == code
    assert (await directory.page(0)).records == ()


async def test_a_change_rests_on_a_document_that_is_there(database: Database) -> None:
    _, changes, _ = await begin(database)
    with pytest.raises(RefusedChange, match="support_required"):
        await changes.submit(asks(OFFICE, support=Support()), IRMA)
    with pytest.raises(RefusedChange, match="document_unknown"):
        await changes.submit(asks(OFFICE, support=Support(document="0" * 64)), IRMA)
