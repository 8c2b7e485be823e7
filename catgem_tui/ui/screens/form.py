"""A record as a form: a row for each field, what is wrong beside it, and the document that the change rests on.

It shows the draft that the desk has open and leaves with it. Everything typed is the desk's at once, which keeps it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, cast

from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, TextArea

from catgem_tui.config.i18n import _
from catgem_tui.desk.editing import BULK_FIELDS, DATES, LONG, field_text, fields_of
from catgem_tui.desk.intents import CancelErrand, EditForm, LeaveDraft, SaveDraft
from catgem_tui.desk.keeping import Draft
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.plain import plain
from catgem_tui.ui import gauge, wording
from catgem_tui.ui.actions import FORM
from catgem_tui.ui.keys import KeysInForce, keyed
from catgem_tui.ui.lines import Line, line, paragraph, safe, span, spread
from catgem_tui.ui.paint import Painted
from catgem_tui.ui.panes.band import OfferBand
from catgem_tui.ui.panes.notices import Notices
from catgem_tui.ui.panes.strips import KeyHints
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog
from catgem_tui.ui.screens.overlay import Overlay
from catgem_tui.ui.widgets.field import Field
from catgem_tui.ui.widgets.lines import Lines, painted
from catgem_tui.ui.widgets.long_text import LongText

_SUPPORT = ("reference", "document", "dated")
_PURPOSES = {
    "retire": ("comment", *_SUPPORT),
    "confirm": ("review", *_SUPPORT, "comment"),
    "bulk": ("field", "operation", "find", "value", *_SUPPORT, "comment", "publish"),
    "merge": (*_SUPPORT, "comment", "publish"),
}
_DEFAULTS = {"review": "6", "operation": "set"}


def fields_for(draft: Draft) -> tuple[str, ...]:
    """What is asked, from top to bottom."""
    if draft.purpose in _PURPOSES:
        asked = _PURPOSES[draft.purpose]
    else:
        asked = (*fields_of(draft.base.kind), *_SUPPORT, "comment", "publish")
    return (*asked, "answer") if draft.report else asked


def text_of(draft: Draft, field: str) -> str:
    """The field as it stands in the draft, or in the record that it begins from; a level in words."""
    if field in draft.form:
        text = draft.form[field]
    elif hasattr(draft.base, field):
        text = field_text(draft.base, field)
    else:
        text = _DEFAULTS.get(field, "")
    if is_level(draft, field):
        return _(wording.LEVELS[text]) if text in wording.LEVELS else text
    return safe(text)


def typed(draft: Draft, field: str, text: str) -> str:
    """What the desk is told of a field's text: a level by its code, if there is one of these words."""
    if is_level(draft, field):
        return next((code for code, words in wording.LEVELS.items() if plain(_(words)) == plain(text.strip())), text)
    return text


def is_level(draft: Draft, field: str) -> bool:
    return field == "level" or (draft.purpose == "bulk" and field == "value" and draft.form.get("field") == "level")


class ShortField(Field):
    """One line. The arrows and Enter go on to the fields beside it.

    These keys have priority: the others wait in their field's queue, and what is typed right behind one that waited
    there too would still go to the field that is left.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", show=False, priority=True),
        Binding("down,enter", "app.focus_next", show=False, priority=True),
    ]

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text.replace("\n", " "), compact=True, placeholder=_hint(field), select_on_focus=False)

    def load_text(self, text: str) -> None:
        self.value = text.replace("\n", " ")


class LongField(LongText):
    """Several lines; Tab goes on, and so do the arrows at the first and the last of them."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(
            text, soft_wrap=True, show_line_numbers=False, highlight_cursor_line=False, placeholder=_hint(field)
        )

    def load_text(self, text: str) -> None:
        """What came from elsewhere; whoever is writing stays where they were."""
        place = self.cursor_location
        super().load_text(text)
        self.move_cursor(place)

    def action_cursor_up(self, select: bool = False) -> None:
        if not select and self.navigator.is_first_wrapped_line(self.cursor_location):
            self.app.action_focus_previous()
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        if not select and self.navigator.is_last_wrapped_line(self.cursor_location):
            self.app.action_focus_next()
        else:
            super().action_cursor_down(select)


