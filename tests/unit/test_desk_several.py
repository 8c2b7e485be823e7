"""Many records in one change, and two records made one."""

from typing import Any

import pytest
from msgspec.structs import replace

from catgem_tui.desk import effects, intents
from catgem_tui.desk.duplicates import find_duplicates, find_namesakes, rate
from catgem_tui.desk.editing import BulkEdit
from catgem_tui.desk.happenings import ErrandDone, LoggedIn
from catgem_tui.desk.keeping import Draft
from catgem_tui.desk.model import Model
from catgem_tui.desk.reduce import reduce
from catgem_tui.desk.several import differing, plan, union
from catgem_tui.protocol.editing import MOST_RECORDS, ChangeOutcome, Clash, ProposalSummary, Report
from catgem_tui.protocol.enums import ChangeState, RecordKind, Role
from catgem_tui.protocol.events import ProposalDecided, RecordChanged, ReportAnswered
from catgem_tui.protocol.model import Record, User
from catgem_tui.protocol.session import EventArrived, SignalArrived

ONE = Record(id="r1", kind=RecordKind.OFFICE, title="Oficialía 01", revision=7, phone="7225550100", hours="9–18",
             municipality="Toluca", keywords=("acta",), restricted={"móvil": "1"})  # fmt: skip
TWO = Record(id="r2", kind=RecordKind.OFFICE, title="Oficialia 1 del Registro Civil", revision=8,
             phone="(722) 555 0100", email="of01@example.mx", municipality="Toluca", keywords=("nacimiento",),
             restricted={"casa": "2"})  # fmt: skip
THREE = Record(id="r3", kind=RecordKind.UNIT, title="Dirección de Catastro", revision=9, hours="9–15")


def public(*records: Record) -> tuple[Record, ...]:
    """As a copy of the directory has them."""
    return tuple(replace(record, restricted={}) for record in records)


class Keeper:
    """An information manager's desk, and what it wants done."""

    def __init__(self) -> None:
        self.model = Model()
        self.wanted: list[Any] = []
        self.do(LoggedIn(User(id="u", username="eva", name="Eva", role=Role.INFORMATION_MANAGER)))

    def do(self, happening: object) -> None:
        self.model, wanted = reduce(self.model, happening, 1000.0)
        self.wanted = list(wanted)

    def errand(self, kind: type) -> Any:
        return next(e.errand for e in self.wanted if isinstance(e, effects.RunErrand) and isinstance(e.errand, kind))

    @property
    def draft(self) -> Draft:
        return self.model.view.keeping.drafts[self.model.view.keeping.open]

    def write(self, **texts: str) -> None:
        for field, text in texts.items():
            self.do(intents.EditForm(self.draft.id, field, text))

    def save(self) -> effects.PostChange:
        self.do(intents.SaveDraft(self.draft.id))
        return self.errand(effects.PostChange)  # type: ignore[no-any-return]

    def codes(self) -> list[str]:
        return [fault.code for fault in self.draft.faults]


@pytest.fixture
def bulk() -> Keeper:
    """Three records are to be changed at once; central has given them whole."""
    desk = Keeper()
    for record in public(ONE, TWO, THREE):
        desk.do(intents.ToggleMark(record))
    desk.do(intents.EditInBulk(tuple(desk.model.view.keeping.marks.values())))
    asked = desk.errand(effects.FetchRecords)
    assert asked.records == ("r1", "r2", "r3")
    desk.do(ErrandDone(asked, (ONE, TWO, THREE)))
    return desk


# --- many at once ---


def test_one_change_carries_them_all_with_what_no_copy_here_has(bulk: Keeper) -> None:
    bulk.write(field="hours", operation="set", value="8–16", reference="Circular 3")
    request = bulk.save().request
    assert request.records == tuple(replace(record, hours="8–16") for record in (ONE, TWO, THREE))
    assert request.support.reference == "Circular 3"
    bulk.do(ErrandDone(bulk.errand(effects.PostChange), ChangeOutcome(id=request.id, state=ChangeState.PUBLISHED)))
    assert not bulk.model.view.keeping.drafts
    assert not bulk.model.view.keeping.marks


