"""What an application needs so that its terminal is written to sparingly."""

from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

from textual.app import App
from textual.errors import NoWidget
from textual.geometry import Size

from catgem_tui.terminal.letters import keep_letters_whole
from catgem_tui.terminal.painting import Update, is_update

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.screen import Screen

ReturnType = TypeVar("ReturnType")
keep_letters_whole()


@runtime_checkable
class ComposedDriver(Protocol):
    """A driver that takes what was composed, not text."""

    def show(self, update: Update, caret: tuple[int, int] | None) -> None: ...

    def show_aside(self, update: Update) -> None: ...

    def forget(self) -> None: ...

    def tell_keypad(self, told: bool) -> None: ...

    def heed_size(self, known: Size) -> None: ...


class ComposedApp(App[ReturnType]):
    """Hands what was composed to such a driver, with the place of the focused field's caret.

    ``_display`` is the one place that every repaint passes; Textual offers no public one that still has the strips.
    """

    def _display(self, screen: "Screen[object]", renderable: "RenderableType | None") -> None:
        driver = self._driver
        if renderable is None or not isinstance(driver, ComposedDriver):
            super()._display(screen, renderable)
            if is_update(renderable) and not self._batch_count:
                self.brought(renderable)
                self.written()
        elif not is_update(renderable):
            super()._display(screen, renderable)
            driver.forget()
        elif not self._batch_count:
            self.brought(renderable)
            driver.show(renderable, self.find_caret())
            self.post_display_hook()

    def brought(self, update: Update) -> None:
        """This was composed: it is part of what is written next."""

    def written(self) -> None:
        """All that was brought so far has been written to the terminal."""

    def display_aside(self, screen: "Screen[object]", update: Update) -> None:
        """Show what the next frame covers."""
        driver = self._driver
        if isinstance(driver, ComposedDriver):
            driver.show_aside(update)
        else:
            self._display(screen, update)

    def _check_resize(self) -> None:
        """Tell the screens a new size, and paint all of one that is the old again: a terminal that became smaller and
        large again before it was looked at lost what lay outside, and Textual paints only what it laid out anew."""
        event = self._resize_event
        super()._check_resize()
        if event is not None and isinstance(self._driver, ComposedDriver):
            self._driver.forget()
            if self.screen.size == event.size:
                self.screen.refresh()
            self._driver.heed_size(event.size)

    keypad_wanted = False

    def wants_keypad(self, wanted: bool) -> None:
        """Whether the keypad's keys are to be told from those above the letters, from now on."""
        self.keypad_wanted = wanted
        if isinstance(self._driver, ComposedDriver):
            self._driver.tell_keypad(wanted)

    def find_caret(self) -> tuple[int, int] | None:
        """Row and column of the caret in the focused text field, if it has one that is in sight."""
        focused = self.screen.focused
        place = getattr(focused, "cursor_screen_offset", None)
        if focused is None or place is None:
            return None
        x, y = place
        if getattr(focused, "cursor_at_end", False):
            x -= 1  # Textual's one-line field tells the cell after the one in which it draws its caret
        try:
            seen = self.screen.find_widget(focused).visible_region.intersection(focused.content_region)
        except NoWidget:  # it is not laid out yet
            return None
        return (y, x) if seen.contains(x, y) else None
