"""What a screen shows of a contact, worked out once: its clock, its urgency, its words."""

from catgem_tui.config.i18n import _, pgettext
from catgem_tui.protocol.enums import Channel, ContactState
from catgem_tui.protocol.model import CentreSettings, Contact, User
from catgem_tui.ui import figures
from catgem_tui.ui.lines import Span

WARNING_SHARE = 2 / 3
"""Of the channel's target: from here on a waiting contact is in a hurry, from the whole target on it is late."""


def channel_short(channel: Channel) -> str:
    """The channel in four letters."""
    return {Channel.CALL: _("tel"), Channel.CHAT: _("chat"), Channel.MAIL: pgettext("short", "mail")}[channel]


def handed_by(contact: Contact, me: User | None) -> str:
    """Who handed it on, unless it comes back to them."""
    return "" if me is not None and contact.handed_by == me.name else contact.handed_by


def urgency(contact: Contact, settings: CentreSettings | None, now: float) -> str:
    """The slot of a contact's clock: ``sla.breach``, ``sla.warning`` or ``text``."""
    if contact.state is ContactState.WRAP_UP:
        ending = contact.wrap_up_ends_at is not None and contact.wrap_up_ends_at - now <= 10
        return "sla.warning" if ending else "text"
    target = settings.targets.get(contact.channel) if settings else None
    if contact.waiting_since is None or not target:
        return "text"
    waited = now - contact.waiting_since
    if waited >= target:
        return "sla.breach"
    return "sla.warning" if waited >= target * WARNING_SHARE else "text"


SIGNS = {"sla.breach": "!!", "sla.warning": "!"}
"""The same as the colour, for eyes that do not see it."""


def sign(slot: str) -> Span:
    return (SIGNS.get(slot, ""), slot)


def elapsed(contact: Contact, now: float) -> str:
    """The clock of a contact in a list: time waited, time served, or what is left of the wrap-up."""
    if contact.state is ContactState.WRAP_UP and contact.wrap_up_ends_at is not None:
        return figures.elapsed(contact.wrap_up_ends_at - now)
    if contact.channel is not Channel.CALL and contact.waiting_since is not None:
        return figures.elapsed(now - contact.waiting_since)
    return figures.elapsed(now - (contact.accepted_at or contact.arrived_at))


def since_start(contact: Contact, now: float) -> str:
    """How long the contact has been served; what is left in wrap-up."""
    if contact.state is ContactState.WRAP_UP:
        return elapsed(contact, now)
    return figures.elapsed(now - (contact.accepted_at or contact.arrived_at))
