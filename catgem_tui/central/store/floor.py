"""Reading and writing the floor: contacts, messages, presence, the outbox of events, the answered commands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec
from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.store.tables import commands, contacts, events, messages, presence, recordings
from catgem_tui.central.store.writing import upsert
from catgem_tui.protocol.enums import ENDED_STATES, Author, Delivery
from catgem_tui.protocol.frames import Refused
from catgem_tui.protocol.http import ContactDetail
from catgem_tui.protocol.model import Advisor, Contact, HistoryItem, Message, Struct

COMMANDS_KEPT = 8 * 24 * 3600.0
"""Seconds a command's answer is kept: longer than any workstation's outbox lives."""
EVENTS_KEPT = 2 * 3600.0
"""Seconds an event is kept for resuming; who was away longer gets a snapshot."""
HISTORY = 20
_ENDED = [state.value for state in ENDED_STATES]


@dataclass(frozen=True)
class LoggedEvent:
    """One row of the outbox."""

    seq: int
    kind: str
    readers: frozenset[str]
    """User ids."""
    floor: bool
    """Whether the floor roles may read it too."""
    body: bytes


async def read_open_contacts(connection: AsyncConnection) -> tuple[Contact, ...]:
    """Every contact that has not ended, oldest first."""
    query = select(contacts.c.body).where(contacts.c.state.not_in(_ENDED)).order_by(contacts.c.arrived_at)
    return tuple(_contact(body) for body in (await connection.execute(query)).scalars())


async def read_contacts_for_queue(connection: AsyncConnection, since: float) -> tuple[Contact, ...]:
    """What the queue is rebuilt from, oldest first.

    The contacts that have not ended, those that arrived or ended at ``since`` (seconds since the epoch) or later, and
    those with a message still to be delivered.
    """
    undelivered = select(messages.c.contact).where(messages.c.delivery == Delivery.PENDING.value)
    query = select(contacts.c.body).where(
        or_(
            contacts.c.state.not_in(_ENDED),
            contacts.c.arrived_at >= since,
            contacts.c.ended_at >= since,
            contacts.c.id.in_(undelivered),
        )
    )
    return tuple(_contact(body) for body in (await connection.execute(query.order_by(contacts.c.arrived_at))).scalars())


async def read_advisors(connection: AsyncConnection) -> tuple[Advisor, ...]:
    rows = (await connection.execute(select(presence.c.body))).scalars()
    return tuple(msgspec.json.decode(body, type=Advisor) for body in rows)


async def read_messages(connection: AsyncConnection, contact_ids: Iterable[str]) -> tuple[Message, ...]:
    """The messages of these contacts, oldest first."""
    query = select(messages.c.body).where(messages.c.contact.in_(list(contact_ids)))
    rows = (await connection.execute(query.order_by(messages.c.sent_at, messages.c.id))).scalars()
    return tuple(_message(body) for body in rows)


async def read_undelivered(connection: AsyncConnection) -> tuple[Message, ...]:
    """Advisors' messages that were committed and whose delivery is still to happen, oldest first."""
    query = select(messages.c.body).where(messages.c.delivery == Delivery.PENDING.value).order_by(messages.c.sent_at)
    found = (_message(body) for body in (await connection.execute(query)).scalars())
    return tuple(message for message in found if message.author is not Author.CITIZEN)


async def read_detail(connection: AsyncConnection, contact_id: str) -> ContactDetail | None:
    body = (await connection.execute(select(contacts.c.body).where(contacts.c.id == contact_id))).scalar()
    if body is None:
        return None
    return ContactDetail(
        contact=_contact(body),
        messages=await read_messages(connection, [contact_id]),
        recording=await read_recording(connection, contact_id) is not None,
    )


async def read_recording(connection: AsyncConnection, contact_id: str) -> str | None:
    """Path of the contact's latest recording, relative to the recordings' folder."""
    query = select(recordings.c.path).where(recordings.c.contact == contact_id)
    return (await connection.execute(query.order_by(recordings.c.at.desc()).limit(1))).scalar()


async def read_history(connection: AsyncConnection, contact: Contact) -> tuple[HistoryItem, ...]:
    """Earlier contacts of the same citizen, by telephone number or mail address, newest first."""
    same = [
        column == value
        for column, value in (
            (contacts.c.citizen_phone, contact.citizen.phone),
            (contacts.c.citizen_email, contact.citizen.email.lower()),
        )
        if value
    ]
    if not same:
        return ()
    query = select(contacts.c.body).where(or_(*same), contacts.c.id != contact.id)
    rows = (await connection.execute(query.order_by(contacts.c.arrived_at.desc()).limit(HISTORY))).scalars()
    return tuple(_history_item(_contact(body)) for body in rows)


