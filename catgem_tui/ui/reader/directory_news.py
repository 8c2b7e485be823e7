"""What has changed of the directory: what a search found, the copy, and the form of whoever keeps it."""

from collections.abc import Iterator

from catgem_tui.config.i18n import _, ngettext
from catgem_tui.desk.keeping import Draft
from catgem_tui.desk.state import MOST_HITS, DeskState, DirectoryView
from catgem_tui.ui import figures, wording
from catgem_tui.ui.panes.directory import PROBLEMS
from catgem_tui.ui.reader import facts
from catgem_tui.ui.reader.announcements import SEARCH
from catgem_tui.ui.reader.linear import join
from catgem_tui.ui.records import title_of

Told = Iterator[tuple[str, str]]
"""(topic, words)"""


def changes(before: DeskState, after: DeskState) -> Told:
    yield from _search(before.directory, after.directory)
    yield from _copy(before.directory, after.directory)
    yield from _marks(before, after)
    draft, old = _open(after), _open(before)
    if draft is not None and old is not None and draft.id == old.id:
        yield from (("form", words) for words in _form(old, draft))
        yield from _editors(before, after, draft.id)


def _search(old: DirectoryView, new: DirectoryView) -> Told:
    if not new.query.strip() or new.answered != new.query:
        return  # nothing is sought, or a newer answer is on its way
    if new.answered == old.answered and (new.hits[:1], len(new.hits)) == (old.hits[:1], len(old.hits)):
        return
    count = len(new.hits)
    if not count:
        yield SEARCH, _("Nothing found.")
        return
    words = ngettext("%d result, first %s", "%d results, first %s", count)
    if count >= MOST_HITS:
        words = _("The best %d results, first %s")
    yield SEARCH, words % (count, title_of(new.hits[0]))


def _copy(old: DirectoryView, new: DirectoryView) -> Told:
    """How far the copy of the directory is: quarters of a first download, and what keeps it from being current."""
    if new.problem != old.problem:
        if new.problem in PROBLEMS:
            yield "copy", _("Directory: %s") % _(PROBLEMS[new.problem])
        elif old.problem in PROBLEMS:
            yield "copy", _("The directory is up to date again.")
    words, said = facts.directory(new), facts.directory(old)
    if words and words != said:
        yield "copy", words
    elif old.stage and new.complete and not old.complete:
        whole = ngettext("The directory is here: %s record.", "The directory is here: %s records.", new.records)
        yield "copy", whole % figures.count(new.records)


def _marks(before: DeskState, after: DeskState) -> Told:
    count = len(after.keeping.marks)
    if count != len(before.keeping.marks):
        yield "marks", ngettext("%d record chosen.", "%d records chosen.", count) % count


def _open(state: DeskState) -> Draft | None:
    return state.keeping.drafts.get(state.keeping.open)


def _form(old: Draft, new: Draft) -> Iterator[str]:
    """What happens to the record in the form; the field that is wrong gets the focus and tells its own fault."""
    if new.sending and new.sending != old.sending:
        yield {
            "record": _("Being fetched from central."),
            "document": _("The document is being sent."),
            "change": _("Being saved."),
        }[new.sending]
    fresh = [fault for fault in new.faults if fault not in old.faults]
    yield from (wording.fault(fault.code, fault.detail) for fault in fresh if not fault.field)
    fields = len({fault.field for fault in new.faults if fault.field})
    if any(fault.field for fault in fresh):
        yield ngettext("Not saved: %d field has to be corrected.", "Not saved: %d fields have to be corrected.",
                       fields) % fields  # fmt: skip
    if new.newer and not old.newer:
        yield _("Somebody saved this record meanwhile; saving brings both together.")
    if new.conflicts and not old.conflicts:
        yield _("You and somebody else changed the same fields; saving asks which stays.")
    if new.similar and not old.similar:
        yield _("The directory has something like it: %s") % ", ".join(record.title for record in new.similar)


def _editors(before: DeskState, after: DeskState, draft: str) -> Told:
    mine = after.user.name if after.user is not None else ""
    then, now = (tuple(state.keeping.editors.get(draft, ())) for state in (before, after))
    new = [name for name in now if name not in then and name != mine]
    if new:
        yield "editors", join((_("also open at: %s") % ", ".join(new),))
