"""Keeping the directory: drafts that are never lost, saved on top of what others did meanwhile; lists of what waits."""

from collections.abc import Mapping

from msgspec.structs import replace

from catgem_tui.desk import effects
from catgem_tui.desk.editing import (
    field_text,
    read_date,
    read_form,
    read_problem,
)
from catgem_tui.desk.effects import RunErrand, StopErrands
from catgem_tui.desk.happenings import ErrandDone, ErrandProgress, WorkDue
from catgem_tui.desk.intents import (
    AskKeeping,
    CancelErrand,
    EditForm,
    LeaveDraft,
    NewDraft,
    OpenDraft,
    OpenRecord,
    ResolveConflict,
    ReturnToDraft,
    SaveDraft,
)
from catgem_tui.desk.keeping import Draft, Fault, Transfer
from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers import answers, several
from catgem_tui.desk.reducers.drafts import (
    PENDING,
    PUBLISHED,
    SCHEDULED,
    fetch_whole,
    leave,
    put,
    rebase,
    show,
    show_form,
    tell_editing,
)
from catgem_tui.desk.reducers.expiry import tell_expiring
from catgem_tui.desk.several import edit_of, plan
from catgem_tui.desk.state import Severity
from catgem_tui.protocol.editing import (
    ChangeOutcome,
    ChangePage,
    ChangeRequest,
    Document,
    Support,
    Work,
    WorkCounts,
)
from catgem_tui.protocol.enums import MANAGER_ROLES, ChangeState
from catgem_tui.protocol.events import CurrencyChanged, EditorsChanged, RecordChanged, WorkChanged
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Record

WORK_PAUSE = 0.3
"""Seconds in which several changes of the work lists become one question."""
MONTH = 30.4375 * 86400
QUIET = effects.FetchAnswers
"""Asked for by itself: that it did not come is no news."""
LOCAL = effects.FindAll | effects.FindDuplicates | effects.LookUp
"""Errands that say nothing of how central is."""


def take_up(turn: Turn) -> None:
    """The line is there: central forgot what this person has open, and the lists may have changed."""
    if turn.view.user is not None and turn.view.user.role in MANAGER_ROLES:
        tell_editing(turn, turn.view.keeping.open)
        for each in turn.view.keeping.drafts.values():
            if any(fault.code == "unreachable" for fault in each.faults):  # it is so no more; saving takes it from here
                put(turn, each, faults=tuple(fault for fault in each.faults if fault.code != "unreachable"))
        draft = turn.view.keeping.drafts.get(turn.view.keeping.open)
        if draft is not None and not draft.whole and not draft.sending:
            fetch_whole(turn, draft)
        turn.later(WORK_PAUSE, WorkDue())


# --- opening and leaving ---


def open_draft(turn: Turn, intent: OpenDraft) -> None:
    """A draft of the record that is already there goes on."""
    known = turn.view.keeping.drafts.get(intent.record.id)
    if known is None or not known.touched:
        known = Draft(id=intent.record.id, base=intent.record, purpose=intent.purpose, report=intent.report)
    elif intent.report:
        known = replace(known, report=intent.report)
    show_form(turn, known)


def new_draft(turn: Turn, intent: NewDraft) -> None:
    base = Record(id=new_id(turn.now), kind=intent.kind, title="", revision=0)
    show_form(turn, Draft(id=base.id, base=base, whole=True))


def open_record(turn: Turn, intent: OpenRecord) -> None:
    """What is shown beside the list is there already; of the others there is nothing to show before central answers."""
    known = turn.view.keeping.drafts.get(intent.record)
    if known is not None:
        show_form(turn, replace(known, report=intent.report or known.report))
        return
    beside = turn.view.keeping.beside
    if beside is not None and beside.id == intent.record:
        open_draft(turn, OpenDraft(beside, intent.purpose, intent.report))
        return
    turn.remember(opening=intent)
    turn.perform(RunErrand(effects.FetchRecord(intent.record)))


def return_to(turn: Turn, intent: ReturnToDraft) -> None:
    draft = turn.view.keeping.drafts.get(intent.draft)
    if draft is not None:
        show_form(turn, draft)


# --- writing ---


def edit_form(turn: Turn, intent: EditForm) -> None:
    draft = turn.view.keeping.drafts.get(intent.draft)
    if draft is None:
        return
    form = {**draft.form, intent.field: intent.text}
    as_it_was = field_text(draft.base, intent.field) if hasattr(draft.base, intent.field) else ""
    if intent.text == as_it_was:
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
        fetch_whole(turn, draft)
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
    """The draft as central takes it."""
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
        records=records,
        support=Support(reference=reference, document=stored, dated_at=instants["dated"]),
        comment=form.get("comment", "").strip(),
        publish_at=instants["publish"],
    )
    return request, faults


