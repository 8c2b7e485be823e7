"""A titled part of a column; its title lights up while the focus is in it."""

from collections.abc import Iterable
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from catgem_tui.ui.lines import Span, spread
from catgem_tui.ui.widgets.lines import Lines


class Title(Lines):
    """One line: the name at the left, a remark at the right."""

    DEFAULT_CSS = "Title { height: 1; }"

    def __init__(self, words: str) -> None:
        super().__init__(classes="section-title")
        self.words = words
        self.remark: tuple[Span, ...] = ()
        self.steady = False
        """Whether the remark changes so seldom that screen-reader mode has it too; what matters of the others is
        announced."""
        self.lit = False

    def tell(self, remark: Iterable[Span] = (), words: str | None = None) -> None:
        told = (tuple(remark), self.words if words is None else words)
        if told != (self.remark, self.words):
            self.remark, self.words = told
            self.redraw()

    def light(self, lit: bool) -> None:
        if lit != self.lit:
            self.lit = lit
            self.redraw()

    def redraw(self) -> None:
        slot = "accent" if self.lit else "title"
        if self.reader is None:
            self.show([spread(((self.words, slot),), self.remark, self.text_width)])
        else:
            remark = (("   ", "text"), *self.remark) if self.steady and self.remark else ()
            self.show([((self.words.capitalize(), slot), *remark)])


class Section(Vertical):
    DEFAULT_CSS = "Section { height: auto; }"

    def __init__(self, words: str, *content: Widget, id: str, **options: Any) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id, **options)
        self.title = Title(words)
        self.content = content

    def compose(self) -> ComposeResult:
        yield self.title
        yield from self.content

    def on_descendant_focus(self) -> None:
        self.title.light(True)

    def on_descendant_blur(self) -> None:
        self.title.light(False)
