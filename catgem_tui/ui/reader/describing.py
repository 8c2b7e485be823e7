"""What is said of a screen, of the field or list that has the focus, and of the row that it leads to."""

from typing import Any

from textual.screen import Screen
from textual.widget import Widget

from catgem_tui.config.i18n import _
from catgem_tui.ui.lines import span
from catgem_tui.ui.manual.screen import HelpScreen
from catgem_tui.ui.reader import linear
from catgem_tui.ui.reader.announcement_line import AnnouncementLine
from catgem_tui.ui.screens.form import ChoiceField, FieldRow, FormScreen
from catgem_tui.ui.screens.overlay import Overlay
from catgem_tui.ui.screens.page import PageScreen
from catgem_tui.ui.widgets.lines import Lines, Named, Sliced
from catgem_tui.ui.widgets.rows import Rows
from catgem_tui.ui.widgets.section import Section, Title


def titled(screen: Screen[Any]) -> str:
    """What a page or a form is about, where the field that has the focus does not say it."""
    if isinstance(screen, PageScreen) and not isinstance(screen.focused, Rows):
        return screen.head.words.capitalize()
    return linear.sentence(screen.head.shown[0]) if isinstance(screen, FormScreen) and screen.head.shown else ""


def describe(widget: Widget) -> str:
    """The name of a field or list: the title of its section, the words before it, what it says while it is empty,
    what is wrong with it."""
    section = next((each for each in widget.ancestors if isinstance(each, Section)), None)
    title = section.title.words.capitalize() if section is not None else ""
    if isinstance(widget, Named):
        title = _(widget.called)
    elif section is None and isinstance(widget, Rows) and isinstance(widget.screen, PageScreen):
        title = widget.screen.head.words.capitalize()
    parent = widget.parent
    before: list[str] = []
    skipped = (Sliced, Title, AnnouncementLine)
    for sibling in parent.children if parent is not None else ():
        if sibling is widget:
            break
        if isinstance(sibling, Lines) and sibling.display and not isinstance(sibling, skipped):
            before += [linear.sentence(line) for line in sibling.shown]
    hint = getattr(widget, "placeholder", "")
    if isinstance(widget, ChoiceField):
        hint = linear.sentence(widget.shown[0]) if widget.shown else ""
    row = next((each for each in widget.ancestors if isinstance(each, FieldRow)), None)
    after: list[str] = []
    if row is not None:
        before = [linear.sentence(row.name_line)]
        after = [linear.sentence(line) for line in row.notes]
    parts = dict.fromkeys((title, *before, hint, *after))
    return linear.join(linear.sentence((span(str(part)),)) for part in parts if part)


def lying(screen: Screen[Any]) -> list[str]:
    """What lies over the place: its title, what has the focus there, and the keys that it names; nothing of a place."""
    if not isinstance(screen, Overlay):
        return []
    heading = screen.query("#heading").nodes
    shown = heading[0].shown if heading and isinstance(heading[0], Lines) else ()
    title = titled(screen) or linear.join(linear.sentence(each) for each in shown)
    focused = describe(screen.focused) if screen.focused is not None else ""
    feet = [each for each in screen.query(Lines) if (each.id or "").endswith("foot")]
    keys = [linear.sentence(each) for foot in feet for each in foot.shown]
    if isinstance(screen, HelpScreen):
        keys.append(linear.sentence(screen.foot()))
    return list(dict.fromkeys(filter(None, (title if title not in focused else "", focused, *keys))))


def led(field: Widget) -> str:
    """The row of the list beside a field, which the field's keys move."""
    beside = field.parent.children if field.parent is not None else ()
    rows = next((each for each in beside if isinstance(each, Rows) and each is not field and each.always), None)
    return rows.words_of(rows.cursor) if rows is not None and rows.tells_first else ""
