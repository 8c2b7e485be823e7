"""An information manager's day by keyboard alone: lists, forms, reports, proposals."""

import pytest
from msgspec.structs import replace
from textual import events

from catgem_tui.config.i18n import _
from catgem_tui.config.terminal import Characters
from catgem_tui.desk.effects import AnswerReport, Decide, FetchProposal, FindAll, FindDuplicates, LookUp
from catgem_tui.desk.intents import (
    AskKeeping,
    CancelErrand,
    DropFromBulk,
    EditForm,
    EditInBulk,
    LeaveDraft,
    MergeRecords,
    NewDraft,
    OpenDraft,
    OpenRecord,
    ResolveConflict,
    ReturnToDraft,
    SaveDraft,
    Search,
    ShowLog,
    SwapMerged,
    ToggleMark,
)
from catgem_tui.desk.keeping import Candidate, Draft, Fault
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.editing import WorkCounts
from catgem_tui.protocol.enums import ChangeState, RecordKind, Role
from catgem_tui.protocol.model import User
from catgem_tui.ui import figures
from catgem_tui.ui.lines import plain
from catgem_tui.ui.panes.work_lists import LISTS
from catgem_tui.ui.screens.bulk import BulkScreen
from catgem_tui.ui.screens.candidates import CandidatesDialog
from catgem_tui.ui.screens.form import FormScreen, LongField
from catgem_tui.ui.screens.merge import MergeScreen
from catgem_tui.ui.screens.proposal import ProposalCard
from tests.ui import scenes
from tests.ui.stage import LARGE, SMALL, Stage, opened

SIZES = pytest.mark.parametrize("size", [SMALL, (100, 30), LARGE], ids=["80x24", "100x30", "160x45"])


def form(stage: Stage) -> FormScreen:
    assert isinstance(stage.app.screen, FormScreen)
    return stage.app.screen


def with_proposal(**changes: object) -> DeskState:
    proposal = replace(scenes.PROPOSAL, summary=replace(scenes.PROPOSAL.summary, **changes))
    return replace(scenes.KEEPING, keeping=replace(scenes.KEEPING.keeping, proposal=proposal))


@SIZES
async def test_who_keeps_the_directory_begins_there_and_searches(size: tuple[int, int]) -> None:
    async with opened(scenes.KEEPING, size) as stage:
        assert stage.app.place == "keeping"
        assert "reportes" in stage.seen().lower(), "what is urgent is told also where there is no room for the lists"
        await stage.write("ofi")
        assert stage.take_done()[-1] == Search("ofi")
        await stage.press("alt+e")
        assert stage.take_done() == [OpenDraft(scenes.RECORDS[0])]
        await stage.press("down")
        assert "Estatal" in stage.seen() or "estatal" in stage.seen(), "the card follows the cursor"
        await stage.press("alt+v")
        assert stage.take_done() == [OpenDraft(scenes.RECORDS[1], "confirm")]
        await stage.press("alt+r")
        assert stage.take_done() == [OpenDraft(scenes.RECORDS[1], "retire")]


async def test_the_place_is_changed_by_role() -> None:
    async with opened(scenes.KEEPING) as stage:
        await stage.press("ctrl+o")
        assert stage.app.place == "desk"
        await stage.press("ctrl+o")
        assert stage.app.place == "keeping"
    boss = User(id="u-boss", username="boss", name="Boss", role=Role.ADMINISTRATOR)
    async with opened(replace(scenes.KEEPING, user=boss)) as stage:
        seen = [stage.app.place]
        for _turn in range(3):
            await stage.press("ctrl+o")
            seen.append(stage.app.place)
        assert seen == ["floor", "desk", "keeping", "floor"]
    async with opened(scenes.IDLE) as stage:
        await stage.press("ctrl+o")
        assert stage.app.place == "desk"


async def test_a_card_tells_the_keys_that_work_here() -> None:
    async with opened(scenes.KEEPING, LARGE) as stage:
        await stage.press("enter")
        assert stage.take_done() == [ShowLog("r1")]
        assert "Alt+E Editar" in stage.seen()
        await stage.press("alt+e")
        assert OpenDraft(scenes.RECORDS[0]) in stage.take_done()


@SIZES
async def test_while_one_is_chosen_all_lists_are_in_sight(size: tuple[int, int]) -> None:
    async with opened(scenes.KEEPING, size) as stage:
        beside = stage.app.keeping_screen.query_one("#s-detail")
        await stage.press("alt+l")
        seen = stage.seen()
        for name in (_("Search"), *(_(each.name) for each in LISTS.values()), _("Change log"), _("Currency")):
            assert name in seen
        await stage.press("down", "enter")
        assert beside.display, "and the record is back"


