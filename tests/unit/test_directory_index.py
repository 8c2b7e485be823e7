"""What an advisor types finds what they mean."""

import random
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catgem_tui.directory.fold import fold, sound, words
from catgem_tui.directory.highlight import highlight, reason
from catgem_tui.directory.index import Index
from catgem_tui.directory.query import parse
from catgem_tui.directory.rewriting import Synonyms
from catgem_tui.directory.segment import SegmentUnusable, build_segment, open_segment, write_segment
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record

sys.path.append(str(Path(__file__).resolve().parents[1] / "bench"))
from directory_data import CLASSES, FORGIVING, Asker, generate  # type: ignore[import-not-found]


def record(record_id: str, title: str, *, revision: int = 1, **fields: object) -> Record:
    return Record(**{"id": record_id, "kind": RecordKind.OFFICE, "title": title, "revision": revision, **fields})


OFFICES = [
    record("t1", "Oficialía 01 del Registro Civil", municipality="Toluca", phone="722 555 0100", level="municipal"),
    record("m1", "Oficialía 01 del Registro Civil", municipality="Metepec", phone="722 555 0199", extension="104"),
    record("dg", "Dirección General del Registro Civil", municipality="Toluca", agency_acronym="DGRC", level="state"),
    record("ed", "Secretaría de Educación", municipality="Toluca", address="Av. Lerdo, Registro postal 7"),
    record("an", "Acta de nacimiento, copia certificada", kind=RecordKind.PROCEDURE, agency="Registro Civil",
           keywords=("acta", "copia")),
    record("xo", "Presidencia Municipal de Xonacatlán", municipality="Xonacatlán"),
    record("ve", "Reemplacamiento de vehículos", kind=RecordKind.PROCEDURE, agency="Secretaría de Finanzas"),
    record("is", "Instituto de Seguridad Social", agency="Instituto de Seguridad Social", agency_acronym="ISSEMYM",
           kind=RecordKind.UNIT),
    record("cl", "Clínica Regional Metepec", agency="Instituto de Seguridad Social", agency_acronym="ISSEMYM"),
    record("jo", "José Guadalupe Hernández Vázquez", kind=RecordKind.PERSON, post="Jefatura", phone="55 1234 5678",
           municipality="Metepec"),
    record("mi", "Juan Higinio Quiroz Yáñez", kind=RecordKind.PERSON, unit="Departamento de Nómina"),
]  # fmt: skip
SYNONYMS = Synonyms([[("placas",), ("reemplacamiento",)], [("seguro", "social"), ("issemym",)]])


def index_of(records: list[Record]) -> Index:
    return Index(build_segment(enumerate(records)), SYNONYMS)


SMALL = index_of(OFFICES)


def found(query: str, index: Index = SMALL, records: list[Record] = OFFICES) -> list[str]:
    return [records[hit.key].id for hit in index.search(query, 10)]


def test_folding() -> None:
    assert fold("INFORMACIÓN Ñandú Güera") == "informacion nandu guera"
    assert words("¿Acta #3, Toluca?") == ["acta", "3", "toluca"]
    assert words("I.S.S.E.M.Y.M. de la S.E.P") == ["issemym", "de", "la", "sep"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("vazquez", "basques"), ("hernandez", "ernandes"), ("yanez", "llanes"), ("jimenez", "gimenes"),
        ("mexico", "mejico"), ("quiroz", "kiros"), ("zarate", "sarate"), ("hielo", "yelo"), ("carro", "caro"),
        ("guerra", "gerra"[:0] + "guera"), ("campo", "canpo"), ("rey", "rei"),
    ],
)  # fmt: skip
def test_what_sounds_alike_has_one_key(one: str, other: str) -> None:
    assert sound(one) == sound(other)


@pytest.mark.parametrize(("one", "other"), [("casa", "cama"), ("chico", "sico"), ("gato", "jato"), ("7225", "7226")])
def test_what_sounds_otherwise_has_another_key(one: str, other: str) -> None:
    assert sound(one) != sound(other)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("registro civil metepec", "m1"),
        ("METEPEC regis", "m1"),
        ("oficialia toluca", "t1"),
        ("educacion", "ed"),
        ("dgrc", "dg"),
        ("D.G.R.C.", "dg"),
        ("acta de nacimiento", "an"),
        ("xonacatlan", "xo"),
        ("7225550199", "m1"),
        ("722 555 0199", "m1"),
        ("(722) 555-0199", "m1"),
        ("0199", "m1"),
        ("555 0199", "m1"),
        ("oficialia 104", "m1"),
        ("registro civl metepec", "m1"),
        ("rejistro sivil metepek", "m1"),
        ("civil metepec registro", "m1"),
        ("registrocivil metepec", "m1"),
        ("re emplacamiento", "ve"),
        ("placas", "ve"),
        ("seguro social", "is"),
        ("issemym", "is"),
        ("issemym clinica", "cl"),
        ("pepe hernandez", "jo"),
        ("lupe hdez", "jo"),
        ("hernandes basquez", "jo"),
        ("ijinio kiros", "mi"),
        ("depto nomina", "mi"),
        ("jose h", "jo"),
        ("busco al licenciado hernandez", "jo"),
        (":tramite registro", "an"),
        ("@metepec registro", "m1"),
        ("@issemym clinica", "cl"),
        (":estatal registro", "dg"),
        ("registro @met :oficina", "m1"),
    ],
)
def test_what_is_found_first(query: str, first: str) -> None:
    assert found(query)[:1] == [first]


