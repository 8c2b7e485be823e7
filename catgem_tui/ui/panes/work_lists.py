"""What waits for those who keep the directory: the lists at the left, what is in the one chosen, and what is said of
the line under the cursor."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from catgem_tui.config.i18n import N_, _, ngettext
from catgem_tui.desk.editing import read_form
from catgem_tui.desk.keeping import Draft, KeepingView
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.editing import Due, ProposalSummary, Report, WorkCounts
from catgem_tui.protocol.enums import ChangeState
from catgem_tui.protocol.model import Record
from catgem_tui.ui import figures, wording
from catgem_tui.ui.actions import BY_ID
from catgem_tui.ui.lines import Line, Row, Span, clip, line, paragraph, span, spread
from catgem_tui.ui.panes.directory import DirectoryPane, Hits
from catgem_tui.ui.records import differences, proposal_lines, record_card, record_row
from catgem_tui.ui.widgets.lines import Pane
from catgem_tui.ui.widgets.rows import RowPane

Item = Report | Due | ProposalSummary | Draft | Record


class WorkList(Struct, frozen=True):
    """A list at the left: its name, what it says when it is empty, what is in it by the key of its row, and how much
    that is where the counts know better than the list."""

    name: str
    empty: str
    items: Callable[[KeepingView], dict[str, Item]]
    count: Callable[[WorkCounts], int] | None = None
    urgent: bool = False


def _of_state(*states: ChangeState) -> Callable[[KeepingView], dict[str, Item]]:
    return lambda keeping: {each.id: each for each in keeping.work.proposals if each.state in states}


LISTS: dict[str, WorkList] = {
    "reports": WorkList(
        N_("Reports"), N_("No reports. What advisors say is wrong comes here."),
        lambda keeping: {each.id: each for each in keeping.work.reports if each.closed_at is None},
        lambda counts: counts.reports, urgent=True,
    ),
    "due": WorkList(
        N_("Reviews due"), N_("No reviews are due."),
        lambda keeping: {each.record: each for each in keeping.work.due}, lambda counts: counts.due,
    ),
    "expiring": WorkList(
        N_("Expiring"), N_("Nothing ends soon."),
        lambda keeping: {each.record: each for each in keeping.work.expiring}, lambda counts: counts.expiring,
        urgent=True,
    ),
    "proposals": WorkList(
        N_("Proposals"), N_("No change waits for approval."),
        _of_state(ChangeState.PENDING, ChangeState.CLASHED, ChangeState.REJECTED),
        lambda counts: counts.pending + counts.clashed,
    ),
    "scheduled": WorkList(
        N_("Scheduled"), N_("No change waits for its hour. “To be published” in a form gives it one."),
        _of_state(ChangeState.SCHEDULED), lambda counts: counts.scheduled,
    ),
    "marked": WorkList(
        N_("Chosen"), N_("No record is chosen for a change to many."), lambda keeping: dict(keeping.marks)
    ),
    "drafts": WorkList(
        N_("Drafts"), N_("No drafts. A form that is left unsaved waits here."),
        lambda keeping: {draft.id: draft for draft in keeping.drafts.values() if draft.touched},
    ),
}  # fmt: skip
"""The lists, from top to bottom, below the search."""
SEARCH = "search"
PAGES = ("keep.log", "keep.currency")
"""Actions that open a page, below the lists."""


def items_of(keeping: KeepingView, chosen: str) -> dict[str, Item]:
    """What a list holds, by the key of its row."""
    return LISTS[chosen].items(keeping)


def count_of(keeping: KeepingView, name: str) -> int:
    work_list = LISTS[name]
    if work_list.count is None:
        return len(work_list.items(keeping))
    return work_list.count(keeping.counts or WorkCounts())


class WorkLists(RowPane):
    """The lists and how much is in each. Moving chooses."""

    def __init__(self) -> None:
        super().__init__(id="work-lists")
        self.cursor = SEARCH

    def take(self, state: DeskState, now: float) -> Any:
        return {name: count_of(state.keeping, name) for name in LISTS}

    def rows_of(self, slice_: Any, width: int) -> list[Row]:
        names = {SEARCH: N_("Search"), **{name: each.name for name, each in LISTS.items()}}
        names |= {page: BY_ID[page].name for page in PAGES}
        return [Row(name, (self._line(name, words, slice_.get(name, 0), width),)) for name, words in names.items()]

    def _line(self, name: str, words: str, count: int, width: int) -> Line:
        urgent = name in LISTS and LISTS[name].urgent
        tail: tuple[Span, ...] = ((f"! {count}" if urgent else str(count), "sla.warning" if urgent else "text"),)
        told = (_(words), "accent" if name == self.cursor else "text")
        return spread((told,), tail if count else (), width)


class MarkedHits(Hits):
    """What the search finds, with a sign before those that are chosen."""

    def take(self, state: DeskState, now: float) -> Any:
        return (*super().take(state, now), frozenset(state.keeping.marks))

    def rows_of(self, slice_: Any, width: int) -> list[Row]:
        *plain, marks = slice_
        if not marks:
            return super().rows_of(tuple(plain), width)
        rows = super().rows_of(tuple(plain), width - 2)
        return [
            Row(row.key, tuple(
                (("● " if row.key in marks and not number else "  ", "accent"), *told)
                for number, told in enumerate(row.lines)
            ))
            for row in rows
        ]  # fmt: skip


class KeepersSearch(DirectoryPane):
    def __init__(self, search: Callable[[str], None], show_record: Callable[[Record], None]) -> None:
        super().__init__(search, show_record)
        self.hits = MarkedHits()


class WorkItems(RowPane):
    """The list chosen."""

    DEFAULT_CSS = "WorkItems { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="work-items")
        self.chosen = "reports"

    def take(self, state: DeskState, now: float) -> Any:
        return (self.chosen, items_of(state.keeping, self.chosen), state.keeping.problem, now // 60)

    def rows_of(self, slice_: Any, width: int) -> list[Row]:
        chosen, items, problem, minutes = slice_
        told: list[Row] = []
        if problem:
            told.append(Row("", tuple(paragraph(wording.list_problem(problem), width, "sla.warning"))))
        if not items:
            return [*told, Row("", tuple(paragraph(_(LISTS[chosen].empty), width, "dim")))]
        return [*told, *(Row(key, (item_line(item, width, minutes * 60.0),)) for key, item in items.items())]

    def item(self) -> Item | None:
        return self.slice[1].get(self.cursor) if self.slice else None


def item_line(item: Item, width: int, now: float) -> Line:
    match item:
        case Report():
            words = f"{item.who}  {figures.moment(item.at, now)}"
            return spread((span(item.title or item.record),), (span(words, "dim"),), width)
        case Due():
            slot = "sla.warning" if item.at < now else "dim"
            return spread((span(item.title or item.record),), (span(figures.date(item.at), slot),), width)
        case ProposalSummary():
            titles = ", ".join(title for _id, title in item.records)
            when = item.publish_at if item.state is ChangeState.SCHEDULED else None
            state = _(wording.CHANGE_STATES[item.state]) if when is None else figures.stamp(when)
            return spread((span(titles),), (span(f"{item.who}  {state}", "dim"),), width)
        case Draft():
            words = _(wording.PURPOSES[item.purpose])
            title = item.base.title or item.form.get("title", "") or _("New record")
            if item.purpose == "bulk":
                title = ngettext("%d record", "%d records", len(item.others)) % len(item.others)
            return spread((span(title),), (span(words, "dim"),), width)
        case Record():
            return record_row(item, width)


class Detail(Pane):
    """What a list says of the line under its cursor, and the record that it is about."""

    DEFAULT_CSS = "Detail { height: 1fr; overflow-y: auto; }"

    def __init__(self) -> None:
        super().__init__(id="detail")
        self.subject: Item | None = None

    def take(self, state: DeskState, now: float) -> Any:
        keeping = state.keeping
        wanted = record_of(self.subject)
        beside = keeping.beside if keeping.beside is not None and keeping.beside.id == wanted else None
        held = keeping.proposal
        of_it = held is not None and isinstance(self.subject, ProposalSummary) and held.summary.id == self.subject.id
        return (self.subject, beside, held if of_it else None, now // 60)

    def lines(self, slice_: Any, width: int) -> list[Line]:
        subject, beside, proposal, minutes = slice_
        now = minutes * 60.0
        match subject:
            case None:
                return []
            case Record():
                return record_card(subject, now, width)
            case Draft():
                return draft_lines(subject, now, width)
            case ProposalSummary():
                return proposal_lines(subject, proposal, width)
            case Report():
                told = paragraph(subject.text or _("It is not said what is wrong."), width, "bright")
                folio = _("folio %s") % subject.folio if subject.folio else ""
                by = _("Reported by %s") % subject.who
                told.append(line(span(" · ".join(filter(None, (by, folio))), "dim")))
            case _:
                told = []
        if beside is not None:
            return [*told, *record_card(beside, now, width)]
        return [*told, *paragraph(subject.title, width, "bright")]


def record_of(subject: Item | None) -> str:
    """The id of the record that has to be looked up for the line."""
    return subject.record if isinstance(subject, Report | Due) else ""


def draft_lines(draft: Draft, now: float, width: int) -> list[Line]:
    """What has been written so far."""
    if draft.purpose == "bulk":
        return [clip((span(record.title),), width) for record in draft.others]
    after, _faults = read_form(draft.base, draft.form)
    changes = differences(draft.base if draft.base.revision else None, after)
    told = [part for name, old, new in changes for part in paragraph(f"{name}: {old or '—'} → {new or '—'}", width)]
    return [*told, *record_card(draft.base, now, width)] if draft.base.revision else told


def summary(keeping: KeepingView) -> Line:
    """What is urgent, for the title of the lists, which may be the only line of them there is room for."""
    told: list[Span] = []
    for name, each in LISTS.items():
        count = count_of(keeping, name)
        if count and (each.urgent or name == "marked"):
            words = f"{_(each.name).lower()} {count}"
            told += [(" · ", "dim")] if told else []
            told.append((words, "sla.warning" if each.urgent else "accent"))
    return tuple(told)
