"""Editing a record: what is typed becomes a record, and two people's changes become one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from catgem_tui.desk import effects, intents
from catgem_tui.desk.editing import (
    FIELDS,
    MERGED,
    BulkEdit,
    differences,
    edit_in_bulk,
    field_text,
    merge,
    read_form,
    read_problem,
)
from catgem_tui.desk.happenings import ErrandDone, LoggedIn
from catgem_tui.desk.model import Model
from catgem_tui.desk.reduce import reduce
from catgem_tui.protocol.editing import ChangeOutcome, Clash
from catgem_tui.protocol.enums import ChangeState, RecordKind, Role
from catgem_tui.protocol.model import Record, User
from catgem_tui.protocol.session import Welcomed

OFFICE = Record(id="r1", kind=RecordKind.OFFICE, title="Oficialía 01", revision=7, phone="7225550100", hours="9–18",
                keywords=("acta", "registro"), extra={"piso": "2"}, restricted={"mobile": "7221"})  # fmt: skip
TEXTS = st.text(alphabet="abc ", max_size=3)
RECORDS = st.builds(
    Record, id=st.just("r"), kind=st.just(RecordKind.OFFICE), revision=st.just(1), title=TEXTS, phone=TEXTS,
    address=TEXTS, keywords=st.lists(st.sampled_from("abcd"), unique=True, max_size=3).map(tuple),
    extra=st.dictionaries(st.sampled_from("xyz"), TEXTS, max_size=2), retired=st.booleans(),
)  # fmt: skip
SCALARS = [field for field in MERGED if field not in {"keywords", "related", "extra", "restricted"}]


@given(RECORDS, RECORDS, RECORDS)
def test_a_merge_never_loses_a_side(base: Record, mine: Record, theirs: Record) -> None:
    merged = merge(base, mine, theirs)
    conflicting = {conflict.field for conflict in merged.conflicts}
    for field in SCALARS:
        old, ours, others, now = (getattr(record, field) for record in (base, mine, theirs, merged.record))
        if ours == old:
            assert now == others
        elif others in (old, ours):
            assert now == ours
        else:
            assert field in conflicting
    assert set(mine.keywords) - set(base.keywords) <= set(merged.record.keywords)
    assert set(theirs.keywords) - set(base.keywords) <= set(merged.record.keywords)


@given(RECORDS, RECORDS, st.sets(st.sampled_from(["title", "phone", "address", "keywords", "extra"])))
def test_disjoint_changes_become_both(base: Record, other: Record, mine_are: set[str]) -> None:
    theirs_are = {"title", "phone", "address", "keywords", "extra"} - mine_are
    mine = replace(base, **{field: getattr(other, field) for field in mine_are})
    theirs = replace(base, **{field: getattr(other, field) for field in theirs_are})
    merged = merge(base, mine, theirs)
    assert not merged.conflicts
    assert merged.record == replace(other, retired=base.retired)


def test_a_form_read_back_is_the_same_record() -> None:
    form = {field: field_text(OFFICE, field) for field in FIELDS}
    assert read_form(OFFICE, form) == (OFFICE, ())


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [("title", "  ", "empty"), ("valid_until", "31/02/2026", "bad_date"), ("extra", "sin nombre", "bad_pairs"),
     ("phone", "12", "bad_phone"), ("phone", "pendiente", "bad_phone"), ("email", "registro.gob.mx", "bad_email"),
     ("level", "galactic", "bad_level"), ("text", "a" * 100_001, "too_long")],
)  # fmt: skip
def test_what_cannot_be_taken_is_told_beside_its_field(field: str, text: str, code: str) -> None:
    _record, faults = read_form(OFFICE, {field: text})
    assert [(fault.field, fault.code) for fault in faults] == [(field, code)]


def test_a_telephone_and_an_address_that_were_wrong_before_keep_nobody_from_another_change() -> None:
    old = replace(OFFICE, phone="pendiente", email="sin correo")
    assert read_form(old, {"phone": "pendiente", "email": "sin correo", "hours": "9-15"})[1] == ()
    for reachable in ("911", "*311", "722 555 0100 ext. 12", "(55) 5555-0100 y 55 5555 0101", ""):
        assert read_form(old, {"phone": reachable})[1] == ()


def test_centrals_refusal_belongs_to_its_field() -> None:
    fault = read_problem("r1: phone: no telephone: 12")
    assert (fault.field, fault.detail) == ("phone", "no telephone: 12")


@pytest.mark.parametrize(
    ("edit", "field", "after"),
    [(BulkEdit("municipality", "set", "Metepec"), "municipality", "Metepec"),
     (BulkEdit("phone", "replace", "729", find="722"), "phone", "7295550100"),
     (BulkEdit("keywords", "append", "CURP"), "keywords", "acta\nregistro\nCURP"),
     (BulkEdit("hours", "append", "(sábado no)"), "hours", "9–18 (sábado no)")],
)  # fmt: skip
def test_bulk_edits(edit: BulkEdit, field: str, after: str) -> None:
    assert [(d.field, d.after) for d in differences(OFFICE, edit_in_bulk(OFFICE, edit))] == [(field, after)]


# --- the draft's way to central ---


class Keeper:
    """An information manager's desk, and what it wants done."""

    def __init__(self) -> None:
        self.model = Model()
        self.wanted: list[Any] = []
        eva = User(id="u", username="eva", name="Eva", role=Role.INFORMATION_MANAGER)
        self.do(LoggedIn(eva))

    def do(self, happening: object) -> None:
        self.model, wanted = reduce(self.model, happening, 1000.0)
        self.wanted = list(wanted)

    def errand(self, kind: type) -> Any:
        return next(e.errand for e in self.wanted if isinstance(e, effects.RunErrand) and isinstance(e.errand, kind))

    def edit(self, **texts: str) -> None:
        for field, text in texts.items():
            self.do(intents.EditForm("r1", field, text))

    def save(self) -> effects.PostChange:
        self.do(intents.SaveDraft("r1"))
        return self.errand(effects.PostChange)  # type: ignore[no-any-return]

    @property
    def draft(self) -> Any:
        return self.model.view.keeping.drafts["r1"]


