"""All pages of the manual in the language of the screen, read when they are needed, and the search in them."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from catgem_tui.config import assets
from catgem_tui.config.i18n import N_, _, current
from catgem_tui.protocol.plain import plain
from catgem_tui.ui.actions import (
    ACTIONS,
    BLOCKED,
    BY_ID,
    CURRENCY,
    DESK,
    EVERYWHERE,
    FLOOR,
    FORM,
    KEEPING,
    LOG,
)
from catgem_tui.ui.key_words import COMMANDS, LEFT, MOVES
from catgem_tui.ui.keys import KeysInForce, key_name
from catgem_tui.ui.lines import safe
from catgem_tui.ui.manual.markdown import Block, Page, Piece, Pieces, parse, parse_inline, text_of

logger = logging.getLogger(__name__)
KEYS = "keys"
"""The page that is made of the registry."""
PLACES = (
    (DESK, N_("At the desk")),
    (FLOOR, N_("On the floor")),
    (KEEPING, N_("Keeping the directory")),
    (FORM, N_("In a record's form")),
    (LOG, N_("In the change log")),
    (BLOCKED, N_("With the blocked callers")),
    (CURRENCY, N_("Where it says how quickly changes are everywhere")),
    (EVERYWHERE, N_("Everywhere")),
)
"""The registry's places, with their headings on the page of keys."""
_BETWEEN_WORDS = re.compile(r"[^\w^]+")
_TITLE = re.compile(r"^# +(.+)$", re.MULTILINE)
_SECTION = re.compile(r'^<a id="([a-z0-9.-]+)"></a>\n##+ +(.+)$', re.MULTILINE)
_MOST = 60


@dataclass(frozen=True, slots=True)
class Hit:
    """A block that has every word sought."""

    page: str
    block: int
    heading: str
    """The page, and the section where that is another."""
    excerpt: str


@dataclass(frozen=True, slots=True)
class _Entry:
    hit: Hit
    own: str
    """What the block says, in plain words, each after a space."""
    around: str
    """The same with its headings."""
    is_heading: bool


