"""How screens look in screen-reader mode: one column of lines, with nothing beside them and nothing around them."""

from textual.events import Resize
from textual.screen import Screen

STYLE = """
.-reader * { border: none; scrollbar-size: 0 0; scrollbar-gutter: auto; }
.-reader #tabs, .-reader #hints { display: none; }
.-reader HeaderPane, .-reader PhoneStrip, .-reader OfferBand.-offered, .-reader MonitoringBand.-monitoring {
    height: auto; background: $on-background;
}
.-reader Title { height: auto; }
.-reader #columns, .-reader #tables, .-reader #work { layout: vertical; }
.-reader DeskScreen #left, .-reader DeskScreen #right, .-reader DeskScreen Middle { padding: 0 1; margin: 0; }
.-reader #filters, .-reader #filters Input { height: auto; layout: vertical; width: 100%; }
.-reader Preview { display: none; }
.-reader Middle #s-protocol, .-reader Middle #s-notes { margin: 0; }
.-reader Overlay { align: left top; background: $on-background; padding: 0; }
.-reader Overlay > Vertical {
    width: 100%; max-width: 100%; max-height: 100%; border: none; padding: 0 1 2 1; background: $on-background;
}
.-reader HelpScreen #top, .-reader HelpScreen #reading { layout: vertical; padding: 0; }
.-reader HelpScreen #top { height: 2; }
.-reader HelpScreen.-wide #contents { display: none; width: 100%; margin: 0; }
.-reader HelpScreen.-wide.-contents #contents { display: block; }
.-reader HelpScreen.-wide.-contents #words { display: none; }
.-reader LoginScreen { align: left top; }
.-reader LoginScreen > Vertical { width: 100%; max-width: 100%; border: none; }
.-reader AnnouncementLine { background: $on-background; }
.-reader FieldRow .field-name { margin-right: 1; }
.-reader #currency-table { max-height: 60%; overflow-y: auto; }
.-reader GuideBand { height: auto; margin-bottom: 2; background: $on-background; }
"""
STYLE_FROM = ("screen-reader mode", "")


def fold(screen: Screen[object], *, linear: bool) -> bool:
    """In one column however wide the screen is; or as its width says. Returns whether it is to be styled anew."""
    own, before = type(screen), screen.classes
    for name in ("HORIZONTAL_BREAKPOINTS", "VERTICAL_BREAKPOINTS"):
        points = getattr(own, name) or []
        if linear and points:
            setattr(screen, name, points[:1])
            for number, (_size, fitting) in enumerate(points):
                screen.set_class(not number, fitting, update=False)
        elif name in vars(screen):
            delattr(screen, name)
    if not linear and screen.is_mounted:
        screen.post_message(Resize(screen.size, screen.size))
    return screen.classes != before
