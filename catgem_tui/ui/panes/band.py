"""The offer: a band with its own keys, which takes no keystroke from what is being written."""

from typing import Any

from rich.cells import cell_len

from catgem_tui.config.i18n import _
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.events import ContactShown
from catgem_tui.protocol.model import Contact
from catgem_tui.ui import figures, wording
from catgem_tui.ui.contacts import handed_by
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.lines import Line, line, span, spread
from catgem_tui.ui.panes.fitting import Piece, fitted
from catgem_tui.ui.widgets.lines import Pane


class OfferBand(Pane):
    DEFAULT_CSS = """
    OfferBand { display: none; height: 2; padding: 0 1; background: $on-band; }
    OfferBand.-offered { display: block; }
    """

    def __init__(self, keymap: KeysInForce, *, classes: str) -> None:
        super().__init__(classes=classes)
        self.keymap = keymap

    def draw(self, state: DeskState, now: float) -> None:
        self.set_class(state.offer is not None or state.asked is not None, "-offered")
        super().draw(state, now)

    def take(self, state: DeskState, now: float) -> Any:
        offer, asked = state.offer, state.asked
        if offer is None and asked is not None:
            return _asked(asked, state)
        if offer is None:
            return ()
        alone = state.answering[1] if state.answering[0] == offer.id else 0.0
        return (
            _("OFFER"),
            _(wording.CHANNEL_TITLES[offer.channel]),
            wording.citizen(offer),
            offer.citizen.place,
            wording.queue_label(state.settings, offer.queue),
            offer.subject,
            _how_it_comes(offer, state, now),
            _remaining(offer.offer_expires_at, alone, now),
        )

    def lines(self, slice_: Any, width: int) -> list[Line]:
        if not slice_:
            return []
        what, channel, who, place, queue, subject, waited, left = slice_
        room = width - cell_len(waited) - 2 if waited else width
        head = fitted(
            [
                Piece(9, (span(f"◆ {what}  {channel}", "offer"), span(f"  {who}", "bright"))),
                *(Piece(weight, (span(part),), ()) for weight, part in ((2, subject), (1, place), (3, queue)) if part),
            ],
            room,
            (" · ", "dim"),
        )
        keys = line(
            (f"  {self.keymap.name('offer.accept')} ", "key"),
            (_("answer") + "   ", "text"),
            (self.keymap.name("offer.decline") + " ", "key"),
            (_("decline"), "text"),
        )
        remaining: Line = ((left, "text"),) if left else ()
        return [spread(head, ((waited, "text"),) if waited else (), width), spread(keys, remaining, width)]


def _how_it_comes(offer: Contact, state: DeskState, now: float) -> str:
    """Of one who has been served already, whose call was cut off perhaps, the time since they came is no waiting."""
    if by := handed_by(offer, state.user):
        return _("%s hands it on") % by
    if offer.accepted_at is not None:
        return _("comes back")
    return _("waited %s") % figures.elapsed(now - offer.arrived_at)


def _asked(asked: ContactShown, state: DeskState) -> Any:
    """A colleague asks about their contact: as an offer, but nothing is taken over by it."""
    contact = asked.contact
    return (
        _("QUESTION"),
        _("%s asks") % asked.by,
        wording.citizen(contact),
        contact.citizen.place,
        wording.queue_label(state.settings, contact.queue),
        contact.subject,
        "",
        _("the citizen waits"),
    )


def _remaining(expires: float | None, alone: float, now: float) -> str:
    """When the offer is over; or sooner, when it is answered by itself."""
    if alone:
        return _("answered by itself in %s") % figures.elapsed(max(0.0, alone - now) + 0.999)
    return _("%s left") % figures.elapsed(expires - now) if expires is not None else ""