def changed_records(turn: Turn, draft: Draft) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    if draft.purpose == "bulk":
        planned = plan(draft.others, edit_of(draft.form))
        refused = any(each.faults for each in planned)
        return tuple(each.after for each in planned if each.changed), (Fault("", "some_refused"),) if refused else ()
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
    of_draft = effects.PostChange | effects.UploadDocument | effects.FetchRecord | effects.FetchRecords
    if isinstance(errand, of_draft):
        draft = turn.view.keeping.drafts.get(errand.record if isinstance(errand, effects.FetchRecord) else errand.draft)
        if isinstance(errand, effects.FetchRecord) and draft is None:
            begin_opened(turn, event)
        elif draft is not None and event.failure:
            fail(turn, draft, event)
        elif draft is not None:
            go_on(turn, draft, event)
    elif isinstance(errand, QUIET):
        answers.tell(turn, event.result or ())
    elif event.failure:
        fail_list(turn, event)
    elif isinstance(errand, LOCAL):
        show_found(turn, event)
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
        case Record() | tuple() as current:
            saving = draft.sending == "record"
            draft = take_whole(turn, draft, current)
            if saving and draft.whole and not draft.conflicts:
                save(turn, SaveDraft(draft.id))
        case _:
            put(turn, draft, sending="", faults=(Fault("", "gone"),))


def take_whole(turn: Turn, draft: Draft, current: Record | tuple[Record, ...]) -> Draft:
    if isinstance(current, Record):
        return rebase(turn, draft, current, "")
    by_id = {record.id: record for record in current}
    take = several.take_merged if draft.purpose == "merge" else several.take_bulk
    return take(turn, draft, by_id)


def hear_outcome(turn: Turn, draft: Draft, outcome: ChangeOutcome) -> None:
    if outcome.state is ChangeState.CLASHED:
        clash_with(turn, draft, outcome)
        return
    answer = draft.form.get("answer", "").strip()
    if draft.report and answer:
        turn.perform(RunErrand(effects.AnswerReport(draft.report, answer)))
    leave(turn, LeaveDraft(draft.id, keep=False))
    if draft.purpose == "bulk":
        show(turn, marks={})
    code = {ChangeState.PENDING: PENDING, ChangeState.SCHEDULED: SCHEDULED}.get(outcome.state, PUBLISHED)
    turn.notify(code, Severity.INFORMATION, title=draft.form.get("title", draft.base.title))
    turn.later(WORK_PAUSE, WorkDue())


def clash_with(turn: Turn, draft: Draft, outcome: ChangeOutcome) -> None:
    """Somebody was quicker. Nothing was kept at central; everything typed is kept here."""
    current = {clash.record: clash.current for clash in outcome.clashes}
    whose = {clash.record: clash.who for clash in outcome.clashes}
    who = next((name for name in whose.values() if name), "")
    others = tuple(newer_of(record, current, draft) for record in draft.others)
    draft = put(turn, draft, others=others, sending="", request="", theirs=who, clashed=whose)
    if draft.purpose != "bulk":
        mine = current.get(draft.id)
        if any(newer is None or (newer.retired and not draft.base.retired) for newer in current.values()):
            put(turn, draft, faults=(Fault("", "gone"),))
            return
        if mine is not None:
            draft = rebase(turn, draft, mine, who)
    put(turn, draft, faults=(*draft.faults, Fault("", "clash", who)))


def newer_of(record: Record, current: Mapping[str, Record | None], draft: Draft) -> Record:
    """As the record is now; of a bulk edit one that is gone says so when it is shown."""
    if record.id not in current:
        return record
    newer = current[record.id]
    if draft.purpose == "bulk":
        return replace(record, retired=True) if newer is None else newer
    return record if newer is None else several.into(newer, draft.id)


def fail(turn: Turn, draft: Draft, event: ErrandDone) -> None:
    """Nothing typed is lost: it stays here and on disk, to be saved again."""
    if isinstance(event.errand, effects.UploadDocument):
        show(turn, transfer=None)
    if isinstance(event.errand, effects.FetchRecord | effects.FetchRecords) and draft.sending != "record":
        return  # it is asked for again on saving, and when the line comes back
    match event.failure:
        case "malformed" | "too_long" if isinstance(event.errand, effects.UploadDocument):
            fault = Fault("document", "empty_file" if event.failure == "malformed" else "large_file")
        case "bad_record" | "malformed":
            fault = read_problem(event.detail)
        case "support_required":
            fault = Fault("reference", "support_required")
        case "document_unknown" | "no_file" | "damaged":
            draft = replace(draft, stored="", stored_path="")
            fault = Fault("document", event.failure, event.detail)
        case code:
            fault = Fault("document" if isinstance(event.errand, effects.UploadDocument) else "", code, event.detail)
    put(turn, draft, sending="", faults=(fault,), request=draft.request if event.failure == "unreachable" else "")


