"""Changes as information managers ask for them: checked, all of their records or none, once."""

import asyncio
import time
from collections.abc import Callable

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.directory.service import Directory
from catgem_tui.central.directory.validation import RefusedChange, check
from catgem_tui.central.store.changelog import Note, last_line_of
from catgem_tui.central.store.database import Database
from catgem_tui.central.store.records import read_records
from catgem_tui.central.store.tables import change_requests, documents
from catgem_tui.protocol.editing import ChangeOutcome, ChangeRequest, Clash
from catgem_tui.protocol.enums import ChangeState
from catgem_tui.protocol.model import Record, User


class Changes:
    """Carries out each request once, whatever its sender had to repeat."""

    def __init__(
        self,
        directory: Directory,
        database: Database,
        *,
        support_required: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._directory, self._database = directory, database
        self._support_required = support_required
        self._clock = clock

    async def submit(self, request: ChangeRequest, user: User) -> ChangeOutcome:
        """Publish the request. Raises RefusedChange, StorageFailed.

        A sender that goes away in the middle leaves it whole: numbers in memory and on disk never part.
        """
        check(request, support_required=self._support_required)
        if request.publish_at is not None and request.publish_at > self._clock():
            raise RefusedChange("malformed", "publish_at")
        return await asyncio.shield(asyncio.ensure_future(self._submit(request, user)))

    async def _submit(self, request: ChangeRequest, user: User) -> ChangeOutcome:
        async with self._directory.writing() as writing:
            connection = writing.connection
            stored = (
                await connection.execute(select(change_requests).where(change_requests.c.id == request.id))
            ).first()
            if stored is not None:
                if stored.user_id != user.id:
                    raise RefusedChange("malformed", "id")
                return msgspec.json.decode(stored.outcome, type=ChangeOutcome)
            await _check_document(connection, request.support.document)
            known = await read_records(connection, [record.id for record in request.records])
            await _check_merging(connection, request.records)
            if not request.overwrite:
                clashes = [await _clash(connection, it, known.get(it.id)) for it in request.records]
                found = tuple(clash for clash in clashes if clash)
                if found:
                    return ChangeOutcome(
                        id=request.id, state=ChangeState.CLASHED, cursor=self._directory.cursor, clashes=found
                    )
            now = self._clock()
            note = Note(at=now, who=user.name, support=request.support, comment=request.comment, change=request.id)
            wanted = [_supported(record, known.get(record.id), request) for record in request.records]
            changed = await writing.apply(wanted, note)
            outcome = ChangeOutcome(id=request.id, state=ChangeState.PUBLISHED, changed=changed, cursor=writing.cursor)
            await connection.execute(
                change_requests.insert().values(
                    id=request.id,
                    user_id=user.id,
                    who=user.name,
                    at=now,
                    state=outcome.state.value,
                    approved_by="",
                    decided_by="",
                    reason="",
                    request="",
                    outcome=msgspec.json.encode(outcome).decode(),
                )
            )
        return outcome


def _supported(record: Record, current: Record | None, request: ChangeRequest) -> Record:
    """The record with the reference it now rests on; one that does not change keeps its own."""
    if current is not None and msgspec.structs.replace(record, support="", revision=0) == msgspec.structs.replace(
        current, support="", revision=0
    ):
        return current
    return msgspec.structs.replace(record, support=request.support.reference or record.support)


async def _clash(connection: AsyncConnection, record: Record, current: Record | None) -> Clash | None:
    if record.revision == (current.revision if current else 0):
        return None
    who, at = await last_line_of(connection, record.id)
    return Clash(record=record.id, current=current, who=who, at=at)


async def _check_document(connection: AsyncConnection, document: str) -> None:
    query = select(documents.c.sha256).where(documents.c.sha256 == document)
    if document and (await connection.execute(query)).scalar() is None:
        raise RefusedChange("document_unknown", document[:64])


async def _check_merging(connection: AsyncConnection, records: tuple[Record, ...]) -> None:
    """Whoever is merged into another points at one that is there and stays."""
    here = {record.id: record for record in records}
    wanted = {record.merged_into for record in records if record.merged_into} - here.keys()
    here |= await read_records(connection, sorted(wanted))
    for record in records:
        target = here.get(record.merged_into)
        if record.merged_into and (target is None or target.retired):
            raise RefusedChange("bad_record", f"{record.id}: merged_into: not_found")