async def write_contacts(connection: AsyncConnection, changed: Iterable[Contact]) -> None:
    rows = [
        {
            "id": contact.id,
            "folio": contact.folio,
            "channel": contact.channel.value,
            "queue": contact.queue,
            "state": contact.state.value,
            "advisor": contact.advisor,
            "citizen_phone": contact.citizen.phone,
            "citizen_email": contact.citizen.email.lower(),
            "arrived_at": contact.arrived_at,
            "ended_at": contact.ended_at,
            "body": _encode(contact),
        }
        for contact in changed
    ]
    await upsert(connection, contacts, rows)


async def write_messages(connection: AsyncConnection, changed: Iterable[Message]) -> None:
    rows = [
        {
            "id": message.id,
            "contact": message.contact,
            "sent_at": message.sent_at,
            "delivery": message.delivery.value,
            "mail_id": message.mail.message_id if message.mail else None,
            "body": _encode(message),
        }
        for message in changed
    ]
    await upsert(connection, messages, rows, keep="contact")


async def write_advisors(connection: AsyncConnection, changed: Iterable[Advisor]) -> None:
    await upsert(connection, presence, [{"user_id": advisor.user.id, "body": _encode(advisor)} for advisor in changed])


async def write_recording(connection: AsyncConnection, contact_id: str, path: str, at: float) -> None:
    await upsert(connection, recordings, [{"contact": contact_id, "path": path, "at": at}])


async def write_events(connection: AsyncConnection, topic: str, at: float, logged: Iterable[LoggedEvent]) -> None:
    rows = [
        {
            "topic": topic,
            "seq": entry.seq,
            "kind": entry.kind,
            "at": at,
            "readers": msgspec.json.encode(sorted(entry.readers)).decode(),
            "floor": entry.floor,
            "body": entry.body.decode(),
        }
        for entry in logged
    ]
    if rows:
        await connection.execute(events.insert(), rows)


async def read_events(connection: AsyncConnection, topic: str, after: int, limit: int) -> tuple[LoggedEvent, ...]:
    """What came after the cursor, in order, ``limit`` rows at most."""
    query = select(events).where(events.c.topic == topic, events.c.seq > after).order_by(events.c.seq).limit(limit)
    return tuple(
        LoggedEvent(
            seq=row.seq,
            kind=row.kind,
            readers=frozenset(msgspec.json.decode(row.readers, type=list[str])),
            floor=row.floor,
            body=row.body.encode(),
        )
        for row in await connection.execute(query)
    )


async def read_oldest_event(connection: AsyncConnection, topic: str) -> int | None:
    """The first sequence number still kept."""
    oldest: int | None = (
        await connection.execute(select(func.min(events.c.seq)).where(events.c.topic == topic))
    ).scalar()
    return oldest


async def read_answers(
    connection: AsyncConnection, command_ids: Iterable[str]
) -> dict[str, tuple[str, Refused | None]]:
    """The stored answers to those of the commands that were carried out or refused before: user id and refusal."""
    query = select(commands).where(commands.c.id.in_(list(command_ids)))
    return {
        row.id: (row.user_id, msgspec.json.decode(row.refused, type=Refused) if row.refused else None)
        for row in await connection.execute(query)
    }


async def write_answers(
    connection: AsyncConnection, at: float, answers: Mapping[str, tuple[str, Refused | None]]
) -> None:
    rows = [
        {"id": command, "user_id": user, "at": at, "refused": _encode(refused) if refused else None}
        for command, (user, refused) in answers.items()
    ]
    if rows:
        await connection.execute(commands.insert(), rows)


async def forget_old(connection: AsyncConnection, now: float) -> None:
    """Drop the events and the commands' answers that nobody can ask for any more."""
    await connection.execute(delete(events).where(events.c.at < now - EVENTS_KEPT))
    await connection.execute(delete(commands).where(commands.c.at < now - COMMANDS_KEPT))


def _contact(body: str) -> Contact:
    return msgspec.json.decode(body, type=Contact)


def _message(body: str) -> Message:
    return msgspec.json.decode(body, type=Message)


def _encode(struct: Struct) -> str:
    return msgspec.json.encode(struct).decode()


def _history_item(contact: Contact) -> HistoryItem:
    return HistoryItem(
        contact=contact.id,
        folio=contact.folio,
        channel=contact.channel,
        arrived_at=contact.arrived_at,
        subject=contact.subject,
        disposition=contact.disposition,
        outcome=contact.outcome,
    )
