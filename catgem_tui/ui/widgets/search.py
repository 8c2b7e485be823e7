"""The line in which one searches: whatever is pasted into it stays one clean line."""

from collections.abc import Callable

from textual import events
from textual.geometry import Size
from textual.reactive import Reactive

from catgem_tui.ui.pasted import clean
from catgem_tui.ui.widgets.field import Field

LONGEST = 300
"""Characters; as much of a query counts."""


def one_line(text: str) -> str:
    """The text's words on one line, without anything that is no text."""
    return " ".join(clean(text[: 20 * LONGEST]).split())


class SearchField(Field):
    """Calls ``sought`` as it changes, within the key's own turn: the answer is painted together with the letter."""

    virtual_size = Reactive(Size(0, 0))
    """As Textual's, but that no whole layout of the screen follows each letter."""

    def __init__(self, sought: Callable[[str], None], *, id: str, placeholder: str) -> None:  # noqa: A002 - Textual's
        super().__init__(compact=True, id=id, placeholder=placeholder, max_length=LONGEST)
        self.sought = sought

    def watch_value(self, value: str) -> None:
        if self.is_mounted:
            self.sought(value)

    def on_paste(self, event: events.Paste) -> None:
        """In the place of Textual's way, which takes the first line alone, as it is."""
        event.prevent_default().stop()
        start, end = sorted(self.selection)
        room = LONGEST - len(self.value) + end - start
        line = one_line(event.text)
        if event.text[-1:] in {" ", "\n"} and line:
            line += " "
        self.replace(line[: max(0, room)], start, end)
