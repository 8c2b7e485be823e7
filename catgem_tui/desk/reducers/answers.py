"""What came of the records that this person reported as wrong, told once, also if it was answered while away; and of
the changes that they proposed."""

from collections.abc import Iterable

from catgem_tui.desk.effects import FetchAnswers, KeepText, RunErrand
from catgem_tui.desk.model import Turn
from catgem_tui.desk.state import Severity
from catgem_tui.protocol.editing import Report
from catgem_tui.protocol.enums import ChangeState
from catgem_tui.protocol.events import ProposalDecided, ReportAnswered

FIELD = "answers"
"""Of a kept text: the instant of the last answer that was told."""
FIRST = 86_400.0
"""Seconds back that answers are told from on a machine that does not know of any."""


def restore(turn: Turn, texts: Iterable[KeepText]) -> None:
    """What an earlier process has told already."""
    for text in texts:
        if text.field == FIELD:
            turn.remember(answers_told=max(turn.model.answers_told, float(text.text)))


def ask(turn: Turn) -> None:
    """The line is there: some may have come meanwhile."""
    turn.perform(RunErrand(FetchAnswers(turn.model.answers_told or turn.view.now(turn.now) - FIRST)))


def hear(turn: Turn, event: ReportAnswered) -> None:
    tell(turn, (event.report,))


def tell(turn: Turn, reports: Iterable[Report]) -> None:
    told = turn.model.answers_told
    for report in reports:
        if report.closed_at is None or report.closed_at <= turn.model.answers_told:
            continue
        args = {"who": report.closed_by, "title": report.title, "answer": report.answer or "—"}
        turn.notify("report_answered", Severity.INFORMATION, args=args, contact=report.id)  # one notice for each
        told = max(told, report.closed_at)
    if told > turn.model.answers_told:
        turn.remember(answers_told=told)
        turn.perform(KeepText(FIELD, FIELD, repr(told)))


def hear_decision(turn: Turn, event: ProposalDecided) -> None:
    told = event.proposal
    title = told.records[0][1] if told.records else told.id
    args = {"who": told.decided_by, "title": title, "reason": told.reason or "—"}
    held = told.state in {ChangeState.PUBLISHED, ChangeState.SCHEDULED}
    severity = Severity.INFORMATION if held else Severity.WARNING
    turn.notify(f"proposal_{told.state.value}", severity, args=args, contact=told.id)  # one notice for each
    turn.withdraw_notices("change_pending")
