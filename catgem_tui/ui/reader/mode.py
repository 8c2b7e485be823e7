"""The mode itself: it folds the screens, says what panes show, and keeps the line of announcements."""

from asyncio import get_running_loop
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakSet

from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from catgem_tui.config.i18n import _, ngettext
from catgem_tui.desk.state import DeskState
from catgem_tui.terminal.painting import Update
from catgem_tui.ui.lines import Line, Row, span
from catgem_tui.ui.places import Places
from catgem_tui.ui.reader import facts, floor_news, linear, news, telling
from catgem_tui.ui.reader.announcement_line import AnnouncementLine
from catgem_tui.ui.reader.announcements import SEARCH, News
from catgem_tui.ui.reader.describing import describe, led, titled
from catgem_tui.ui.reader.folding import STYLE, STYLE_FROM, fold
from catgem_tui.ui.reader.following import Following
from catgem_tui.ui.reader.utterances import STANDS, Utterances
from catgem_tui.ui.screen_reader import Telling
from catgem_tui.ui.widgets.lines import Sliced

AGAIN, HELP = "reader.again", "help"
_MORE = 12
"""Cells of each row that are kept for how many more there are."""
SETTLED = 0.4
"""Seconds without another letter after which it is said what a search found: whoever types hears their own keys."""


