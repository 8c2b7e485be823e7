"""Screens that are styled, laid out and painted once when they are opened.

By itself Textual styles all widgets of a screen again right after they were mounted; lays the screen out and paints it
once for its first size, once for being told of that, once for the classes that go with it, and once for having become
the current one; tells the widgets of their size when they are on the terminal already, and turns what lies below a
transparent screen into text and back each time, though nothing of it changed. All of that is between a key and what it
shows.
"""

from typing import cast

from rich.console import RenderableType
from textual.css.styles import RulesMap
from textual.events import ScreenResume
from textual.geometry import Region, Size
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import Screen, ScreenResultType
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widget import Widget

from catgem_tui.ui.mark import Marked
from catgem_tui.ui.widgets.lines import Lines


class SparingScreen(Screen[ScreenResultType]):
    """Its widgets take their styles when they are mounted; whoever changes styles restyles those of every screen."""

    heavy = False
    """Whether it takes long to open."""
    _laying_out = False
    """Whether what is laid out is not to be painted yet."""
    _opening = False
    """Whether it is expected, and not painted yet."""
    _only_boxes = False
    """Whether all that is painted is where it lets nothing through."""

    def shape(self, size: Size) -> None:
        """Take the classes that go with a size, before it is painted for that."""
        classes: dict[str, bool] = {}
        for points, cells in ((self.HORIZONTAL_BREAKPOINTS, size.width), (self.VERTICAL_BREAKPOINTS, size.height)):
            fitting = [name for least, name in points or () if cells >= least]
            classes |= {name: name == fitting[-1] for _least, name in points or ()}
        self.update_classes(classes, animate=False)

    def fill(self) -> None:
        """Draw what there is for another size, before it is painted; lines that make themselves follow after it."""

    def on_compose(self) -> None:
        if self.app.screen is self:
            self._opening = True
            cast(Marked, self.app).mark.expect(heavy=self.heavy)

    def on_unmount(self) -> None:
        if self._opening:
            cast(Marked, self.app).mark.take_away()

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        wanted = size or self.outer_size
        if wanted and wanted != self._compositor.size:
            self._laying_out = True
            super()._refresh_layout(wanted)
            self.shape(wanted)  # behind the first layout: a pane that is folded away has been given a width by that
            self.fill()
            for widget in self.walk_children(Widget, with_self=True):
                if isinstance(widget, Lines):
                    widget.redraw()
                _settle(widget)
            self._laying_out = False
            if self._opening:
                cast(Marked, self.app).mark.hold_up()
        super()._refresh_layout(size, scroll)

    def _compositor_refresh(self) -> None:
        if self._laying_out:
            return
        self._tell_those_between()
        if self.app.screen is not self:
            super()._compositor_refresh()
            return
        app, compositor = cast(Marked, self.app), self._compositor
        boxes = [] if self.styles.background.a else self._boxes()
        whole = self._opening or compositor.size.region in compositor._dirty_regions
        alone = self._opening and bool(boxes) and app.whole is self.app.screen_stack[-2]
        if alone:
            compositor._dirty_regions = set(boxes)
        self._only_boxes = all(
            any(box.contains_region(region) for box in boxes) for region in compositor._dirty_regions
        )
        super()._compositor_refresh()
        self._only_boxes = False
        if whole and not self.app._batch_count:
            app.whole = self
        if self._opening:
            self._opening = False
            mark = app.mark.cover()
            if alone and mark:
                self.refresh(mark)

    def _boxes(self) -> list[Region]:
        """Where it lets nothing through."""
        known = self._compositor.full_map
        return [known[box].region for box in self.children if box in known and box.styles.background.a == 1]

    def render_lines(self, crop: Region) -> list[Strip]:
        if self._only_boxes:  # which win over this
            return [Strip.blank(crop.width)] * crop.height
        return super().render_lines(crop)

    def _tell_those_between(self) -> None:
        """Textual has the screen on top paint what changed below it; those that lie between have to as well."""
        below = self.app._background_screens
        changed = self._compositor._dirty_regions
        if changed and self in below:
            for screen in below[below.index(self) + 1 :]:
                screen.refresh(*changed)

    def _screen_resized(self, size: Size) -> None:
        if size != self._compositor.size:
            super()._screen_resized(size)

    def on_screen_resume(self, event: ScreenResume) -> None:
        event.refresh_styles = False
        if self._compositor.size != self.app.size:
            self.call_next(self._leave_painted)

    def _leave_painted(self) -> None:
        self._repaint_required = False
        self._dirty_regions.clear()
        self._repaint_regions.clear()

    def on_screen_suspend(self) -> None:
        """What another is laid over has been painted or is painted with it, and anew when that goes."""
        self._repaint_required = False

    def _watch__pointer_shape(self, _shape: str) -> None:
        """The mouse keeps its shape: another for every field would be bytes on the line with every dialog."""

    def render(self) -> RenderableType:
        rendered = super().render()
        if isinstance(rendered, BackgroundScreen) and not rendered.color.a:
            return cast(RenderableType, Below(rendered.screen))  # Textual takes these as well
        return rendered


def _settle(widget: Widget) -> None:
    """Have the layout that comes next do what a widget wants done, and the whole screen's painting behind it."""
    if widget._layout_required:
        for ancestor in widget.ancestors:
            if not isinstance(ancestor, Widget):
                break
            ancestor._clear_arrangement_cache()
            ancestor._layout_updates += 1
            if not ancestor.styles.auto_dimensions:
                break
    widget._layout_required = widget._repaint_required = False


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