@SIZES
async def test_each_list_opens_what_it_holds(size: tuple[int, int]) -> None:
    drafts = {"r4": Draft(id="r4", base=scenes.RECORDS[3], form={"phone": "1"})}
    state = replace(scenes.KEEPING, keeping=replace(scenes.KEEPING.keeping, drafts=drafts))
    async with opened(state, size) as stage:
        await stage.press("alt+l", "down", "enter")
        assert "El teléfono ya no existe." in stage.seen()
        await stage.press("enter", "alt+e")
        assert stage.take_done() == [AskKeeping(LookUp("r1"))] + [OpenRecord("r1", "change", "p1")] * 2
        await stage.press("escape", "down", "enter", "alt+v")
        assert stage.take_done() == [AskKeeping(LookUp("r3")), OpenRecord("r3", "confirm")]
        await stage.press("escape", "down", "enter", "enter")
        assert stage.take_done() == [AskKeeping(LookUp("r2")), OpenRecord("r2")]
        await stage.press("escape", "end", "up", "up", "enter", "enter")
        assert stage.take_done() == [ReturnToDraft("r4")]


async def test_the_arrows_go_through_a_field_of_several_lines_and_on() -> None:
    async with opened(scenes.FORM, SMALL) as stage:
        rows = form(stage).rows
        long = rows["requirements"].widget
        assert isinstance(long, LongField)
        long.load_text("una identificación\nun comprobante")
        rows["url"].widget.focus()
        await stage.press("down", "down")
        assert (stage.app.focused, long.cursor_location[0]) == (long, 1), "first through its lines"
        await stage.press("down")
        assert stage.app.focused is rows["cost"].widget
        await stage.press("up", "up", "up")
        assert stage.app.focused is rows["url"].widget


async def test_keys_of_other_places_and_lists_do_nothing_here() -> None:
    async with opened(replace(scenes.KEEPING, directory=replace(scenes.KEEPING.directory, hits=()))) as stage:
        await stage.press("alt+e", "alt+v", "alt+r", "alt+x", "ctrl+s", "alt+d", "f8", "alt+s", "enter")
        assert stage.take_done() == []
    async with opened(scenes.IDLE) as stage:
        await stage.press("alt+v", "alt+r", "alt+l", "alt+d", "ctrl+s")
        assert stage.take_done() == []


async def test_a_new_record_begins_with_its_kind() -> None:
    async with opened(scenes.KEEPING) as stage:
        await stage.press("alt+n")
        await stage.write("tramite")
        await stage.press("enter")
        assert stage.take_done() == [NewDraft(RecordKind.PROCEDURE)]


@SIZES
async def test_a_form_tells_what_is_typed_and_saves_in_a_burst(size: tuple[int, int]) -> None:
    async with opened(scenes.with_form(), size) as stage:
        await stage.write("!")
        assert stage.take_done() == [EditForm("r1", "title", scenes.RECORDS[0].title + "!")]
        await stage.press("down")
        await stage.press("ctrl+u")
        await stage.write("Estatal")
        assert stage.take_done()[-1] == EditForm("r1", "level", "state")
        await stage.press("ctrl+s")
        assert stage.take_done() == [SaveDraft("r1")]


async def test_keys_in_one_burst_go_where_they_were_meant() -> None:
    """As a terminal sends a line that was pasted or typed ahead: all keys before any of them is dealt with."""
    async with opened(scenes.KEEPING) as stage:

        def do(intent: object) -> None:
            done.append(intent)
            if isinstance(intent, OpenDraft):
                stage.desk.put(scenes.with_form())

        done: list[object] = []
        stage.desk.do = do  # type: ignore[method-assign,assignment]
        for key in (
            "alt+e",
            *" 2/b",
            "tab",
            "ctrl+u",
            *"Estatax",
            "backspace",
            "l",
            "down",
            *"Oficial",
            "enter",
            *"A?",
        ):
            name = {" ": "space", "/": "slash", "?": "question_mark"}.get(key, key)
            stage.app.post_message(events.Key(name, key if len(key) == 1 else None))
        await stage.until(lambda: isinstance(stage.app.screen, FormScreen))
        await stage.until(lambda: form(stage).rows["unit"].told == "A?")
        told = {intent.field: intent.text for intent in done if isinstance(intent, EditForm)}
        assert told == {
            "title": f"{scenes.RECORDS[0].title} 2/b", "level": "state", "post": "Oficial", "unit": "A?",
        }  # fmt: skip
        assert not any(isinstance(intent, LeaveDraft | Search) for intent in done)


