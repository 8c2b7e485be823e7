"""From the settings to the queue's rules."""

from catgem_tui.central.queue import ChannelRules, QueueRules
from catgem_tui.config import centre
from catgem_tui.config import settings as settings_file
from catgem_tui.config.settings import Settings
from catgem_tui.protocol.enums import Channel, Outcome
from catgem_tui.protocol.model import Option, Step


def rules_of(settings: Settings) -> QueueRules:
    """What the queue decides by, as this centre has set it."""
    queue, house, mail = settings.queue, settings.centre, settings.central.mail
    return QueueRules(
        name=house.name,
        channels={
            Channel.CALL: _channel(queue.call),
            Channel.CHAT: _channel(queue.chat),
            Channel.MAIL: _channel(queue.mail),
        },
        queues=tuple(_option(option) for option in house.queues),
        queue_requirements={option.id: option.requirements for option in house.queues if option.requirements},
        pause_reasons=tuple(_option(option) for option in house.pause_reasons),
        dispositions=tuple(_option(option) for option in house.dispositions),
        default_disposition=house.default_disposition,
        default_outcome=Outcome(queue.default_outcome),
        protocols={
            Channel.CALL: _steps(house.protocols.call),
            Channel.CHAT: _steps(house.protocols.chat),
            Channel.MAIL: _steps(house.protocols.mail),
        },
        priority_head_start=queue.priority_head_start,
        requeue_head_start=queue.requeue_head_start,
        wrap_up_extension=queue.wrap_up_extension,
        grace=queue.grace,
        reserve=queue.reserve,
        emergency=house.emergency,
        pause_recording=house.pause_recording,
        warning=house.abuse.warning,
        warnings=house.abuse.warnings,
        longest_block=house.abuse.longest_block,
        longest_floor_block=house.abuse.longest_floor_block,
        abuse_disposition=house.abuse.disposition,
        longest_chat=settings.central.chat.max_length,
        longest_notes=queue.longest_notes,
        longest_mail=queue.longest_mail,
        dial=settings.central.voice.dial if settings.central.voice.lines else "",
        outside_hosts=tuple(host.lower() for host in settings.central.voice.outside_hosts),
        mail_address=mail.address,
        mail_domain=mail.domain,
    )


def _channel(rules: settings_file.ChannelRules) -> ChannelRules:
    return ChannelRules(
        target=rules.target,
        capacity=rules.capacity,
        interrupts=frozenset(Channel(channel) for channel in rules.interrupts),
        offer_timeout=rules.offer_timeout,
        wrap_up=rules.wrap_up,
    )


def _option(option: centre.Option) -> Option:
    return Option(id=option.id, label=option.label, labels=option.labels)


def _steps(steps: tuple[centre.Step, ...]) -> tuple[Step, ...]:
    return tuple(
        Step(
            id=step.id,
            label=step.label,
            labels=step.labels,
            script=step.script,
            scripts=step.scripts,
            sensitive=step.sensitive,
        )
        for step in steps
    )
