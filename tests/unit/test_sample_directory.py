"""The directory to practise with."""

import re
from collections import Counter

from catgem_tui.central.directory.sample import _source, sample_records, slug
from catgem_tui.central.directory.validation import check
from catgem_tui.config.settings import Directory
from catgem_tui.protocol.editing import ChangeRequest
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record

RECORDS = sample_records()


def test_there_are_at_least_two_thousand_and_the_same_every_time() -> None:
    assert len(RECORDS) >= 2000
    assert sample_records() == RECORDS


def test_ids_are_unique() -> None:
    assert not [identifier for identifier, n in Counter(r.id for r in RECORDS).items() if n > 1]


def test_every_kind_is_there() -> None:
    kinds = Counter(record.kind for record in RECORDS)
    assert set(kinds) == set(RecordKind) - {RecordKind.OTHER}
    assert min(kinds.values()) >= 10


def test_the_125_municipalities_are_covered() -> None:
    municipalities = _source()["municipalities"]
    assert len(municipalities) == len(set(municipalities)) == 125
    assert {record.municipality for record in RECORDS} - {""} == set(municipalities)


def test_agreements_are_whole_lead_to_articles_and_some_end_soon() -> None:
    by_id = {record.id: record for record in RECORDS}
    today = 1_900_000_000.0
    agreements = [record for record in sample_records(today=today) if record.kind is RecordKind.AGREEMENT]
    for agreement in agreements:
        check(ChangeRequest(id="1", records=(agreement,)), support_required=False)
        assert agreement.related
        assert {by_id[article].kind for article in agreement.related} == {RecordKind.ARTICLE}
    ends = [it.valid_until - today for it in agreements if it.valid_until is not None]
    soon = Directory().expiry_notice * 86_400
    assert sum(0 < end < soon for end in ends) == 2
    assert sum(end > soon for end in ends) > 5


def test_places_named_elsewhere_are_municipalities() -> None:
    source = _source()
    named = set(source["regional"])
    for code, places in source["area_codes"].items():
        named |= set(places) if code != "default" else set()
    assert named <= set(source["municipalities"])


def test_nobody_real_is_called_or_written_to() -> None:
    invented = re.compile(r"\d{2} 5555 01\d\d|\d{3} 555 01\d\d")
    short = {"911", "089", "070"}
    assert not [r.phone for r in RECORDS if r.phone and r.phone not in short and not invented.fullmatch(r.phone)]
    assert all(invented.fullmatch(value) for r in RECORDS for value in r.restricted.values())
    assert not [r.email for r in RECORDS if r.email and not re.fullmatch(r"[a-z0-9.-]+@[a-z0-9.-]+\.example", r.email)]
    assert not [r.url for r in RECORDS if r.url and ".example/" not in r.url]


def test_names_have_a_long_tail() -> None:
    surnames = Counter(r.title.split()[-1] for r in RECORDS if r.kind is RecordKind.PERSON)
    assert surnames.most_common(1)[0][1] >= 10 * min(surnames.values())
    assert len(surnames) >= 60


def test_every_synonym_leads_to_a_word_that_records_have() -> None:
    words = {word for r in RECORDS if r.kind is not RecordKind.SYNONYM for word in _words(r)}
    said = [r for r in RECORDS if r.kind is RecordKind.SYNONYM]
    nowhere = {r.title for r in said if not any(set(slug(m).split("-")) <= words for m in r.keywords)}
    assert said
    assert nowhere == set()


def _words(record: Record) -> list[str]:
    texts = (record.title, record.unit, record.agency, record.requirements, record.text, *record.keywords)
    return [word for text in texts for word in slug(text, 10_000).split("-")]
