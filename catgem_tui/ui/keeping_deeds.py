"""What the actions of the information managers' place do, as far as they are about several records."""

from collections.abc import Callable

from catgem_tui.config.i18n import _
from catgem_tui.desk.effects import AnswerReport, Decide, FindAll
from catgem_tui.desk.intents import (
    AskKeeping,
    ClearMarks,
    EditInBulk,
    MergeRecords,
    NewDraft,
    OpenDraft,
    ToggleMark,
)
from catgem_tui.protocol.editing import Proposal
from catgem_tui.protocol.enums import (
    ChangeState,
    RecordKind,
)
from catgem_tui.protocol.model import Record
from catgem_tui.ui import wording
from catgem_tui.ui.screens.candidates import CandidatesDialog
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog, TextDialog
from catgem_tui.ui.screens.proposal import ProposalCard
from catgem_tui.ui.work import Work


def record_chosen(work: Work) -> Record | None:
    """The record whose card is open, or the one under the cursor."""
    intent = work.opening("change")
    return intent.record if isinstance(intent, OpenDraft) else work.keeping_screen.record()


def mark(work: Work) -> None:
    """Choose the record or leave it out again, and go on to the next."""
    record = record_chosen(work)
    if record is None:
        work.refuse("keep.mark", _("choose a record"))
        return
    work.desk.do(ToggleMark(record))
    work.keeping_screen.go_on()


def mark_all(work: Work) -> None:
    query = work.state.directory.query
    if query.strip():
        work.desk.do(AskKeeping(FindAll(query)))


def change_marked(work: Work) -> None:
    marked = tuple(work.state.keeping.marks.values())
    if marked:
        work.close_dialogs()
        work.desk.do(EditInBulk(marked))


def merge(work: Work) -> None:
    record = record_chosen(work)
    if record is None:
        work.refuse("keep.merge", _("choose a record"))
        return
    work.close_dialogs()
    dialog = CandidatesDialog(record, work.desk)

    def go(chosen: str) -> None:
        other = dialog.known.get(chosen)
        if other is not None:
            work.desk.do(MergeRecords(record, other))

    work.ask(dialog, go)


DEEDS: dict[str, Callable[[Work], None]] = {
    "keep.mark": mark,
    "keep.mark_all": mark_all,
    "keep.mark_none": lambda work: work.desk.do(ClearMarks()),
    "keep.bulk": change_marked,
    "keep.merge": merge,
}


_PURPOSES = {"keep.edit": "change", "keep.confirm": "confirm", "keep.retire": "retire"}
"""What the form is for that an action opens."""


def open_form(action_id: str) -> Callable[[Work], None]:
    def go(work: Work) -> None:
        intent = work.opening(_PURPOSES[action_id])
        if intent is None:
            work.refuse(action_id, _("choose a record"))
            return
        work.close_dialogs()
        work.desk.do(intent)

    return go


def create_record(work: Work) -> None:
    def create(kind: str) -> None:
        if kind:
            work.desk.do(NewDraft(RecordKind(kind)))

    choices = [Choice(kind.value, _(words)) for kind, words in wording.RECORD_KINDS.items()]
    work.ask(ChoiceDialog(_("What is the new record?"), choices), create)


def answer_report(work: Work) -> None:
    report = work.keeping_screen.report()
    if report is None:
        work.refuse("keep.answer", _("choose a report"))
        return

    def answer(written: str) -> None:
        if written:
            work.desk.do(AskKeeping(AnswerReport(report.id, written[1:])))

    title = _("Answer: %s") % report.title
    remembered = work.remembered(f"answer {report.id}")
    wanted = _("Write what was found: it is the answer that the person who reported it reads.")
    work.ask(TextDialog(title, _("what was found"), remembered, report.text, wanted=wanted), answer)


def show_proposal(work: Work, change: str) -> None:
    work.ask(ProposalCard(change, work.desk, lambda proposal: decide(work, proposal)), lambda _nothing: None)


def decide(work: Work, proposal: Proposal) -> None:
    """One's own is withdrawn; of somebody else's it is said whether it holds."""
    change = proposal.summary.id
    if proposal.summary.state is ChangeState.REJECTED:
        return
    if proposal.summary.mine:
        choices = [Choice("withdraw", _("Withdraw"))]
    elif proposal.summary.state is ChangeState.PENDING:
        choices = [Choice("approve", _("Approve")), Choice("reject", _("Reject"))]
    else:
        choices = [Choice("reject", _("Reject"))]

    def send(verdict: str, reason: str) -> None:
        work.close_dialogs()
        work.desk.do(AskKeeping(Decide(change, verdict, reason)))

    def go(verdict: str) -> None:
        if verdict == "reject":

            def reject(written: str) -> None:
                if written:
                    send("reject", written[1:])

            remembered = work.remembered(f"reject {change}")
            wanted = _("Write the reason: whoever proposed it reads it.")
            work.ask(TextDialog(_("Why is it rejected?"), _("the reason"), remembered, wanted=wanted), reject)
        elif verdict:
            send(verdict, "")

    work.ask(ChoiceDialog(_("What is to be done with it?"), choices), go)
