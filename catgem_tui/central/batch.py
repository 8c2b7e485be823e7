"""What one transaction of the actor writes, and what follows from it."""

from dataclasses import dataclass, field

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.ports import Effect, RecordingStarted
from catgem_tui.central.queue import Addressed, Outcome
from catgem_tui.central.store import floor, guarding
from catgem_tui.central.store.writing import write_counters
from catgem_tui.protocol.events import FLOOR, kind_of
from catgem_tui.protocol.frames import Refused
from catgem_tui.protocol.guarding import AuditEntry, Blocked
from catgem_tui.protocol.model import Advisor, Contact, Message

FOLIO = "folio"
"""Name of the folios' counter."""


@dataclass
class Batch:
    """The outcomes of some steps together; of what changed more than once, the last counts."""

    cursor: int
    """Number of the floor's last event, this batch's included."""
    folio: int
    contacts: dict[str, Contact] = field(default_factory=dict)
    advisors: dict[str, Advisor] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    recordings: list[RecordingStarted] = field(default_factory=list)
    events: list[floor.LoggedEvent] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)
    blocks: dict[str, Blocked | None] = field(default_factory=dict)
    answers: dict[str, tuple[str, Refused | None]] = field(default_factory=dict)
    """User id and refusal, by command id."""

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        return any(
            (self.contacts, self.advisors, self.messages, self.recordings, self.events, self.answers, self.audit)
        )

    def add(self, outcome: Outcome) -> None:
        """Take in what one step brought about, and number its events."""
        if outcome.refused is not None:
            return
        self.contacts.update((contact.id, contact) for contact in outcome.contacts)
        self.advisors.update((advisor.user.id, advisor) for advisor in outcome.advisors)
        self.messages.update((message.id, message) for message in outcome.messages)
        self.events.extend(self._number(event) for event in outcome.events)
        self.effects.extend(outcome.effects)
        self.audit.extend(outcome.audit)
        self.blocks.update(outcome.blocks)
        self.folio = max(self.folio, outcome.next_folio)

    def _number(self, event: Addressed) -> floor.LoggedEvent:
        self.cursor += 1
        return floor.LoggedEvent(
            seq=self.cursor,
            kind=kind_of(event.body),
            readers=event.audience,
            floor=event.floor,
            body=msgspec.json.encode(event.body),
        )

    async def write(self, connection: AsyncConnection, at: float) -> None:
        await floor.write_contacts(connection, self.contacts.values())
        await floor.write_messages(connection, self.messages.values())
        await floor.write_advisors(connection, self.advisors.values())
        for recording in self.recordings:
            await floor.write_recording(connection, recording.contact, recording.path, at)
        await floor.write_answers(connection, at, self.answers)
        await guarding.add_entries(connection, self.audit)
        await guarding.write_blocks(connection, self.blocks)
        if self.events:
            await floor.write_events(connection, FLOOR, at, self.events)
        await write_counters(connection, {FLOOR: self.cursor, FOLIO: self.folio})
