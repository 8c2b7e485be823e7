"""Keeping the directory: drafts that are never lost, saved on top of what others did meanwhile; lists of what waits."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from catgem_tui.desk import effects
from catgem_tui.desk.editing import (
    Fault,
    differences,
    field_text,
    merge,
    read_date,
    read_form,
    read_problem,
)
from catgem_tui.desk.editing import (
    edit_in_bulk as edit_one,
)
from catgem_tui.desk.effects import DropText, KeepText, RunErrand, StopErrands
from catgem_tui.desk.happenings import ErrandDone, ErrandProgress, WorkDue
from catgem_tui.desk.intents import (
    AskKeeping,
    CancelErrand,
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
    ToggleMark,
)
from catgem_tui.desk.keeping import Draft, Transfer
from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers.expiry import tell_expiring
from catgem_tui.desk.state import Severity
from catgem_tui.protocol.commands import EditRecord
from catgem_tui.protocol.editing import (
    MOST_RECORDS,
    ChangeOutcome,
    ChangePage,
    ChangeRequest,
    Document,
    Support,
    Work,
    WorkCounts,
)
from catgem_tui.protocol.enums import MANAGER_ROLES, ChangeState
from catgem_tui.protocol.events import EditorsChanged, RecordChanged, WorkChanged
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Record

WORK_PAUSE = 0.3
"""Seconds in which several changes of the work lists become one question."""
MONTH = 30.4375 * 86400
FIELD = "record"
"""Of a kept text that is a draft."""


def show(turn: Turn, **changes: Any) -> None:
    turn.show(keeping=replace(turn.view.keeping, **changes))


def put(turn: Turn, draft: Draft, **changes: Any) -> Draft:
    """Replace a draft here and on disk."""
    draft = replace(draft, **changes)
    show(turn, drafts={**turn.view.keeping.drafts, draft.id: draft})
    turn.perform(KeepText(draft.id, FIELD, msgspec.json.encode(draft).decode()))
    return draft


def drop(turn: Turn, draft_id: str) -> None:
    show(turn, drafts={key: draft for key, draft in turn.view.keeping.drafts.items() if key != draft_id})
    turn.perform(DropText(draft_id, FIELD))


def restore_drafts(turn: Turn, texts: Iterable[KeepText]) -> None:
    """What an earlier process left; drafts already here are newer."""
    drafts = dict(turn.view.keeping.drafts)
    for text in texts:
        if text.field == FIELD and text.contact not in drafts:
            try:
                drafts[text.contact] = replace(msgspec.json.decode(text.text, type=Draft), sending="")
            except msgspec.MsgspecError:
                continue
    show(turn, drafts=drafts)


def take_up(turn: Turn) -> None:
    """The line is there: central forgot what this person has open, and the lists may have changed."""
    if turn.view.user is not None and turn.view.user.role in MANAGER_ROLES:
        tell_editing(turn, turn.view.keeping.open)
        turn.later(WORK_PAUSE, WorkDue())


def tell_editing(turn: Turn, record: str) -> None:
    turn.transmit(EditRecord(record=record))


# --- opening and leaving ---


def open_draft(turn: Turn, intent: OpenDraft) -> None:
    """A draft of the record that is already there goes on."""
    known = turn.view.keeping.drafts.get(intent.record.id)
    if known is None or not known.touched:
        known = Draft(id=intent.record.id, base=intent.record, purpose=intent.purpose, report=intent.report)
    elif intent.report:
        known = replace(known, report=intent.report)
    show_form(turn, known)


def show_form(turn: Turn, draft: Draft) -> None:
    put(turn, draft)
    show(turn, open=draft.id)
    if draft.purpose != "bulk":
        tell_editing(turn, draft.id)
        if draft.base.revision and not draft.whole:
            turn.perform(RunErrand(effects.FetchRecord(draft.id, draft.base)))


def new_draft(turn: Turn, intent: NewDraft) -> None:
    base = Record(id=new_id(turn.now), kind=intent.kind, title="", revision=0)
    show_form(turn, Draft(id=base.id, base=base, whole=True))


def open_record(turn: Turn, intent: OpenRecord) -> None:
    """By id alone there is nothing to show before central has answered."""
    known = turn.view.keeping.drafts.get(intent.record)
    if known is not None:
        show_form(turn, replace(known, report=intent.report or known.report))
        return
    turn.remember(opening=intent)
    turn.perform(RunErrand(effects.FetchRecord(intent.record)))


def merge_records(turn: Turn, intent: MergeRecords) -> None:
    gone = replace(intent.gone, retired=True, merged_into=intent.stays.id)
    form = {field: text for field, text in intent.form.items() if text != field_text(intent.stays, field)}
    show(turn, marks={})
    show_form(turn, Draft(id=intent.stays.id, base=intent.stays, purpose="merge", form=form, others=(gone,)))


def edit_in_bulk(turn: Turn, intent: EditInBulk) -> None:
    first = intent.records[0]
    show_form(
        turn,
        Draft(id=new_id(turn.now), base=first, purpose="bulk", others=intent.records, edit=intent.edit, whole=True),
    )


def return_to(turn: Turn, intent: ReturnToDraft) -> None:
    draft = turn.view.keeping.drafts.get(intent.draft)
    if draft is not None:
        show_form(turn, draft)


def leave(turn: Turn, intent: LeaveDraft) -> None:
    draft = turn.view.keeping.drafts.get(intent.draft)
    if draft is not None and not (intent.keep and draft.touched):
        drop(turn, intent.draft)
    if turn.view.keeping.open == intent.draft:
        show(turn, open="")
        tell_editing(turn, "")


# --- writing ---


def edit_form(turn: Turn, intent: EditForm) -> None:
    draft = turn.view.keeping.drafts.get(intent.draft)
    if draft is None:
        return
    form = {**draft.form, intent.field: intent.text}
    as_it_was = field_text(draft.base, intent.field) if hasattr(draft.base, intent.field) else ""
    if intent.text == as_it_was and draft.purpose != "merge":
        form.pop(intent.field)
    faults = tuple(fault for fault in draft.faults if fault.field not in {intent.field, ""})
    put(turn, draft, form=form, faults=faults, request="" if not draft.sending else draft.request)
    if intent.field == "title" and not draft.base.revision:
        turn.perform(RunErrand(effects.FindSimilar(draft.id, intent.text)))


def resolve(turn: Turn, intent: ResolveConflict) -> None:
    edit_form(turn, EditForm(intent.draft, intent.field, intent.text))
    draft = turn.view.keeping.drafts.get(intent.draft)
    if draft is not None:
        put(turn, draft, conflicts=tuple(c for c in draft.conflicts if c.field != intent.field))


def toggle_mark(turn: Turn, intent: ToggleMark) -> None:
    marks = dict(turn.view.keeping.marks)
    if marks.pop(intent.record.id, None) is None:
        marks[intent.record.id] = intent.record
    show(turn, marks=marks)


# --- saving ---


def save(turn: Turn, intent: SaveDraft) -> None:
    """What cannot be taken is told beside its field; the rest goes to central, its document first."""
    draft = turn.view.keeping.drafts.get(intent.draft)
    if draft is None or draft.sending:
        return
    request, faults = make_request(turn, draft)
    if draft.conflicts:
        faults = (*faults, Fault(draft.conflicts[0].field, "conflict"))
    if faults:
        put(turn, draft, faults=faults)
        return
    path = draft.form.get("document", "").strip()
    if not draft.whole:
        put(turn, draft, sending="record", faults=())
        turn.perform(RunErrand(effects.FetchRecord(draft.id, draft.base)))
    elif path and draft.stored_path != path:
        put(turn, draft, sending="document", faults=())
        show(turn, transfer=Transfer(path))
        turn.perform(RunErrand(effects.UploadDocument(draft.id, path)))
    elif not request.records:
        put(turn, draft, faults=(Fault("", "nothing_changed"),))
    else:
        put(turn, draft, sending="change", request=request.id, faults=())
        turn.perform(RunErrand(effects.PostChange(draft.id, request)))


def make_request(turn: Turn, draft: Draft) -> tuple[ChangeRequest, tuple[Fault, ...]]:
    """The draft as central takes it: of a bulk edit its next part."""
    form = draft.form
    records, faults = changed_records(turn, draft)
    instants: dict[str, float | None] = {"dated": None, "publish": None}
    for field in instants:
        try:
            instants[field] = read_date(form.get(field, ""), clock=True)
        except ValueError:
            faults = (*faults, Fault(field, "bad_date"))
    reference = form.get("reference", "").strip()
    stored = draft.stored if form.get("document", "").strip() else ""
    if turn.view.keeping.work.support_required and not reference and not form.get("document", "").strip():
        faults = (*faults, Fault("reference", "support_required"))
    if draft.purpose == "retire" and not form.get("comment", "").strip():
        faults = (*faults, Fault("comment", "empty"))
    request = ChangeRequest(
        id=draft.request or new_id(turn.now),
        records=records[:MOST_RECORDS],
        support=Support(reference=reference, document=stored, dated_at=instants["dated"]),
        comment=form.get("comment", "").strip(),
        publish_at=instants["publish"],
    )
    return request, faults


def changed_records(turn: Turn, draft: Draft) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    if draft.edit is not None:
        try:
            after = tuple(edit_one(record, draft.edit) for record in draft.others)
        except ValueError:
            return (), (Fault("", "bad_value"),)
        return tuple(new for new, old in zip(after, draft.others, strict=True) if new != old), ()
    if draft.purpose == "retire":
        return (replace(draft.base, retired=True),), ()
    record, faults = read_form(draft.base, draft.form)
    if draft.purpose == "confirm":
        return confirmed(turn, draft, record)
    changed = record != draft.base or bool(draft.others)
    return ((record, *draft.others) if changed else ()), faults


def confirmed(turn: Turn, draft: Draft, record: Record) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    """Still true: looked at now, to be looked at again in as many months as were chosen."""
    months = draft.form.get("review", "6").strip()
    if not months.isdigit() or not 0 < int(months) < 121:
        return (), (Fault("review", "bad_months"),)
    now = turn.view.now(turn.now)
    return (replace(record, confirmed_at=now, review_at=now + int(months) * MONTH),), ()


def hear_done(turn: Turn, event: ErrandDone) -> None:
    errand = event.errand
    if isinstance(errand, effects.PostChange | effects.UploadDocument | effects.FetchRecord):
        draft = turn.view.keeping.drafts.get(errand.record if isinstance(errand, effects.FetchRecord) else errand.draft)
        if isinstance(errand, effects.FetchRecord) and draft is None:
            begin_opened(turn, event)
        elif draft is not None and event.failure:
            fail(turn, draft, event)
        elif draft is not None:
            go_on(turn, draft, event)
    elif event.failure:
        fail_list(turn, event)
    else:
        show_result(turn, event)


def begin_opened(turn: Turn, event: ErrandDone) -> None:
    opening = turn.model.opening
    if opening is None or not isinstance(event.errand, effects.FetchRecord) or opening.record != event.errand.record:
        return
    turn.remember(opening=None)
    if isinstance(event.result, Record):
        draft = Draft(id=event.result.id, base=event.result, whole=True, purpose=opening.purpose, report=opening.report)
        show_form(turn, draft)
    else:
        turn.notify("keeping_failed", args={"cause": event.failure or "not_found"})


def go_on(turn: Turn, draft: Draft, event: ErrandDone) -> None:
    """The next step of opening or saving a draft."""
    match event.result:
        case Document(sha256=digest):
            show(turn, transfer=None)
            path = draft.form.get("document", "").strip()
            put(turn, draft, stored=digest, stored_path=path, sending="")
            save(turn, SaveDraft(draft.id))
        case ChangeOutcome() as outcome:
            hear_outcome(turn, draft, outcome)
        case Record() as current:
            saving = draft.sending == "record"
            draft = rebase(turn, draft, current, "")
            if saving and not draft.conflicts:
                save(turn, SaveDraft(draft.id))
        case _:
            put(turn, draft, sending="", faults=(Fault("", "gone"),))


def rebase(turn: Turn, draft: Draft, current: Record, who: str) -> Draft:
    """The draft on top of the record as it now is; what both sides changed differently waits to be chosen."""
    base = draft.base if draft.whole else replace(draft.base, restricted=current.restricted)
    mine, faults = read_form(base, draft.form)
    unread = {fault.field: draft.form[fault.field] for fault in faults if fault.field in draft.form}
    merged = merge(base, mine, current)
    kept = {name: text for name, text in draft.form.items() if not hasattr(base, name)}
    ours = {change.field: change.after for change in differences(current, merged.record)}
    return put(
        turn, draft, base=current, whole=True, sending="", request="", conflicts=merged.conflicts, theirs=who,
        newer=False, form={**kept, **ours, **unread},
    )  # fmt: skip


def hear_outcome(turn: Turn, draft: Draft, outcome: ChangeOutcome) -> None:
    if outcome.state is ChangeState.CLASHED:
        clash_with(turn, draft, outcome)
        return
    if draft.edit is not None:
        done = {record.id for record in changed_records(turn, draft)[0][:MOST_RECORDS]}
        left = tuple(record for record in draft.others if record.id not in done)
        draft = replace(draft, others=left)
        if changed_records(turn, draft)[0]:
            put(turn, draft, sending="", request="")
            save(turn, SaveDraft(draft.id))
            return
    answer = draft.form.get("answer", "").strip()
    if draft.report and answer:
        turn.perform(RunErrand(effects.AnswerReport(draft.report, answer)))
    leave(turn, LeaveDraft(draft.id, keep=False))
    codes = {ChangeState.PENDING: "change_pending", ChangeState.SCHEDULED: "change_scheduled"}
    turn.notify(codes.get(outcome.state, "change_published"), Severity.INFORMATION)
    turn.later(WORK_PAUSE, WorkDue())


def clash_with(turn: Turn, draft: Draft, outcome: ChangeOutcome) -> None:
    """Somebody was quicker. Nothing was kept at central; everything typed is kept here."""
    current = {clash.record: clash.current for clash in outcome.clashes}
    who = next((clash.who for clash in outcome.clashes if clash.who), "")
    others = tuple(newer_of(record, current.get(record.id), draft) for record in draft.others)
    draft = put(turn, draft, others=others, sending="", request="", theirs=who)
    mine = current.get(draft.id)
    if draft.edit is None and draft.id in current and mine is None:
        put(turn, draft, faults=(Fault("", "gone"),))
    elif draft.edit is None and mine is not None:
        draft = rebase(turn, draft, mine, who)
    draft = turn.view.keeping.drafts[draft.id]
    if not draft.faults:
        put(turn, draft, faults=(Fault("", "clash", who),))


def newer_of(record: Record, current: Record | None, draft: Draft) -> Record:
    if current is None:
        return record
    return current if draft.edit is not None else replace(current, retired=True, merged_into=record.merged_into)


def fail(turn: Turn, draft: Draft, event: ErrandDone) -> None:
    """Nothing typed is lost: it stays here and on disk, to be saved again."""
    if isinstance(event.errand, effects.UploadDocument):
        show(turn, transfer=None)
    if isinstance(event.errand, effects.FetchRecord) and draft.sending != "record":
        return  # it is asked for again on saving
    match event.failure:
        case "bad_record" | "malformed":
            fault = read_problem(event.detail)
        case "support_required":
            fault = Fault("reference", "support_required")
        case "document_unknown" | "no_file" | "damaged":
            draft = replace(draft, stored="", stored_path="")
            fault = Fault("document", event.failure)
        case code:
            fault = Fault("document" if isinstance(event.errand, effects.UploadDocument) else "", code, event.detail)
    put(turn, draft, sending="", faults=(fault,), request=draft.request if event.failure == "unreachable" else "")


# --- lists ---


def ask(turn: Turn, intent: AskKeeping) -> None:
    if isinstance(intent.errand, effects.FetchChanges) and not intent.errand.before:
        show(turn, log_wanted=intent.errand.wanted, log_waits=True)
    if isinstance(intent.errand, effects.ExportLog):
        show(turn, transfer=Transfer(intent.errand.path))
    show(turn, problem="")
    turn.perform(RunErrand(intent.errand))


def cancel(turn: Turn, intent: CancelErrand) -> None:
    turn.perform(StopErrands())


def hear_progress(turn: Turn, event: ErrandProgress) -> None:
    if turn.view.keeping.transfer is not None and isinstance(event.errand, effects.UploadDocument | effects.ExportLog):
        show(turn, transfer=Transfer(event.errand.path, event.done, event.total))


def fail_list(turn: Turn, event: ErrandDone) -> None:
    if isinstance(event.errand, effects.ExportLog):
        show(turn, transfer=None)
        code = "export_failed" if event.failure == "not_written" else "not_exported"
        turn.notify(code, Severity.WARNING, args={"path": event.errand.path, "cause": event.detail or event.failure})
        return
    if isinstance(event.errand, effects.FetchChanges):
        show(turn, log_waits=False)
    show(turn, problem=event.failure)
    if isinstance(event.errand, effects.Decide | effects.AnswerReport):
        turn.notify("keeping_failed", Severity.WARNING, args={"cause": event.failure})


def show_result(turn: Turn, event: ErrandDone) -> None:
    match event.errand:
        case effects.FetchWork() if isinstance(event.result, Work):
            show(turn, work=event.result, counts=event.result.counts, problem="")
            tell_expiring(turn, event.result)
        case effects.FetchChanges(wanted=wanted, before=before) if isinstance(event.result, ChangePage):
            if wanted == turn.view.keeping.log_wanted:
                earlier = turn.view.keeping.log if before else ()
                show(turn, log=(*earlier, *event.result.items), log_more=event.result.more, log_waits=False)
        case effects.FetchCurrency():
            show(turn, currency=event.result)
        case effects.FetchProposal():
            show(turn, proposal=event.result)
        case effects.ExportLog(path=path):
            show(turn, transfer=None)
            turn.notify("exported", Severity.INFORMATION, args={"path": path})
        case effects.Decide() | effects.AnswerReport():
            show(turn, proposal=None)
            turn.later(WORK_PAUSE, WorkDue())
        case effects.FindSimilar(draft=draft_id):
            draft = turn.view.keeping.drafts.get(draft_id)
            if draft is not None:
                show(turn, drafts={**turn.view.keeping.drafts, draft_id: replace(draft, similar=event.result)})


def fetch_work(turn: Turn, event: WorkDue) -> None:
    turn.perform(RunErrand(effects.FetchWork()))


def hear_work(turn: Turn, event: WorkChanged) -> None:
    before = turn.view.keeping.counts or WorkCounts()
    show(turn, counts=event.counts)
    if event.counts.reports > before.reports:
        turn.notify("report_came", Severity.INFORMATION)
    turn.later(WORK_PAUSE, WorkDue())


def hear_editors(turn: Turn, event: EditorsChanged) -> None:
    show(turn, editors={**turn.view.keeping.editors, event.record: event.editors})


def hear_record(turn: Turn, event: RecordChanged) -> None:
    draft = turn.view.keeping.drafts.get(event.record.id)
    if draft is not None and event.record.revision > draft.base.revision and draft.sending != "change":
        show(turn, drafts={**turn.view.keeping.drafts, draft.id: replace(draft, newer=True)})
