"""What the universal queue may do, in figures: every limit, target and head start of a centre.

The figures' defaults are those of a government contact centre with calls, chat and mail. Its words (queues, reasons,
dispositions, protocol) come from the settings. Durations are seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone, tzinfo
from types import MappingProxyType

from catgem_tui.protocol.enums import Channel, Outcome, Role
from catgem_tui.protocol.model import CentreSettings, Option, Step

CENTRAL_MEXICO = timezone(timedelta(hours=-6))
"""Central Mexico has had no daylight saving time since October 2022 (Ley de los Husos Horarios)."""


@dataclass(frozen=True, kw_only=True)
class ChannelRules:
    """How contacts of one channel are served."""

    target: float
    """Time in which a contact should be answered; urgency is measured against it."""
    capacity: int
    """Most contacts of this channel one advisor holds at a time, offered, parked and in wrap-up included."""
    interrupts: frozenset[Channel] = frozenset()
    """Other channels whose active contacts do not keep an advisor from being offered one of this channel."""
    offer_timeout: float = 20.0
    """An offer nobody accepts for this long goes back to the queue."""
    wrap_up: float = 60.0
    """Time for the work after a contact before it closes by itself."""


DEFAULT_CHANNELS: Mapping[Channel, ChannelRules] = MappingProxyType(
    {
        Channel.CALL: ChannelRules(
            target=20.0, capacity=1, interrupts=frozenset({Channel.MAIL}), offer_timeout=20.0, wrap_up=60.0
        ),
        Channel.CHAT: ChannelRules(
            target=40.0, capacity=3, interrupts=frozenset({Channel.MAIL}), offer_timeout=20.0, wrap_up=45.0
        ),
        Channel.MAIL: ChannelRules(target=4 * 3600.0, capacity=2, offer_timeout=30.0, wrap_up=30.0),
    }
)


@dataclass(frozen=True, kw_only=True)
class QueueRules:
    """Everything the queue decides by. ``queues`` must not be empty; the first one takes what names none."""

    name: str = "CATGEM"
    """The centre's name, as its people and citizens read it."""
    channels: Mapping[Channel, ChannelRules] = field(default_factory=lambda: DEFAULT_CHANNELS)
    queues: tuple[Option, ...] = (Option(id="general", label="General"),)
    queue_requirements: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Skills that a queue's contacts ask for, by queue id, besides their own."""
    pause_reasons: tuple[Option, ...] = ()
    dispositions: tuple[Option, ...] = (Option(id="not_classified", label="Sin tipificar"),)
    default_disposition: str = "not_classified"
    """Given to a contact whose wrap-up ran out of time."""
    default_outcome: Outcome = Outcome.UNRESOLVED
    protocols: Mapping[Channel, tuple[Step, ...]] = field(default_factory=dict)
    """The attention protocol's steps, by channel."""

    priority_head_start: float = 120.0
    """Waiting time that each level of priority is worth."""
    requeue_head_start: float = 300.0
    """Waiting time that having been in an advisor's hands is worth; never less than puts it in front of its line."""
    wrap_up_extension: float = 60.0
    """What one extension adds to the wrap-up."""
    grace: float = 20.0
    """How long a lost workstation's contacts wait for it before they return to the queue."""
    reserve: float = 10.0
    """How long a call whose advisor's telephone broke down is kept for that advisor before anyone may take it."""
    ring_outside: float = 30.0
    """How long somebody outside may let it ring before they count as not answering."""
    remember: float = 2 * 3600.0
    """How long an ended contact is kept in memory for late surveys, notes and dispositions."""

    emergency: str = ""
    """The number that emergencies are handed on to; empty: none."""
    pause_recording: str = "ask"
    """At a sensitive step: ``ask`` the advisor, ``auto``, or ``off``: recordings are never paused."""
    warning: str = ""
    """What is read to an abusive caller, in Spanish."""
    warnings: Mapping[str, str] = field(default_factory=dict)
    """The same in other languages, by code."""
    longest_block: float = 24 * 3600.0
    """For which an advisor may block a caller at most."""
    longest_floor_block: float = 90 * 24 * 3600.0
    """The same for coordinators."""
    abuse_disposition: str = "prank"
    """Proposed for a contact that ended by blocking its caller, where the centre has it."""

    longest_chat: int = 4_000
    """Characters."""
    longest_notes: int = 20_000
    longest_mail: int = 200_000

    mail_address: str = "atencion@localhost"
    """The sender of every answer by mail."""
    mail_domain: str = "localhost"
    """The right side of the Message-IDs made here (RFC 5322, 3.6.4)."""
    dial: str = ""
    """The SIP address of a number outside, with ``{number}`` in its place; empty: the lines can call none."""
    outside_hosts: tuple[str, ...] = ()
    """Hosts at which an advisor's telephone outside may have a SIP address."""
    serving_roles: frozenset[Role] = frozenset({Role.ADVISOR, Role.COORDINATOR})
    """Who may declare themselves available and be offered contacts."""
    clock: tzinfo = CENTRAL_MEXICO
    """Whose midnight begins the day of the service level."""

    def __post_init__(self) -> None:
        """Raises ValueError for rules nobody could be served by."""
        if not self.queues:
            raise ValueError("a centre needs at least one queue")
        if all(option.id != self.default_disposition for option in self.dispositions):
            raise ValueError(f"{self.default_disposition} is not one of the dispositions")
        if self.remember <= 0:
            raise ValueError("ended contacts must be remembered for some time")
        if set(self.channels) != set(Channel):
            raise ValueError("every channel needs its rules")
        for channel, rules in self.channels.items():
            if rules.target <= 0 or rules.offer_timeout <= 0 or rules.wrap_up < 0 or rules.capacity < 0:
                raise ValueError(f"{channel}: times and capacity must not be negative, target and offer not zero")

    @property
    def calls_out(self) -> bool:
        """Whether the lines can call numbers outside."""
        return bool(self.dial)

    def settings(self) -> CentreSettings:
        """What a desk needs to know of these rules."""
        return CentreSettings(
            name=self.name,
            queues=self.queues,
            pause_reasons=self.pause_reasons,
            dispositions=self.dispositions,
            default_disposition=self.default_disposition,
            protocols={channel.value: steps for channel, steps in self.protocols.items()},
            targets={channel.value: rules.target for channel, rules in self.channels.items()},
            wrap_up={channel.value: rules.wrap_up for channel, rules in self.channels.items()},
            wrap_up_extension=self.wrap_up_extension,
            calls_out=self.calls_out,
            emergency=self.emergency,
            pause_recording=self.pause_recording,
            warning=self.warning,
            warnings=dict(self.warnings),
            longest_block=self.longest_block,
            longest={Channel.CHAT.value: self.longest_chat, Channel.MAIL.value: self.longest_mail},
        )
