"""From a theme file's data to Textual's themes and to the styles of slots."""

from collections.abc import Mapping
from typing import Protocol

from rich.style import Style
from textual.theme import Theme

from catgem_tui.config.theme import QUIET, REVERSE, ThemeData
from catgem_tui.ui.screen_reader import ScreenReader


def textual_theme(name: str, data: ThemeData, *, caret: bool = True) -> Theme:
    """For the style sheets surfaces become ``$on-…`` and three slots ``$slot-…``; a field that stands out by no colour
    is underlined (``$field-style``). ``caret``: whether fields draw one of their own, where the terminal's cursor does
    not stand for it.

    Lines take the slots' styles from ``rich_styles``: a style sheet would cost seconds on a slow machine.
    """
    surfaces, slots = data.surfaces, data.slots
    background, text = surfaces["background"], slots["text"].colour
    variables = {f"on-{name}": colour for name, colour in surfaces.items()}
    variables["on-cursor"] = text if surfaces["cursor"] == REVERSE else surfaces["cursor"]
    variables |= {f"slot-{name}": slots[name].colour for name in ("text", "bright", "dim")}
    field = ("underline",) if surfaces["field"] == background else ()
    quiet = tuple(weight for weight in slots["dim"].weights if weight == "dim")
    variables["field-style"] = " ".join(field) or "none"
    variables["quiet-style"] = " ".join(quiet) or "none"
    variables["quiet-field-style"] = " ".join((*field, *quiet)) or "none"
    if data.sixteen:
        variables |= {"ansi-background": "ansi_black", "ansi-foreground": "ansi_white"}
    variables |= {
        "input-cursor-foreground": text if caret else slots["bright"].colour,
        "input-cursor-background": background if caret else "transparent",
        "input-cursor-text-style": "reverse" if caret else "none",
        "input-selection-background": surfaces["selection"],
        "input-selection-foreground": slots["bright"].colour,
        "border": surfaces["accent"],
        "border-blurred": surfaces["rule"],
        "scrollbar": surfaces["rule"],
        "scrollbar-hover": surfaces["rule"],
        "scrollbar-active": surfaces["accent"],
        "scrollbar-background": background,
        "scrollbar-background-hover": background,
        "scrollbar-background-active": background,
    }
    return Theme(
        name=name,
        dark=data.dark,
        ansi=data.sixteen,
        primary=surfaces["accent"],
        accent=surfaces["accent"],
        foreground=text,
        background=background,
        surface=surfaces["field"],
        panel=surfaces["bar"],
        error=slots["error"].colour,
        warning=slots["sla.warning"].colour,
        success=slots["good"].colour,
        variables=variables,
    )


def rich_styles(data: ThemeData) -> dict[str, Style]:
    """The style of every slot, and what is laid over the row under the ``cursor``."""
    styles = {
        name: Style.parse(" ".join((*style.weights, _rich(style.colour), *_on(style.background))))
        for name, style in data.slots.items()
    }
    return styles | {"cursor": _cursor(data)}


def on_cursor(slot: str) -> str:
    """The slot in which a piece of the row under the cursor is drawn."""
    return "text" if slot in QUIET else slot


def _cursor(data: ThemeData) -> Style:
    cursor, text, background = data.surfaces["cursor"], data.slots["text"].colour, data.surfaces["background"]
    if cursor != REVERSE:
        return Style(bgcolor=_rich(cursor))
    if background == text:  # both the terminal's own
        return Style(color="default", bgcolor="default", reverse=True, dim=False)
    return Style(color=_rich(background), bgcolor=_rich(text), dim=False)


def _rich(colour: str) -> str:
    return colour.removeprefix("ansi_")


def _on(background: str) -> tuple[str, ...]:
    return ("on", _rich(background)) if background else ()


class Painted(Protocol):
    """An application that has a style for every slot."""

    slot_styles: Mapping[str, Style]

    @property
    def meters(self) -> bool:
        """Whether to show what never stands still."""
        ...

    @property
    def reader(self) -> ScreenReader | None:
        """Screen-reader mode, while it is on."""
        ...
