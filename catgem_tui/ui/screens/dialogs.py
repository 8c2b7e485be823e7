"""Dialogs, for what must be decided before going on: one column, the first field focused, Enter on, Esc back.

What was typed or chosen in a dialog is kept in a ``Remembered`` that outlives it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from catgem_tui.config.i18n import _
from catgem_tui.protocol.plain import plain
from catgem_tui.ui.keys import keyed
from catgem_tui.ui.lines import Line, Row, Span, cell, line, paragraph, span, spread, width_of
from catgem_tui.ui.records import title_cells
from catgem_tui.ui.screen_reader import Telling
from catgem_tui.ui.screens.overlay import Overlay, Remembered
from catgem_tui.ui.widgets.field import Field
from catgem_tui.ui.widgets.lines import Lines
from catgem_tui.ui.widgets.rows import MOVES, Rows

_MOST_ROWS = 16
_BELOW = 2
"""Rows below a dialog that stay free for notices."""
_FRAME = 8
"""Rows of a choice's border, heading, field, foot and their margins."""
_SCROLLED_FRAME = 3
"""Rows of the border and of the margin above the foot."""


@dataclass(frozen=True, slots=True)
class Choice:
    id: str
    words: str
    remark: str = ""
    slot: str = "text"
    about: str = ""
    """A sentence in a column of its own beside the words."""
    place: str = ""
    """With which the words end; it is kept where they are shortened."""


def matching(choices: Sequence[Choice], typed: str) -> list[Choice]:
    """The choices that hold every typed word, those that begin with the text first."""
    wanted = plain(typed).split()
    found = [choice for choice in choices if all(word in plain(f"{choice.words} {choice.about}") for word in wanted)]
    return sorted(found, key=lambda choice: not plain(choice.words).startswith(plain(typed).strip()))


