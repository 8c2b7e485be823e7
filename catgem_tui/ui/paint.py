"""From a theme file's data to Textual's themes and to the styles of slots."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from rich.style import Style
from textual.theme import Theme

from catgem_tui.config.theme import ThemeData

if TYPE_CHECKING:
    from catgem_tui.ui.reader.mode import Reader


def textual_theme(data: ThemeData) -> Theme:
    """For the style sheets surfaces become ``$on-…`` and two slots ``$slot-text`` and ``$slot-bright``.

    Lines take the slots' styles from ``rich_styles``: a style sheet would cost seconds on a slow machine.
    """
    surfaces, slots = data.surfaces, data.slots
    background, text = surfaces["background"], slots["text"].colour
    variables = {f"on-{name}": colour for name, colour in surfaces.items()}
    variables |= {"slot-text": text, "slot-bright": slots["bright"].colour}
    if data.sixteen:
        variables |= {"ansi-background": "ansi_black", "ansi-foreground": "ansi_white"}
    variables |= {
        "input-cursor-background": text,
        "input-cursor-foreground": background,
        "input-cursor-text-style": "reverse" if data.sixteen else "none",
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
        name=data.name,
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
    """The style of every slot, and of the row under the ``cursor``."""
    styles = {
        name: Style.parse(" ".join((*style.weights, _rich(style.colour), *_on(style.background))))
        for name, style in data.slots.items()
    }
    cursor = data.surfaces["cursor"]
    unseen = cursor == data.surfaces["background"]
    return styles | {"cursor": Style(reverse=True) if unseen else Style(bgcolor=_rich(cursor))}


def _rich(colour: str) -> str:
    return colour.removeprefix("ansi_")


def _on(background: str) -> tuple[str, ...]:
    return ("on", _rich(background)) if background else ()


class Painted(Protocol):
    """An application that has a style for every slot."""

    slot_styles: Mapping[str, Style]
    reader: "Reader | None"
    """Screen-reader mode, while it is on."""
