"""The list says why a record is there: in its title, or else in which field, whatever way it was found."""

import pytest

from catgem_tui.directory.highlight import highlight, reason
from catgem_tui.directory.index import Index
from catgem_tui.directory.query import parse
from catgem_tui.directory.segment import build_segment
from catgem_tui.directory.thesaurus import Thesaurus, is_entry
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record

RECORDS = (
    Record(id="jose", kind=RecordKind.PERSON, title="José Guadalupe Hernández Ríos", revision=1, post="Oficial mayor",
           phone="(722) 555-01 34", extension="4711", email="jg.hernandez_rios@issemym.gob.mx",
           agency="Instituto de Seguridad Social del Estado de México y Municipios", agency_acronym="I.S.S.E.M.Y.M.",
           municipality="Nezahualcóyotl", unit="Coordinación de Nóminas"),
    Record(id="placas", kind=RecordKind.PROCEDURE, title="Reemplacamiento", revision=2, requirements="Tarjeta vigente",
           text="Se hace en línea o en un módulo de la Secretaría de Movilidad", keywords=("vehículo", "tenencia")),
    Record(id="agencia", kind=RecordKind.UNIT, title="Comisión Estatal de Derechos Humanos", revision=3,
           agency="Comisión Estatal de Derechos Humanos", agency_acronym="CODHEM",
           address="Av. Instituto Literario 510"),
    Record(id="s1", kind=RecordKind.SYNONYM, title="placas", revision=4, keywords=("reemplacamiento",)),
)  # fmt: skip
ENTRIES = {number: record for number, record in enumerate(RECORDS) if is_entry(record)}
INDEX = Index(build_segment(ENTRIES.items()), Thesaurus(RECORDS).synonyms())


def told(query: str) -> tuple[str, list[str], tuple[str, str]]:
    """The first record found, the words of its title that stand out, and else the reason."""
    hit = INDEX.search(query, 5)[0]
    record = ENTRIES[hit.key]
    marked = [record.title[start:end] for start, end in highlight(record.title, hit.words)]
    return record.id, marked, reason(record, hit.words, parse(query).numbers)


@pytest.mark.parametrize(
    ("query", "found", "marked"),
    [
        ("hernandez", "jose", ["Hernández"]),
        ("pepe lupe", "jose", ["José", "Guadalupe"]),
        ("ernandes", "jose", ["Hernández"]),
        ("hdez", "jose", ["Hernández"]),
        ("placas", "placas", ["Reemplacamiento"]),
        ("derechoshumanos", "agencia", ["Derechos", "Humanos"]),
    ],
)
def test_the_words_of_the_title_stand_out(query: str, found: str, marked: list[str]) -> None:
    assert told(query) == (found, marked, ("", ""))


@pytest.mark.parametrize(
    ("query", "found", "why"),
    [
        ("5550134", "jose", ("phone", "(722) 555-01 34")),
        ("722 555 01 34", "jose", ("phone", "(722) 555-01 34")),
        ("0134", "jose", ("phone", "(722) 555-01 34")),
        ("4711", "jose", ("extension", "4711")),
        ("rios@issemym", "jose", None),
        ("jg.hernandez_rios@issemym.gob.mx", "jose", None),
        ("issemym", "jose", ("agency_acronym", "I.S.S.E.M.Y.M.")),
        ("codhem", "agencia", ("agency_acronym", "CODHEM")),
        ("seguridad social", "jose", ("agency", "Instituto de Seguridad Social del Estado de México y…")),
        ("nezahualcoyotl", "jose", ("municipality", "Nezahualcóyotl")),
        ("nominas", "jose", ("unit", "Coordinación de Nóminas")),
        ("tenencia", "placas", ("keywords", "tenencia")),
        ("literario", "agencia", ("address", "Av. Instituto Literario 510")),
        ("movilidad", "placas", ("text", "…de la Secretaría de Movilidad")),
        ("tarjeta", "placas", ("requirements", "Tarjeta vigente")),
    ],
)
def test_else_the_field_is_named(query: str, found: str, why: tuple[str, str] | None) -> None:
    record, marked, reason_ = told(query)
    assert record == found
    assert marked or reason_ != ("", ""), "something says why"
    if why is not None:
        assert (marked, reason_) == ([], why)


def test_a_mail_address_is_found_by_a_part_of_it() -> None:
    assert highlight("jg.hernandez_rios@issemym.gob.mx", {"hernandez", "gob"}) == ((3, 12), (26, 29))
    only = Record(id="x", kind=RecordKind.NUMBER, title="Buzón", revision=1, email="quejas.edomex@gob.mx")
    assert reason(only, {"edomex"}) == ("email", "quejas.edomex@gob.mx")


def test_a_telephone_field_without_end_is_told_in_a_line() -> None:
    endless = Record(id="x", kind=RecordKind.NUMBER, title="Buzón", revision=1, phone="7225550134 " * 1000)
    field, text = reason(endless, (), ("5550134",))
    assert field == "phone"
    assert len(text) <= 130
