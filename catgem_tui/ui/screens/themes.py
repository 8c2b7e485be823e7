"""The themes: the screen shows each as one moves through them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from textual.timer import Timer

from catgem_tui.config.fault import FileFault
from catgem_tui.config.i18n import N_, _
from catgem_tui.config.theme import ThemeData, load_theme
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog
from catgem_tui.ui.screens.overlay import Remembered
from catgem_tui.ui.widgets.rows import Rows

STAY = 0.1
"""Seconds."""
_ABOUT = {
    "contrast": N_("dark, strong contrast"),
    "dark": N_("dark and calm"),
    "guinda": N_("dark, in the state's wine and gold"),
    "light": N_("light, for bright rooms"),
    "mono": N_("without colours"),
    "sixteen": N_("the terminal's own colours"),
}


class ThemeDialog(ChoiceDialog):
    """Leaves with the name of the theme to keep, or with an empty string; ``show`` draws one meanwhile."""

    DEFAULT_CSS = "ThemeDialog { align: right middle; } ThemeDialog > Vertical { width: 58; margin-right: 2; }"

    def __init__(self, choices: Sequence[Choice], shown: str, explanation: str, show: Callable[[str], None]) -> None:
        super().__init__(_("Theme"), choices, Remembered(cursor=shown), explanation)
        self.show_theme = show
        self.waiting: Timer | None = None

    def draw_choices(self, *, first: bool = False) -> None:
        super().draw_choices(first=first)
        self.preview()

    def on_rows_moved(self, event: Rows.Moved) -> None:
        self.preview()  # the library calls the handler of the class above as well

    def preview(self) -> None:
        """Show the theme under the cursor once one stays there: the library takes its time to restyle everything."""
        if self.waiting is not None:
            self.waiting.stop()
        self.waiting = self.set_timer(STAY, lambda: self.show_theme(self.rows.cursor) if self.rows.cursor else None)


def theme_choices(files: Mapping[str, Path], shipped: Mapping[str, Path], *, colourless: bool) -> list[Choice]:
    """A row for each theme that can be used, and for each that cannot a sentence saying why."""
    usable: list[Choice] = []
    wrong: list[Choice] = []
    for name, path in files.items():
        own = path != shipped.get(name)
        try:
            data = load_theme(path)
        except FileFault as fault:
            wrong.append(Choice("", f"! {fault}", slot="sla.warning"))
            continue
        if not colourless or data.colourless:
            usable.append(Choice(name, name if data.name == name else f"{name}: {data.name}", _remark(name, data, own)))
    return [*usable, *wrong]


def _remark(name: str, data: ThemeData, own: bool) -> str:
    if not own and name in _ABOUT:
        return _(_ABOUT[name])
    return _("yours, dark") if data.dark else _("yours, light")
