"""What the chat channel reads from central's store."""

from typing import Protocol

from catgem_tui.protocol.model import Contact, Message


class ChatArchive(Protocol):
    """Answers come from committed state, so a restarted central goes on where the killed one stopped.

    Nothing has to be written for the channel: a chat's contact id is derived from the citizen's secret token.
    Every method may raise StorageFailed.
    """

    async def contact(self, contact: str) -> Contact | None:
        """The contact as it now stands, ended or not; None if it never arrived."""
        ...

    async def messages(self, contact: str) -> list[Message]:
        """Everything said, oldest first."""
        ...

    async def user_name(self, user: str) -> str:
        """How a citizen sees this user, or empty."""
        ...

    async def open_chats(self) -> list[str]:
        """Ids of the chats that have not ended for the citizen: queued, offered, active or parked."""
        ...
