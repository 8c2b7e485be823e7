"""The manual: opened at the page of where one is, searched by typing, with contents, links, and a way back."""

import asyncio
from bisect import bisect_right
from dataclasses import dataclass
from typing import ClassVar

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.geometry import Size
from textual.widgets import Input

from catgem_tui.config.i18n import _, ngettext, pgettext
from catgem_tui.desk.state import DeskState
from catgem_tui.ui.actions import MANUAL
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.lines import GAP, Line, Row, clip, paragraph, plain, span, wrap
from catgem_tui.ui.manual.book import Book, Hit
from catgem_tui.ui.manual.layout import Laid, laid_again, lay_out
from catgem_tui.ui.manual.markdown import text_of
from catgem_tui.ui.manual.parts import ManualKeys, ManualRows, PageLines
from catgem_tui.ui.screen_reader import Telling
from catgem_tui.ui.screens.overlay import Overlay
from catgem_tui.ui.widgets.field import Field
from catgem_tui.ui.widgets.lines import Lines

READING, CONTENTS, FOUND = "reading", "contents", "found"
_WIDE = 104
_PREPARE_AFTER = 0.3
"""Seconds; reading all pages at once would compete with the first picture for the interpreter."""
_WIDEST = 88
"""Cells of a line that is read with ease."""


@dataclass(slots=True)
class Spot:
    """Where one is in the manual: a page, and the line at the top."""

    page: str
    top: int = 0