class Book:
    """The manual, for the keymap in force; without its files it has the page of keys only."""

    def __init__(self, keymap: KeysInForce) -> None:
        self.keymap = keymap
        self._files = _files()
        self._pages: dict[str, Page] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The pages in reading order."""
        return (*self._files, KEYS)

    def page(self, name: str) -> Page:
        if name not in self._pages:
            self._pages[name] = self._read(name)
        return self._pages[name]

    def _read(self, name: str) -> Page:
        if name == KEYS:
            return keys_page(self.keymap)
        page = parse(name, safe(self._files[name].read_text(encoding="utf-8")))
        return Page(name, tuple(_in_force(block, self.keymap) for block in page.blocks))

    def outline(self, name: str) -> list[tuple[str, str]]:
        """The page's title with an empty anchor, then its sections' anchors and titles; without taking it apart."""
        if name not in self._files:
            page = self.page(name)
            named = ((anchor, text_of(page.blocks[number].pieces)) for anchor, number in page.anchors.items())
            return [("", page.title), *(each for each in named if each[1] != page.title)]
        text = self._files[name].read_text(encoding="utf-8")
        title = _TITLE.search(text)
        sections = [(match[1], text_of(parse_inline(match[2]))) for match in _SECTION.finditer(text)]
        return [("", safe(title[1]) if title else name), *((anchor, safe(words)) for anchor, words in sections)]

    def find(self, topic: str) -> tuple[str, int] | None:
        """The page and the block of an anchor, wherever it is."""
        mark = f'<a id="{topic}"></a>'
        for name, file in self._files.items():
            if name in self._pages or mark in file.read_text(encoding="utf-8"):  # only that page is taken apart
                page = self.page(name)
                if topic in page.anchors:
                    return name, page.anchors[topic]
        return None

    def follow(self, target: str, page: str) -> tuple[str, int] | None:
        """The page and the block where a link of a page leads; None outside the manual."""
        file, _sign, anchor = target.partition("#")
        name = file.removesuffix(".md") if file else page
        if name not in self.names:
            return None
        return name, self.page(name).anchors.get(anchor, 0)

    def search(self, typed: str) -> list[Hit]:
        """The blocks that have each typed word, or a word that begins so, counting their headings; headings first."""
        words = _words(typed).split()
        if not words:
            return []
        found = [
            entry
            for entry in self._index
            if all(f" {word}" in entry.around for word in words) and any(f" {word}" in entry.own for word in words)
        ]
        found.sort(key=lambda entry: (not entry.is_heading, -sum(f" {word}" in entry.own for word in words)))
        return [entry.hit for entry in found[:_MOST]]

    def prepare(self) -> None:
        """Read what the search needs; for a thread, so that the first letter does not wait for it."""
        logger.debug("%d blocks of the manual can be searched", len(self._index))

    @cached_property
    def _index(self) -> list[_Entry]:
        return [entry for name in self.names for entry in _entries(self.page(name))]


def _files() -> dict[str, Path]:
    try:
        return assets.manual(current())
    except assets.AssetMissing:
        return {}


def _words(text: str) -> str:
    return " " + " ".join(_BETWEEN_WORDS.split(plain(text))).strip()


def _entries(page: Page) -> Iterator[_Entry]:
    section = page.title
    for number, block in enumerate(page.blocks):
        if block.shape == "heading":
            section = text_of(block.pieces)
        text = " · ".join(text_of(cell) for cell in block.cells) if block.cells else text_of(block.pieces)
        heading = page.title if section == page.title else f"{page.title} › {section}"
        own = _words(text)
        yield _Entry(Hit(page.name, number, heading, text), own, own + _words(heading), block.shape == "heading")


# --- keys ---


def shown_key(action: str, keymap: KeysInForce) -> str:
    """How an action is started: by its key, or by its name among the actions."""
    key = keymap.first(action)
    if key:
        return key_name(key)
    return f"{key_name(keymap.first('palette'))} {_(BY_ID[action].name)}"


def _in_force(block: Block, keymap: KeysInForce) -> Block:
    """The block with the keys of this keymap."""

    def pieces(of: Pieces) -> Pieces:
        return tuple(
            Piece(shown_key(piece.target, keymap), "key", piece.target)
            if piece.kind == "key" and piece.target in BY_ID
            else piece
            for piece in of
        )

    cells = tuple(pieces(cell) for cell in block.cells)
    return Block(
        block.shape, pieces(block.pieces), block.level, block.marker, block.anchor, cells=cells, head=block.head
    )


def keys_page(keymap: KeysInForce) -> Page:
    """Every action: its keys, its name, what it does; then what moves in lists and what edits a text."""
    blocks = [Block("heading", (Piece(_("Keys")),), level=1, anchor="keys")]
    for place, title in PLACES:
        blocks.append(Block("heading", (Piece(_(title)),), level=2, anchor=f"keys-{place or 'everywhere'}"))
        for action in ACTIONS:
            if action.place == place:
                keys = "  ".join(map(key_name, keymap.keys.get(action.id, ()))) or _("palette")
                cells = ((Piece(keys, "key"),), (Piece(_(action.name), "strong"),), (Piece(_(action.about)),))
                blocks.append(Block("row", cells=cells))
    moves = tuple((keymap.moves(move), words) for move, words in MOVES.items())
    commands = tuple((keymap.commands(command), words) for command, words in COMMANDS.items())
    left = tuple((keymap.keymap.left.get(command, ()), words) for command, words in LEFT.items())
    for anchor, title, listed in (
        ("keys-lists", _("In lists and dialogs"), moves),
        ("keys-fields", _("While writing"), commands),
        ("keys-left", _("In a field whose characters are keys"), left),
    ):
        if not any(chosen for chosen, _about in listed):
            continue
        blocks.append(Block("heading", (Piece(title),), level=2, anchor=anchor))
        for chosen, words in listed:
            if chosen:
                shown = "  ".join(map(key_name, chosen))
                blocks.append(Block("row", cells=((Piece(shown, "key"),), (Piece(_(words)),))))
    return Page(KEYS, tuple(blocks))
