"""Shown instead of a screen that would not fit."""

from textual.app import ComposeResult
from textual.geometry import Size
from textual.screen import ModalScreen

from catgem_tui.config.i18n import _
from catgem_tui.ui.lines import paragraph
from catgem_tui.ui.widgets.lines import Lines

LEAST = Size(60, 18)


def too_small(size: Size) -> bool:
    return size.width < LEAST.width or size.height < LEAST.height


class TooSmallScreen(ModalScreen[str]):
    """Lies over the others, which keep what they hold, until the terminal is large enough."""

    DEFAULT_CSS = """
    TooSmallScreen, TooSmallScreen:ansi { background: $on-background; }
    TooSmallScreen Lines { height: 1fr; }
    """

    def compose(self) -> ComposeResult:
        yield Lines()

    def on_resize(self) -> None:
        words = _("This terminal is too small: %(width)d × %(height)d needed.") % {
            "width": LEAST.width,
            "height": LEAST.height,
        }
        self.query_one(Lines).show(paragraph(words, max(1, self.size.width), "bright"))