def test_filters_alone_list_what_they_leave() -> None:
    assert sorted(found(":tramite")) == ["an", "ve"]
    assert sorted(found("@metepec")) == ["jo", "m1"]
    assert found(":tramite @toluca") == []


def test_an_exact_word_anywhere_goes_before_a_misspelt_one_in_the_title() -> None:
    records = [
        record("near", "Mora Morales"),
        record("exact", "Archivo", address="Calle Mola 3"),
    ]
    assert found("mola", index_of(records), records)[0] == "exact"


def test_what_is_used_goes_before_its_equals_and_never_before_a_better_match() -> None:
    records = [record(str(n), f"Juan Pérez {last}") for n, last in enumerate(["Ávila", "Baez", "Cano", "Díaz"])]
    records.append(record("whole", "Juan Pérez"))
    index = index_of(records)
    index.usage = {2: 1.0}
    assert found("juan perez", index, records)[:2] == ["whole", "2"]
    assert found("juan perez avila", index, records)[0] == "0"


def test_the_last_digits_of_a_telephone_tell_more_than_those_within() -> None:
    many = [record(f"w{n}", "Gabriela Aguilar", phone=f"722 7{n:06d}") for n in range(300)]
    meant = record("meant", "Gabriela Miguel Ángel Huitrón Hernández", phone="726 2367227")
    for records in ([*many, meant], [meant, *many]):
        index = index_of(records)
        assert found("gabriela 7227", index, records)[0] == "meant"
        came = [*records, record("came", "Gabriela Luisa María Huitrón Hernández", phone="55 12347227")]
        index.put(len(records), came[-1])
        assert set(found("gabriela 7227", index, came)[:2]) == {"meant", "came"}


def test_what_is_said_around_a_name_does_not_count_as_a_misspelt_one() -> None:
    others = [record(f"x{n}", f"Irma {name}") for n, name in enumerate(["Reyes Díaz", "Díaz Enrique"] * 60)]
    records = [record("r", "Enrique Ramírez Díaz"), record("s", "Enrique Silvia Reyes Díaz"), *others]
    assert found("trámites enrique reyes diaz", index_of(records), records)[0] == "s"


def test_what_is_out_of_force_comes_after_its_equals() -> None:
    records = [record("old", "Tenencia", valid_until=86_400.0 * 10), record("new", "Tenencia")]
    assert found("tenencia", index_of(records), records) == ["new", "old"]


def test_the_words_that_met_are_told_and_found_in_the_title() -> None:
    (hit, *_rest) = SMALL.search("rejistro sivil metepec", 5)
    assert {"registro", "civil", "metepec"} <= hit.words
    title = OFFICES[hit.key].title
    assert [title[start:end] for start, end in highlight(title, hit.words)] == ["Registro", "Civil"]


@pytest.mark.parametrize("query", ["", "   ", "¿?", "zzzzqqqq", "\x00\x1b[2J", "🌮🌮", "@", ":", ":@", "\n\n"])
def test_nothing_is_found_for_nothing(query: str) -> None:
    assert found(query) == []


