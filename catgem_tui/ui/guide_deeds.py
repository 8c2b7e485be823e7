"""What a person wants of the guided first shift."""

from catgem_tui.config.i18n import _
from catgem_tui.ui.guide.course import Course
from catgem_tui.ui.guide.screen import step_words
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.manual.book import shown_key
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog
from catgem_tui.ui.work import Work

GO_ON, REPEAT, SKIP, BEGIN, LEAVE, CARRY_ON = "go_on", "repeat", "skip", "begin", "leave", "carry_on"


def choose(work: Work) -> None:
    """Nothing is asked where there is no guide."""
    course = work.course
    if course is None:
        return
    deeds = {
        GO_ON: course.go_on, SKIP: course.go_on, REPEAT: course.repeat_part, BEGIN: course.begin, LEAVE: course.leave,
        CARRY_ON: course.carry_on,
    }  # fmt: skip
    dialog = ChoiceDialog(
        _("The guided first shift"), _choices(course, work.keymap), explanation=_about(course, work.keymap)
    )
    work.ask(dialog, lambda chosen: deeds[chosen]() if chosen else None)


def _choices(course: Course, keymap: KeysInForce) -> list[Choice]:
    if not course.running:
        carry_on = [Choice(CARRY_ON, _("Carry on where it was left"))] if course.begun else []
        return [*carry_on, Choice(BEGIN, _("Begin from the first step"))]
    first = Choice(GO_ON, _("I have read it: go on"), slot="bright") if course.step.explains else None
    return [
        *([first] if first else []),
        Choice(REPEAT, _("Begin this part again")),
        *([] if first else [Choice(SKIP, _("Leave out this step"))]),
        Choice(LEAVE, _("Leave the guide; %s takes it up again") % shown_key("guide", keymap)),
        Choice(BEGIN, _("Begin from the first step")),
    ]


def _about(course: Course, keymap: KeysInForce) -> str:
    return step_words(course, keymap) if course.running else _("About ten minutes, with simulated citizens.")
