"""What the channels read of the store."""

from collections.abc import Sequence

from sqlalchemy import case, select

from catgem_tui.central.store.database import Database
from catgem_tui.central.store.floor import read_detail, read_messages, read_open_contacts, read_undelivered
from catgem_tui.central.store.tables import contacts, messages, users
from catgem_tui.protocol.enums import ENDED_STATES, Channel, ContactState
from catgem_tui.protocol.model import Contact, Message


class Archive:
    """Committed state, read. Every method may raise StorageFailed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def contact(self, contact: str) -> Contact | None:
        """The contact as it now stands, ended or not; None if it never arrived."""
        async with self._database.read() as connection:
            detail = await read_detail(connection, contact)
        return detail.contact if detail else None

    async def messages(self, contact: str) -> list[Message]:
        """Everything said, oldest first."""
        async with self._database.read() as connection:
            return list(await read_messages(connection, [contact]))

    async def user_name(self, user: str) -> str:
        """The name of the user of this id, or empty."""
        async with self._database.read() as connection:
            name: str | None = (await connection.execute(select(users.c.name).where(users.c.id == user))).scalar()
        return name or ""

    async def open_chats(self) -> list[str]:
        """Ids of the chats that have not ended for the citizen: queued, offered, active or parked."""
        async with self._database.read() as connection:
            opened = await read_open_contacts(connection)
        return [
            contact.id
            for contact in opened
            if contact.channel is Channel.CHAT and contact.state is not ContactState.WRAP_UP
        ]

    async def has_message(self, message: str) -> bool:
        """Whether a message with this id is stored."""
        async with self._database.read() as connection:
            query = select(messages.c.id).where(messages.c.id == message)
            return (await connection.execute(query)).scalar() is not None

    async def find(self, message_ids: Sequence[str]) -> str | None:
        """The contact that holds a mail with one of these Message-IDs.

        An open one before an ended one, then the newest.
        """
        async with self._database.read() as connection:
            ended = case((contacts.c.state.in_([state.value for state in ENDED_STATES]), 1), else_=0)
            query = (
                select(messages.c.contact)
                .join(contacts, contacts.c.id == messages.c.contact)
                .where(messages.c.mail_id.in_(message_ids))
                .order_by(ended, contacts.c.arrived_at.desc())
                .limit(1)
            )
            found: str | None = (await connection.execute(query)).scalar()
        return found

    async def pending(self) -> list[Message]:
        """Outgoing mails whose delivery is still pending, oldest first."""
        async with self._database.read() as connection:
            return [message for message in await read_undelivered(connection) if message.mail is not None]
