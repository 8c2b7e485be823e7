"""Help: every action with its keys, from the registry, and the manual."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll

from catgem_tui.config import assets
from catgem_tui.config.i18n import _, current
from catgem_tui.desk.state import DeskState
from catgem_tui.ui.actions import ACTIONS, BLOCKED, CURRENCY, DESK, EVERYWHERE, FLOOR, FORM, KEEPING, LOG
from catgem_tui.ui.key_words import COMMANDS, MOVES
from catgem_tui.ui.keys import KeysInForce, key_name
from catgem_tui.ui.lines import EMPTY, Line, Span, cell, clip, line, paragraph, safe, span
from catgem_tui.ui.panes.strips import KeyHints
from catgem_tui.ui.screens.overlay import Overlay
from catgem_tui.ui.widgets.lines import Lines
from catgem_tui.ui.widgets.rows import Row, Rows

KEYS = "keys"


class HelpScreen(Overlay):
    DEFAULT_CSS = """
    HelpScreen { background: $on-background; padding: 1 2; }
    HelpScreen #pages { width: 26; margin-right: 2; height: 1fr; }
    HelpScreen #pages.-alone { display: none; }
    HelpScreen #page { width: 1fr; height: 1fr; scrollbar-gutter: stable; scrollbar-size: 1 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss('')", show=False),
        Binding("down", "turn(1)", show=False, priority=True),
        Binding("up", "turn(-1)", show=False, priority=True),
        Binding("pagedown,space", "scroll(1)", show=False, priority=True),
        Binding("pageup", "scroll(-1)", show=False, priority=True),
    ]

    def __init__(self, keymap: KeysInForce) -> None:
        super().__init__()
        self.keymap = keymap
        self.pages = _manual()

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Rows(always=True, id="pages", classes="" if self.pages else "-alone")
            with VerticalScroll(id="page"):
                yield Lines(id="words")
        yield HelpFoot(self.keymap, pages=bool(self.pages))

    def on_mount(self) -> None:
        self.query_one("#pages").focus()
        self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        pages = self.query_one("#pages", Rows)
        width = max(8, pages.text_width)
        names = {KEYS: _("Keys"), **{name: _title(path) for name, path in self.pages.items()}}
        pages.show_rows([Row(name, (clip((span(words),), width),)) for name, words in names.items()])
        self.query_one(HelpFoot).draw(DeskState(), 0.0)
        self.draw_page()

    def draw_page(self) -> None:
        words = self.query_one("#words", Lines)
        width = self.query_one("#page").scrollable_content_region.width
        if width <= 0:
            return
        page = self.query_one("#pages", Rows).cursor
        if page in self.pages:
            words.show(manual_lines(self.pages[page].read_text(encoding="utf-8"), min(width, 90)))
        else:
            words.show(key_lines(self.keymap, min(width, 90)))

    def on_rows_moved(self, event: Rows.Moved) -> None:
        self.query_one("#page", VerticalScroll).scroll_home(animate=False)
        self.draw_page()

    def action_turn(self, by: int) -> None:
        if self.pages:
            self.query_one("#pages", Rows).action_move(by)
        else:
            self.query_one("#page", VerticalScroll).scroll_relative(y=by, animate=False)

    def action_scroll(self, by: int) -> None:
        page = self.query_one("#page", VerticalScroll)
        page.scroll_relative(y=by * max(1, page.size.height - 2), animate=False)


class HelpFoot(KeyHints):
    """The keys of the help, where elsewhere those of the place are."""

    DEFAULT_CSS = "HelpFoot { padding: 0; background: transparent; }"

    def __init__(self, keymap: KeysInForce, *, pages: bool) -> None:
        super().__init__(keymap, "")
        self.pages = pages

    def usual(self, state: DeskState) -> Any:
        if not self.pages:
            return self.keymap.said(_("%(back)s goes back"))
        return self.keymap.said(
            _("%(up)s %(down)s page by page · %(page_down)s %(page_up)s scroll · %(back)s goes back")
        )

    def usual_line(self, usual: Any, width: int) -> list[Span]:
        return [(usual, "dim")]


def _manual() -> dict[str, Path]:
    """The manual's pages; none in an installation without them."""
    try:
        return assets.manual(current())
    except assets.AssetMissing:
        return {}


