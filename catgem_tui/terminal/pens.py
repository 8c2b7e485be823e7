"""Pens: how a cell is written. One object for each look, so that two cells look alike when their pens are the same.

The numbers are those of SGR, ECMA-48 8.3.117, and the colours beyond it those of xterm (38 and 48).
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from catgem_tui.terminal.capabilities import Capabilities, Depth

if TYPE_CHECKING:
    from rich.color import Color
    from rich.color_triplet import ColorTriplet
    from rich.palette import Palette
    from rich.style import Style

ATTRIBUTES = (
    ("bold", 1, 22), ("dim", 2, 22), ("italic", 3, 23), ("underline", 4, 24), ("blink", 5, 25), ("blink2", 6, 25),
    ("reverse", 7, 27), ("conceal", 8, 28), ("strike", 9, 29), ("underline2", 21, 24), ("frame", 51, 54),
    ("encircle", 52, 54), ("overline", 53, 55),
)  # fmt: skip
"""Name, what switches it on, what switches it off; some are switched off together."""
_SEEN_ON_BLANKS = frozenset({4, 7, 21, 51, 52, 53, 9})
_MOST_STYLES = 4096
_FIRST_FIXED = 16


@dataclass(eq=False, slots=True)
class Pen:
    weights: frozenset[int]
    """What switches its attributes on."""
    foreground: str
    """Parameters of SGR; empty is the terminal's own."""
    background: str
    link: str
    """Parameters and address as OSC 8 has them; empty for none."""
    blank: "Pen" = field(init=False)
    """The pen that makes a space look the same, and has nothing that a space does not show."""

    @property
    def erases(self) -> bool:
        """Whether erasing leaves what a space of this pen leaves."""
        return not self.weights and not self.foreground and not self.link


class Pens:
    """All pens of a terminal, and how to change from one to another."""

    def __init__(self, capabilities: Capabilities) -> None:
        self._capabilities = capabilities
        self._by_look: dict[tuple[frozenset[int], str, str, str], Pen] = {}
        self._by_style: dict[Style | None, Pen] = {}
        self._changes: dict[tuple[Pen, Pen], str] = {}
        self.plain = self._pen(frozenset(), "", "", "")
        """The terminal's own."""

    def of(self, style: "Style | None") -> Pen:
        """The pen of a style of Rich's, in the colours that there are."""
        pen = self._by_style.get(style)
        if pen is None:
            if len(self._by_style) >= _MOST_STYLES:  # styles carry data of ours, so there is no end of them
                self._by_style.clear()
            pen = self._by_style[style] = self._read(style)
        return pen

    def change(self, before: Pen | None, after: Pen) -> str:
        """The shortest sequence after which ``after`` is in force; ``before`` is None when nobody knows."""
        if before is after:
            return ""
        if before is None:
            return self._link("", after.link) + _reset(after)
        known = self._changes.get((before, after))
        if known is None:
            known = self._link(before.link, after.link) + self._change_look(before, after)
            self._changes[before, after] = known
        return known

    def _change_look(self, before: Pen, after: Pen) -> str:
        reset = _reset(after)
        gone = before.weights - after.weights
        if gone and not self._capabilities.selective:
            return reset
        off = {end for _name, start, end in ATTRIBUTES if start in gone}
        codes = [str(end) for end in sorted(off)]
        for _name, start, end in ATTRIBUTES:
            if start in after.weights and (start not in before.weights or end in off):
                codes.append(str(start))
        if before.foreground != after.foreground:
            codes.append(after.foreground or "39")
        if before.background != after.background:
            codes.append(after.background or "49")
        if not codes:
            return ""
        step = f"\x1b[{';'.join(codes)}m"
        return step if len(step) <= len(reset) else reset

    def _link(self, before: str, after: str) -> str:
        if before == after:
            return ""
        return f"\x1b]8;{after or ';'}\x1b\\"

    def _read(self, style: "Style | None") -> Pen:
        if style is None:
            return self.plain
        weights = frozenset(
            start
            for name, start, _end in ATTRIBUTES
            if getattr(style, name) and (start != 3 or self._capabilities.italic)
        )
        depth = self._capabilities.depth
        foreground = _parameters(style.color, depth, True) if style.color else ""
        background = _parameters(style.bgcolor, depth, False) if style.bgcolor else ""
        link = f"id={style.link_id};{style.link}" if style.link and self._capabilities.links else ""
        return self._pen(weights, foreground, background, link)

    def _pen(self, weights: frozenset[int], foreground: str, background: str, link: str) -> Pen:
        look = (weights, foreground, background, link)
        pen = self._by_look.get(look)
        if pen is None:
            pen = self._by_look[look] = Pen(*look)
            seen = weights & _SEEN_ON_BLANKS
            pen.blank = pen if seen or pen.erases else self._pen(frozenset(), "", background, link)
        return pen


def _reset(pen: Pen) -> str:
    codes = ["", *map(str, sorted(pen.weights)), pen.foreground, pen.background]  # an empty first parameter is 0
    return f"\x1b[{';'.join(code for index, code in enumerate(codes) if code or not index)}m"


@lru_cache(4096)
def _parameters(colour: "Color", depth: Depth, foreground: bool) -> str:
    """A colour as parameters of SGR, in the nearest one there is; empty for the terminal's own."""
    if depth is Depth.NONE or colour.is_default:
        return ""
    from rich.color import Color, ColorSystem

    if depth is Depth.EIGHT_BIT and colour.triplet is not None:
        colour = Color.from_ansi(nearest(colour.triplet))
    if depth is Depth.SIXTEEN:
        colour = colour.downgrade(ColorSystem.STANDARD)
    return ";".join(colour.get_ansi_codes(foreground))


@lru_cache(1)
def _fixed() -> "Palette":
    """Those of xterm's 256 colours that no terminal changes: a cube of six levels a part, and a scale of greys."""
    from rich.color import Color
    from rich.palette import Palette

    return Palette([Color.from_ansi(number).get_truecolor() for number in range(_FIRST_FIXED, 256)])


def nearest(colour: "ColorTriplet") -> int:
    """The number of the nearest of them. Rich's own way down makes what is dark and has some colour black or blue: of a
    dark theme's surfaces none was left."""
    return _FIRST_FIXED + _fixed().match(colour)
