"""The application's themes: which one is shown, and how another takes its place while everything stays open."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.style import Style
from textual.app import App
from textual.dom import DOMNode
from textual.filter import LineFilter, Monochrome, NoColor
from textual.screen import Screen

from catgem_tui.config import assets, paths
from catgem_tui.config.fault import FileFault
from catgem_tui.config.i18n import _
from catgem_tui.config.reasons import reason
from catgem_tui.config.terminal import Characters
from catgem_tui.config.theme import ThemeData, find_themes, load_theme
from catgem_tui.ui.glyphs import filters
from catgem_tui.ui.mark import Mark
from catgem_tui.ui.paint import rich_styles, textual_theme
from catgem_tui.ui.stylesheet import LastingStylesheet
from catgem_tui.ui.widgets.lines import Lines

DEFAULT_THEME = "dark"
COLOURLESS_THEME = "mono"
FIELD_CSS = """
Input { text-style: $field-style; }
Input > .input--placeholder { color: $slot-dim; text-style: $quiet-field-style; }
Input > .input--cursor, TextArea .text-area--cursor {
    color: $input-cursor-foreground; background: $input-cursor-background; text-style: $input-cursor-text-style;
}
TextArea .text-area--placeholder { color: $slot-dim; text-style: $quiet-style; }
"""
"""What the library gives colours of its own, which no theme knows."""


class Theming(App[None]):
    """``slot_styles`` is what lines are drawn with; see ``Painted``."""

    faults: list[str]
    """Sentences about files that could not be used."""
    mark: Mark

    def begin_theme(
        self,
        wanted: str,
        own: Path | None,
        keep: Callable[[str], None],
        characters: Characters,
        *,
        colourless: bool,
        caret: bool,
    ) -> None:
        """Use the theme ``wanted``, a name or the path of a file; ``keep`` raises OSError.

        With NO_COLOR, or on a ``colourless`` terminal, a theme that has colours gives way to the one without.
        """
        self.stylesheet = LastingStylesheet(variables=self.get_css_variables())
        self.own_themes = own
        self.keep_theme = keep
        self.caret = caret
        self.slot_styles: Mapping[str, Style] = {}
        self.line_filters: Sequence[LineFilter] = (*((NoColor(),) if self.no_color else ()), *filters(characters))
        colourless = colourless or self.no_color
        default = COLOURLESS_THEME if colourless else DEFAULT_THEME
        name, data = default, None
        try:
            name, data = wanted, load_theme(self._find(wanted))
        except FileFault as fault:
            told = str(fault) if fault.path.suffix else _("There is no theme “%s”") % wanted
            self.faults.append(_("%s; the default is used.") % told.rstrip("."))
        if data is None or (colourless and not data.colourless):
            name, data = default, load_theme(assets.themes()[default])
        self.kept_theme = name
        self._show(name, data)

    def _find(self, name: str) -> Path:
        return find_themes(self.own_themes).get(name) or paths.written(name)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """The library's, but for the grey that it makes of NO_COLOR: grey is a colour."""
        return [*(each for each in super().get_line_filters() if not isinstance(each, Monochrome)), *self.line_filters]

    def show_theme(self, name: str) -> None:
        """Draw everything there is in this theme. Raises FileFault."""
        if name == self.shown_theme:
            return
        self._show(name, load_theme(self._find(name)))
        self.call_next(self.repaint)  # once the library has taken the new colours into its style sheet

    def _show(self, name: str, data: ThemeData) -> None:
        self.shown_theme = name
        self.theme_data = data
        self.slot_styles = rich_styles(data)
        self.register_theme(textual_theme(name, data, caret=self.caret))
        self.theme = name

    def settle_theme(self, kept: str = "") -> None:
        """Keep a theme from now on, or go back to the kept one."""
        name = kept or self.kept_theme
        if name != self.shown_theme:
            self.mark.show()
        try:
            self.show_theme(name)
            if kept and kept != self.kept_theme:
                self.kept_theme = kept
                self.keep_theme(kept)
        except FileFault as fault:
            self.faults.append(str(fault))
        except OSError as error:
            self.faults.append(_("The theme is not remembered: %s.") % reason(error))

    def delay_update(self, delay: float = 0.05) -> None:
        """Another place is painted once it is filled, and needs no time in which it is not seen."""

    def update_styles(self, node: DOMNode, animate: bool = True) -> None:
        """What is not mounted yet takes its styles when it is."""
        if node is self or node.is_attached:
            super().update_styles(node, animate)

    def places_elsewhere(self) -> Iterable[Screen[Any]]:
        """The screens of other places, as far as there are any yet."""
        raise NotImplementedError

    def repaint(self) -> None:
        """The library restyles only what lies in the present place, and does not know the styles of lines."""
        elsewhere = list(self.places_elsewhere())
        for screen in elsewhere:
            self.stylesheet.update(screen, animate=False)
            screen.refresh()
        for screen in (*self.screen_stack, *elsewhere):
            for lines in screen.query(Lines):
                lines.refresh()