class ChoiceField(Lines):
    """One of a few, chosen from a list: Enter opens it. ``choices``: words by code; ``text`` is the code."""

    can_focus = True
    DEFAULT_CSS = "ChoiceField { width: 1fr; height: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", show=False, priority=True),
        Binding("down", "app.focus_next", show=False, priority=True),
        Binding("enter,space", "choose", show=False, priority=True),
    ]

    class Changed(Message):
        """Another was chosen."""

    def __init__(self, name: str, choices: Mapping[str, str], code: str) -> None:
        super().__init__()
        self.heading = name
        self.choices = choices
        self.text = code

    def load_text(self, text: str) -> None:
        self.text = text
        self.redraw()

    def redraw(self) -> None:
        words = self.choices.get(self.text, "")
        self.show(
            [
                spread(
                    (span(words or "—", "bright"),),
                    ((keyed(self).keymap.said(_("%(choose)s chooses")), "dim"),),
                    self.text_width,
                )
            ]
        )

    async def action_choose(self) -> None:
        """The next key is the list's."""
        dialog = ChoiceDialog(self.heading, [Choice(code, words) for code, words in self.choices.items()])
        await self.app.push_screen(dialog, self.take_choice)

    def take_choice(self, chosen: str | None) -> None:
        if chosen:
            self.load_text(chosen)
            self.post_message(self.Changed())

    def line_style(self, number: int) -> Style:
        return cast(Painted, self.app).slot_styles["cursor"] if self.has_focus else Style.null()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()


def _hint(field: str) -> str:
    if field in DATES or field == "dated":
        return _("dd/mm/yyyy")
    if field == "publish":
        return _("at once; or dd/mm/yyyy hh:mm")
    if field == "level":
        return ", ".join(_(words) for words in wording.LEVELS.values())
    if field in {"extra", "restricted"}:
        return _("name: value, one a line")
    if field in {"keywords", "related"}:
        return _("one a line")
    return {"reference": _("as it is cited"), "document": _("path of a file, if there is one")}.get(field, "")


def _widget(field: str, text: str) -> "ShortField | LongField | ChoiceField":
    if field in {"field", "operation"}:
        words = {name: wording.RECORD_FIELDS[name] for name in BULK_FIELDS} if field == "field" else wording.OPERATIONS
        return ChoiceField(_(wording.CHANGE_FIELDS[field]), {code: _(each) for code, each in words.items()}, text)
    return LongField(field, text) if field in LONG else ShortField(field, text)


_NAMES = 25
"""Cells of the fields' names."""


def named(name: str, *, touched: bool) -> Line:
    """A field's name; a sign tells one that was changed, to eyes that see no colour. The ear has a note of it."""
    return line(("● ", "accent"), (name, "accent")) if touched else line(("  ", "dim"), (name, "dim"))