@pytest.mark.parametrize(("characters", "sign"), [("all", "●"), ("ascii", "*")])
async def test_a_changed_field_has_a_sign_as_well_as_a_colour(characters: Characters, sign: str) -> None:
    async with opened(scenes.FORM, SMALL, characters=characters) as stage:
        rows = form(stage).rows
        assert {field for field, row in rows.items() if plain(row.name_line).startswith("●")} == {
            "phone", "valid_until",
        }  # fmt: skip
        assert any(f"{sign} Tel" in row for row in stage.seen().splitlines())


async def test_a_form_is_left_without_a_question_and_goes_when_the_desk_closes_it() -> None:
    async with opened(scenes.with_form()) as stage:
        await stage.write("!")
        await stage.press("escape")
        assert stage.take_done()[-1] == LeaveDraft("r1", keep=True)
        await stage.put(scenes.KEEPING)
        assert not isinstance(stage.app.screen, FormScreen)


async def test_who_else_has_the_record_open_is_told_and_not_oneself() -> None:
    state = scenes.with_form()
    editors = {"r1": (scenes.EVA.name, "Luis Peña")}
    async with opened(replace(state, keeping=replace(state.keeping, editors=editors))) as stage:
        assert "también lo tiene abierto: Luis Peña" in stage.seen()
        assert scenes.EVA.name not in stage.seen()


async def test_throwing_away_asks_first() -> None:
    async with opened(scenes.FORM) as stage:
        await stage.press("alt+d", "enter")
        assert stage.take_done() == []
        await stage.press("alt+d", "down", "enter")
        assert stage.take_done() == [LeaveDraft("r1", keep=False)]


@SIZES
async def test_a_fault_stands_beside_its_field_and_has_the_focus(size: tuple[int, int]) -> None:
    async with opened(scenes.with_form(form={"valid_until": "31/02/2027"}), size) as stage:
        await stage.put(scenes.FORM)
        await stage.until(lambda: "dd/mm/aaaa" in stage.seen())
        assert form(stage).focused is form(stage).rows["valid_until"].widget


async def test_mending_one_fault_does_not_move_to_the_next() -> None:
    faults = (Fault("level", "bad_level"), Fault("reference", "support_required"))
    async with opened(scenes.with_form(form={"level": "galactic"})) as stage:
        await stage.put(scenes.with_form(form={"level": "galactic"}, faults=faults))
        assert form(stage).focused is form(stage).rows["level"].widget
        await stage.put(scenes.with_form(form={}, faults=faults[1:]))
        assert form(stage).focused is form(stage).rows["level"].widget


async def test_lists_that_could_not_be_fetched_say_so() -> None:
    state = replace(scenes.KEEPING, keeping=replace(scenes.KEEPING.keeping, problem="unreachable"))
    async with opened(state) as stage:
        await stage.press("alt+l", "down")
        assert "No se alcanza la central" in stage.seen()


async def test_two_people_s_changes_are_chosen_one_by_one() -> None:
    async with opened(scenes.CLASHED, LARGE) as stage:
        assert "7225550111" in stage.seen()
        await stage.press("ctrl+s", "escape")
        assert stage.take_done() == []
        await stage.press("ctrl+s", "down", "enter")
        assert stage.take_done() == [ResolveConflict("r1", "phone", "7225550111")]
        draft = scenes.CLASHED.keeping.drafts["r1"]
        left = replace(draft, conflicts=draft.conflicts[1:], form={"phone": "7225550111"})
        await stage.put(replace(scenes.CLASHED, keeping=replace(scenes.CLASHED.keeping, drafts={"r1": left})))
        assert form(stage).rows["phone"].widget.text == "7225550111"
        await stage.press("ctrl+s", "enter")
        assert stage.take_done() == [ResolveConflict("r1", "hours", "9–15")]


async def test_a_rebased_draft_shows_what_came_and_keeps_what_is_typed() -> None:
    async with opened(scenes.with_form(), LARGE) as stage:
        await stage.write("!")
        title = scenes.RECORDS[0].title + "!"
        theirs = replace(scenes.RECORDS[0], revision=9, address="Av. Morelos 1")
        await stage.put(scenes.with_form(base=theirs, form={"title": title}))
        assert form(stage).rows["address"].widget.text == "Av. Morelos 1"
        assert form(stage).rows["title"].widget.text == title