def _title(path: Path) -> str:
    """The first heading of a page."""
    for text in path.read_text(encoding="utf-8").splitlines():
        if text.startswith("#"):
            return text.lstrip("# ").strip()
    return path.stem


def key_lines(keymap: KeysInForce, width: int) -> list[Line]:
    """Every action: its keys, its name, what it does; then what moves in lists and what edits a text."""
    keys = {action.id: keymap.keys.get(action.id, ()) for action in ACTIONS}
    moves = [(keymap.moves(move), _(words)) for move, words in MOVES.items()]
    commands = [(keymap.commands(command), _(words)) for command, words in COMMANDS.items()]
    longest = max(sum(cell_len(key_name(key)) + 2 for key in each) for each in keys.values())
    first = min(_WIDEST + 2, longest)
    second = max(cell_len(_(action.name)) for action in ACTIONS) + 2
    drawn: list[Line] = []
    for place, title in (
        (DESK, _("AT THE DESK")),
        (FLOOR, _("ON THE FLOOR")),
        (KEEPING, _("KEEPING THE DIRECTORY")),
        (FORM, _("IN A RECORD'S FORM")),
        (LOG, _("IN THE CHANGE LOG")),
        (BLOCKED, _("WITH THE BLOCKED CALLERS")),
        (CURRENCY, _("WHERE IT SAYS HOW QUICKLY CHANGES ARE EVERYWHERE")),
        (EVERYWHERE, _("EVERYWHERE")),
    ):
        drawn.append(line((title, "title")))
        for action in ACTIONS:
            if action.place != place:
                continue
            name, about = _(action.name), _(action.about)
            if width - first - second < _NARROW:
                drawn += _beside(keys[action.id], (), f"{name}: {about}", first, width - first)
            else:
                column: Span = cell(name, "bright", second)
                drawn += _beside(keys[action.id], (column,), about, first, width - first - second)
        drawn.append(EMPTY)
    for title, listed in ((_("IN LISTS AND DIALOGS"), moves), (_("WHILE WRITING"), commands)):
        drawn.append(line((title, "title")))
        for told, words in listed:
            drawn += _beside(told, (), words, first, width - first) if told else []
        drawn.append(EMPTY)
    return drawn


_NARROW = 24
"""Cells that a column of sentences has at least."""
_WIDEST = 16
"""Cells for the keys of one action; more of them go on below."""


def _rows_of(keys: Sequence[str], width: int) -> list[str]:
    """As many of them beside each other as there is room for; none is broken."""
    rows: list[str] = []
    for key in map(key_name, keys):
        if rows and cell_len(rows[-1]) + 2 + cell_len(key) <= width:
            rows[-1] += f"  {key}"
        else:
            rows.append(key)
    return rows


def _beside(keys: Sequence[str], name: Line, about: str, first: int, width: int) -> list[Line]:
    """Keys at the left, as many below each other as it takes, and beside them what they do."""
    told = paragraph(about, width)
    beside = _rows_of(keys, first - 2) or [_("palette")]
    drawn: list[Line] = []
    for number in range(max(len(told), len(beside))):
        key = cell(beside[number] if number < len(beside) else "", "key", first)
        named = name if not number else tuple(cell("", "text", cell_len(part[0])) for part in name)
        drawn.append((key, *named, *(told[number] if number < len(told) else ())))
    return drawn


def manual_lines(markdown: str, width: int) -> list[Line]:
    """The manual's plain Markdown: headings, paragraphs and lists."""
    drawn: list[Line] = []
    for block in _blocks(safe(markdown)):
        text = block.replace("**", "").replace("`", "")
        if text.startswith("#"):
            drawn += [line((text.lstrip("# "), "accent" if text.startswith("# ") else "title")), EMPTY]
        elif text.startswith(("- ", "* ", "|")):
            drawn += [clip(part, width) for item in text.split("\n") for part in paragraph(item, width)]
            drawn.append(EMPTY)
        else:
            drawn += [*paragraph(text.replace("\n", " "), width), EMPTY]
    return drawn


def _blocks(markdown: str) -> list[str]:
    return [block.strip() for block in markdown.split("\n\n") if block.strip()]
