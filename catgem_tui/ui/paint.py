"""From a theme file's data to Textual's themes and to the styles of slots."""

from textual.theme import Theme

from catgem_tui.config.theme import SLOTS, ThemeData


def slot_class(slot: str) -> str:
    """The component class that carries a slot's style."""
    return "slot-" + slot.replace(".", "-").replace("_", "-")


def textual_theme(data: ThemeData) -> Theme:
    """Surfaces become ``$on-…``, slots ``$slot-…``, ``$slot-…-on`` and ``$slot-…-style``."""
    surfaces, slots = data.surfaces, data.slots
    background, text = surfaces["background"], slots["text"].colour
    variables = {f"on-{name}": colour for name, colour in surfaces.items()}
    for name, style in slots.items():
        variable = slot_class(name)
        variables[variable] = style.colour
        variables[f"{variable}-on"] = style.background or "transparent"
        variables[f"{variable}-style"] = " ".join(style.weights) or "none"
    if data.sixteen:
        variables |= {"ansi-background": "ansi_black", "ansi-foreground": "ansi_white"}
    variables |= {
        "on-cursor-style": "reverse" if surfaces["cursor"] == background else "none",
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


SLOT_CSS = "\n".join(
    f"    .{slot_class(slot)} {{ color: ${slot_class(slot)}; text-style: ${slot_class(slot)}-style; }}"
    for slot in SLOTS
)
"""Rules for every slot, to nest into a widget's style sheet."""
SLOT_CLASSES = frozenset(slot_class(slot) for slot in SLOTS)
