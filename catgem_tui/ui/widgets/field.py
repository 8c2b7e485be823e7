"""Fields in which a letter is one step of the caret and goes as a whole, however many characters it is made of, and
whose text the characters of a keymap can change once they were left. ``long_text`` has the one of several lines, which
the login, the first picture, does without."""

from textual.reactive import Reactive
from textual.widget import Widget
from textual.widgets import Input
from textual.widgets.input import Selection

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
