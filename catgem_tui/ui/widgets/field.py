"""Fields in which a letter is one step of the caret and goes as a whole, however many characters it is made of, and
whose text the characters of a keymap can change once they were left."""

from textual.reactive import Reactive
from textual.widget import Widget
from textual.widgets import Input, TextArea
from textual.widgets.input import Selection
from textual.widgets.text_area import Location

from catgem_tui.terminal.letters import edge
from catgem_tui.ui import motions
from catgem_tui.ui.widgets.inorder import InOrder, keys_of


class Commanded(Widget):
    """``text`` and ``place``, the character before which the caret stands, are the field's."""

    text: str
    place: int

    def take_out(self, start: int, end: int) -> None:
        """Delete what lies between two places."""
        raise NotImplementedError

    def undo(self) -> None:
        """Take the last change back, where the field remembers it."""

    def takes(self, command: str) -> bool:
        """Whether the command of ``config.keymap.LEFT`` is one for this field."""
        return True

    def command(self, name: str, times: int) -> bool:
        """Carry it out so many times, 0 where nothing was said; returns whether one goes on writing."""
        text, place = self.text, self.place
        if name in {"first_line", "last_line"} and times:
            self.place = motions.nth_line(text, times)
        elif name in motions.MOVES:
            self.place = motions.repeated(motions.MOVES[name], text, place, times)
        elif name in motions.DELETIONS:
            self.take_out(*sorted((place, motions.repeated(motions.DELETIONS[name], text, place, times))))
        elif name == "delete_line":
            self.take_out(*motions.lines_at(text, place, times))
        elif name == "change_line":
            self.take_out(motions.line_start(text, place), motions.line_end(text, place))
        elif name == "undo":
            for _time in range(max(1, times)):
                self.undo()
        else:
            self.place = motions.WRITING[name](text, place)
        return name.startswith(("change", "write"))


class Field(Input, Commanded, InOrder):
    """One line."""

    own_keys = keys_of(Input.BINDINGS)
    cursor_blink = Reactive(False, init=False)

    @property
    def text(self) -> str:  # type: ignore[override]
        return self.value

    @property
    def place(self) -> int:
        return self.cursor_position

    @place.setter
    def place(self, place: int) -> None:
        self.cursor_position = place

    def take_out(self, start: int, end: int) -> None:
        self.delete(start, end)

    def takes(self, command: str) -> bool:
        return command not in {"undo", "first_line", "last_line"}

    def validate_selection(self, selection: Selection) -> Selection:
        start, end = super().validate_selection(selection)
        whole = edge(self.value, end, forward=end > self.cursor_position)
        return Selection(whole if start == end else edge(self.value, start, forward=False), whole)

    def delete(self, start: int, end: int) -> None:
        first, last = sorted((start, end))
        super().delete(edge(self.value, first, forward=False), edge(self.value, last, forward=True))


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
