"""This workstation, examined beside the work: what is well, what is not, and what to do about it."""

from textual.app import ComposeResult
from textual.containers import Vertical

from catgem_tui.config.i18n import N_, _
from catgem_tui.desk.intents import Examine, StopExamining
from catgem_tui.desk.state import DeskState, Examination, Finding
from catgem_tui.ui.keys import keyed
from catgem_tui.ui.lines import Line, Row, Span, line, paragraph, spread
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog
from catgem_tui.ui.screens.watching import WatchingDialog
from catgem_tui.ui.widgets.lines import Lines
from catgem_tui.ui.widgets.rows import Rows

PARTS = {
    "central": N_("Central"),
    "phone": N_("Telephone"),
    "sound": N_("Sound"),
    "clock": N_("Clock"),
    "keyring": N_("Keyring"),
    "disk": N_("Disk"),
    "packages": N_("Packages"),
}
"""Those that can be examined while the screen is there, from top to bottom."""
ALOUD = "sound"
"""It plays something, so it is asked before."""
SILENT = tuple(part for part in PARTS if part != ALOUD)
_LEVELS: dict[str, Span] = {
    "ok": (N_("well"), "text"),
    "warning": (N_("! warning"), "sla.warning"),
    "fault": (N_("!! FAULT"), "error"),
}
_FRAME = 8
"""Rows of the border, heading and foot with their margins."""


class DoctorScreen(WatchingDialog):
    DEFAULT_CSS = "DoctorScreen > Vertical { width: 96; }"
    begins, ends = Examine(SILENT), StopExamining()

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Lines(id="heading")
            yield self.rows
            yield Lines(id="foot")

    def draw(self, state: DeskState) -> None:
        width = self.rows.text_width
        if not self.is_mounted or width <= 0:
            return
        examination = state.examination
        told = paragraph(_("It could not be examined. The log has the details."), width, "error")
        head = [line((_("This workstation, examined"), "accent")), *(told if examination.failed else [])]
        self.query_one("#heading", Lines).show(head)
        self.rows.styles.max_height = self.most_rows(92, _FRAME + len(head))
        self.rows.show_rows([Row(part, tuple(part_lines(part, examination, width))) for part in PARTS])
        keys = _("%(back)s stops it") if examination.going else _("%(choose)s examines it again · %(back)s goes back")
        terminal = _("The terminal and its keys are examined by “catgem doctor”, outside of the workstation.")
        foot = [*paragraph(terminal, width, "dim"), line((keyed(self).keymap.said(keys), "dim"))]
        self.query_one("#foot", Lines).show(foot)

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        part = event.key
        if self.desk.state.examination.going:
            return
        if part != ALOUD:
            self.desk.do(Examine((part,)))
        elif not self.desk.state.phone.calls:  # whoever is on the line would hear it
            choices = [Choice("no", _("No")), Choice("yes", _("Play them"))]
            about = _("They are heard on the loudspeaker chosen, and listened for in the microphone.")
            self.ask(ChoiceDialog(_("Play three short sounds?"), choices, explanation=about), self.sound)

    def sound(self, chosen: str) -> None:
        if chosen == "yes":
            self.desk.do(Examine((ALOUD,)))

    def action_back(self) -> None:
        """What goes on is stopped first: what was found stays to be read."""
        if self.desk.state.examination.going:
            self.desk.do(StopExamining())
        else:
            self.dismiss("")


def part_lines(part: str, examination: Examination, width: int) -> list[Line]:
    """A part, how it is, and each finding with its remedy."""
    found = examination.found.get(part)
    if part in examination.going:
        tail: Span = (_("being examined…"), "dim")
    elif found is not None:
        words, slot = max((_LEVELS[each.level] for each in found), key=list(_LEVELS.values()).index)
        tail = (_(words), slot)
    elif part == ALOUD:
        tail = (_("plays three short sounds: asks before"), "dim")
    else:
        tail = (_("not examined"), "dim")
    told = [spread(((_(PARTS[part]), "bright"),), (tail,), width)]
    for finding in found or ():
        told += finding_lines(finding, width)
    return told


def finding_lines(finding: Finding, width: int) -> list[Line]:
    slot = _LEVELS[finding.level][1]
    told = paragraph(finding.sentence, width, "dim" if finding.level == "ok" else slot, indent=2)
    if finding.remedy:
        first, *rest = paragraph(finding.remedy, width, indent=4)
        told += [(("  → ", "text"), *first[1:]), *rest]
    return told
