"""The manual's Markdown as data: headings, paragraphs, lists, tables and code, with their keys, links and anchors.

It is a part of CommonMark with what any forge lets through of HTML: ``<a id="…"></a>`` before a heading names it in
every language alike, and ``<kbd title="ACTION">F8</kbd>`` is the key of an action of the registry, written as the
default keymap has it. A ``<kbd>`` without a title is a key that belongs to no action, as Enter. Pictures of the screen
are left out: it is there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Kind = Literal["text", "strong", "code", "key", "link"]
Shape = Literal["heading", "paragraph", "item", "row", "code"]

_INLINE = re.compile(
    r"<kbd(?: title=\"(?P<action>[a-z_.]+)\")?>(?P<key>[^<]*)</kbd>"
    r"|\[(?P<link>[^\]]+)\]\((?P<target>[^)\s]+)\)"
    r"|\*\*(?P<strong>[^*]+)\*\*"
    r"|(?<!\w)\*(?P<emphasis>[^*\s][^*]*)\*"
    r"|`(?P<code>[^`]+)`"
    r"|<(?P<address>https?://[^>\s]+)>"
)
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_ANCHOR = re.compile(r'<a id="([a-z0-9.-]+)"></a>')
_HEADING = re.compile(r"(#{1,4}) +(.+)")
_ITEM = re.compile(r"( *)([-*]|\d+\.) +(.+)")
_RULE_OF_TABLE = re.compile(r"\|[\s:|-]+\|")


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    kind: Kind = "text"
    target: str = ""
    """Where a link leads; the action that a key starts, or nothing."""


Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Block:
    shape: Shape
    pieces: Pieces = ()
    level: int = 0
    """Of a heading, from 1; of an item, how deep, from 0."""
    marker: str = ""
    """Of an item: ``-`` or its number with a dot."""
    anchor: str = ""
    """Name of a heading, the same in every language; empty if nothing leads to it."""
    cells: tuple[Pieces, ...] = ()
    """Of a table's row."""
    head: bool = False
    """Whether the row names the columns."""


@dataclass(frozen=True)
class Page:
    name: str
    blocks: tuple[Block, ...]

    @cached_property
    def title(self) -> str:
        first = next((block for block in self.blocks if block.shape == "heading"), None)
        return text_of(first.pieces) if first else self.name

    @cached_property
    def anchors(self) -> dict[str, int]:
        """The number of the heading that each anchor names."""
        return {block.anchor: number for number, block in enumerate(self.blocks) if block.anchor}


def text_of(pieces: Pieces) -> str:
    return "".join(piece.text for piece in pieces)


def parse(name: str, markdown: str) -> Page:
    return Page(name, tuple(_blocks(_PICTURE.sub("", markdown))))


def parse_inline(text: str) -> Pieces:
    """The pieces of one paragraph's text."""
    found: list[Piece] = []
    end = 0
    for match in _INLINE.finditer(text):
        if match.start() > end:
            found.append(Piece(text[end : match.start()]))
        found.append(_piece(match))
        end = match.end()
    if end < len(text):
        found.append(Piece(text[end:]))
    return tuple(found)


def _piece(match: re.Match[str]) -> Piece:
    found = match.groupdict()
    if found["key"] is not None:
        return Piece(found["key"], "key", found["action"] or "")
    if found["link"] is not None:
        return Piece(found["link"], "link", found["target"])
    if found["address"] is not None:
        return Piece(found["address"], "code")
    if found["code"] is not None:
        return Piece(found["code"], "code")
    return Piece(found["strong"] or found["emphasis"] or "", "strong")


def _blocks(markdown: str) -> Iterator[Block]:
    anchor = ""
    for chunk in _chunks(markdown):
        first = chunk[0].strip()
        if first.startswith("```"):
            yield from (Block("code", (Piece(each, "code"),)) for each in chunk[1:-1])
        elif named := _ANCHOR.fullmatch(first):
            anchor = named[1]
        elif heading := _HEADING.fullmatch(first):
            yield Block("heading", parse_inline(heading[2]), level=len(heading[1]), anchor=anchor)
            anchor = ""
        elif item := _ITEM.fullmatch(chunk[0].rstrip()):
            words = " ".join([item[3], *(each.strip() for each in chunk[1:])])
            yield Block("item", parse_inline(words), level=len(item[1]) // 2, marker=item[2])
        elif first.startswith("|"):
            yield from _rows(chunk)
        elif not first.startswith("<!--"):
            yield Block("paragraph", parse_inline(" ".join(each.strip() for each in chunk)))


def _rows(chunk: list[str]) -> Iterator[Block]:
    headed = len(chunk) > 1 and _RULE_OF_TABLE.fullmatch(chunk[1].strip()) is not None
    for number, row in enumerate(chunk):
        if not _RULE_OF_TABLE.fullmatch(row.strip()):
            cells = re.split(r"(?<!\\)\|", row.strip().strip("|"))
            told = tuple(parse_inline(cell.strip().replace("\\|", "|")) for cell in cells)
            yield Block("row", cells=told, head=headed and not number)


def _chunks(markdown: str) -> Iterator[list[str]]:
    """The lines of each block."""
    chunk: list[str] = []
    fenced = False
    for line in markdown.splitlines():
        fence = line.strip().startswith("```")
        if fenced:
            chunk.append(line)
            if fence:
                yield chunk
                chunk, fenced = [], False
            continue
        alone = not line.strip() or _HEADING.fullmatch(line.strip()) or _ANCHOR.fullmatch(line.strip())
        begins = alone or fence or _ITEM.fullmatch(line.rstrip()) or line.startswith("|") != _is_table(chunk)
        if chunk and begins:
            yield chunk
            chunk = []
        if line.strip():
            chunk.append(line)
        fenced = fence
        if chunk and alone:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _is_table(chunk: list[str]) -> bool:
    return bool(chunk) and chunk[0].startswith("|")