def test_records_that_stay_as_they_are_are_not_sent(bulk: Keeper) -> None:
    bulk.write(field="hours", operation="replace", find="9–15", value="9–16", reference="x")
    assert [record.id for record in bulk.save().request.records] == ["r3"]


def test_half_a_question_changes_nothing() -> None:
    for edit in (BulkEdit("hours", "set", ""), BulkEdit("hours", "append", " "), BulkEdit("hours", "replace", "x"),
                 BulkEdit("", "set", "x")):  # fmt: skip
        assert not any(each.changed for each in plan((ONE, THREE), edit)), edit
    assert [each.after.hours for each in plan((ONE, THREE), BulkEdit("hours", "clear", ""))] == ["", ""]


def test_what_central_would_refuse_is_named_and_holds_the_rest_until_it_is_taken_out(bulk: Keeper) -> None:
    bulk.write(field="title", operation="replace", find="Dirección de Catastro", value="", reference="x")
    planned = plan(bulk.draft.others, BulkEdit("title", "replace", "", "Dirección de Catastro"))
    assert [(each.record.id, each.faults[0].code) for each in planned if each.faults] == [("r3", "empty")]
    bulk.do(intents.SaveDraft(bulk.draft.id))
    assert bulk.codes() == ["some_refused"]
    bulk.do(intents.DropFromBulk(bulk.draft.id, frozenset({"r3"})))
    assert [record.id for record in bulk.draft.others] == ["r1", "r2"]
    assert bulk.codes() == []


def test_a_clash_names_who_and_takes_nothing_from_the_others(bulk: Keeper) -> None:
    bulk.write(field="hours", operation="append", value="(sábado no)", reference="x")
    errand = bulk.save()
    theirs = replace(TWO, revision=20, hours="10–14")
    clashed = ChangeOutcome(
        id=errand.request.id, state=ChangeState.CLASHED, clashes=(Clash(record="r2", current=theirs, who="Luis"),)
    )
    bulk.do(ErrandDone(errand, clashed))
    assert bulk.draft.clashed == {"r2": "Luis"}
    assert bulk.codes() == ["clash"]
    again = bulk.save().request
    assert again.id != errand.request.id
    assert [record.hours for record in again.records] == ["9–18 (sábado no)", "10–14 (sábado no)", "9–15 (sábado no)"]
    assert again.records[1].revision == 20


def test_a_record_retired_meanwhile_is_left_out_by_hand(bulk: Keeper) -> None:
    bulk.write(field="hours", value="8–16", reference="x")
    errand = bulk.save()
    gone = Clash(record="r1", current=replace(ONE, revision=21, retired=True), who="Luis")
    bulk.do(ErrandDone(errand, ChangeOutcome(id="x", state=ChangeState.CLASHED, clashes=(gone,))))
    bulk.do(intents.SaveDraft(bulk.draft.id))
    assert bulk.codes() == ["some_refused"]
    bulk.do(intents.DropFromBulk(bulk.draft.id, frozenset({"r1"})))
    assert [record.id for record in bulk.save().request.records] == ["r2", "r3"]


def test_it_is_stopped_before_it_is_sent_and_all_is_kept(bulk: Keeper) -> None:
    bulk.write(field="hours", value="8–16", document="oficio.pdf")
    bulk.do(intents.SaveDraft(bulk.draft.id))
    upload = bulk.errand(effects.UploadDocument)
    bulk.do(intents.CancelErrand())
    assert effects.StopErrands() in bulk.wanted
    bulk.do(ErrandDone(upload, failure="cancelled"))
    assert bulk.codes() == ["cancelled"]
    assert bulk.draft.form["value"] == "8–16"


def test_no_more_are_chosen_than_one_change_takes() -> None:
    desk = Keeper()
    found = tuple(replace(THREE, id=f"n{number}") for number in range(MOST_RECORDS + 3))
    desk.do(intents.AskKeeping(effects.FindAll("catastro")))
    desk.do(ErrandDone(desk.errand(effects.FindAll), found))
    assert len(desk.model.view.keeping.marks) == MOST_RECORDS
    assert [notice.code for notice in desk.model.view.notices] == ["too_many_marked"]


