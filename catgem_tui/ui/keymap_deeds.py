"""Choosing the keymap while one works."""

from collections.abc import Callable

from catgem_tui.config.fault import FileFault
from catgem_tui.config.i18n import N_, _
from catgem_tui.config.reasons import reason
from catgem_tui.ui.screens.dialogs import Choice, WideChoiceDialog
from catgem_tui.ui.work import Work

ABOUT = {
    "default": N_("function keys, within reach of one hand"),
    "vim": N_("letters after leaving a field, as in vim"),
    "emacs-like": N_("^X and a second key, as in Emacs"),
    "numeric": N_("the keys of a call on the keypad"),
    "screen-reader": N_("few keys, none that a screen reader needs"),
}
"""The shipped keymaps in a few words (msgids)."""


def choose_keymap(work: Work) -> None:
    """In force at once and remembered; a file with a mistake changes nothing and is told."""
    choices = []
    for name in work.known_keymaps:
        about = _(ABOUT[name]) if name in ABOUT else ""
        remark = _("in use") if name == work.keymap.keymap.name else ""
        choices.append(Choice(name, name, remark, about=about))

    def use(name: str) -> None:
        if not name:
            return
        try:
            work.use_keymap(work.read_keymap(work.known_keymaps[name]))
        except FileFault as fault:
            work.tell_fault(_("%s; the keys stay as they are.") % str(fault).rstrip("."))
            return
        try:
            work.remember_keymap(name)
        except OSError as error:
            work.tell_fault(_("The keys are not remembered: %s.") % reason(error))

    explanation = _("A file of your own beside the settings, in the folder keymaps, is listed here too.")
    work.ask(WideChoiceDialog(_("Keys"), choices, explanation=explanation), use)


DEEDS: dict[str, Callable[[Work], None]] = {"keymap.choose": choose_keymap}