async def test_the_help_lies_over_a_form_and_an_offer_takes_precedence() -> None:
    async with opened(scenes.with_form()) as stage:
        await stage.press("f1", "escape")
        assert form(stage)
        offer = replace(scenes.OFFER, advisor=scenes.EVA.id)
        await stage.put(replace(stage.desk.state, contacts={offer.id: offer}))
        assert "722 555 0199" in stage.seen()
        await stage.press("f2")
        assert stage.app.place == "desk"
        await stage.press("ctrl+o")
        assert form(stage), "the form is where it was left"


async def test_searching_and_changing_the_place_lose_no_form() -> None:
    async with opened(scenes.with_form()) as stage:
        await stage.write("!")
        await stage.press("ctrl+o")
        assert stage.app.place == "desk"
        assert EditForm("r1", "title", scenes.RECORDS[0].title + "!") in stage.take_done()
        await stage.press("ctrl+o")
        assert form(stage)
        await stage.press("ctrl+f")
        assert stage.take_done() == [LeaveDraft("r1", keep=True)]
        await stage.put(scenes.KEEPING)
        await stage.write("x")
        assert stage.take_done() == [Search("x")]


async def test_a_report_is_answered_without_a_change() -> None:
    async with opened(scenes.KEEPING) as stage:
        await stage.press("alt+l", "down", "enter", "alt+x", "enter")
        assert stage.take_done() == [AskKeeping(LookUp("r1"))], "the record that it is about"
        await stage.press("alt+x")
        await stage.write("ya")
        await stage.press("enter")
        assert stage.take_done() == [AskKeeping(AnswerReport("p1", "ya"))]


async def test_a_proposal_is_read_before_it_is_decided() -> None:
    reach = ("alt+l", "down", "down", "down", "down", "enter", "enter")
    async with opened(scenes.KEEPING, LARGE) as stage:
        await stage.press(*reach)
        assert stage.take_done()[-1] == AskKeeping(FetchProposal("x1"))
        await stage.press("enter")
        assert stage.take_done() == [], "nothing is decided unseen"
        await stage.put(with_proposal())
        assert "7225550110 → 7225550111" in stage.seen()
        await stage.press("enter", "enter")
        assert stage.take_done() == [AskKeeping(Decide("x1", "approve"))]
    async with opened(with_proposal(), LARGE) as stage:
        await stage.press(*reach, "enter", "down", "enter", "enter")
        assert AskKeeping(Decide("x1", "reject")) not in stage.take_done(), "a rejection says why"
        await stage.press("enter", "down", "enter")
        await stage.write("no")
        await stage.press("enter")
        assert stage.take_done() == [AskKeeping(Decide("x1", "reject", "no"))]
    async with opened(with_proposal(mine=True), LARGE) as stage:
        await stage.press(*reach, "enter", "enter")
        assert stage.take_done()[-1] == AskKeeping(Decide("x1", "withdraw"))


# --- several records ---


@SIZES
async def test_records_are_chosen_in_the_search_and_changed_at_once(size: tuple[int, int]) -> None:
    async with opened(scenes.KEEPING, size) as stage:
        await stage.press("alt+w")
        assert stage.take_done() == [], "nothing is chosen yet"
        await stage.press("alt+m", "alt+m", "alt+t")
        assert stage.take_done() == [
            ToggleMark(scenes.RECORDS[0]), ToggleMark(scenes.RECORDS[1]),
            AskKeeping(FindAll(scenes.KEEPING.directory.query)),
        ]  # fmt: skip
        marks = {record.id: record for record in scenes.RECORDS[:2]}
        await stage.put(replace(scenes.KEEPING, keeping=replace(scenes.KEEPING.keeping, marks=marks)))
        assert "● Oficialía 01" in stage.seen()
        assert stage.app.keeping_screen.lists.slice["marked"] == 2
        await stage.press("alt+w")
        assert stage.take_done() == [EditInBulk(scenes.RECORDS[:2])]
        await stage.press("alt+l", "end", *["up"] * 3, "enter", "alt+m")
        assert stage.take_done()[-1] == ToggleMark(scenes.RECORDS[0])


