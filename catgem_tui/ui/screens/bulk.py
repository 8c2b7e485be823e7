"""One change to many records: what is to be done, and below or beside it what becomes of each."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from catgem_tui.config.i18n import _, ngettext
from catgem_tui.desk.editing import BulkEdit, field_text
from catgem_tui.desk.intents import DropFromBulk
from catgem_tui.desk.keeping import Draft
from catgem_tui.desk.several import Planned, edit_of, plan
from catgem_tui.protocol.model import Record
from catgem_tui.ui import wording
from catgem_tui.ui.keys import KeysInForce, key_name
from catgem_tui.ui.lines import ELLIPSIS, Line, Row, Span, clip, line, span, spread, width_of
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.form import Fields, FormScreen
from catgem_tui.ui.widgets.rows import Rows
from catgem_tui.ui.widgets.section import Section

_SHARED = 8
"""Characters shown of what is the same before and after."""


DROP, DROP_REFUSED = "delete", "r"
"""Keys of the list's own."""


class BulkPreview(Rows):
    """Each record before and after; those that need somebody first, those that stay as they are last."""

    DEFAULT_CSS = "BulkPreview { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(f"{DROP},x", "drop", show=False),
        Binding(DROP_REFUSED, "drop_refused", show=False),
    ]

    def __init__(self, drop: Callable[[frozenset[str]], None], draw: Callable[[], None]) -> None:
        super().__init__(id="bulk-preview")
        self.drop = drop
        self.draw = draw
        self.planned: tuple[Planned, ...] = ()

    def redraw(self) -> None:
        self.draw()

    def action_drop(self) -> None:
        if self.cursor:
            self.drop(frozenset({self.cursor}))

    def action_drop_refused(self) -> None:
        refused = frozenset(each.record.id for each in self.planned if each.faults)
        if refused:
            self.drop(refused)


def value_in(record: Record, field: str) -> str:
    text = field_text(record, field)
    return (_(wording.LEVELS[text]) if text in wording.LEVELS else text) if field == "level" else text


def from_where_they_differ(before: str, after: str) -> tuple[str, str]:
    """Without most of what both begin with: the change is what has to be seen."""
    pairs = enumerate(zip(before, after, strict=False))
    cut = next((place for place, (old, new) in pairs if old != new), min(len(before), len(after))) - _SHARED
    return (ELLIPSIS + before[cut:], ELLIPSIS + after[cut:]) if cut > 1 else (before, after)


def planned_row(each: Planned, edit: BulkEdit, who: str | None, width: int) -> Row:
    """``who`` changed the record meanwhile; None: nobody, an empty name: it is not known who."""
    tail: tuple[Span, ...] = ()
    if each.faults:
        tail = ((_("! cannot"), "error"),)
    elif who is not None:
        tail = (span("! " + (_("changed by %s") % who if who else _("changed meanwhile")), "sla.warning"),)
    elif not each.changed:
        tail = ((_("as it is"), "dim"),)
    head = spread((span(each.record.title or "—", "text" if each.changed else "dim"),), tail, width)
    if each.faults:
        fault = each.faults[0]
        words = wording.fault(fault.code, fault.detail)
        return Row(each.record.id, (head, clip((("  ", "text"), span(words, "error")), width)))
    if not each.changed:
        return Row(each.record.id, (head,))
    before = value_in(each.record, edit.field).replace("\n", " · ") or "—"
    after = value_in(each.after, edit.field).replace("\n", " · ") or "—"
    if width_of((span(before), span(after))) > width - 5:
        before, after = from_where_they_differ(before, after)
    room = max(8, (width - 5) // 2)
    change = (*clip((span(before, "dim"),), room), (" → ", "dim"), *clip((span(after, "bright"),), room))
    return Row(each.record.id, (head, (("  ", "text"), *change)))


class BulkScreen(FormScreen):
    HORIZONTAL_BREAKPOINTS = [(0, "-one"), (120, "-two")]
    DEFAULT_CSS = """
    BulkScreen #bulk { height: 1fr; layout: vertical; }
    BulkScreen #fields { height: auto; max-height: 5; }
    BulkScreen #fields:focus-within { max-height: 60%; }
    BulkScreen #s-preview { height: 1fr; padding: 0 1; border-top: solid $on-rule; }
    BulkScreen.-two #bulk { layout: horizontal; }
    BulkScreen.-two #fields, BulkScreen.-two #fields:focus-within { width: 50%; height: 1fr; max-height: 100%; }
    BulkScreen.-two #s-preview { width: 1fr; height: 1fr; border-top: none; border-left: solid $on-rule; }
    """

    def __init__(self, draft: Draft, desk: Desk, keymap: KeysInForce, now: Callable[[], float]) -> None:
        super().__init__(draft, desk, keymap, now)
        self.preview = BulkPreview(self.drop, self.draw_preview)
        self.section = Section(_("WHAT CHANGES"), self.preview, id="s-preview")
        self.worked_out: tuple[tuple[Record, ...], BulkEdit] | None = None

    def body(self) -> ComposeResult:
        with Container(id="bulk"):
            with Fields(id="fields"):
                yield from self.rows.values()
            yield self.section

    def draw(self) -> None:
        super().draw()
        operation = self.draft.form.get("operation", "set")
        self.rows["find"].display = operation == "replace"
        self.rows["value"].display = operation != "clear"
        self.draw_preview()

    def drop(self, records: frozenset[str]) -> None:
        self.flush()
        self.desk.do(DropFromBulk(self.draft.id, records))

    def draw_preview(self) -> None:
        width = self.preview.text_width
        if not self.is_mounted or width <= 0:
            return
        edit = edit_of(self.draft.form)
        known = self.worked_out
        if known is None or known[0] is not self.draft.others or known[1] != edit:
            self.worked_out = (self.draft.others, edit)
            self.preview.planned = plan(self.draft.others, edit)
        clashed = self.draft.clashed

        def order(each: Planned) -> int:
            return 0 if each.faults else 1 if each.record.id in clashed else 2 if each.changed else 3

        rows = [
            planned_row(each, edit, clashed.get(each.record.id), width)
            for each in sorted(self.preview.planned, key=order)
        ]
        self.preview.show_rows(rows)
        self.preview.keep_in_sight()
        self.section.title.tell(self.counts())

    def counts(self) -> Line:
        planned = self.preview.planned
        changed = sum(each.changed and not each.faults for each in planned)
        refused = sum(bool(each.faults) for each in planned)
        told: list[Span] = [(ngettext("%d changes", "%d change", changed) % changed, "bright")]
        same = len(planned) - changed - refused
        if same:
            told.append((" · " + ngettext("%d stays", "%d stay", same) % same, "dim"))
        if refused:
            told.append((" · ! " + ngettext("%d cannot", "%d cannot", refused) % refused, "error"))
        return tuple(told)

    def head_lines(self, width: int) -> list[Line]:
        count = len(self.draft.others)
        told = super().head_lines(width)
        told[0] = line(span(ngettext("One change to %d record", "One change to %d records", count) % count, "bright"))
        names = {"one": key_name(DROP), "refused": key_name(DROP_REFUSED).upper()}
        told[1] = line((_("In the list: %(one)s takes one out, %(refused)s those that cannot.") % names, "dim"))
        return told
