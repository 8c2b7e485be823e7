"""The text of an HTML mail, for a terminal: nothing is run, nothing is fetched."""

from html.parser import HTMLParser

_SPACED = frozenset({"blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"})
_BLOCKS = _SPACED | frozenset(
    {"address", "article", "aside", "center", "dd", "div", "dt", "fieldset", "figure", "footer", "form", "header", "hr"}
    | {"li", "main", "nav", "section", "tr"}
)
_UNSEEN = frozenset({"head", "script", "style", "template", "title", "noscript", "iframe", "object", "svg", "math"})


class _Reader(HTMLParser):
    """Collects visible text. A link shows where it leads, when its words don't say so themselves."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen: list[str] = []
        self._links: list[tuple[str, int]] = []
        self._preformatted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "body":
            self._unseen.clear()  # </head> may be left out
            return
        if self._unseen or tag in _UNSEEN:
            if tag in _UNSEEN:
                self._unseen.append(tag)
            return
        if tag == "br":
            self.pieces.append("\n")
        elif tag in _BLOCKS:
            self._break(tag)
            if tag == "li":
                self.pieces.append("- ")
            self._preformatted += tag == "pre"
        elif tag in {"td", "th"}:
            self.pieces.append(" ")
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self.pieces)))
        elif tag == "img" and (words := dict(attrs).get("alt")):
            self.pieces.append(f"[{words}]")

    def handle_endtag(self, tag: str) -> None:
        if self._unseen:
            if tag in self._unseen:
                del self._unseen[self._unseen.index(tag) :]
            return
        if tag in _BLOCKS:
            self._break(tag)
            self._preformatted = max(0, self._preformatted - (tag == "pre"))
        elif tag == "a" and self._links:
            address, start = self._links.pop()
            said = "".join(self.pieces[start:])
            target = address.removeprefix("mailto:").strip()
            if target and not target.startswith("#") and target.rstrip("/") not in said:
                self.pieces.append(f" <{target}>")

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if self._preformatted:
            self.pieces.append(data)
            return
        words = " ".join(data.split())
        before = " " if data[:1].isspace() else ""
        after = " " if words and data[-1:].isspace() else ""
        self.pieces.append(f"{before}{words}{after}")

    def _break(self, tag: str) -> None:
        self.pieces.append("\n\n" if tag in _SPACED else "\n")


def text_of(source: str) -> str:
    """Plain text in paragraphs. Any input gives some text; none raises."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    lines: list[str] = []
    for line in "".join(reader.pieces).split("\n"):
        tidy = line.replace("\xa0", " ").strip()
        if tidy or (lines and lines[-1]):
            lines.append(tidy)
    return "\n".join(lines).strip()