class FieldRow(Vertical):
    """A field, its name at the left, and below it what is wrong with it or what two people made of it.

    Name and notes are drawn by the row itself: a form has thirty rows, and every widget takes its time until it stands.
    """

    def __init__(self, field: str, text: str) -> None:
        super().__init__()
        self.field = field
        self.widget = _widget(field, text)
        self.told = self.widget.text
        """The text that the desk knows."""
        self.name_line: Line = ()
        self.notes: Sequence[Line] = ()

    def compose(self) -> ComposeResult:
        yield self.widget

    def load(self, text: str) -> None:
        self.widget.load_text(text)
        self.told = self.widget.text

    def draw(self, draft: Draft) -> None:
        touched = self.field in draft.form
        name = _({**wording.RECORD_FIELDS, **wording.CHANGE_FIELDS}[self.field])
        reader = cast(Painted, self.app).reader
        width = max(20, self.size.width - _NAMES)
        notes = self.told_of(draft, width)
        if reader is not None and touched:
            notes.insert(0, line((_("Changed."), "text")))
        drawn = (
            named(name, touched=touched) if reader is None else line((f"{name}:", "text")),
            notes if reader is None else reader.laid(notes, width),
        )
        if drawn != (self.name_line, self.notes):
            self.refresh(layout=len(drawn[1]) != len(self.notes))
            self.name_line, self.notes = drawn
        if self.field == "restricted" and isinstance(self.widget, LongField):
            self.widget.read_only = not draft.whole

    def told_of(self, draft: Draft, width: int) -> list[Line]:
        told: list[Line] = []
        if self.field == "restricted" and not draft.whole:
            # What only central has cannot be written over before it is here.
            told += paragraph(_("Only central keeps this; it can be changed once it is here."), width, "sla.warning")
        for fault in draft.faults:
            if fault.field == self.field:
                told += paragraph(wording.fault(fault.code, fault.detail), width, "error")
        for conflict in draft.conflicts:
            if conflict.field == self.field:
                told += paragraph(_("Yours: %s") % (safe(conflict.mine) or "—"), width, "sla.warning")
                told += paragraph(_("Theirs: %s") % (safe(conflict.theirs) or "—"), width, "sla.warning")
        return told

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return super().get_content_height(container, viewport, width) + len(self.notes)

    def render_line(self, y: int) -> Strip:
        below = y - (self.content_size.height - len(self.notes))
        if below >= 0:
            return painted(self, ((" " * _NAMES, "text"), *self.notes[below]), Style.null())
        return painted(self, () if y else self.name_line, Style.null())


class Fields(VerticalScroll, can_focus=False):
    pass