@SIZES
async def test_a_bulk_edit_shows_each_record_before_and_after(size: tuple[int, int]) -> None:
    async with opened(scenes.with_bulk(), size) as stage:
        await stage.press("enter")
        await stage.write("telef")
        await stage.press("enter", "down", "enter")
        await stage.write("reempl")
        await stage.press("enter")
        told = {each.field: each.text for each in stage.take_done() if isinstance(each, EditForm)}
        assert told == {"field": "phone", "operation": "replace"}
        await stage.put(scenes.with_bulk(form=told))
        await stage.press("down")
        await stage.write("722")
        await stage.press("down")
        await stage.write("729")
        assert stage.take_done()[-1] == EditForm("b1", "value", "729")
        await stage.put(scenes.with_bulk(form={**told, "find": "722", "value": "729"}))
        assert "7225550100 → 7295550100" in stage.seen()
        assert "2 cambian · 1 queda igual" in stage.seen()
        await stage.press("ctrl+s")
        assert stage.take_done()[-1] == SaveDraft("b1")


async def test_of_a_long_text_the_end_that_changes_is_shown() -> None:
    form = {"field": "hours", "operation": "append", "value": "(cerrado en diciembre)"}
    async with opened(scenes.with_bulk(form=form)) as stage:
        assert "(cerrado en dic" in stage.seen()


async def test_half_a_bulk_edit_shows_no_change() -> None:
    async with opened(scenes.with_bulk(form={"field": "hours"})) as stage:
        assert "0 cambian · 3 quedan igual" in stage.seen()


@SIZES
async def test_records_that_cannot_take_it_are_named_and_taken_out(size: tuple[int, int]) -> None:
    form = {"field": "title", "operation": "replace", "find": scenes.RECORDS[1].title, "value": ""}
    async with opened(scenes.with_bulk(form=form), size) as stage:
        bulk = stage.app.screen
        assert isinstance(bulk, BulkScreen)
        assert [each.record.id for each in bulk.preview.planned if each.faults] == ["r2"]
        assert "no se puede" in stage.seen()
        assert "1 no puede" in stage.seen()
        stage.app.screen.set_focus(bulk.preview)
        await stage.press("r")
        assert stage.take_done() == [DropFromBulk("b1", frozenset({"r2"}))]
        await stage.press("down", "delete")
        assert stage.take_done() == [DropFromBulk("b1", frozenset({"r1"}))]


async def test_who_was_quicker_is_named_beside_the_record() -> None:
    async with opened(scenes.BULK, LARGE) as stage:
        assert "cambió Luis Peña" in stage.seen()


async def test_saving_is_stopped_before_the_change_is_sent() -> None:
    for sending, wanted in (
        ("record", CancelErrand()), ("document", CancelErrand()), ("change", LeaveDraft("b1", keep=True)),
    ):  # fmt: skip
        async with opened(scenes.with_bulk(sending=sending)) as stage:
            await stage.press("escape")
            assert stage.take_done() == [wanted]


@SIZES
async def test_a_double_is_found_compared_and_merged(size: tuple[int, int]) -> None:
    async with opened(scenes.CANDIDATES, size) as stage:
        await stage.press("alt+j")
        assert stage.take_done() == [AskKeeping(FindDuplicates(scenes.RECORDS[0]))]
        assert "91 % · título, teléfono" in stage.seen()
        await stage.press("enter")
        query = scenes.KEEPING.directory.query
        assert stage.take_done() == [MergeRecords(scenes.RECORDS[0], scenes.TWIN), Search(query)]
        await stage.put(scenes.with_merge())
        assert "Este queda" in stage.seen()
        assert "● " + scenes.RECORDS[0].title[:12] in stage.seen(), "the survivor's own name is taken"
        assert "○ " + scenes.TWIN.title[:12] in stage.seen()
        await stage.press("right")
        assert stage.take_done()[-1] == EditForm("r1", "title", scenes.TWIN.title)
        await stage.press("i")
        assert stage.take_done() == [SwapMerged("r1")]
        await stage.press("ctrl+s")
        assert stage.take_done() == [SaveDraft("r1")]


async def test_another_than_what_looks_alike_is_searched_for() -> None:
    async with opened(scenes.CANDIDATES) as stage:
        await stage.press("alt+j")
        await stage.write("e")
        assert stage.take_done()[-1] == Search("e")
        await stage.press("down", "enter")
        assert stage.take_done()[0] == MergeRecords(scenes.RECORDS[0], scenes.RECORDS[2])


