"""What is done with the form that lies over the keeping of the directory."""

from catgem_tui.config.i18n import _
from catgem_tui.desk.intents import (
    ResolveConflict,
)
from catgem_tui.ui import wording
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog
from catgem_tui.ui.screens.form import FormScreen
from catgem_tui.ui.work import Work


def save_form(work: Work) -> None:
    """Behind the keys that the field has yet to take in. What two people changed is chosen first, one by one."""
    form = work.form_at_hand()
    if form is None:
        return
    if form.draft.conflicts:
        choose_side(work, form)
    else:
        (form.focused or form).call_later(form.save)


def choose_side(work: Work, form: FormScreen) -> None:
    conflict = form.draft.conflicts[0]

    def choose(side: str) -> None:
        if side:
            text = conflict.mine if side == "mine" else conflict.theirs
            work.desk.do(ResolveConflict(form.draft.id, conflict.field, text))
            if len(form.draft.conflicts) and form.draft.conflicts[0] != conflict:
                choose_side(work, form)

    choices = [
        Choice("mine", _("Yours: %s") % (conflict.mine or "—")),
        Choice("theirs", _("Theirs: %s") % (conflict.theirs or "—")),
    ]
    about = _("Before: %s") % (conflict.base or "—")
    title = _("Which stays? %s") % _(wording.RECORD_FIELDS[conflict.field])
    work.ask(ChoiceDialog(title, choices, explanation=about), choose)


def discard_form(work: Work) -> None:
    form = work.form_at_hand()
    if form is None:
        return
    form.flush()

    def go(chosen: str) -> None:
        if chosen == "discard":
            form.leave(keep=False)

    if not form.draft.touched:
        go("discard")
        return
    choices = [Choice("stay", _("Go on writing")), Choice("discard", _("Throw it away"))]
    work.ask(ChoiceDialog(_("Throw away what was changed here?"), choices), go)
