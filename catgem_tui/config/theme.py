"""Themes: the colours of the screen by what they mean, read from ``themes/*.toml`` and checked.

A theme gives every *surface* a colour and every *slot* a style: ``[bold] [italic] [underline] [reverse] [dim] COLOUR
[on COLOUR]``. Colours are ``#rrggbb``, a name of the terminal's sixteen (``ansi_red``) or ``default``. The surface
``cursor`` may be ``reverse``: the row is then drawn with text and background exchanged, whatever its slots' colours.
A theme that ``extends`` a shipped one says only what differs.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct

from catgem_tui.config import assets
from catgem_tui.config.fault import FileFault
from catgem_tui.config.i18n import _
from catgem_tui.config.reading import read_toml

SURFACES = ("background", "bar", "band", "field", "dialog", "cursor", "rule", "accent", "selection")
"""What text stands on, the rules between panes and the one accent."""
SLOTS = (
    "text",
    "bright",
    "dim",
    "title",
    "accent",
    "key",
    "good",
    "error",
    "offer",
    "sla.warning",
    "sla.breach",
    "call.ringing",
    "call.active",
    "call.held",
    "call.recording",
    "presence.available",
    "presence.busy",
    "presence.offered",
    "presence.wrap_up",
    "presence.paused",
    "presence.not_responding",
    "presence.offline",
    "delivery.pending",
    "delivery.failed",
    "line.online",
    "line.offline",
)
"""What a piece of text means."""
QUIET = frozenset({"dim", "presence.offline", "delivery.pending"})
"""Slots of what is known already. On the row under the cursor they are drawn as ``text``: there they count."""
REVERSE = "reverse"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}|default")
_ANSI = frozenset(
    f"ansi_{shade}{colour}"
    for shade in ("", "bright_")
    for colour in ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
)
_WEIGHTS = frozenset({"bold", "italic", "underline", "reverse", "dim"})


class SlotStyle(Struct, frozen=True):
    colour: str
    background: str = ""
    weights: tuple[str, ...] = ()


class ThemeData(Struct, frozen=True):
    name: str
    dark: bool
    sixteen: bool
    """Made of the terminal's own colours."""
    surfaces: Mapping[str, str]
    slots: Mapping[str, SlotStyle]

    @property
    def colourless(self) -> bool:
        """Whether it has no colour at all: only the terminal's own text and background."""
        styles = self.slots.values()
        used = {*self.surfaces.values(), *(each.colour for each in styles), *(each.background for each in styles)}
        return used <= {"ansi_default", REVERSE, ""}


def find_themes(own: Path | None) -> dict[str, Path]:
    """The shipped themes and those in the folder ``own``, by name; of the same name, the person's own."""
    found = assets.themes()
    if own is not None:
        with suppress(OSError):  # a folder that cannot be read holds no themes
            found |= {path.stem: path for path in sorted(own.glob("*.toml"))}
    return found


def load_theme(path: Path) -> ThemeData:
    """Read and check one theme file. Raises FileFault with the first mistake found."""
    text, table = read_toml(path)
    return _Checker(path, text).check(table)


class Place(NamedTuple):
    """Where something is written: a key of a section, or of none."""

    section: str
    key: str


class _Checker:
    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.text = text

    def check(self, table: Mapping[str, Any]) -> ThemeData:
        for key in table:
            if key not in {"name", "dark", "extends", "surfaces", "slots"}:
                raise self.fault(
                    Place("", key), _("a theme has only “name”, “dark”, “extends”, “[surfaces]” and “[slots]”")
                )
        base = self.base(table["extends"]) if "extends" in table else None
        dark = table.get("dark", base.dark if base else True)
        if not isinstance(dark, bool):
            raise self.fault(Place("", "dark"), _("must be true or false"))
        name = table.get("name", self.path.stem)
        if not isinstance(name, str) or not name.strip() or not name.isprintable():
            raise self.fault(Place("", "name"), _("must be words in quotes"))
        surfaces = {**(base.surfaces if base else {})}
        for key, value in self.section(table, "surfaces", SURFACES, whole=base is None).items():
            place = Place("surfaces", key)
            surfaces[key] = REVERSE if (key, value) == ("cursor", REVERSE) else self.colour(place, value)
        slots = {**(base.slots if base else {})}
        for key, value in self.section(table, "slots", SLOTS, whole=base is None).items():
            slots[key] = self.style(Place("slots", key), value)
        sixteen = not any(colour.startswith("#") for colour in surfaces.values())
        return ThemeData(name, dark, sixteen, surfaces, slots)

    def base(self, name: object) -> ThemeData:
        """The shipped theme that this one extends; shipped ones extend none, so that there is no circle."""
        shipped = assets.themes()
        if not isinstance(name, str) or name not in shipped:
            words = {"name": name, "known": ", ".join(shipped)}
            raise self.fault(
                Place("", "extends"), _("there is no shipped theme “%(name)s”; there are: %(known)s") % words
            )
        if shipped[name] == self.path:
            raise self.fault(Place("", "extends"), _("a theme cannot extend itself"))
        return load_theme(shipped[name])

    def section(self, table: Mapping[str, Any], name: str, wanted: tuple[str, ...], *, whole: bool) -> dict[str, Any]:
        section = table.get(name, None if whole else {})
        if not isinstance(section, dict):
            raise self.fault(Place("", name), _("the section [%s] is missing") % name)
        for key in section:
            if key not in wanted:
                raise self.fault(Place(name, key), _("there is no such name in [%s]") % name)
        for key in wanted:
            if whole and key not in section:
                raise FileFault(self.path, self.line(name), key, _("is missing in [%s]") % name)
        return section

    def colour(self, place: Place, value: object) -> str:
        if not isinstance(value, str) or not (value in _ANSI or _COLOUR.fullmatch(value)):
            raise self.fault(place, _("“%s” is no colour: write #rrggbb, ansi_… or default") % value)
        return "ansi_default" if value == "default" else value

    def style(self, place: Place, value: object) -> SlotStyle:
        if not isinstance(value, str):
            raise self.fault(place, _('write a style, as in "bold #ffcc66"'))
        before, _on, background = value.partition(" on ")
        *weights, colour = before.split() or [""]
        for weight in weights:
            if weight not in _WEIGHTS:
                raise self.fault(place, _("“%s” is no style") % weight)
        return SlotStyle(
            self.colour(place, colour), self.colour(place, background.strip()) if background else "", tuple(weights)
        )

    def fault(self, place: Place, reason: str) -> FileFault:
        line = self.line(*filter(None, (place.section, *place.key.split("."))))
        return FileFault(self.path, line, place.key, reason)

    def line(self, *path: str) -> int:
        from catgem_tui.config.toml_lines import find_line

        return find_line(self.text, path)