async def test_the_best_is_chosen_after_every_letter() -> None:
    _own, *others = scenes.RECORDS[:3]
    async with opened(scenes.CANDIDATES) as stage:
        stage.desk.answers = False
        await stage.press("alt+j")
        for query, hits in (("o", others), ("of", others[::-1])):
            await stage.write(query[-1])
            directory = replace(
                scenes.CANDIDATES.directory, query=query, answered=query, hits=tuple(hits), marks=(), reasons=()
            )
            await stage.put(replace(scenes.CANDIDATES, directory=directory))
        stage.take_done()
        await stage.press("enter")
        assert stage.take_done()[0] == MergeRecords(scenes.RECORDS[0], others[-1])


async def test_lists_are_joined_and_what_has_no_both_keeps_its_choice() -> None:
    async with opened(scenes.with_merge(), LARGE) as stage:
        await stage.press("b")
        assert stage.take_done() == [], "there is no title that is both"
        merge = stage.app.screen
        assert isinstance(merge, MergeScreen)
        merge.comparison.move_to("keywords")
        await stage.press("left", "b")
        told = [each.text for each in stage.take_done() if isinstance(each, EditForm)]
        assert told == ["", f"actas\n{scenes.TWIN.title}"]


# --- what only central has, and what has its hour ---


async def test_what_only_central_has_is_locked_until_it_is_here() -> None:
    async with opened(scenes.with_form(whole=False), LARGE) as stage:
        row = form(stage).rows["restricted"]
        form(stage).set_focus(row.widget)
        await stage.write("x")
        assert row.widget.text == ""
        assert "Solo la central lo guarda" in stage.seen()
        whole = replace(scenes.RECORDS[0], restricted={"móvil": "722"})
        await stage.put(scenes.with_form(base=whole))
        assert row.widget.text == "móvil: 722"
        await stage.write("x")
        assert stage.take_done()[-1] == EditForm("r1", "restricted", "xmóvil: 722")


async def test_many_candidates_leave_the_keys_below_them_in_sight() -> None:
    many = tuple(Candidate(replace(scenes.TWIN, id=f"t{number}"), 0.9, ("title",)) for number in range(20))
    state = replace(scenes.KEEPING, keeping=replace(scenes.KEEPING.keeping, candidates=("r1", many)))
    async with opened(state, SMALL) as stage:
        await stage.press("alt+j")
        assert isinstance(stage.app.screen, CandidatesDialog)
        assert "Intro compara" in stage.seen()


async def test_a_scheduled_change_is_seen_with_its_hour_and_withdrawn() -> None:
    summary = replace(scenes.PROPOSAL.summary, state=ChangeState.SCHEDULED, mine=True, publish_at=scenes.NOW + 3600)
    work = replace(scenes.WORK, proposals=(summary,), counts=WorkCounts(scheduled=1))
    keeping = replace(scenes.KEEPING.keeping, work=work, counts=work.counts)
    keeping = replace(keeping, proposal=replace(scenes.PROPOSAL, summary=summary))
    async with opened(replace(scenes.KEEPING, keeping=keeping), LARGE) as stage:
        await stage.press("alt+l", *["down"] * 5, "enter")
        assert figures.stamp(summary.publish_at) in stage.seen()
        assert "7225550110 → 7225550111" in stage.seen(), "what it changes is beside it"
        await stage.press("enter", "enter", "enter")
        assert stage.take_done()[-1] == AskKeeping(Decide("x1", "withdraw"))


async def test_a_proposal_that_somebody_was_quicker_than_says_so_before_it_is_approved() -> None:
    later = replace(scenes.RECORDS[1], revision=scenes.RECORDS[1].revision + 1, post="Jefatura")
    said = "no se publicará"
    async with opened(with_proposal(), LARGE) as stage:
        await stage.press("alt+l", "end", *["up"] * 5, "enter", "enter")
        assert isinstance(stage.app.screen, ProposalCard)
        assert said not in stage.seen()
        overtaken = replace(scenes.PROPOSAL, current=(later,))
        await stage.put(replace(scenes.KEEPING, keeping=replace(scenes.KEEPING.keeping, proposal=overtaken)))
        assert said in stage.seen()


@SIZES
async def test_the_record_of_a_report_is_beside_it(size: tuple[int, int]) -> None:
    state = replace(scenes.KEEPING, keeping=replace(scenes.KEEPING.keeping, beside=scenes.RECORDS[0]))
    async with opened(state, size) as stage:
        await stage.press("alt+l", "down", "enter")
        assert "El teléfono ya no existe." in stage.seen()
        assert "722 555 0100" in stage.seen()
        await stage.press("alt+j")
        assert stage.take_done()[-1] == AskKeeping(FindDuplicates(scenes.RECORDS[0]))
