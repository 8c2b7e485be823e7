"""The change log and the currency in lines."""

from catgem_tui.config.i18n import N_, _
from catgem_tui.protocol.editing import Currency, CurrencySpan, Figures, LoggedChange, Publication
from catgem_tui.ui import figures, wording
from catgem_tui.ui.lines import EMPTY, Line, Row, Span, cell, line, paragraph, shorten, span, spread
from catgem_tui.ui.records import differences

OLD, NEW = "− ", "+ "
"""Before what was and what is, so that no colour is needed to tell them apart."""


# --- the change log ---


def deed_of(change: LoggedChange) -> str:
    """``created``, ``changed``, ``retired``, ``merged`` or ``restored``: a key of ``wording.LOG_DEEDS``."""
    before, after = change.before, change.after
    was, is_ = before is not None and before.retired, after is not None and after.retired
    if is_ and not was:
        return "merged" if after is not None and after.merged_into else "retired"
    if before is None:
        return "created"
    return "restored" if was and not is_ else "changed"


def log_row(change: LoggedChange, now: float, width: int) -> Row:
    """When, who, what, of which record, on which document."""
    when = cell(figures.moment(change.at, now), "dim", 13)
    who = cell(shorten(change.who, 15), "text", 16)
    deed = cell(_(wording.LOG_DEEDS[deed_of(change)]), "dim", 13)
    tail: tuple[Span, ...] = (span(change.support.reference, "dim"),) if width >= 90 else ()
    return Row(str(change.number), (spread((when, who, deed, span(change.title or change.record)), tail, width),))


def change_detail(change: LoggedChange, width: int) -> list[Line]:
    """Everything that a line of the log says, field by field before and after."""
    told = paragraph(change.title or change.record, width, "bright")
    head = [figures.stamp(change.at), change.who, _(wording.LOG_DEEDS[deed_of(change)])]
    told += paragraph(" · ".join(head), width)
    facts = [
        (_("Approved by"), change.approved_by),
        (_("Document"), change.support.reference),
        (_("Its date"), figures.date(change.support.dated_at) if change.support.dated_at is not None else ""),
        (_("File (SHA-256)"), change.support.document),
        (_("Comment"), change.comment),
        (_("Record"), change.record),
        (_("Line %d, digest") % change.number, change.digest),
    ]
    for name, value in facts:
        told += paragraph(f"{name}: {value}", width, "dim") if value else []
    for name, before, after in differences(change.before, change.after):
        told += [EMPTY, line((name, "accent"))]
        told += _signed(OLD, before, width, "dim") if before else []
        told += _signed(NEW, after, width, "bright") if after else []
    return told


def _signed(sign: str, text: str, width: int, slot: str) -> list[Line]:
    rows = paragraph(text, width - len(sign), slot)
    return [((sign if not number else " " * len(sign), slot), *row) for number, row in enumerate(rows)]


# --- currency ---


_DURATIONS = (
    (0.0995, 0.001, N_("%.0f ms")),
    (9.95, 1, N_("%.1f s")),
    (90, 1, N_("%.0f s")),
    (90 * 60, 60, N_("%.0f min")),
    (36 * 3600, 3600, N_("%.1f h")),
    (float("inf"), 86400, N_("%.0f d")),
)
"""Below so many seconds, a unit of so many seconds, and how it is written."""


def duration(seconds: float | None) -> str:
    """As few figures as tell it: ``40 ms``, ``0.4 s``, ``12 s``, ``3 min``; a dash where nothing was measured."""
    if seconds is None:
        return "—"
    unit, words = next((unit, words) for below, unit, words in _DURATIONS if seconds < below)
    return _(words) % (seconds / unit)


def spans_of(currency: Currency, days: int) -> list[tuple[str, CurrencySpan]]:
    """The whole period, then each day or week in it, with its name."""
    whole = CurrencySpan(
        since=0.0,
        count=currency.count,
        document=Figures(median=currency.document_median, p95=currency.document_p95, max=currency.document_max),
        reach=Figures(median=currency.reach_median, p95=currency.reach_p95, max=currency.reach_max),
    )
    parts = ((figures.day(each.since) if days <= 14 else _("week of %s") % figures.day(each.since), each)
             for each in currency.spans)  # fmt: skip
    return [(_("last %d days") % days, whole), *parts]


def currency_lines(currency: Currency, days: int, width: int) -> list[Line]:
    """The figures of the whole period and of each day or week in it."""
    first, column = 18, max(7, min(10, (width - 18 - 8) // 6))
    groups = (
        cell("", "text", first + 8), cell(_("document → published"), "accent", 3 * column, right=True),
        cell(_("published → everywhere"), "accent", 3 * column, right=True),
    )  # fmt: skip
    names = (figures.percent(0.5), figures.percent(0.95), _("longest"))
    heads = (cell("", "text", first), cell(_("changes"), "dim", 8, right=True),
             *(cell(name, "dim", column, right=True) for name in (*names, *names)))  # fmt: skip
    told: list[Line] = [groups, heads]
    for number, (words, each) in enumerate(spans_of(currency, days)):
        told.append(_span_line(words, each, first, column, "text" if number else "bright"))
    return told


def _span_line(words: str, told: CurrencySpan, first: int, column: int, slot: str) -> Line:
    seconds = (told.document.median, told.document.p95, told.document.max,
               told.reach.median, told.reach.p95, told.reach.max)  # fmt: skip
    cells = (cell(duration(each), slot if each is not None else "dim", column, right=True) for each in seconds)
    return (cell(words, slot, first), cell(str(told.count), slot if told.count else "dim", 8, right=True), *cells)


def slow_row(publication: Publication, now: float, width: int) -> Row:
    """What was published, how long it took, and who had it last or has not got it."""
    missing = publication.reached_at is None and publication.confirmed < publication.workstations
    if missing:
        told = _("! %(there)d of %(all)d") % {"there": publication.confirmed, "all": publication.workstations}
        tail: Span = span(told, "sla.warning")
    else:
        reached = publication.reached_at or publication.published_at
        tail = span(duration(reached - publication.published_at))
    head = (cell(figures.moment(publication.published_at, now), "dim", 13), span(publication.title))
    rows = [spread(head, (tail,), width)]
    if missing and publication.late:
        names = ", ".join(publication.late)
        rows += paragraph(_("still without it: %s") % names, width, "sla.warning", indent=2)[:2]
    elif not missing and publication.last:
        rows += [spread((span("  " + _("last: %s") % publication.last, "dim"),), (), width)]
    return Row(publication.change, tuple(rows))
