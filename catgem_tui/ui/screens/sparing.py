"""Screens that are styled, laid out and painted once when they are opened.

By itself Textual styles all widgets of a screen again right after they were mounted, lays the screen out and paints it
once for its first size, once for being told of that and once for having become the current one, and turns what lies
below a transparent one into text and back each time. All of that is between a key and what it shows.
"""

from textual.events import ScreenResume
from textual.geometry import Size
from textual.messages import Update
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import Screen, ScreenResultType
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual, VisualType
from textual.css.styles import RulesMap


class SparingScreen(Screen[ScreenResultType]):
    """Its widgets take their styles when they are mounted; whoever changes styles restyles those of every screen."""

    veiled = True
    """Until its first content is drawn: what was there before stays on the terminal for so long."""

    def on_mount(self) -> None:
        """Textual calls this after the ``on_mount`` of the class that inherits it, which may have its drawing wait too."""
        self.call_after_refresh(self.unveil)

    def unveil(self) -> None:
        self.veiled = False
        self.post_message(Update(self))

    def _compositor_refresh(self) -> None:
        if not self.veiled:
            super()._compositor_refresh()

    def on_screen_resume(self, event: ScreenResume) -> None:
        event.refresh_styles = False
        if self.veiled:
            self.call_next(self._leave_painted)

    def _leave_painted(self) -> None:
        """The layout is painted once it is unveiled."""
        self._repaint_required = False

    def _screen_resized(self, size: Size) -> None:
        if size != self._compositor.size:
            super()._screen_resized(size)

    def render(self) -> VisualType:
        rendered = super().render()
        if isinstance(rendered, BackgroundScreen) and not rendered.color.a:
            return Below(rendered.screen)
        return rendered


class Below(Visual):
    """What a transparent screen lies over, as it was composed; nothing there is to be clicked at."""

    def __init__(self, screen: Screen[object]) -> None:
        self._screen = screen

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        return [strip.discard_meta() for strip in self._screen._compositor.render_strips()]

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        return self._screen.size.width

    def get_height(self, rules: RulesMap, width: int) -> int:
        return self._screen.size.height
