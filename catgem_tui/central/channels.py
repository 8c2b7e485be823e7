"""The channels this central has, by its settings. Each is imported only if it is wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from email.utils import formataddr
from pathlib import Path
from typing import Any

from catgem_tui.central.ports import ContactChannel, DataFolder
from catgem_tui.central.store.archive import Archive
from catgem_tui.config.settings import Settings
from catgem_tui.protocol.identifier import new_id


def _nowhere() -> str:
    return ""


@dataclass
class Channels:
    """What citizens can reach us by."""

    all: list[ContactChannel] = field(default_factory=list)
    routes: Sequence[Any] = ()
    """Litestar route handlers for citizens."""
    chat: str = ""
    """Path of the citizen's page."""
    sip: Callable[[], str] = _nowhere
    smtp: Callable[[], str] = _nowhere


def build_channels(
    settings: Settings,
    folder: DataFolder,
    archive: Archive,
    *,
    typing: Callable[[str], None],
    is_blocked: Callable[[str], bool],
    clock: Callable[[], float],
) -> Channels:
    """``typing`` is told the contact whose citizen is writing; ``is_blocked`` whether a number's calls are refused;
    ``clock`` gives seconds since the epoch.

    Raises OSError when a file that the settings name cannot be read.
    """
    channels = Channels()
    if settings.central.voice.lines:
        _add_voice(channels, settings, folder, is_blocked)
    if settings.central.chat.enabled:
        _add_chat(channels, settings, archive, typing, clock)
    if settings.central.mail.enabled:
        _add_mail(channels, settings, archive, clock)
    return channels


def _add_voice(channels: Channels, settings: Settings, folder: DataFolder, is_blocked: Callable[[str], bool]) -> None:
    from catgem_tui.central.voice.lines import EmbeddedLines
    from catgem_tui.central.voice.prompts import Prompts

    own = settings.central.voice
    shipped = Prompts()
    lines = EmbeddedLines(
        recordings=folder.recordings,
        new_id=new_id,
        host=own.host,
        port=own.port,
        lines=own.lines,
        prompts=replace(
            shipped,
            greeting=Path(own.greeting).expanduser().absolute() if own.greeting else shipped.greeting,
            music=Path(own.music).expanduser().absolute() if own.music else shipped.music,
        ),
        queues=own.queues,
        dial=own.dial,
        record=own.record,
        survey=own.survey,
        survey_seconds=own.survey_timeout,
        python=own.python,
        trusted=own.trusted,
        is_refused=lambda number: own.blocked == "decline" and is_blocked(number),
    )
    channels.all.append(lines)
    channels.sip = lambda: lines.uri.rpartition("@")[2]


def _add_chat(
    channels: Channels,
    settings: Settings,
    archive: Archive,
    typing: Callable[[str], None],
    clock: Callable[[], float],
) -> None:
    from catgem_tui.central.chat.channel import ChatChannel, ChatSettings

    own = settings.central.chat
    chat = ChatChannel(
        archive,
        ChatSettings(
            grace=own.grace,
            max_length=own.max_length,
            messages_per_minute=own.messages_per_minute,
            survey=own.survey,
            open_chats=own.max_conversations,
            centre=settings.centre.name,
        ),
        typing=typing,
        clock=clock,
    )
    channels.all.append(chat)
    channels.routes = [*channels.routes, *chat.handlers]
    channels.chat = "/chat"


def _add_mail(channels: Channels, settings: Settings, archive: Archive, clock: Callable[[], float]) -> None:
    from catgem_tui.central.mail.channel import MailChannel, MailSettings
    from catgem_tui.central.mail.sending import RelaySettings
    from catgem_tui.central.mail.smtp import DoorSettings

    own = settings.central.mail
    relay = own.relay
    mail = MailChannel(
        archive,
        MailSettings(
            door=DoorSettings(
                host=own.host,
                port=own.port,
                size_limit=own.max_bytes,
                name=own.domain,
                accepted=(own.address, own.domain),
            ),
            relay=RelaySettings(
                host=relay.host,
                port=relay.port,
                security="starttls" if relay.tls else "plain",
                username=relay.user,
                password=Path(relay.password_file).expanduser().read_text("utf-8").strip()
                if relay.password_file
                else "",
                sender=formataddr((own.name, own.address)),
            ),
            queue=own.queue,
        ),
        clock=clock,
    )
    channels.all.append(mail)
    channels.smtp = lambda: f"{own.host}:{mail.port}" if mail.port else ""
