"""The universal queue, pure: happenings in, outcomes out, the clock injected, no I/O."""

from catgem_tui.central.queue.core import UniversalQueue
from catgem_tui.central.queue.outcome import Addressed, Outcome
from catgem_tui.central.queue.rules import ChannelRules, QueueRules

__all__ = ["Addressed", "ChannelRules", "Outcome", "QueueRules", "UniversalQueue"]