@pytest.fixture
def keeper() -> Keeper:
    desk = Keeper()
    desk.do(intents.OpenDraft(replace(OFFICE, restricted={})))
    desk.do(ErrandDone(desk.errand(effects.FetchRecord), OFFICE))
    return desk


def test_a_change_carries_its_document_and_what_nobody_here_may_store(keeper: Keeper) -> None:
    keeper.edit(phone="7225550199", reference="Oficio 12/2026")
    request = keeper.save().request
    assert request.records == (replace(OFFICE, phone="7225550199"),)
    assert request.support.reference == "Oficio 12/2026"


def test_a_change_without_its_document_stays_here(keeper: Keeper) -> None:
    keeper.edit(phone="7225550199")
    keeper.do(intents.SaveDraft("r1"))
    assert [(f.field, f.code) for f in keeper.draft.faults] == [("reference", "support_required")]


@pytest.mark.parametrize(("failure", "told"), [("malformed", "empty_file"), ("too_long", "large_file")])
def test_a_file_that_central_does_not_take_says_why_beside_its_field(keeper: Keeper, failure: str, told: str) -> None:
    keeper.edit(phone="7225550199", reference="Oficio 12", document="/casa/oficio.pdf")
    keeper.do(intents.SaveDraft("r1"))
    keeper.do(ErrandDone(keeper.errand(effects.UploadDocument), failure=failure, detail="body"))
    assert [(f.field, f.code) for f in keeper.draft.faults] == [("document", told)]


def test_a_clash_is_merged_and_what_both_changed_is_chosen(keeper: Keeper) -> None:
    keeper.edit(phone="7225550199", hours="8–15", reference="Oficio 12")
    errand = keeper.save()
    theirs = replace(OFFICE, revision=9, phone="7225550111", address="Av. Juárez 1")
    clashed = ChangeOutcome(
        id=errand.request.id, state=ChangeState.CLASHED, clashes=(Clash(record="r1", current=theirs, who="Ana Ruiz"),)
    )
    keeper.do(ErrandDone(errand, clashed))
    assert [c.field for c in keeper.draft.conflicts] == ["phone"]
    keeper.do(intents.SaveDraft("r1"))
    assert keeper.draft.faults[0].code == "conflict"
    keeper.do(intents.ResolveConflict("r1", "phone", "7225550111"))
    request = keeper.save().request
    assert request.records == (replace(theirs, hours="8–15"),)
    assert request.id != errand.request.id


def test_a_lost_answer_is_asked_for_under_the_same_id(keeper: Keeper) -> None:
    keeper.edit(phone="7225550199", reference="Oficio 12")
    errand = keeper.save()
    keeper.do(ErrandDone(errand, failure="unreachable"))
    assert keeper.draft.faults[0].code == "unreachable"
    keeper.do(Welcomed(user="u", now=1000.0))
    assert keeper.draft.faults == (), "with the line back that is so no more"
    assert keeper.save().request == errand.request


def test_what_is_typed_outlives_the_process(keeper: Keeper) -> None:
    keeper.edit(valid_until="31/02/2026")
    kept = next(e for e in keeper.wanted if isinstance(e, effects.KeepText))
    again = Keeper()
    again.do(LoggedIn(User(id="u", username="eva", name="Eva", role=Role.INFORMATION_MANAGER), texts=(kept,)))
    assert again.draft.form == {"valid_until": "31/02/2026"}