class Dialog(Overlay):
    """One column, left with Esc."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: transparent; }
    Dialog > Vertical {
        width: 64; max-width: 94%; height: auto; max-height: 90%; margin-bottom: 2;
        background: $on-dialog; border: round $on-accent; padding: 0 1;
    }
    Dialog Lines { width: 100%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False)]

    def most_rows(self, percent: int, besides: int) -> int:
        """So many rows at most may be shown at once that the keys below them stay in sight: ``percent`` of the screen
        is the dialog's, and ``besides`` are its other rows."""
        docked = sum(each.outer_size.height for each in self.children if each.styles.dock == "bottom")
        return max(3, (self.size.height - docked - _BELOW) * percent // 100 - besides)

    def action_back(self) -> None:
        self.dismiss("")


class ScrolledLines(Lines):
    """What a dialog has to be read: made anew for another width, which its own scrollbar makes as well."""

    made_for = 0
    """Cells of a line when they were made."""

    def show(self, lines: Sequence[Line]) -> None:
        self.made_for = self.text_width
        super().show(lines)

    def redraw(self) -> None:
        screen = self.screen
        if isinstance(screen, ScrolledDialog) and self.text_width not in {0, self.made_for}:
            screen.fill()


class ScrolledDialog(Dialog):
    """Something to read, scrolled by keys; another dialog may be laid over it. ``scrolled`` is the id of its lines."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_card(-1)", show=False),
        Binding("down", "scroll_card(1)", show=False),
        Binding("pageup", "scroll_card(-10)", show=False),
        Binding("pagedown,space", "scroll_card(10)", show=False),
        Binding("home", "scroll_card(-9999)", show=False),
        Binding("end", "scroll_card(9999)", show=False),
    ]
    carries = True
    scrolled: ClassVar[str]

    def on_mount(self) -> None:
        self.query_one(f"#{self.scrolled}", Lines).read_by_ear()

    def keep_in_sight(self, below: int) -> None:
        """As many rows ``below`` what is scrolled; in a height of its own parts Textual would push them out."""
        self.query_one(f"#{self.scrolled}", Lines).styles.max_height = self.most_rows(90, _SCROLLED_FRAME + below)

    def action_scroll_card(self, by: int) -> None:
        lines = self.query_one(f"#{self.scrolled}", Lines)
        if lines.reader is None:
            lines.scroll_relative(y=by, animate=False)
        else:
            lines.read(by)


class ListDialog(Dialog):
    """A heading and rows below it, made anew for the width there is."""

    heading: str
    rows: Rows

    def fill(self) -> None:
        self.draw()

    def draw(self) -> None:
        width = self.rows.text_width
        if width > 0:
            self.query_one("#heading", Lines).show([line((self.heading, "accent"))])
            self.draw_below(width)

    def draw_below(self, width: int) -> None:
        """The rows, and what else there is below the heading."""
        raise NotImplementedError


class ChoiceRows(Rows):
    """Rows that are made anew when their width changes."""

    can_focus = False

    def __init__(self, make: Callable[[], None]) -> None:
        super().__init__(always=True)
        self.make = make

    def redraw(self) -> None:
        self.make()


class ChoiceDialog(ListDialog):
    """One of a list, found by typing."""

    DEFAULT_CSS = """
    ChoiceDialog Input { margin: 1 0; }
    ChoiceDialog #foot { margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*MOVES]

    def __init__(
        self, title: str, choices: Sequence[Choice], remembered: Remembered | None = None, explanation: str = ""
    ) -> None:
        super().__init__()
        self.heading = title
        self.choices = choices
        self.remembered = remembered or Remembered()
        self.explanation = explanation
        self.field = Field(self.remembered.text, compact=True, placeholder=_("type to find"))
        self.rows = ChoiceRows(self.draw_choices)
        self.rows.cursor = self.remembered.cursor

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Lines(id="heading")
            yield Lines(id="explanation")
            yield self.field
            yield self.rows
            yield Lines(id="foot")

    def on_mount(self) -> None:
        self.set_focus(self.field)
        self.draw_choices()

    def draw_below(self, width: int) -> None:
        explanation = self.query_one("#explanation", Lines)
        explanation.display = bool(self.explanation)
        told = paragraph(self.explanation, width) if self.explanation else []
        explanation.show(told)
        self.rows.styles.max_height = min(_MOST_ROWS, self.most_rows(90, _FRAME + len(told)))
        self.query_one("#foot", Lines).show(
            [line((keyed(self).keymap.said(_("%(choose)s goes on · %(back)s goes back")), "dim"))]
        )
        self.draw_choices()

    def draw_choices(self, *, first: bool = False) -> None:
        width = self.rows.text_width
        found = self.matches(self.field.value)
        if width <= 0:  # on a slow machine one types and chooses before there is anything to see
            keys = [choice.id for choice in found if choice.id]
            if first or self.rows.cursor not in keys:
                self.rows.cursor = keys[0] if keys else ""
            return
        if not found:
            self.rows.show_rows([Row("", (line((self.nothing(), "dim")),))], first=first)
            return
        column = max((cell_len(choice.words) + 2 for choice in self.choices if choice.about), default=0)
        self.rows.show_rows([Row(choice.id, _choice_lines(choice, column, width)) for choice in found], first=first)
        self.rows.keep_in_sight()

    def matches(self, typed: str) -> Sequence[Choice]:
        """What there is to choose, for what is typed; a choice without an id only says something."""
        return matching(self.choices, typed)

    def nothing(self) -> str:
        """What to say where there is nothing."""
        return _("Nothing like that in the list.")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self.remembered.text:
            self.remembered.text = event.value
            self.draw_choices(first=True)

    def on_rows_moved(self, event: Rows.Moved) -> None:
        event.stop()
        self.remembered.cursor = event.key

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.rows.cursor in {choice.id for choice in self.matches(self.field.value) if choice.id}:
            self.dismiss(self.rows.cursor)

    def action_move(self, by: int) -> None:
        self.rows.action_move(by)


def _choice_lines(choice: Choice, column: int, width: int) -> tuple[Line, ...]:
    """``column``: cells of the words beside which there is something about them."""
    if not choice.id:
        return tuple(paragraph(choice.words, width, choice.slot))
    tail: tuple[Span, ...] = (span(choice.remark, "dim"),) if choice.remark else ()
    words: Sequence[Span]
    if choice.about:
        words = (cell(choice.words, choice.slot, column), span(choice.about, "dim"))
    else:
        room = min(width_of((span(choice.words),)), width - width_of(tail) - 2)
        words = title_cells(choice.words, choice.place, choice.slot, max(1, room))
    return (spread(words, tail, width),)


class WideChoiceDialog(ChoiceDialog):
    """With room for what the choices are about."""

    DEFAULT_CSS = "WideChoiceDialog > Vertical { width: 112; }"


class FieldDialog(Dialog):
    """One field between a heading and a foot."""

    DEFAULT_CSS = "FieldDialog Input { margin: 1 0; }"
    field: Field

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Lines(id="heading")
            yield self.field
            yield Lines(id="foot")

    def on_mount(self) -> None:
        self.set_focus(self.field)

    def fill(self) -> None:
        self.draw()

    def draw(self) -> None:
        """Heading and foot, to the width there is."""
        raise NotImplementedError


class TextDialog(FieldDialog):
    """One line to write. Leaves with ``>`` and the text, or with an empty string.

    ``wanted`` is the sentence that refuses an empty line; without one the line may stay empty.
    """

    def __init__(
        self, title: str, placeholder: str, remembered: Remembered, explanation: str = "", *, wanted: str = ""
    ) -> None:
        super().__init__()
        self.heading = title
        self.explanation = explanation
        self.wanted = wanted
        self.lacking = False
        """Whether an empty line was refused just now."""
        self.remembered = remembered
        self.field = Field(remembered.text, compact=True, placeholder=placeholder, select_on_focus=False)

    def draw(self) -> None:
        heading = self.query_one("#heading", Lines)
        if heading.text_width > 0:
            told = paragraph(self.explanation, heading.text_width, "dim") if self.explanation else []
            heading.show([line((self.heading, "accent")), *told])
            refused = paragraph("!! " + self.wanted, heading.text_width, "error") if self.lacking else []
            hint = keyed(self).keymap.said(_("%(choose)s goes on · %(back)s goes back"))
            self.query_one("#foot", Lines).show([*refused, line((hint, "dim"))])

    def refuse(self) -> None:
        """Say at the field that something has to be written, until something is."""
        self.lacking = True
        self.draw()
        reader = self.query_one("#foot", Lines).reader
        if reader is not None:
            reader.say(self, self.wanted, Telling.FIELD)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.remembered.text = event.value
        if self.lacking and event.value.strip():
            self.lacking = False
            self.draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.wanted and not event.value.strip():
            self.refuse()
            return
        self.remembered.text = ""
        self.dismiss(f">{event.value.strip()}")
