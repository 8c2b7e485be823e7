"""The offer: a band with its own keys, which takes no keystroke from what is being written."""

from typing import Any

from catgem_tui.config.i18n import _
from catgem_tui.config.keymap import Keymap
from catgem_tui.desk.state import DeskState
from catgem_tui.ui import figures, wording
from catgem_tui.ui.keys import key_name
from catgem_tui.ui.lines import Line, line, span, spread
from catgem_tui.ui.widgets.lines import Pane


class OfferBand(Pane):
    DEFAULT_CSS = """
    OfferBand { display: none; height: 2; padding: 0 1; background: $on-band; }
    OfferBand.-offered { display: block; }
    """

    def __init__(self, keymap: Keymap, *, classes: str) -> None:
        super().__init__(classes=classes)
        self.keymap = keymap

    def draw(self, state: DeskState, now: float) -> None:
        self.set_class(state.offer is not None, "-offered")
        super().draw(state, now)

    def take(self, state: DeskState, now: float) -> Any:
        offer = state.offer
        if offer is None:
            return ()
        return (
            _(wording.CHANNEL_TITLES[offer.channel]),
            wording.citizen(offer),
            offer.citizen.place,
            wording.queue_label(state.settings, offer.queue),
            offer.subject,
            figures.elapsed(now - offer.arrived_at),
            figures.elapsed(offer.offer_expires_at - now) if offer.offer_expires_at is not None else "",
        )

    def lines(self, slice_: Any, width: int) -> list[Line]:
        if not slice_:
            return []
        channel, who, place, queue, subject, waited, left = slice_
        details = "".join(f" · {part}" for part in (place, queue, subject) if part)
        head = line(("◆ " + _("OFFER") + f"  {channel}  ", "call.ringing"), span(who, "bright"), span(details))
        keys = line(
            (f"  {key_name(self.keymap.first('offer.accept'))} ", "key"),
            (_("answer") + "   ", "text"),
            (key_name(self.keymap.first("offer.decline")) + " ", "key"),
            (_("decline"), "text"),
        )
        remaining: Line = ((_("%s left") % left, "text"),) if left else ()
        return [spread(head, ((_("waited %s") % waited, "text"),), width), spread(keys, remaining, width)]
