"""What an import would do, or did: told in lines, and whole as a table."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from catgem_tui.config.i18n import _
from catgem_tui.exchange.cells import neutralise, shown
from catgem_tui.exchange.columns import EXTRA, heading_of
from catgem_tui.exchange.faults import BadRow
from catgem_tui.exchange.planning import Plan
from catgem_tui.exchange.values import format_value

TOLD = 20
"""Changed records that are told field by field."""


def bad_line(row: BadRow) -> str:
    where = {"line": row.line, "column": shown(heading_of(row.column)), "reason": shown(row.reason, 300)}
    if row.column:
        return _("line %(line)d, %(column)s: %(reason)s") % where
    return _("line %(line)d: %(reason)s") % where


def summary(plan: Plan, bad: int) -> str:
    """How many of each."""
    counts = {"new": plan.new, "changed": len(plan.changes) - plan.new, "same": len(plan.unchanged), "bad": bad}
    told = _("New: %(new)d; changed: %(changed)d; unchanged: %(same)d; bad rows: %(bad)d.") % counts
    if plan.retired:
        told += " " + _("Retired, and left so: %d.") % len(plan.retired)
    return told


def changed_lines(plan: Plan) -> Iterator[str]:
    """The first changed records, field by field."""
    changed = [change for change in plan.changes if change.before is not None]
    for change in changed[:TOLD]:
        yield f"{shown(change.after.id, 40)}  {shown(change.after.title)}"
        for name, before, after in change.differences():
            yield f"    {shown(heading_of(name))}: “{shown(_text(name, before))}” → “{shown(_text(name, after))}”"
    if len(changed) > TOLD:
        yield _("… and %d more.") % (len(changed) - TOLD)


def write_report(path: Path, plan: Plan, bad: Iterable[BadRow]) -> None:
    """Every row of the file as CSV; a changed record has a row for each field. Raises OSError."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow([_("line"), "id", _("what"), _("field"), _("before"), _("after"), _("reason")])
        for change in plan.changes:
            row = [change.row.line, neutralise(change.after.id)]
            if change.before is None:
                table.writerow([*row, _("new"), heading_of("title"), "", neutralise(change.after.title), ""])
            for name, before, after in change.differences():
                texts = neutralise(_text(name, before)), neutralise(_text(name, after))
                table.writerow([*row, _("changed"), neutralise(heading_of(name)), *texts, ""])
        for told, rows in ((_("unchanged"), plan.unchanged), (_("retired"), plan.retired)):
            table.writerows([it.line, neutralise(it.id), told, "", "", "", ""] for it in rows)
        for it in bad:
            table.writerow([it.line, "", _("bad"), neutralise(heading_of(it.column)), "", "", neutralise(it.reason)])


def _text(name: str, value: object) -> str:
    return str(value) if name.startswith(EXTRA) else format_value(name, value)
