"""What one advisor has room for."""

from collections.abc import Sequence

from catgem_tui.central.queue.rules import QueueRules
from catgem_tui.protocol.enums import Channel, ContactState, Presence
from catgem_tui.protocol.model import Advisor, Contact

_NO_CHANNEL: frozenset[Channel] = frozenset()


def open_channels(rules: QueueRules, advisor: Advisor, reachable: bool, held: Sequence[Contact]) -> frozenset[Channel]:
    """The channels of which this advisor may be offered a contact now.

    None while they are not available and connected, once they have chosen to be away afterwards, while an offer to
    them is outstanding, and during a wrap-up.
    Otherwise those with capacity left that may interrupt every contact they are active with; a parked contact keeps
    its place in the capacity but nothing needs to interrupt it. Calls need a telephone that is not engaged otherwise.
    """
    if advisor.presence is not Presence.AVAILABLE or advisor.next_presence is not None or not advisor.connected:
        return _NO_CHANNEL
    if any(contact.state in (ContactState.OFFERED, ContactState.WRAP_UP) for contact in held):
        return _NO_CHANNEL
    active = {contact.channel for contact in held if contact.state is ContactState.ACTIVE}
    return frozenset(
        channel
        for channel, channel_rules in rules.channels.items()
        if (reachable or channel is not Channel.CALL)
        and sum(contact.channel is channel for contact in held) < channel_rules.capacity
        and active <= channel_rules.interrupts | {channel}
    )
