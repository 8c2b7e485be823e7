"""Fields in which a letter is one step of the caret and goes as a whole, however many characters it is made of."""

from textual.widgets import Input, TextArea
from textual.widgets.input import Selection
from textual.widgets.text_area import Location

from catgem_tui.terminal.letters import edge


class Field(Input):
    """One line."""

    def validate_selection(self, selection: Selection) -> Selection:
        start, end = super().validate_selection(selection)
        whole = edge(self.value, end, forward=end > self.cursor_position)
        return Selection(whole if start == end else edge(self.value, start, forward=False), whole)

    def delete(self, start: int, end: int) -> None:
        first, last = sorted((start, end))
        super().delete(edge(self.value, first, forward=False), edge(self.value, last, forward=True))


class LongText(TextArea):
    """Several lines."""

    def clamp_visitable(self, location: Location) -> Location:
        row, column = super().clamp_visitable(location)
        return row, edge(self.document[row], column, forward=(row, column) > self.cursor_location)

    def get_cursor_left_location(self) -> Location:
        return self.clamp_visitable(super().get_cursor_left_location())

    def get_cursor_right_location(self) -> Location:
        return self.clamp_visitable(super().get_cursor_right_location())
