"""Two records that are one thing: what each says, field by field, and which of it stays."""

from collections.abc import Callable
from itertools import zip_longest
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from catgem_tui.config.i18n import _, ngettext
from catgem_tui.desk.editing import LINES, PAIRS, field_text
from catgem_tui.desk.intents import EditForm, SwapMerged
from catgem_tui.desk.keeping import Draft
from catgem_tui.desk.several import MERGED_FIELDS, differing, joined, union
from catgem_tui.protocol.model import Record
from catgem_tui.ui import wording
from catgem_tui.ui.keys import KeysInForce, key_name, keyed
from catgem_tui.ui.lines import EMPTY, Line, Row, cell, line, paragraph, span, wrap
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.bulk import value_in
from catgem_tui.ui.screens.form import Fields, FormScreen
from catgem_tui.ui.widgets.rows import Rows
from catgem_tui.ui.widgets.section import Section

_NAME = 18
_LINES = 4
"""Of one value."""
CHOSEN, LEFT_OUT = "● ", "○ "


BOTH, SWAP = "b", "i"
"""Keys of the comparison's own."""


class Comparison(Rows):
    """← and → choose a side, ``BOTH`` both where that can be, ``SWAP`` makes the other one stay."""

    DEFAULT_CSS = "Comparison { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "take('ours')", show=False),
        Binding("right", "take('theirs')", show=False),
        Binding(BOTH, "take('both')", show=False),
        Binding(SWAP, "swap", show=False),
    ]

    def __init__(self, take: Callable[[str, str], None], swap: Callable[[], None], draw: Callable[[], None]) -> None:
        super().__init__(id="comparison")
        self.take = take
        self.swap = swap
        self.draw = draw

    def redraw(self) -> None:
        self.draw()

    def action_take(self, side: str) -> None:
        if self.cursor:
            self.take(self.cursor, side)

    def action_swap(self) -> None:
        self.swap()


def _comparing(keymap: KeysInForce) -> str:
    """What the comparison's keys do."""
    return _("%(left)s %(right)s choose a side · %(both)s both · %(swap)s the other one stays · %(next)s goes on") % {
        "both": key_name(BOTH).upper(),
        "swap": key_name(SWAP).upper(),
        **{move: keymap.move(move) for move in ("left", "right", "next")},
    }


def sides(stays: Record, gone: Record, field: str) -> dict[str, str]:
    """The texts that a field may have, by where they are from."""
    found = {"ours": field_text(stays, field), "theirs": field_text(gone, field)}
    if field in LINES | PAIRS:
        found["both"] = union(stays, gone).get(field, joined(stays, gone, field))
    return found


def chosen(draft: Draft, field: str) -> str:
    """Which of the texts is to stay; empty when it is none of them."""
    text = draft.form.get(field, field_text(draft.base, field))
    return next((side for side, each in sides(draft.base, draft.others[0], field).items() if each == text), "")


def compared_row(draft: Draft, field: str, width: int) -> Row:
    stays, gone = draft.base, draft.others[0]
    side = chosen(draft, field)
    room = max(10, (width - _NAME - 4) // 2)
    columns: list[list[Line]] = []
    for record, mine in ((stays, "ours"), (gone, "theirs")):
        taken = side in {mine, "both"}
        sign = (CHOSEN if taken else LEFT_OUT, "accent" if taken else "dim")
        told = wrap(value_in(record, field) or "—", room - 3)[:_LINES]
        columns.append([
            ((sign if not number else ("  ", "text")), cell(part, "bright" if taken else "dim", room - 1))
            for number, part in enumerate(told)
        ])  # fmt: skip
    lines: list[Line] = []
    for number, (ours, theirs) in enumerate(zip_longest(*columns, fillvalue=(cell("", "text", room + 1),))):
        name = _(wording.RECORD_FIELDS[field]) if not number else ""
        lines.append((cell(name, "dim", _NAME), *ours, *theirs))
    return Row(field, tuple(lines))


def compared_words(draft: Draft, field: str) -> str:
    """A row of the comparison as a sentence, for who hears it."""
    kept = {
        "ours": _("the first stays"),
        "theirs": _("the other one stays"),
        "both": _("both stay"),
        "": _("neither stays"),
    }  # fmt: skip
    ours, theirs = (value_in(record, field) or _("nothing") for record in (draft.base, draft.others[0]))
    told = _("%(field)s: %(ours)s; in the other one: %(theirs)s; %(kept)s")
    words = {"ours": ours, "theirs": theirs, "kept": kept[chosen(draft, field)]}
    return told % {"field": _(wording.RECORD_FIELDS[field]), **words}


class MergeScreen(FormScreen):
    VERTICAL_BREAKPOINTS = [(0, "-short"), (36, "-tall")]
    DEFAULT_CSS = """
    MergeScreen #s-comparison { height: 1fr; padding: 0 1; }
    MergeScreen #fields { height: auto; max-height: 4; border-top: solid $on-rule; }
    MergeScreen #fields:focus-within, MergeScreen.-tall #fields { max-height: 40%; }
    """

    def __init__(self, draft: Draft, desk: Desk, keymap: KeysInForce, now: Callable[[], float]) -> None:
        super().__init__(draft, desk, keymap, now)
        self.comparison = Comparison(self.choose, self.swap, self.draw_comparison)
        self.section = Section(_("WHAT STAYS"), self.comparison, id="s-comparison")

    def body(self) -> ComposeResult:
        yield self.section
        with Fields(id="fields"):
            yield from self.rows.values()

    def first(self) -> Widget:
        return self.comparison

    def draw(self) -> None:
        super().draw()
        self.draw_comparison()

    def draw_comparison(self) -> None:
        width = self.comparison.text_width
        if not self.is_mounted or width <= 0 or not self.draft.others:
            return
        stays, gone = self.draft.base, self.draft.others[0]
        fields = differing(stays, gone)
        room = max(10, (width - _NAME - 4) // 2)
        head = (
            cell("", "dim", _NAME), cell("  " + _("This one stays"), "accent", room + 1),
            cell("  " + _("This one is retired"), "sla.warning", room + 1),
        )  # fmt: skip
        if self.comparison.reader is None:
            rows = [Row("", (head,)), *(compared_row(self.draft, field, width) for field in fields)]
        else:
            rows = [Row(field, (line(span(compared_words(self.draft, field))),)) for field in fields]
        if not fields:
            rows.append(Row("", (EMPTY, line((_("Both say the same."), "dim")))))
        self.comparison.show_rows(rows)
        self.comparison.keep_in_sight()
        same = len(MERGED_FIELDS) - len(fields)
        told = ngettext("%d field is the same in both", "%d fields are the same in both", same) % same
        self.section.title.tell(((told, "dim"),))

    def choose(self, field: str, side: str) -> None:
        """Both where there cannot be both is neither."""
        text = sides(self.draft.base, self.draft.others[0], field).get(side)
        if text is not None:
            self.desk.do(EditForm(self.draft.id, field, text))

    def swap(self) -> None:
        self.flush()
        self.desk.do(SwapMerged(self.draft.id))

    def head_lines(self, width: int) -> list[Line]:
        told = super().head_lines(width)
        gone = self.draft.others[0].title if self.draft.others else ""
        words = _("Make one of two: “%(gone)s” goes into “%(stays)s”") % {"gone": gone, "stays": self.draft.base.title}
        told[:1] = paragraph(words, width, "bright")
        told.append(line(span(_comparing(keyed(self).keymap), "dim")))
        return told
