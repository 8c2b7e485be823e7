"""The text of an HTML mail, for a terminal: nothing is run, nothing is fetched.

A scanner of our own, because the standard library's takes quadratic time on markup that is broken on purpose: 50 kB of
``<a <a <a`` cost it half a minute (CPython 3.11), and anyone may send a mail. This one passes over its input once.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Literal

_SPACED = frozenset({"blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"})
_BLOCKS = _SPACED | frozenset(
    {"address", "article", "aside", "center", "dd", "div", "dt", "fieldset", "figure", "footer", "form", "header", "hr"}
    | {"li", "main", "nav", "section", "tr"}
)
_UNSEEN = frozenset({"head", "template", "noscript", "iframe", "object", "svg", "math"})
_RAW_END = {
    name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "title", "textarea", "xmp", "noembed")
}
"""Elements that hold no markup: they go to their own end tag."""
_NAME = re.compile(r"/?([A-Za-z][A-Za-z0-9:-]*)")
_ATTRIBUTE = re.compile(r"\b(href|alt)\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_LONGEST_TAG = 5_000

Token = tuple[Literal["text", "start", "end"], str, str]
"""Text and nothing, or a tag's name in lower case and the whole tag."""


def text_of(source: str) -> str:
    """Plain text in paragraphs. Any input gives some text; none raises."""
    reader = _Reader()
    for kind, what, tag in _tokens(source):
        if kind == "text":
            reader.read(unescape(what))
        elif kind == "start":
            reader.open(what, tag)
        else:
            reader.close(what)
    lines: list[str] = []
    for line in "".join(reader.pieces).split("\n"):
        tidy = line.replace("\xa0", " ").strip()
        if tidy or (lines and lines[-1]):
            lines.append(tidy)
    return "\n".join(lines).strip()


def _tokens(source: str) -> Iterator[Token]:
    at = 0
    while (begin := source.find("<", at)) >= 0:
        following = source[begin + 1 : begin + 2]
        if not (following.isascii() and following.isalpha()) and following not in {"/", "!", "?"}:
            yield "text", source[at : begin + 1], ""
            at = begin + 1
            continue
        yield "text", source[at:begin], ""
        if source.startswith("<!--", begin):
            end = source.find("-->", begin + 4)
            if end < 0:
                return
            at = end + 3
            continue
        end = _tag_end(source, begin)
        if end < 0:
            at = begin
            break
        at = end + 1
        named = _NAME.match(source, begin + 1, end)
        if named is None:
            continue
        name = named[1].lower()
        if following == "/":
            yield "end", name, ""
            continue
        yield "start", name, source[begin : min(end, begin + _LONGEST_TAG)]
        if name in _RAW_END:
            closing = _RAW_END[name].search(source, at)
            if closing is None:
                return
            at = closing.start()
    yield "text", source[at:], ""


def _tag_end(source: str, begin: int) -> int:
    """Where the tag's ``>`` is, one within double quotes not counted; -1 if there is none."""
    end = source.find(">", begin)
    if end >= 0 and source.count('"', begin, end) % 2:
        quote = source.find('"', end)
        further = source.find(">", quote) if quote >= 0 else -1
        if 0 <= further < begin + _LONGEST_TAG:
            return further
    return end


class _Reader:
    """Collects visible text. A link shows where it leads, when its words don't say so themselves."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._unseen: list[str] = []
        self._link: tuple[str, int] | None = None
        """Address and first piece of the open link; HTML has no links within links."""
        self._preformatted = 0

    def open(self, name: str, tag: str) -> None:
        if name == "body":
            self._unseen.clear()  # </head> may be left out
        elif name in _UNSEEN:
            self._unseen.append(name)
        elif self._unseen:
            return
        elif name == "br":
            self.pieces.append("\n")
        elif name in _BLOCKS:
            self._break(name)
            self.pieces.append("- " if name == "li" else "")
            self._preformatted += name == "pre"
        elif name in {"td", "th"}:
            self.pieces.append(" ")
        elif name == "a":
            self._link = _attribute(tag, "href"), len(self.pieces)
        elif name == "img" and (words := _attribute(tag, "alt")):
            self.pieces.append(f"[{words}]")

    def close(self, name: str) -> None:
        if self._unseen:
            if name in _UNSEEN and name in self._unseen[-9:]:
                while self._unseen.pop() != name:
                    pass
        elif name in _BLOCKS:
            self._break(name)
            self._preformatted = max(0, self._preformatted - (name == "pre"))
        elif name == "a" and self._link is not None:
            address, start = self._link
            self._link = None
            target = address.removeprefix("mailto:").strip()
            if target and not target.startswith("#") and target.rstrip("/") not in "".join(self.pieces[start:]):
                self.pieces.append(f" <{target}>")

    def read(self, text: str) -> None:
        if self._unseen or not text:
            return
        if self._preformatted:
            self.pieces.append(text)
            return
        words = " ".join(text.split())
        before = " " if text[:1].isspace() else ""
        after = " " if words and text[-1:].isspace() else ""
        self.pieces.append(f"{before}{words}{after}")

    def _break(self, name: str) -> None:
        self.pieces.append("\n\n" if name in _SPACED else "\n")


def _attribute(tag: str, name: str) -> str:
    for match in _ATTRIBUTE.finditer(tag):
        if match[1].lower() == name:
            return unescape(match[2] or match[3] or match[4] or "")
    return ""
