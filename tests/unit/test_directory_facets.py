"""Filters to choose from: each leaves as many records as it says."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from catgem_tui.directory.facet import Facet
from catgem_tui.directory.facets import Facets
from catgem_tui.directory.index import Index
from catgem_tui.directory.segment import build_segment
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record

PLACES = ("Toluca", "Valle de Bravo", "Valle de Chalco Solidaridad", "Metepec", "Ecatepec", "")
AGENCIES = (
    ("Instituto de Seguridad Social del Estado de México y Municipios", "ISSEMYM"),
    ("Ayuntamiento de Toluca", ""),
    ("Toluca Educa", ""),
    ("Comisión para la Regulación y el Fomento de los Establecimientos Mercantiles", ""),
    ("", ""),
)
KINDS = (RecordKind.PERSON, RecordKind.OFFICE, RecordKind.PROCEDURE)


def office(number: int) -> Record:
    agency, acronym = AGENCIES[number % len(AGENCIES)]
    return Record(
        id=f"r{number}",
        kind=KINDS[number % len(KINDS)],
        title=f"Oficina {number}",
        revision=number,
        municipality=PLACES[number % len(PLACES)],
        agency=agency,
        agency_acronym=acronym,
        level=("state", "municipal", "")[number % 3],
    )


class Copy:
    """An index and its records."""

    def __init__(self, count: int) -> None:
        self.records = {number: office(number) for number in range(count)}
        self.index = Index(build_segment(self.records.items()))
        self.facets = Facets()
        self.reads: list[int] = []

    def read(self, keys: Sequence[int]) -> Mapping[int, Record]:
        self.reads += keys
        return {key: self.records[key] for key in keys if key in self.records}

    def put(self, key: int, record: Record) -> None:
        self.records[key] = record
        self.index.put(key, record)

    def remove(self, key: int) -> None:
        del self.records[key]
        self.index.remove(key)

    async def count(self) -> dict[str, Facet]:
        counted = {facet.typed: facet for facet in await self.facets.count(self.index, self.read)}
        for facet in counted.values():
            assert len(self.index.search(facet.typed, 10_000)) == facet.records, facet
        return counted


async def test_each_filter_leaves_what_it_says_and_is_called_as_people_write_it() -> None:
    counted = await Copy(120).count()
    assert counted[":persona"] == Facet("kind", ":persona", "person", 40)
    assert counted[":estatal"] == Facet("level", ":estatal", "state", 40)
    assert counted["@valledebravo"] == Facet("municipality", "@valledebravo", "Valle de Bravo", 20)
    assert counted["@issemym"].name == "ISSEMYM, Instituto de Seguridad Social del Estado de México y Municipios"
    assert counted["@toluca"].records > 20, "the agency whose name begins so is there too"
    assert "@" not in counted


async def test_what_came_and_went_since_is_counted_and_known_names_are_not_read_again() -> None:
    copy = Copy(120)
    await copy.count()
    copy.reads.clear()
    copy.put(500, replace(office(0), id="new", municipality="Tonanitla"))
    copy.put(1, replace(office(1), municipality="Tonanitla"))
    copy.remove(2)
    counted = await copy.count()
    assert counted["@tonanitla"] == Facet("municipality", "@tonanitla", "Tonanitla", 2)
    assert counted["@valledebravo"].records == 19
    assert len(copy.reads) == 1, "the new name alone"


async def test_an_empty_directory_has_no_filters() -> None:
    assert await Facets().count(Index(), lambda _keys: {}) == ()
