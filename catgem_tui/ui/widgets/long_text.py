"""A field of several lines; ``field`` says what is particular to fields here."""

from textual.reactive import Reactive
from textual.widgets import TextArea
from textual.widgets.text_area import Location

from catgem_tui.terminal.letters import edge
from catgem_tui.ui.widgets.field import Commanded
from catgem_tui.ui.widgets.inorder import InOrder, keys_of


class LongText(TextArea, Commanded, InOrder):
    """Several lines."""

    own_keys = keys_of(TextArea.BINDINGS)
    cursor_blink = Reactive(False, init=False)

    @property
    def place(self) -> int:
        row, column = self.cursor_location
        return sum(len(line) + 1 for line in self.text.split("\n")[:row]) + column

    @place.setter
    def place(self, place: int) -> None:
        self.move_cursor(location(self.text, place))

    def take_out(self, start: int, end: int) -> None:
        text = self.text
        self.delete(location(text, start), location(text, end), maintain_selection_offset=False)

    def clamp_visitable(self, location: Location) -> Location:
        row, column = super().clamp_visitable(location)
        return row, edge(self.document[row], column, forward=(row, column) > self.cursor_location)

    def get_cursor_left_location(self) -> Location:
        return self.clamp_visitable(super().get_cursor_left_location())

    def get_cursor_right_location(self) -> Location:
        return self.clamp_visitable(super().get_cursor_right_location())


def location(text: str, place: int) -> Location:
    """Row and column of a place in a text."""
    before = text[:place]
    return before.count("\n"), place - (before.rfind("\n") + 1)
