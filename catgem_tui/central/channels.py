"""The channels this central has, by its settings. Each is imported only if it is wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from catgem_tui.central.ports import ContactChannel, DataFolder
from catgem_tui.central.store.archive import Archive
from catgem_tui.config.settings import Settings


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
    settings: Settings, folder: DataFolder, archive: Archive, *, typing: Callable[[str], None]
) -> Channels:
    """``typing`` is told the contact whose citizen is writing."""
    channels = Channels()
    if settings.central.chat.enabled:
        _add_chat(channels, settings, archive, typing)
    return channels


def _add_chat(channels: Channels, settings: Settings, archive: Archive, typing: Callable[[str], None]) -> None:
    from catgem_tui.central.chat.channel import ChatChannel, ChatSettings

    own = settings.central.chat
    chat = ChatChannel(
        archive,
        ChatSettings(grace=own.grace, open_chats=own.max_conversations, centre=settings.centre.name),
        typing=typing,
    )
    channels.all.append(chat)
    channels.routes = [*channels.routes, *chat.handlers]
    channels.chat = "/chat"