class HelpScreen(Overlay):
    """``topic`` is the anchor of the section to open; of none, or one that is not there, the contents are shown.

    The field has the focus all the time: typing searches, and while it is empty the arrows go back and on.
    """

    DEFAULT_CSS = """
    HelpScreen, HelpScreen:ansi { background: $on-background; }
    HelpScreen #top { height: 1; padding: 0 1; background: $on-bar; }
    HelpScreen #heading { width: 1fr; }
    HelpScreen Input { width: 30; background: $on-field; color: $slot-bright; }
    HelpScreen #reading { height: 1fr; padding: 1 1 0 2; }
    HelpScreen #contents { display: none; height: 1fr; }
    HelpScreen #found { display: none; width: 1fr; height: 1fr; }
    HelpScreen #words { width: 1fr; height: 1fr; overflow-y: auto; }
    HelpScreen.-contents #contents { display: block; width: 1fr; }
    HelpScreen.-contents #words { display: none; }
    HelpScreen.-wide #contents { display: block; width: 40; margin-right: 2; }
    HelpScreen.-wide.-contents #words { display: block; }
    HelpScreen.-found #found { display: block; }
    HelpScreen.-found #words { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back_out", show=False),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "turn(1)", show=False, priority=True),
        Binding("pageup", "turn(-1)", show=False, priority=True),
        Binding("space", "when_empty('turn', 1)", show=False, priority=True),
        Binding("home", "when_empty('move', -99999)", show=False, priority=True),
        Binding("end", "when_empty('move', 99999)", show=False, priority=True),
        Binding("left", "when_empty('travel', -1)", show=False, priority=True),
        Binding("right", "when_empty('travel', 1)", show=False, priority=True),
        Binding("tab", "link(1)", show=False, priority=True),
        Binding("shift+tab", "link(-1)", show=False, priority=True),
    ]
    AUTO_FOCUS = "Input"
    place = MANUAL
    reads = True
    heavy = True

    def __init__(self, keymap: KeysInForce, topic: str = "") -> None:
        super().__init__()
        self.keymap = keymap
        self.book = Book(keymap)
        self.field = Field(compact=True, placeholder=_("search the manual"))
        self.contents = ManualRows(self.leads_contents, self.draw_contents, id="contents")
        self.found = ManualRows(lambda: self.mode == FOUND, self.draw_found, id="found")
        self.words = PageLines(self.draw, id="words")
        self.hits: list[Hit] = []
        self.laid = Laid()
        self.contents_width = 0
        self.link = -1
        place = self.book.find(topic)
        self.take_mode(READING if place else CONTENTS)
        self.wanted = place[1] if place else 0
        """The block to be at the top once the page is laid out; 0 is where the page was left, -1 is seen to."""
        self.trail = [Spot(place[0] if place else self.book.names[0])]
        self.step = 0
        self.announced = ""
        """Where one is, as screen-reader mode said it last."""

    @property
    def spot(self) -> Spot:
        return self.trail[self.step]

    def compose(self) -> ComposeResult:
        with Horizontal(id="top"):
            yield Lines(id="heading")
            yield self.field
        with Horizontal(id="reading"):
            yield self.contents
            yield self.words
            yield self.found
        yield ManualKeys(self.keymap, self.foot)

    def on_mount(self) -> None:
        self.set_timer(_PREPARE_AFTER, self.prepare_search)

    def prepare_search(self) -> None:
        self.run_worker(asyncio.to_thread(self.book.prepare))

    def shape(self, size: Size) -> None:
        super().shape(size)
        self.set_class(size.width >= _WIDE, "-wide")

    def fill(self) -> None:
        self.draw()

    # --- drawing ---

    def show_mode(self, mode: str) -> None:
        self.take_mode(mode)
        self.call_after_refresh(self.draw)

    def take_mode(self, mode: str) -> None:
        self.mode = mode
        for each in (CONTENTS, FOUND):
            self.set_class(each == mode, f"-{each}")

    def draw(self) -> None:
        if not self.is_mounted:
            return
        self.draw_page()
        self.draw_found()
        self.draw_edges()
        self.draw_contents()

    def draw_edges(self) -> None:
        heading = self.query_one("#heading", Lines)
        where = _("contents") if self.mode == CONTENTS else self.spot_told()
        if self.mode == FOUND:
            count = len(self.hits)
            where = ngettext("%d place found", "%d places found", count) % count if count else _("nothing found")
        heading.show([clip(((_("MANUAL") + "  ", "accent"), span(where, "bright")), heading.text_width)])
        self.announce(f"{where}: {self.hits[0].heading}" if self.mode == FOUND and self.hits else where)
        self.query_one(ManualKeys).draw(DeskState(), 0.0)

    def spot_told(self) -> str:
        """The page; for the ear its section too, which the eye sees."""
        page, reading = self.book.page(self.spot.page), self.words.reading
        if self.words.reader is None or not self.laid.tops:
            return page.title
        above = [number for number in page.anchors.values() if self.laid.tops[number] <= reading]
        section = text_of(page.blocks[above[-1]].pieces) if above else page.title
        return page.title if section == page.title else f"{page.title}: {section}"

    def announce(self, where: str) -> None:
        """Say it in screen-reader mode when it is another; at the beginning the field says it."""
        reader = self.words.reader
        if reader is not None and self.announced not in {"", where}:
            reader.say(self.words.screen, where, Telling.SCREEN)
        self.announced = where

    def tell_line(self) -> None:
        """Say the line that is being read: the field keeps the terminal's cursor."""
        reader = self.words.reader
        if reader is not None and self.words.drawn:
            reader.say(self.words.screen, plain(self.words.drawn[self.words.reading]))

    def name_keys(self) -> None:
        self.book = Book(self.keymap)
        self.contents_width = 0
        self.draw()

    def foot(self) -> Line:
        move = self.keymap.move
        up_down, choose, back = f"{move('up')} {move('down')}", move("choose"), move("back")
        if self.mode == FOUND:
            keys = [(up_down, _("choose")), (choose, _("go there")), (back, _("back"))]
        elif self.mode == CONTENTS:
            keys = [(up_down, _("choose")), (choose, pgettext("key", "open")), (back, _("close"))]
        else:
            keys = []
            if 0 <= self.link < len(self.laid.links):  # first, for it is there even if there is no room for the others
                keys.append((choose, _("open “%s”") % self.laid.links[self.link].text))
            keys += [(up_down, _("scroll")), (self.keymap.name("help"), _("contents"))]
            if self.laid.links:
                keys.append((move("next"), _("links")))
            keys += [(f"{move('left')} {move('right')}", _("back and on"))] if len(self.trail) > 1 else []
            keys.append((back, _("close")))
        return tuple(part for key, words in keys for part in (GAP, (f"{key} ", "key"), (words, "text")))[1:]

    def draw_contents(self) -> None:
        width = self.contents.text_width
        if width <= 0 or not self.contents.is_mounted:
            return
        if width != self.contents_width:
            self.contents_width = width
            rows = []
            for name in self.book.names:
                for anchor, title in self.book.outline(name):
                    words = (("  ", "text"), span(title)) if anchor else (span(title, "bright"),)
                    rows.append(Row(f"{name}#{anchor}", (clip(words, width),)))
            self.contents.show_rows(rows)
        if self.mode != CONTENTS:
            self.contents.move_to(self.section())
        self.contents.keep_in_sight()

    def leads_contents(self) -> bool:
        """Beside a page they only show where one is, which is not for the ear."""
        return self.mode == CONTENTS or (self.mode == READING and self.words.reader is None)

    def section(self) -> str:
        """The row of the contents for what stands at the top of the page."""
        page, top = self.book.page(self.spot.page), round(self.words.scroll_offset.y)
        above = [
            anchor
            for anchor, number in page.anchors.items()
            if page.blocks[number].level > 1 and self.laid.tops and self.laid.tops[number] <= top + 1
        ]
        return f"{self.spot.page}#{above[-1] if above else ''}"

    def draw_page(self) -> None:
        if self.words.cells <= 0:
            return
        before, top = self.laid, round(self.words.scroll_offset.y)
        page, reader, cells = self.book.page(self.spot.page), self.words.reader, self.words.cells
        if reader is None:
            self.laid = lay_out(page, min(cells, _WIDEST), self.link)
        else:
            self.laid = laid_again(lay_out(page, reader.endless, self.link), lambda line: reader.laid([line], cells))
        self.words.put(self.laid.lines)
        if self.wanted >= 0 and self.words.size.height:
            self.spot.top = self.laid.tops[self.wanted] if self.wanted else self.spot.top
            self.wanted = -1
            self.words.scroll_to(y=self.spot.top, animate=False, immediate=True)
            self.words.reading = self.spot.top
        elif before.tops and before.tops != self.laid.tops:  # for another width; a scrollbar takes a cell too
            block = max(0, bisect_right(before.tops, top) - 1)
            self.words.reading = self.laid.tops[block] + top - before.tops[block]
            self.words.scroll_to(y=self.words.reading, animate=False, immediate=True)

    def draw_found(self) -> None:
        width = self.found.text_width
        if self.mode != FOUND or width <= 0:
            return
        if not self.hits:
            told = paragraph(_("Nothing in the manual has all these words. Write fewer, or their beginnings."), width)
            self.found.show_rows([Row("", tuple(told))])
            return
        rows = []
        for number, hit in enumerate(self.hits):
            excerpt = wrap(hit.excerpt, width - 2)
            more = "…" if len(excerpt) > 1 else ""
            lines = (
                clip((span(hit.heading, "title"),), width),
                clip((("  ", "text"), span(excerpt[0] + more)), width),
            )
            rows.append(Row(str(number), lines))
        self.found.show_rows(rows)
        self.found.keep_in_sight()

    # --- going about ---

    def go_to(self, page: str, block: int) -> None:
        """Open it; what was being read is one step back."""
        self.spot.top = round(self.words.scroll_offset.y)
        del self.trail[self.step + 1 :]
        self.trail.append(Spot(page))
        self.step += 1
        self.open(block)

    def open(self, block: int) -> None:
        self.wanted, self.link, self.laid = block, -1, Laid()
        if self.field.value:
            self.field.value = ""
        self.show_mode(READING)

    def show_contents(self) -> None:
        self.field.value = ""
        self.show_mode(CONTENTS)
        self.draw_edges()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if not event.value.strip():
            if self.mode == FOUND:
                self.show_mode(READING)
            return
        self.hits = self.book.search(event.value)
        self.found.cursor = "0" if self.hits else ""
        self.show_mode(FOUND)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.mode == FOUND:
            if self.hits and self.found.cursor:
                hit = self.hits[int(self.found.cursor)]
                self.go_to(hit.page, hit.block)
        elif self.mode == CONTENTS:
            page, _sign, anchor = self.contents.cursor.partition("#")
            self.go_to(page, self.book.page(page).anchors.get(anchor, 0))
        elif 0 <= self.link < len(self.laid.links):
            place = self.book.follow(self.laid.links[self.link].target, self.spot.page)
            if place is not None:
                self.go_to(*place)

    def action_back_out(self) -> None:
        """From what was found to the page, from there out of the manual."""
        if self.mode == FOUND:
            self.field.value = ""
        else:
            self.dismiss("")

    def action_when_empty(self, action: str, by: int) -> None:
        """Keys that are the field's while something is in it."""
        if self.field.value:
            raise SkipAction
        {"turn": self.action_turn, "move": self.action_move, "travel": self.travel}[action](by)

    def travel(self, by: int) -> None:
        """Back to what was read before, or on again."""
        if 0 <= self.step + by < len(self.trail):
            self.spot.top = round(self.words.scroll_offset.y)
            self.step += by
            self.open(0)

    def action_move(self, by: int) -> None:
        if self.mode == FOUND:
            self.found.action_move(by)
        elif self.mode == CONTENTS:
            self.contents.action_move(by)
        elif self.words.reader is not None:
            self.words.read(by)
            self.tell_line()
        else:
            self.words.scroll_relative(y=by, animate=False)
            self.call_after_refresh(self.draw_contents)

    def action_turn(self, by: int) -> None:
        self.action_move(by * max(1, self.words.size.height - 2 if self.mode == READING else 8))

    def action_link(self, by: int) -> None:
        """Mark the next link, the first time the first one in sight."""
        links = self.laid.links
        if self.mode != READING or not links:
            return
        top, height = self.words.scroll_offset.y, self.words.size.height
        shown = [number for number, link in enumerate(links) if top <= link.line < top + height]
        if self.link in shown or not shown:
            self.link = (self.link + by) % len(links) if self.link >= 0 else 0
        else:
            self.link = shown[0] if by > 0 else shown[-1]
        self.draw_page()
        target, reader = links[self.link].line, self.words.reader
        if reader is not None:
            self.words.read(target - self.words.reading)
        elif not top <= target < top + height:
            self.words.scroll_to(y=max(0, target - 2), animate=False)
        self.draw_edges()
        if reader is not None:
            reader.say(self.words.screen, links[self.link].text)