def test_a_bulk_edit_waits_for_central_and_outlives_the_process() -> None:
    desk = Keeper()
    desk.do(intents.EditInBulk(public(ONE, TWO)))
    desk.do(ErrandDone(desk.errand(effects.FetchRecords), failure="unreachable"))
    desk.write(field="hours", value="8–16", reference="x")
    kept = next(e for e in desk.wanted if isinstance(e, effects.KeepText))
    again = Keeper()
    again.do(LoggedIn(User(id="u", username="eva", name="Eva", role=Role.INFORMATION_MANAGER), texts=(kept,)))
    again.do(intents.ReturnToDraft(kept.contact))
    again.do(intents.SaveDraft(kept.contact))
    again.do(ErrandDone(again.errand(effects.FetchRecords), (ONE, TWO)))
    assert again.errand(effects.PostChange).request.records == (replace(ONE, hours="8–16"), replace(TWO, hours="8–16"))


# --- two become one ---


def test_duplicates_are_found_by_name_telephone_and_mail_the_most_alike_first() -> None:
    asked = []

    def find(query: str, limit: int) -> list[Record]:
        asked.append(query)
        return [THREE, TWO, ONE]

    found = find_duplicates(ONE, find)
    assert asked == ["Oficialía 01", "7225550100"]
    assert [candidate.record.id for candidate in found] == ["r2"]
    assert "phone" in found[0].why
    assert rate(ONE, replace(ONE, id="r9")).score > rate(ONE, TWO).score > rate(ONE, THREE).score


def test_only_what_has_a_title_like_it_is_told_of_a_new_record() -> None:
    """The search also finds what has the words elsewhere, or some of them."""
    namesake = replace(TWO, title="Registro Civil, Oficialía 1")
    found = find_namesakes("Oficialia 1 del Registro Civil", lambda query, limit: [THREE, namesake, ONE, TWO])
    assert found == (TWO, namesake)


def test_the_survivor_has_everything_and_answers_to_both_names() -> None:
    form = union(ONE, TWO)
    assert form["email"] == "of01@example.mx"
    assert form["keywords"].split("\n") == ["acta", "nacimiento", TWO.title]
    assert "title" not in form, "its own name stays"
    assert form["restricted"] == "casa: 2\nmóvil: 1"
    assert differing(ONE, TWO) == ("title", "phone", "email", "hours", "keywords", "restricted")


def test_the_survivor_is_not_related_to_itself() -> None:
    one, two = replace(ONE, related=("r2", "r5")), replace(TWO, related=("r1", "r6"))
    assert union(one, two)["related"] == "r5\nr6"


@pytest.fixture
def merging() -> Keeper:
    desk = Keeper()
    desk.do(intents.MergeRecords(*public(ONE, TWO)))
    asked = desk.errand(effects.FetchRecords)
    assert asked.records == ("r1", "r2")
    desk.do(ErrandDone(asked, (ONE, TWO)))
    return desk


def test_a_merge_is_one_change_of_both(merging: Keeper) -> None:
    merging.write(title=TWO.title, reference="Oficio 5")
    survivor, gone = merging.save().request.records
    assert (survivor.id, survivor.title, survivor.email) == ("r1", TWO.title, TWO.email)
    assert survivor.restricted == {"móvil": "1", "casa": "2"}
    assert gone == replace(TWO, retired=True, merged_into="r1")


def test_the_other_may_be_the_one_that_stays(merging: Keeper) -> None:
    merging.write(reference="Oficio 5")
    merging.do(intents.SwapMerged("r1"))
    survivor, gone = merging.save().request.records
    assert (survivor.id, survivor.title, survivor.hours) == ("r2", TWO.title, "9–18")
    assert gone == replace(ONE, retired=True, merged_into="r2")
    assert list(merging.model.view.keeping.drafts) == ["r2"]


def test_a_merge_goes_on_top_of_what_others_did_meanwhile(merging: Keeper) -> None:
    merging.write(reference="x")
    errand = merging.save()
    newer = replace(ONE, revision=30, address="Av. Juárez 1")
    clash = Clash(record="r1", current=newer, who="Luis")
    merging.do(ErrandDone(errand, ChangeOutcome(id="x", state=ChangeState.CLASHED, clashes=(clash,))))
    survivor, gone = merging.save().request.records
    assert (survivor.revision, survivor.address, survivor.email) == (30, "Av. Juárez 1", TWO.email)
    assert gone.merged_into == "r1"


