"""The line in which one searches: whatever is pasted into it stays one clean line."""

import re

from textual import events
from textual.widgets import Input

from catgem_tui.ui.lines import safe

LONGEST = 300
"""Characters; as much of a query counts."""
_TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])?")
"""What tells a terminal to do something (ECMA-48, 5.4), colours above all."""


def one_line(text: str) -> str:
    """The text's words on one line, without anything that is no text."""
    return " ".join(safe(_TERMINAL.sub(" ", text[: 20 * LONGEST])).split())


class SearchField(Input):
    def __init__(self, *, id: str, placeholder: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(compact=True, id=id, placeholder=placeholder, max_length=LONGEST)
        self.cursor_blink = False

    def on_paste(self, event: events.Paste) -> None:
        """In the place of Textual's way, which takes the first line alone, as it is."""
        event.prevent_default().stop()
        start, end = sorted(self.selection)
        room = LONGEST - len(self.value) + end - start
        line = one_line(event.text)
        if event.text[-1:].isspace() and line:
            line += " "
        self.replace(line[: max(0, room)], start, end)
