"""The guide on the screen: a band at the foot of every screen, dialogs too, and what was done at the end."""

from collections.abc import Callable, Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize
from textual.screen import Screen

from catgem_tui.config.i18n import _
from catgem_tui.config.keymap import LISTS
from catgem_tui.desk.state import DeskState
from catgem_tui.ui import figures
from catgem_tui.ui.guide.course import Course, Progress
from catgem_tui.ui.guide.steps import SHIFT
from catgem_tui.ui.keys import KeysInForce, key_name, keyed
from catgem_tui.ui.lines import Line, Span, cell, line, paragraph, plain, span, spread, without_halves
from catgem_tui.ui.manual.book import shown_key
from catgem_tui.ui.screens.dialogs import ScrolledDialog, ScrolledLines
from catgem_tui.ui.screens.overlay import Overlay
from catgem_tui.ui.screens.place import PlaceScreen
from catgem_tui.ui.widgets.lines import Lines

_TOLD = 2
"""Rows of what is to be done; the texts fit there at 80 columns, a test holds them to it."""


class GuideBand(Lines):
    """Always in the same place, so that neither the work nor a dialog lies under it. Over a dialog it may lie on the
    line on which keys have something to say: it says that itself, instead of what to do, until the next key."""

    DEFAULT_CSS = """
    GuideBand { dock: bottom; height: 3; padding: 0 1; background: $on-band; color: $slot-text; }
    """

    def __init__(self, course: Course, keymap: KeysInForce, make_room: Callable[[], None], state: DeskState) -> None:
        super().__init__()
        self.course = course
        self.keymap = keymap
        self.make_room = make_room
        self.state = state
        self.spoken = ""
        """What screen-reader mode has announced of it."""

    @on(Resize)
    def take_room(self) -> None:
        """What lies above it has fewer rows from now on."""
        self.call_after_refresh(self.make_room)

    def tell(self, state: DeskState) -> None:
        self.state = state
        self.redraw()

    def redraw(self) -> None:
        if self.text_width <= 0 or not self.course.running:
            return
        if self.reader is None:
            head, *told = band_lines(self.course, self.state, self.keymap, self.text_width)
            said = () if self.screen.query(".key-bar") else keyed(self).key_line
            self.show([head, without_halves(said, self.text_width)] if said else [head, *told])
            return
        self.show(spoken_lines(self.course, self.state, self.keymap))
        spoken = " ".join(plain(each) for each in self.drawn)
        if spoken != self.spoken:
            self.spoken = spoken
            self.reader.hear(self.screen, "guide", spoken)


def band_lines(course: Course, state: DeskState, keymap: KeysInForce, width: int) -> list[Line]:
    """How far one is, what to do and, instead of that, what keeps it from being done."""
    count = _("%(number)d of %(steps)d") % {"number": course.number, "steps": len(course.steps)}
    head = line((_("GUIDE") + f" {count}  ", "accent"), (_(course.step.title), "bright"))
    tail = line(
        (figures.elapsed(course.elapsed) + "  ", "dim"),
        (shown_key("guide", keymap), "key"),
        (" " + _("options"), "text"),
    )
    words, slot = _told(course, state, keymap)
    return [spread(head, tail, width), *paragraph(words, width, slot)[:_TOLD]]


def spoken_lines(course: Course, state: DeskState, keymap: KeysInForce) -> list[Line]:
    """The same for the ear: without the clock, which would be read every second."""
    count = _("%(number)d of %(steps)d") % {"number": course.number, "steps": len(course.steps)}
    options = f"{shown_key('guide', keymap)} {_('options')}"
    return [
        line((_("GUIDE") + f" {count}  {_(course.step.title)}  {options}", "accent")),
        line(_told(course, state, keymap)),
    ]


def _told(course: Course, state: DeskState, keymap: KeysInForce) -> Span:
    """What keeps the step from being done, or else what to do."""
    obstacle = course.obstacle(state)
    if obstacle:
        keys = _keys({"state": "presence.choose", "finish": "contact.finish"}, keymap)
        return _(obstacle) % keys, "sla.warning"
    return step_words(course, keymap), "text"


def step_words(course: Course, keymap: KeysInForce) -> str:
    return _(course.step.about) % _keys(course.step.keys, keymap)


def _keys(names: Mapping[str, str], keymap: KeysInForce) -> dict[str, str]:
    """How the keys are written that words of the guide name: of these actions, of the moves, and Enter in a field."""
    moves = {move: keymap.move(move) for move in LISTS}
    return {**moves, "enter": key_name("enter"), **{name: shown_key(action, keymap) for name, action in names.items()}}


class GuideEnd(ScrolledDialog):
    """What was done, and how long each step took."""

    DEFAULT_CSS = """
    GuideEnd > Vertical { max-height: 90%; }
    GuideEnd #done { overflow-y: auto; }
    GuideEnd #done-foot { margin-top: 1; }
    """
    scrolled = "done"

    def __init__(self, progress: Progress, keymap: KeysInForce) -> None:
        super().__init__()
        self.progress = progress
        self.keymap = keymap

    def compose(self) -> ComposeResult:
        with Vertical():
            yield ScrolledLines(id="done")
            yield Lines(id="done-foot")

    def fill(self) -> None:
        self.draw()

    def draw(self) -> None:
        done = self.query_one("#done", Lines)
        if done.text_width > 0:
            done.show(end_lines(self.progress, done.text_width))
            self.query_one("#done-foot", Lines).show([line((self.keymap.said(_("%(back)s closes")), "dim"))])
            self.keep_in_sight(1)


def end_lines(progress: Progress, width: int) -> list[Line]:
    told: list[Line] = [line((_("Your first shift is done"), "accent")), ()]
    for part in SHIFT:
        told.append(line((_(part.title), "title")))
        for step in part.steps:
            if step.id in progress.spent:
                mark, took, slot = "✓ ", figures.elapsed(progress.spent[step.id]), "text"
            else:
                mark, took, slot = "· ", _("left out"), "dim"
            told.append(spread(((f"  {mark}", slot), span(_(step.title), slot)), ((took, slot),), width))
    whole = figures.elapsed(sum(progress.spent.values()))
    told += [(), spread((cell(_("Altogether"), "bright", max(1, width - 12)),), ((whole, "bright"),), width)]
    return told


def show_guide(course: Course, keymap: KeysInForce, screen: Screen[object], state: DeskState) -> None:
    """Have the course look, and tell what it says on the screen on top."""
    course.look(state, reading=isinstance(screen, Overlay) and screen.reads)
    if not isinstance(screen, PlaceScreen | Overlay):
        return
    band = next((each for each in screen.children if isinstance(each, GuideBand)), None)
    if band is None and course.running and screen.is_mounted:
        screen.mount(GuideBand(course, keymap, screen.fill, state))
    elif band is not None and course.running:
        band.tell(state)
    elif band is not None:
        band.remove()