def test_one_of_the_two_that_has_gone_is_said(merging: Keeper) -> None:
    merging.write(reference="x")
    errand = merging.save()
    clash = Clash(record="r2", current=replace(TWO, revision=31, retired=True), who="Luis")
    merging.do(ErrandDone(errand, ChangeOutcome(id="x", state=ChangeState.CLASHED, clashes=(clash,))))
    assert merging.codes() == ["gone"]


def test_what_was_being_written_of_it_goes_into_the_merge() -> None:
    desk = Keeper()
    desk.do(intents.OpenDraft(ONE))
    desk.write(phone="7225550199")
    desk.do(intents.MergeRecords(ONE, TWO))
    assert desk.draft.form["phone"] == "7225550199"


# --- what others do meanwhile ---


def test_the_record_beside_a_list_follows_its_changes() -> None:
    desk = Keeper()
    desk.do(intents.AskKeeping(effects.LookUp("r3")))
    desk.do(ErrandDone(desk.errand(effects.LookUp), THREE))
    newer = replace(THREE, revision=40, hours="10–12")
    desk.do(EventArrived("directory", 40, RecordChanged(record=newer)))
    assert desk.model.view.keeping.beside == newer


def test_a_bulk_edit_says_that_one_of_its_records_was_saved_meanwhile(bulk: Keeper) -> None:
    bulk.do(EventArrived("directory", 40, RecordChanged(record=replace(TWO, revision=40))))
    assert bulk.draft.newer


def test_a_report_leads_into_the_form_also_while_central_is_away() -> None:
    desk = Keeper()
    desk.do(intents.AskKeeping(effects.LookUp("r1")))
    desk.do(ErrandDone(desk.errand(effects.LookUp), public(ONE)[0]))
    desk.do(intents.OpenRecord("r1", "change", "p1"))
    assert (desk.draft.id, desk.draft.report, desk.draft.whole) == ("r1", "p1", False)
    asked = desk.errand(effects.FetchRecord)
    desk.do(ErrandDone(asked, failure="unreachable"))
    desk.write(phone="7225550199", reference="x")
    desk.do(intents.SaveDraft("r1"))
    desk.do(ErrandDone(desk.errand(effects.FetchRecord), ONE))
    assert desk.errand(effects.PostChange).request.records == (replace(ONE, phone="7225550199"),)


# --- what this person reported ---


def test_each_answer_is_told_once_whatever_way_it_comes() -> None:
    desk = Keeper()
    first = Report(id="p1", record="r1", at=1.0, who="Eva", title="Uno", answer="Sí.", closed_by="Luis", closed_at=5.0)
    second = replace(first, id="p2", title="Dos", closed_at=6.0)
    desk.do(SignalArrived(ReportAnswered(report=first)))
    kept = next(e for e in desk.wanted if isinstance(e, effects.KeepText))
    desk.do(ErrandDone(effects.FetchAnswers(0.0), (first, second)))
    told = [notice.args["title"] for notice in desk.model.view.notices if notice.code == "report_answered"]
    assert told == ["Uno", "Dos"]
    again = Keeper()
    again.do(LoggedIn(User(id="u", username="eva", name="Eva", role=Role.INFORMATION_MANAGER), texts=(kept,)))
    again.do(ErrandDone(effects.FetchAnswers(0.0), (first,)))
    assert not again.model.view.notices


def test_who_proposed_a_change_is_told_what_was_decided() -> None:
    desk = Keeper()
    proposed = ProposalSummary(id="p", state=ChangeState.REJECTED, who="Eva", at=1.0, records=(("r1", "Módulo"),),
                               decided_by="Irma", reason="falta el oficio")  # fmt: skip
    desk.do(SignalArrived(ProposalDecided(proposal=proposed)))
    (notice,) = desk.model.view.notices
    assert (notice.code, notice.args) == (
        "proposal_rejected", {"who": "Irma", "title": "Módulo", "reason": "falta el oficio"},
    )  # fmt: skip
    desk.do(SignalArrived(ProposalDecided(proposal=replace(proposed, id="q", state=ChangeState.PUBLISHED))))
    assert [notice.code for notice in desk.model.view.notices] == ["proposal_rejected", "proposal_published"]