class FormScreen(Overlay):
    """``now`` gives central's clock."""

    DEFAULT_CSS = """
    FormScreen, FormScreen:ansi { background: $on-background; color: $slot-text; }
    FormScreen #form-head { padding: 0 1; margin-bottom: 1; background: $on-bar; }
    FormScreen #fields { height: 1fr; padding: 0 1; scrollbar-gutter: stable; scrollbar-size: 1 1; }
    FormScreen FieldRow { height: auto; max-width: 120; }
    FormScreen FieldRow > * { margin-left: 25; }
    FormScreen ShortField { width: 1fr; background: $on-field; color: $slot-bright; padding: 0 1; }
    FormScreen ChoiceField { background: $on-field; }
    FormScreen LongField {
        width: 1fr; height: auto; min-height: 2; max-height: 8; background: $on-field; color: $slot-bright;
        border: none; border-left: solid $on-rule; padding: 0 1 0 0; scrollbar-size: 1 1;
    }
    FormScreen LongField:focus { border: none; border-left: solid $on-accent; }
    FormScreen #form-faults { padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]
    carries = True
    heavy = True
    place = FORM

    def __init__(self, draft: Draft, desk: Desk, keymap: KeysInForce, now: Callable[[], float]) -> None:
        super().__init__()
        self.draft = draft
        self.desk = desk
        self.now = now
        self.rows: dict[str, FieldRow] = {}
        self.band = OfferBand(keymap, classes="")
        self.notices = Notices([])
        self.head = Lines(id="form-head")
        self.faults = Lines(id="form-faults")
        self.hints = KeyHints(keymap, self.place)
        self.unsubscribe: Callable[[], None] = lambda: None

    def compose(self) -> ComposeResult:
        self.rows = {field: FieldRow(field, text_of(self.draft, field)) for field in fields_for(self.draft)}
        yield self.band
        yield self.head
        yield from self.body()
        yield self.faults
        yield self.notices
        yield self.hints

    def body(self) -> ComposeResult:
        with Fields(id="fields"):
            yield from self.rows.values()

    def on_mount(self) -> None:
        self.unsubscribe = self.desk.subscribe(self.take)
        self.set_focus(self.first())

    def first(self) -> Widget:
        """Where writing begins."""
        return next(iter(self.rows.values())).widget

    def on_unmount(self) -> None:
        self.unsubscribe()

    def fill(self) -> None:
        self.draw()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        self.take(self.desk.state)

    def take(self, state: DeskState) -> None:
        """Follow the draft; with it the form is over."""
        draft = state.keeping.drafts.get(self.draft.id)
        if draft is None or state.keeping.open != self.draft.id:
            if self.is_current:
                self.dismiss("")
            return
        before = self.draft
        if (draft.base, draft.conflicts) != (before.base, before.conflicts):
            self.flush()
            draft = self.desk.state.keeping.drafts.get(draft.id, draft)
            for field, row in self.rows.items():
                if row.widget.text != text_of(draft, field):
                    row.load(text_of(draft, field))
        self.draft = draft
        self.draw()
        new = [fault.field for fault in draft.faults if fault not in before.faults and fault.field in self.rows]
        if new:  # one that goes while it is mended moves nothing
            # Behind the drawing of this state, in which it is announced that nothing was saved: that is heard first.
            self.app.call_later(self.set_focus, self.rows[new[0]].widget)

    def draw(self) -> None:
        if not self.is_mounted or self.head.text_width <= 0:
            return
        self.head.show(self.head_lines(self.head.text_width))
        for row in self.rows.values():
            row.draw(self.draft)
        general = [fault for fault in self.draft.faults if fault.field not in self.rows]
        width = self.head.text_width
        self.faults.show(
            [part for fault in general for part in paragraph(wording.fault(fault.code, fault.detail), width, "error")]
        )
        for pane in (self.band, self.notices, self.hints):
            pane.draw(self.desk.state, self.now())

    def name_keys(self) -> None:
        self.draw()

    def head_lines(self, width: int) -> list[Line]:
        draft, keeping = self.draft, self.desk.state.keeping
        title = {"retire": _("Retire: %s"), "confirm": _("Still true: %s")}.get(draft.purpose, "%s")
        told = [line(span(title % (draft.base.title or _("New record")), "bright"))]
        words = [_(wording.RECORD_KINDS[draft.base.kind])]
        mine = self.desk.state.user.name if self.desk.state.user is not None else ""
        others = [name for name in keeping.editors.get(draft.id, ()) if name and name != mine]
        if others:
            words.append(_("also open at: %s") % ", ".join(others))
        told.append(line(span(" · ".join(words), "dim")))
        report = next((each for each in keeping.work.reports if each.id == draft.report), None)
        if report is not None:
            told += paragraph(_("%(who)s reports: %(text)s") % {"who": report.who, "text": report.text or "—"}, width)
        if draft.sending:
            told.append(line(span(self.progress(), "accent")))
        if draft.newer:
            told += paragraph(_("Somebody saved this record meanwhile; saving brings both together."), width,
                              "sla.warning")  # fmt: skip
        if draft.conflicts:
            told += paragraph(_("You and somebody else changed the same fields; saving asks which stays."), width,
                              "sla.warning")  # fmt: skip
        if draft.similar:
            titles = ", ".join(record.title for record in draft.similar)
            told += paragraph(_("The directory has something like it: %s") % titles, width, "sla.warning")[:2]
        return told

    def progress(self) -> str:
        """How far saving is; what has not been sent can be stopped."""
        draft, transfer = self.draft, self.desk.state.keeping.transfer
        if draft.sending == "change":
            return _("being saved…")
        if draft.sending == "record":
            words = _("fetching it from central…")
        else:
            measured = gauge.measure(transfer.done, transfer.total) if transfer is not None else ""
            words = _("sending the document… %s") % measured
        return f"{words.strip()} · " + keyed(self).keymap.said(_("%(back)s stops it"))

    # --- writing ---

    def flush(self) -> None:
        """Tell the desk every text that it does not know."""
        for field, row in self.rows.items():
            if row.widget.text != row.told:
                row.told = row.widget.text
                self.desk.do(EditForm(self.draft.id, field, typed(self.draft, field, row.told)))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.flush()

    def on_choice_field_changed(self, event: ChoiceField.Changed) -> None:
        event.stop()
        self.flush()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.flush()

    def save(self) -> None:
        self.flush()
        self.desk.do(SaveDraft(self.draft.id))

    def leave(self, *, keep: bool) -> None:
        self.flush()
        self.desk.do(LeaveDraft(self.draft.id, keep=keep))

    def action_leave(self) -> None:
        """Nothing is lost by it: what was typed waits among the drafts. What is about to be sent is stopped first."""
        if self.draft.sending in {"record", "document"}:
            self.desk.do(CancelErrand())
        else:
            self.leave(keep=True)
