"""Themes: the colours of the screen by what they mean, read from ``themes/*.toml`` and checked.

A theme gives every *surface* a colour and every *slot* a style: ``[bold] [italic] [underline] [reverse] COLOUR [on
COLOUR]``. Colours are ``#rrggbb``, a name of the terminal's sixteen (``ansi_red``) or ``default``.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from catgem_tui.config.fault import FileFault, line_of, line_of_syntax_error
from catgem_tui.config.i18n import _

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
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}|ansi_[a-z]+(?:_[a-z]+)?|default")
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


def load_theme(path: Path) -> ThemeData:
    """Read and check one theme file. Raises FileFault with the first mistake found."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark
        table = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        from catgem_tui.config.explanation import explain_unreadable

        raise explain_unreadable(path, error) from error
    except tomllib.TOMLDecodeError as error:
        raise FileFault(path, line_of_syntax_error(error), "", _("not valid TOML (%s)") % error) from error
    return _Checker(path, text).check(table)


class _Checker:
    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.text = text

    def check(self, table: Mapping[str, Any]) -> ThemeData:
        for key in table:
            if key not in {"name", "dark", "surfaces", "slots"}:
                raise self.fault(key, _("a theme has only “name”, “dark”, “[surfaces]” and “[slots]”"))
        dark = table.get("dark", True)
        if not isinstance(dark, bool):
            raise self.fault("dark", _("must be true or false"))
        surfaces = {key: self.colour(key, value) for key, value in self.section(table, "surfaces", SURFACES).items()}
        slots = {key: self.style(key, value) for key, value in self.section(table, "slots", SLOTS).items()}
        sixteen = not any(colour.startswith("#") for colour in surfaces.values())
        return ThemeData(str(table.get("name", self.path.stem)), dark, sixteen, surfaces, slots)

    def section(self, table: Mapping[str, Any], name: str, wanted: tuple[str, ...]) -> Mapping[str, object]:
        section = table.get(name)
        if not isinstance(section, dict):
            raise self.fault(name, _("the section [%s] is missing") % name)
        for key in section:
            if key not in wanted:
                raise self.fault(key, _("there is no such name in [%s]") % name)
        for key in wanted:
            if key not in section:
                raise FileFault(self.path, line_of(self.text, name), key, _("is missing in [%s]") % name)
        return section

    def colour(self, key: str, value: object) -> str:
        if not isinstance(value, str) or not _COLOUR.fullmatch(value):
            raise self.fault(key, _("“%s” is no colour: write #rrggbb, ansi_… or default") % value)
        return "ansi_default" if value == "default" else value

    def style(self, key: str, value: object) -> SlotStyle:
        if not isinstance(value, str):
            raise self.fault(key, _('write a style, as in "bold #ffcc66"'))
        before, _on, background = value.partition(" on ")
        *weights, colour = before.split() or [""]
        for weight in weights:
            if weight not in _WEIGHTS:
                raise self.fault(key, _("“%s” is no style") % weight)
        return SlotStyle(
            self.colour(key, colour), self.colour(key, background.strip()) if background else "", tuple(weights)
        )

    def fault(self, key: str, reason: str) -> FileFault:
        return FileFault(self.path, line_of(self.text, key), key, reason)