class Reader:
    """Holds what is to be heard; one for as long as the mode is on, from ``enter`` to ``leave``."""

    def __init__(self, app: Places) -> None:
        self._app = app
        self._on = False
        self.keymap = app.keymap
        self.utterances = Utterances(self._with_more)
        self.said = ""
        """What the line says."""
        self._slot = "text"
        self._line: AnnouncementLine | None = None
        self._unwritten = False
        """Whether the terminal does not have yet what the line says."""
        self._brought = False
        """Whether the next frame will have it, so that it may not change any more."""
        self._stands = False
        """Whether it was written just now."""
        self._is_over = False
        """Whether it says what may follow a key that is done."""
        self._before: DeskState | None = None
        self._levels: dict[str, str] = {}
        self._late = 0
        """How many of the floor wait too long."""
        self._greeted: WeakSet[Screen[object]] = WeakSet()
        """Screens that have said what they are; only then do their lists speak."""
        self._found: tuple[Timer, Callable[[], None]] | None = None
        """What a search found, while its letters are still coming."""
        self.following = Following()

    def enter(self) -> None:
        """Begin the mode on every screen there is."""
        self._on, app = True, self._app
        if not app.stylesheet.has_source(*STYLE_FROM):
            app.stylesheet.add_source(STYLE, read_from=STYLE_FROM)
        app.screen_change_signal.subscribe(app, self.greet_soon)
        app.add_class("-reader", update=False)
        self._draw_anew()
        self.greet_soon(app.screen)

    def leave(self) -> None:
        """End it; the screens are as they were."""
        self._on, app = False, self._app
        self.forget_found()
        app.screen_change_signal.unsubscribe(app)
        app.mark.show()
        app.remove_class("-reader", update=False)
        for screen in app.standing_screens():
            for line in screen.query(AnnouncementLine):
                line.remove()
        self._draw_anew()

    def _draw_anew(self) -> None:
        for screen in self._app.screen_stack:
            self._fold_anew(screen)
        self._app.draw()
        self._app.call_after_refresh(self._fold_elsewhere)

    def _fold_elsewhere(self) -> None:
        for screen in self._app.places_elsewhere():
            self._fold_anew(screen)

    def _fold_anew(self, screen: Screen[object]) -> None:
        fold(screen, linear=self._on)
        self._app.stylesheet.update(screen)
        for pane in screen.query(Sliced):
            pane.slice = pane.told = None

    # --- what panes show ---

    @property
    def wide(self) -> int:
        return linear.WIDE

    @property
    def endless(self) -> int:
        return linear.ENDLESS

    def keys(self, pressed: str) -> str:
        """What was pressed, key by key."""
        return linear.sentence(((" ".join(pressed), "key"),))

    def words(self, text: str) -> str:
        """A text without what is spelt out."""
        return linear.sentence((span(text),))

    def laid(self, lines: Sequence[Line], width: int) -> list[Line]:
        return linear.laid(lines, width)

    def laid_rows(self, rows: Sequence[Row], width: int) -> list[Row]:
        return linear.laid_rows(rows, width)

    def tell(self, pane: Widget, state: DeskState, now: float) -> telling.Sentences | None:
        return telling.tell(pane, state, now)

    def tell_rows(self, pane: Widget, state: DeskState, now: float) -> tuple[Row, ...] | None:
        return telling.tell_rows(pane, state, now)

    # --- what is announced ---

    def heed(self, screen: Screen[object], state: DeskState, now: float) -> None:
        """Announce what is new in the state, on the screen that is on top."""
        told: list[News] = []
        if self._before is not None and state is not self._before:
            told = news.changes(self._before, state, self.keymap)
        self._levels, late = news.lateness(self._levels, state, now)
        waiting, self._late = self._late, floor_news.late(state, now)
        if words := floor_news.lateness(waiting, self._late):
            late.append(News("floor", words))
        self._before = state
        found = [each for each in told if each.topic == SEARCH]
        self.announce(screen, [*(each for each in told if each not in found), *late])
        if found:
            self.settle(screen, lambda: self.announce(screen, found))

    def settle(self, screen: Screen[object], tell: Callable[[], None]) -> None:
        """Tell what a search found once its letters have stopped coming."""
        self.forget_found()
        self._found = (screen.set_timer(SETTLED, self._settled), tell)

    def _settled(self) -> None:
        found = self._found
        self.forget_found()
        if found is not None:
            found[1]()

    def forget_found(self) -> None:
        if self._found is not None:
            self._found[0].stop()
            self._found = None

    def tell_found(self, screen: Screen[object], rows: Sequence[Row]) -> None:
        """How many rows a list has for what was typed, and the first; or what it says in their place."""
        found = [linear.row_words(row) for row in rows if row.key]
        words = [linear.row_words(row) for row in rows if not row.key]
        if found:
            told = ngettext("%d result, first %s", "%d results, first %s", len(found))
            words.append(told % (len(found), found[0]))
        self.settle(screen, lambda: self.say(screen, linear.join(words), Telling.FOUND))

    def announce(self, screen: Screen[object], told: Sequence[News]) -> None:
        line = self.line_of(screen)
        if told:
            self.utterances.announce(told)
            self._put(screen)
        elif line is not None and line.words != self.said:
            self._show(line)

    def say(self, screen: Screen[Any], words: str, kind: Telling = Telling.ROW) -> None:
        """Something to be heard now that nobody needs to hear again."""
        if screen.is_active:  # of another it is told once that is
            self.forget_found()
            self.utterances.tell(kind, words)
            self._put(screen)

    def tell_row(self, screen: Screen[object], words: str) -> None:
        """The row that a field leads to, once the screen has said what it is."""
        if screen in self._greeted:
            self.say(screen, words)

    def hear(self, screen: Screen[object], topic: str, words: str) -> None:
        """Something to be heard, and heard again; of one topic only the last."""
        self.announce(screen, [News(topic, words)])

    @property
    def heard(self) -> list[str]:
        """What was announced, newest first."""
        return [each.words for each in reversed(self.utterances.announcements.told)]

    def again(self, screen: Screen[object]) -> None:
        """What was not shown yet; then the newest once more, and at each further call the one before."""
        self.utterances.more()
        self._put(screen)

    @staticmethod
    def _room(line: AnnouncementLine | None) -> Callable[[str], bool]:
        return lambda text: line is None or line.fits(text, spare=_MORE)

    def _with_more(self, words: str, left: int) -> str:
        if not left:
            return words
        key = self.keymap.first(AGAIN)
        more = ngettext("%d more", "%d more", left) % left
        return f"{words} ({more}: {facts.spoken_key(key)})" if key else f"{words} ({more})"

    # --- what the keys themselves have to say ---

    def tell_keys(self, screen: Screen[object], said: Line, *, waiting: bool, given_up: bool) -> None:
        """What may follow the strokes that wait, in the place of the hints; what the last key was not."""
        if waiting:
            self.following.begin(linear.columns(said))
            self.tell_following(screen)
        elif said:
            self.say(screen, linear.sentence(said), Telling.KEYS)
        elif given_up:
            self.say(screen, _("Given up."), Telling.KEYS)
        else:
            self._forget_following(screen)

    def tell_following(self, screen: Screen[object]) -> None:
        """The next of them that fit, from the first again after the last."""
        key = facts.spoken_key(self.keymap.first(HELP))
        self.say(screen, self.following.next(self._room(self.line_of(screen)), key), Telling.KEYS)

    def _forget_following(self, screen: Screen[object]) -> None:
        self.utterances.tell(Telling.KEYS, "")
        self._is_over = bool(self.following.said) and self.said.endswith(self.following.said)
        self._put(screen)

    # --- the line, and the terminal ---

    def _put(self, screen: Screen[object]) -> None:
        """What is to be heard, unless what stands there has to stand; in turn bright and not, so that all of it is
        written: what is written in part would be read in part."""
        line = self.line_of(screen)
        if self._stands or (self._brought and line is self._line) or not (self.utterances.waiting or self._is_over):
            return
        fits = line.fits if line is not None else lambda _words: True
        self.said = self.utterances.line(fits, self._room(line))
        self._is_over = False
        if not self._unwritten:
            self._slot = "bright" if self._slot == "text" else "text"
            self._unwritten = True
        if line is not None:
            self._show(line)

    def _show(self, line: AnnouncementLine) -> None:
        self._line, self._brought = line, False
        line.say(self.said, self._slot)

    def brought(self, update: Update) -> None:
        """This was composed, for the next frame; it may have covered what was brought before."""
        line = self._line
        if self._unwritten and line is not None and line.is_in(update):
            self._brought = line.is_attached and line.screen.is_active

    def written(self) -> None:
        """All that was brought is on the terminal."""
        if self._brought:
            self._unwritten = self._brought = False
            self._stands = True
            self.utterances.written()
            get_running_loop().call_later(STANDS, self._app.call_later, self._give_way)

    def _give_way(self) -> None:
        self._stands = False
        if self._on and self._app.screen_stack:
            self._put(self._app.screen)

    # --- where it is shown ---

    def greet_soon(self, screen: Screen[object]) -> None:
        """Once the screen stands: its line of announcements, and what has the focus."""
        screen.call_after_refresh(self.greet, screen)

    def greet(self, screen: Screen[object]) -> None:
        if not screen.is_running or self.line_of(screen) is None:
            return
        self._greeted.add(screen)
        if screen.focused is None and screen.focus_chain:
            screen.set_focus(screen.focus_chain[0])  # the terminal's cursor has to be somewhere
        self.utterances.tell(Telling.SCREEN, titled(screen))
        self._tell_place(screen, screen.focused)

    def tell_focus(self, screen: Screen[object], focused: Widget | None) -> None:
        """Which field or list the keys go to now."""
        if focused is not None and screen in self._greeted:
            self._tell_place(screen, focused)

    def _tell_place(self, screen: Screen[object], focused: Widget | None) -> None:
        """The field or list, and where the list stands that it leads."""
        if screen.is_active:
            self.forget_found()
            self.utterances.tell(Telling.FIELD, describe(focused) if focused is not None else "")
            self.utterances.tell(Telling.ROW, led(focused) if focused is not None else "")
            self._put(screen)

    def line_of(self, screen: Screen[object]) -> AnnouncementLine | None:
        """The screen's line of announcements, put there if it has none yet; none once the mode is left."""
        if not self._on:  # it was left meanwhile
            return None
        line = next(iter(screen.query(AnnouncementLine)), None)
        if line is None and screen.is_mounted:
            line = AnnouncementLine()
            if fold(screen, linear=True):
                screen.update_node_styles(animate=False)
            screen.mount(line)
            if line.parent is None:  # the screen is being closed, and takes nothing
                return None
            screen.watch(screen, "focused", lambda focused: self.tell_focus(screen, focused), init=False)
        return line
