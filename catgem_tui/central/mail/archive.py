"""What the mail channel reads from central's store."""

from collections.abc import Sequence
from typing import Protocol

from catgem_tui.protocol.model import Message


class MailArchive(Protocol):
    """Answers come from committed state. Every method may raise StorageFailed."""

    async def has_message(self, message: str) -> bool:
        """Whether a message with this id (``Message.id``) is stored."""
        ...

    async def find(self, message_ids: Sequence[str]) -> str | None:
        """The contact that holds a mail, incoming or outgoing, with one of these Message-IDs.

        The first that is found counts. An open contact goes before an ended one.
        """
        ...

    async def pending(self) -> list[Message]:
        """Outgoing mails whose delivery is still pending, oldest first."""
        ...
