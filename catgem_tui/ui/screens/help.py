"""Help: every action with its keys, from the registry, and the manual."""

from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll

from catgem_tui.config import assets
from catgem_tui.config.i18n import _, current
from catgem_tui.config.keymap import Keymap
from catgem_tui.ui.actions import ACTIONS, BLOCKED, CURRENCY, DESK, EVERYWHERE, FLOOR, FORM, KEEPING, LOG
from catgem_tui.ui.keys import key_name
from catgem_tui.ui.lines import EMPTY, Line, cell, clip, line, paragraph, safe, span
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
    HelpScreen #foot { height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss('')", show=False),
        Binding("down", "turn(1)", show=False, priority=True),
        Binding("up", "turn(-1)", show=False, priority=True),
        Binding("pagedown,space", "scroll(1)", show=False, priority=True),
        Binding("pageup", "scroll(-1)", show=False, priority=True),
    ]

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self.keymap = keymap
        self.pages = _manual()

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Rows(always=True, id="pages", classes="" if self.pages else "-alone")
            with VerticalScroll(id="page"):
                yield Lines(id="words")
        yield Lines(id="foot")

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
        self.query_one("#foot", Lines).show(
            [
                line(
                    (
                        _("↑ ↓ page by page · PgDn PgUp scroll · Esc goes back") if self.pages else _("Esc goes back"),
                        "dim",
                    )
                )
            ]
        )
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


def key_lines(keymap: Keymap, width: int) -> list[Line]:
    """Every action: its keys, its name, what it does."""
    keys = {
        action.id: "  ".join(key_name(key) for key in keymap.keys.get(action.id, ())) or _("palette")
        for action in ACTIONS
    }
    first = max(map(cell_len, keys.values())) + 2
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
            for number, part in enumerate(paragraph(_(action.about), width - first - second)):
                head = (cell(keys[action.id], "key", first), cell(_(action.name), "bright", second))
                drawn.append((*(head if not number else (cell("", "text", first + second),)), *part))
        drawn.append(EMPTY)
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
