"""Things to be read one by one: where am I, and the last announcements."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

from catgem_tui.ui.lines import Row, paragraph, span
from catgem_tui.ui.screens.dialogs import ListDialog
from catgem_tui.ui.widgets.lines import Lines
from catgem_tui.ui.widgets.rows import Rows


class FactsPage(ListDialog):
    """A list of sentences to go through with the arrows."""

    DEFAULT_CSS = "FactsPage Rows { max-height: 100%; }"

    tells = True

    def __init__(self, title: str, sentences: Sequence[str]) -> None:
        super().__init__()
        self.heading = title
        self.sentences = sentences
        self.rows = Rows()

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Lines(id="heading")
            yield self.rows

    def on_mount(self) -> None:
        self.set_focus(self.rows)

    def draw_below(self, width: int) -> None:
        self.rows.styles.max_height = max(3, self.size.height - 6)
        self.rows.show_rows(
            [
                Row(str(number), tuple(paragraph(words, width)) or ((span(words),),))
                for number, words in enumerate(self.sentences)
            ]
        )