@pytest.mark.parametrize("query", ["de la", "registro\nciv\til\r\n metepec", "x" * 10_000, "a " * 5_000, "🌮 registro"])
def test_strange_queries_are_answered(query: str) -> None:
    assert len(SMALL.search(query, 10)) <= 10


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_the_search(query: str) -> None:
    parse(query)
    hits = SMALL.search(query, 5)
    assert len({hit.key for hit in hits}) == len(hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_empty_and_huge_records_are_taken() -> None:
    records = [
        record("empty", ""),
        record("huge", "Gaceta", address="palabra " * 12_000, requirements="x" * 100_000),
        record("strange", "北京 Δοκιμή", municipality="Toluca"),
    ]
    index = index_of(records)
    assert found("gaceta", index, records) == ["huge"]
    assert found("δοκιμη", index, records) == ["strange"]
    assert index.search("palabra", 5)[0].key == 1


def test_changes_are_found_at_once() -> None:
    index = index_of(OFFICES)
    index.put(0, record("t1", "Módulo de licencias", revision=5))
    assert 0 not in [hit.key for hit in index.search("registro civil", 10)]
    assert [hit.key for hit in index.search("licensias", 10)] == [0]
    index.put(0, record("t1", "Módulo de pasaportes Xilotepec", revision=6, phone="712 555 9999"))
    assert index.search("licencias", 10) == []
    assert [hit.key for hit in index.search("5559999", 10)] == [0]
    assert [hit.key for hit in index.search("pasap", 10)] == [0]
    assert [hit.key for hit in index.search("jilotepek", 10)] == [0]
    index.put(0, record("t1", "", revision=7, retired=True))
    assert index.search("pasaportes", 10) == []
    index.put(99, record("new", "Ventanilla única", municipality="Toluca", kind=RecordKind.UNIT))
    assert [hit.key for hit in index.search(":unidad @toluca", 10)] == [99]
    assert len(index) == len(OFFICES)


def test_grown_and_built_at_once_find_the_same() -> None:
    """Also where every document is a recent one, and where half of them are."""
    records = list(generate(600, 11))
    built = index_of(records)
    half = Index(build_segment(enumerate(records[:300])))
    grown = Index()
    for key, each in enumerate(records):
        grown.put(key, each)
        if key >= 300:
            half.put(key, each)
    asker = Asker(records, 12)
    for kind in CLASSES:
        for asked in asker.ask(kind, 8):
            best = built.search(asked.text, 1)[0]
            for other in (grown, half):
                hits = {hit.key: hit.score for hit in other.search(asked.text, 50)}
                assert hits.get(best.key, 0.0) > max(hits.values()) - 0.05, asked.text


def test_a_segment_on_disk_is_the_one_in_memory(tmp_path: Path) -> None:
    records = list(generate(400, 5))
    write_segment(tmp_path / "index" / "a-7", enumerate(records), 7)
    kept = open_segment(tmp_path / "index" / "a-7")
    assert kept.mark == 7
    on_disk, in_memory = Index(kept), index_of(records)
    for asked in Asker(records, 6).ask("typo", 30):
        assert on_disk.search(asked.text, 10) == in_memory.search(asked.text, 10)


@pytest.mark.parametrize("name", ["meta.json", "postings.npy", "words.txt", "keys.npy"])
def test_a_segment_that_is_not_whole_is_not_used(tmp_path: Path, name: str) -> None:
    write_segment(tmp_path / "a-1", enumerate(OFFICES), 1)
    (tmp_path / "a-1" / name).write_bytes(b"\x00")
    with pytest.raises(SegmentUnusable):
        Index(open_segment(tmp_path / "a-1"))


def test_it_finds_what_was_meant_in_a_directory_it_was_not_tuned_on() -> None:
    """The goals of relevance, on a smaller directory than the measurement's; seeds of no tuning."""
    records = list(generate(6_000, 4321))
    index, asker = index_of(records), Asker(records, 99)
    within: dict[str, float] = {}
    for kind in CLASSES:
        asked = asker.ask(kind, 60)
        met = sum(any(records[hit.key].id in one.answers for hit in index.search(one.text, 5)) for one in asked)
        within[kind] = met / len(asked)
    assert min(within.values()) >= 0.95, within
    assert sum(within[kind] for kind in FORGIVING) / len(FORGIVING) >= 0.985, within


def test_a_beginning_of_any_length_finds_something() -> None:
    records = list(generate(3_000, 8))
    index = index_of(records)
    chance = random.Random(3)  # noqa: S311 - not for secrets
    for each in chance.sample(records, 40):
        title = fold(each.title)
        for size in range(1, len(title) + 1):
            assert index.search(title[:size], 5) or not words(title[:size]), title[:size]


def test_what_the_title_does_not_tell_is_told_by_a_field() -> None:
    record = Record(
        id="r1", kind=RecordKind.PROCEDURE, title="Canje de láminas", revision=1,
        keywords=("placas", "reemplacamiento"),
        municipality="Toluca",
        requirements="x " * 40 + "tarjeta de circulación vigente y comprobante de pago " + "y " * 60,
    )  # fmt: skip
    assert reason(record, {"canje", "placas"}) == ("", ""), "the title tells enough"
    assert reason(record, {"reemplacamiento"}) == ("keywords", "reemplacamiento")
    assert reason(record, {"toluca", "circulacion"}) == ("municipality", "Toluca")
    field, text = reason(record, {"circulacion"})
    assert field == "requirements"
    assert "circulación" in text
    assert len(text) < 90
    assert text[0] == text[-1] == "…"
    assert set(text.strip("…").split()) <= set(" ".join(record.requirements.split()).split()), "no word is cut"
    assert reason(record, set()) == reason(record, {"nada"}) == ("", "")


def test_it_is_known_which_have_everything_that_was_typed() -> None:
    index = Index(build_segment(enumerate(OFFICES)), Synonyms())
    found = {OFFICES[hit.key].id: hit.whole for hit in index.search("oficialia rejistro civil metepec", 20)}
    assert found == {"m1": True, "t1": False}
    assert {OFFICES[hit.key].id for hit in index.search("oficialia 0199", 20) if hit.whole} == {"m1"}


def test_as_many_are_found_as_were_asked_for() -> None:
    index = Index(build_segment(enumerate(record(f"r{n}", f"Oficialía {n}") for n in range(450))), Synonyms())
    index.put(900, record("new", "Oficialía nueva"))
    assert len([hit for hit in index.search("oficialia", 1000) if hit.whole]) == 451
