"""What whoever leads the floor has to hear of it, and no more: a floor of fifty would talk without end."""

from collections.abc import Iterator

from catgem_tui.config.i18n import _, ngettext
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.enums import AdvisorState, ContactState
from catgem_tui.ui.contacts import urgency

Told = Iterator[tuple[str, str]]
"""(topic, words)"""


def changes(before: DeskState, after: DeskState) -> Told:
    """Whoever takes no offers, and whose workstation is gone."""
    for key, now in after.advisors.items():
        then = before.advisors.get(key)
        if then is None or (after.user is not None and key == after.user.id):
            continue
        if now.state is AdvisorState.NOT_RESPONDING and then.state is not now.state:
            yield "", _("%s does not respond.") % now.user.name
        if now.state is not AdvisorState.OFFLINE and now.connected != then.connected:
            words = _("%s is back on the line.") if now.connected else _("%s has no line.")
            yield "", words % now.user.name


def late(state: DeskState, now: float) -> int:
    """How many wait in the queue for longer than they should."""
    waiting = (contact for contact in state.contacts.values() if contact.state is ContactState.QUEUED)
    return sum(urgency(contact, state.settings, now) == "sla.breach" for contact in waiting)


def lateness(before: int, after: int) -> str:
    """When the first of them is late, and when nobody is any more."""
    if after and not before:
        return ngettext("%d contact waits too long.", "%d contacts wait too long.", after) % after
    return _("Nobody waits too long any more.") if before and not after else ""
