"""What workstations ask about the directory over the live line: reports of wrong records, and who edits what."""

from collections.abc import Callable, Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.directory.validation import LONGEST_ID
from catgem_tui.central.plaintext import clean, clean_line
from catgem_tui.central.store.database import Database
from catgem_tui.central.store.floor import read_answers, write_answers
from catgem_tui.central.store.records import read_records
from catgem_tui.central.store.tables import contacts, reports
from catgem_tui.protocol.commands import EditRecord, ReportRecord
from catgem_tui.protocol.enums import Refusal
from catgem_tui.protocol.events import EditorsChanged
from catgem_tui.protocol.frames import Refused
from catgem_tui.protocol.model import Struct, User

LONGEST_REPORT = 2_000
"""Characters."""
Tell = Callable[[Struct, Iterable[str], str], None]
"""(signal, user ids, key)"""


class DirectoryCommands:
    """``tell`` sends a signal to users; ``reports_changed`` is called after the commit."""

    def __init__(
        self, database: Database, tell: Tell, reports_changed: Callable[[], None], clock: Callable[[], float]
    ) -> None:
        self._database, self._tell, self._reports_changed, self._clock = database, tell, reports_changed, clock
        self._editing: dict[str, tuple[object, str, str]] = {}
        """(line, record, name) by user id, the first to open a record first."""

    async def report(self, user: User, command_id: str, body: ReportRecord) -> Refused | None:
        """Keep a report, once: repeating its id returns the first answer. Raises StorageFailed."""
        async with self._database.write() as connection:
            known = (await read_answers(connection, [command_id])).get(command_id)
            if known is not None:
                return known[1] if known[0] == user.id else Refused(code=Refusal.NOT_ALLOWED)
            refused = await self._keep(connection, user, command_id, body)
            await write_answers(connection, self._clock(), {command_id: (user.id, refused)})
        if refused is None:
            self._reports_changed()
        return refused

    async def _keep(
        self, connection: AsyncConnection, user: User, command_id: str, body: ReportRecord
    ) -> Refused | None:
        if len(body.text) > LONGEST_REPORT:
            return Refused(code=Refusal.TOO_LONG, field="text")
        sought = clean_line(body.record, LONGEST_ID)
        record = (await read_records(connection, [sought])).get(sought)
        if record is None:
            return Refused(code=Refusal.NOT_FOUND, field="record")
        folio = select(contacts.c.folio).where(contacts.c.id == clean_line(body.contact, LONGEST_ID))
        row = {
            "id": command_id,
            "record": record.id,
            "at": self._clock(),
            "user_id": user.id,
            "who": user.name,
            "title": record.title,
            "text": clean(body.text, LONGEST_REPORT),
            "contact": clean_line(body.contact, LONGEST_ID),
            "folio": (await connection.execute(folio)).scalar() or "",
            "answer": "",
            "closed_by": "",
            "closed_at": None,
        }
        await connection.execute(reports.insert(), [row])
        return None

    def edit(self, user: User, line: object, body: EditRecord) -> None:
        """This person, on this line, now edits the record, or none."""
        before = self._editing.pop(user.id, None)
        if body.record:
            self._editing[user.id] = (line, body.record, user.name)
        for record in {body.record, before[1] if before else ""} - {""}:
            self._show(record)

    def forget(self, user: User, line: object) -> None:
        """The line has ended; another one of the same person may have taken over already."""
        held = self._editing.get(user.id)
        if held is not None and held[0] is line:
            self.edit(user, line, EditRecord())

    def _show(self, record: str) -> None:
        editing = {user: name for user, (_line, edited, name) in self._editing.items() if edited == record}
        self._tell(EditorsChanged(record=record, editors=tuple(editing.values())), editing, record)