# --- lists ---


def ask(turn: Turn, intent: AskKeeping) -> None:
    if isinstance(intent.errand, effects.FetchChanges) and not intent.errand.before:
        show(turn, log_wanted=intent.errand.wanted, log_waits=True)
    if isinstance(intent.errand, effects.ExportLog):
        show(turn, transfer=Transfer(intent.errand.path))
    if isinstance(intent.errand, effects.FindDuplicates):
        show(turn, candidates=(intent.errand.record.id, None))
    if not isinstance(intent.errand, LOCAL):
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
        if event.failure == "cancelled":
            turn.notify("export_stopped", Severity.INFORMATION)
        elif event.failure == "not_written":
            args = {"path": event.errand.path, "system": event.detail}
            turn.notify("export_failed", Severity.WARNING, args=args)
        else:
            turn.notify("not_exported", Severity.WARNING)
        return
    if isinstance(event.errand, LOCAL):
        show(turn, beside=None)
        return
    if isinstance(event.errand, effects.FetchChanges):
        show(turn, log_waits=False)
    show(turn, problem=event.failure)
    if isinstance(event.errand, effects.Decide | effects.AnswerReport):
        turn.notify("keeping_failed", Severity.WARNING, args={"cause": event.failure})


def show_result(turn: Turn, event: ErrandDone) -> None:
    match event.errand:
        case effects.FetchWork() if isinstance(event.result, Work):
            tell_reports(turn, event.result)
            show(turn, work=event.result, counts=event.result.counts, problem="")
            tell_expiring(turn, event.result)
        case effects.FetchChanges(wanted=wanted, before=before) if isinstance(event.result, ChangePage):
            if wanted == turn.view.keeping.log_wanted:
                show_log(turn, event.result, wanted, before)
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


def show_log(turn: Turn, page: ChangePage, wanted: tuple[tuple[str, str], ...], before: int) -> None:
    """A page of older lines follows those that are here; of the newest, only what is new goes before them."""
    held = turn.view.keeping.log if wanted == turn.view.keeping.log_of else ()
    if before:
        show(turn, log=(*held, *page.items), log_of=wanted, log_more=page.more, log_waits=False)
        return
    newer = tuple(line for line in page.items if not held or line.number > held[0].number)
    if held and len(newer) < len(page.items):
        show(turn, log=(*newer, *held), log_waits=False)
    else:
        show(turn, log=page.items, log_of=wanted, log_more=page.more, log_waits=False)


def show_found(turn: Turn, event: ErrandDone) -> None:
    match event.errand:
        case effects.FindAll():
            several.mark_found(turn, event.result)
        case effects.LookUp():
            show(turn, beside=event.result)
        case effects.FindDuplicates(record=record):
            if turn.view.keeping.candidates[0] == record.id:
                show(turn, candidates=(record.id, event.result))


def fetch_work(turn: Turn, event: WorkDue) -> None:
    turn.perform(RunErrand(effects.FetchWork()))


def hear_work(turn: Turn, event: WorkChanged) -> None:
    before = turn.view.keeping.counts or WorkCounts()
    show(turn, counts=event.counts)
    if event.counts.reports > before.reports:
        turn.remember(report_came=True)
    turn.later(WORK_PAUSE, WorkDue())


def tell_reports(turn: Turn, work: Work) -> None:
    """The list is here, and with it of which record the report is that came."""
    known = {report.id for report in turn.view.keeping.work.reports}
    fresh = [report for report in work.reports if report.id not in known]
    if turn.model.report_came and fresh:
        turn.notify("report_came", Severity.INFORMATION, title=max(fresh, key=lambda report: report.at).title)
    turn.remember(report_came=False)


def hear_currency(turn: Turn, _event: CurrencyChanged) -> None:
    """Whoever looks at the figures asks for them."""
    show(turn, measured=turn.view.keeping.measured + 1)


def hear_editors(turn: Turn, event: EditorsChanged) -> None:
    show(turn, editors={**turn.view.keeping.editors, event.record: event.editors})


def hear_record(turn: Turn, event: RecordChanged) -> None:
    """Somebody saved a record: what is open here says so, and what is shown beside a list follows."""
    changed = event.record
    show(turn, published=changed.revision)
    beside = turn.view.keeping.beside
    if beside is not None and beside.id == changed.id:
        show(turn, beside=None if changed.retired else changed)
    for draft in turn.view.keeping.drafts.values():
        held = draft.others if draft.purpose == "bulk" else (draft.base, *draft.others)
        older = any(record.id == changed.id and record.revision < changed.revision for record in held)
        if older and draft.sending != "change":
            show(turn, drafts={**turn.view.keeping.drafts, draft.id: replace(draft, newer=True)})
