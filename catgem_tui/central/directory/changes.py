"""Changes as information managers ask for them: checked, all of their records or none, once.

A change is published at once, or kept as a proposal until somebody else has approved it, its hour has come, or both.
What it is and what became of it change in one transaction with the records: whatever the clock does and whenever the
power goes, it is published once or still waits.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.directory.service import Directory, Writing
from catgem_tui.central.directory.validation import LONGEST_COMMENT, RefusedChange, check
from catgem_tui.central.plaintext import clean
from catgem_tui.central.store.changelog import Note, last_line_of
from catgem_tui.central.store.database import Database
from catgem_tui.central.store.proposals import (
    add_request,
    find_due,
    find_request,
    move_request,
    outcome_of,
    request_of,
    summary_of,
)
from catgem_tui.central.store.records import read_records, read_relating
from catgem_tui.central.store.tables import documents
from catgem_tui.protocol.editing import (
    ChangeOutcome,
    ChangeRequest,
    Clash,
    Decision,
    Proposal,
    ProposalSummary,
    Publication,
    Support,
)
from catgem_tui.protocol.enums import ChangeState
from catgem_tui.protocol.model import Record, User

_UNDECIDED = frozenset({ChangeState.PENDING})
_UNPUBLISHED = frozenset({ChangeState.PENDING, ChangeState.SCHEDULED, ChangeState.CLASHED})
_FROM = {"approve": _UNDECIDED, "reject": _UNPUBLISHED, "withdraw": _UNPUBLISHED}
"""States in which each verdict can be given."""
_INTO = {
    "approve": frozenset({ChangeState.SCHEDULED, ChangeState.PUBLISHED, ChangeState.CLASHED}),
    "reject": frozenset({ChangeState.REJECTED}),
    "withdraw": frozenset({ChangeState.WITHDRAWN}),
}
"""States that each verdict leads to."""


class Witness(Protocol):
    """Who wants to know of changes."""

    def published(self, publication: Publication, revision: int) -> None:
        """It is on disk and has just been put on the live lines."""

    def decided(self, proposal: ProposalSummary, proposer: str) -> None:
        """Somebody said yes or no to what ``proposer`` (user id) proposed, or at its hour it had been overtaken."""

    def changed(self) -> None:
        """What waits for the information managers may be different."""


class Changes:
    """Carries out each request once, whatever its sender had to repeat."""

    def __init__(
        self,
        directory: Directory,
        database: Database,
        witness: Witness,
        *,
        support_required: bool = True,
        second_eyes: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._directory, self._database, self._witness = directory, database, witness
        self._support_required, self._second_eyes = support_required, second_eyes
        self._clock = clock

    async def submit(self, request: ChangeRequest, user: User) -> ChangeOutcome:
        """Publish the request or keep it as a proposal. Raises RefusedChange, StorageFailed.

        A sender that goes away in the middle leaves it whole: numbers in memory and on disk never part.
        """
        check(request, support_required=self._support_required)
        return await asyncio.shield(asyncio.ensure_future(self._submit(request, user)))

    async def decide(self, proposal: str, decision: Decision, user: User) -> ChangeOutcome:
        """Approve, reject or withdraw. Raises RefusedChange (``not_found``, ``own_proposal``, ``not_allowed``,
        ``wrong_state``, ``malformed``, ``too_long``), StorageFailed. Repeating a decision returns its outcome."""
        if decision.verdict not in _FROM:
            raise RefusedChange("malformed", "verdict")
        if len(decision.reason) > LONGEST_COMMENT:
            raise RefusedChange("too_long", "reason")
        return await asyncio.shield(asyncio.ensure_future(self._decide(proposal, decision, user)))

    async def publish_due(self) -> int:
        """Publish the scheduled changes whose hour has come, the earliest first; returns how many were dealt with.

        Raises StorageFailed; then those before are published and the others still wait.
        """
        return await asyncio.shield(asyncio.ensure_future(self._publish_due()))

    async def proposal(self, proposal: str, user: User) -> Proposal:
        """What was asked for, beside what is; once it is published the change log has the records.

        Raises RefusedChange (``not_found``), StorageFailed.
        """
        async with self._database.read() as connection:
            row = await find_request(connection, proposal)
            if row is None:
                raise RefusedChange("not_found")
            request = request_of(row)
            records = request.records if request else ()
            known = await read_records(connection, [record.id for record in records])
        return Proposal(
            summary=summary_of(row, user.id),
            records=records,
            current=tuple(known.get(record.id) for record in records),
        )

    async def _submit(self, request: ChangeRequest, user: User) -> ChangeOutcome:
        publication = None
        async with self._directory.writing() as writing:
            connection = writing.connection
            stored = await find_request(connection, request.id)
            if stored is not None:
                if stored.user_id != user.id:
                    raise RefusedChange("malformed", "id")
                return outcome_of(stored)
            await _check_document(connection, request.support.document)
            for record, _ in await _wrongly_merged(connection, request.records):
                raise RefusedChange("bad_record", f"{record.id}: merged_into: not_found")
            now = self._clock()
            if self._second_eyes or _is_scheduled(request, now):
                outcome = await self._keep(connection, request)
            else:
                outcome, publication = await self._carry_out(writing, request, Note(at=now, who=user.name))
            if outcome.state is ChangeState.CLASHED:
                return outcome
            await add_request(connection, request, user, now, outcome)
        self._tell(publication, outcome)
        return outcome

    async def _keep(self, connection: AsyncConnection, request: ChangeRequest) -> ChangeOutcome:
        """A proposal, unless it is already known that it cannot be published."""
        clashes = await _clashes(connection, request)
        state = ChangeState.PENDING if self._second_eyes else ChangeState.SCHEDULED
        return ChangeOutcome(
            id=request.id,
            state=ChangeState.CLASHED if clashes else state,
            cursor=self._directory.cursor,
            clashes=clashes,
        )

    async def _decide(self, proposal: str, decision: Decision, user: User) -> ChangeOutcome:
        publication, verdict = None, decision.verdict
        async with self._directory.writing() as writing:
            row = await find_request(writing.connection, proposal)
            if row is None:
                raise RefusedChange("not_found")
            if verdict == "withdraw" and row.user_id != user.id:
                raise RefusedChange("not_allowed")
            if verdict != "withdraw" and row.user_id == user.id:
                raise RefusedChange("own_proposal")
            if verdict == "reject" and not decision.reason.strip():
                raise RefusedChange("malformed", "reason")
            state = ChangeState(row.state)
            if state not in _FROM[verdict]:
                if state in _INTO[verdict] and row.decided_by == user.name:
                    return outcome_of(row)
                raise RefusedChange("wrong_state", state.value)
            now = self._clock()
            columns: dict[str, Any] = {
                "decided_by": user.name,
                "decided_at": now,
                "reason": clean(decision.reason, LONGEST_COMMENT),
            }
            if verdict != "approve":
                (state,) = _INTO[verdict]
                outcome = ChangeOutcome(id=proposal, state=state, cursor=self._directory.cursor)
            else:
                columns["approved_by"] = user.name
                if row.publish_at is not None and row.publish_at > now:
                    outcome = ChangeOutcome(id=proposal, state=ChangeState.SCHEDULED, cursor=self._directory.cursor)
                else:
                    outcome, publication = await self._carry_out_kept(writing, row, user.name)
            await move_request(writing.connection, outcome, **columns)
        self._tell(publication, outcome)
        if verdict != "withdraw":
            decided = msgspec.structs.replace(
                summary_of(row, row.user_id), state=outcome.state, decided_by=user.name, reason=columns["reason"]
            )
            self._witness.decided(decided, row.user_id)
        return outcome

    async def _publish_due(self) -> int:
        done = 0
        while True:
            async with self._directory.writing() as writing:
                row = await find_due(writing.connection, self._clock())
                if row is None:
                    return done
                outcome, publication = await self._carry_out_kept(writing, row, row.approved_by)
                await move_request(writing.connection, outcome)
            self._tell(publication, outcome)
            if outcome.state is ChangeState.CLASHED:  # whoever made it thinks that it is out now
                overtaken = msgspec.structs.replace(summary_of(row, row.user_id), state=outcome.state)
                self._witness.decided(overtaken, row.user_id)
            done += 1

    async def _carry_out_kept(
        self, writing: Writing, row: Row[Any], approved_by: str
    ) -> tuple[ChangeOutcome, Publication | None]:
        request = request_of(row)
        assert request is not None  # noqa: S101 - only a published one has lost its request
        note = Note(at=self._clock(), who=row.who, approved_by=approved_by)
        outcome, publication = await self._carry_out(writing, request, note)
        if publication is not None and _is_scheduled(request, row.at):
            # It waited because it was meant to: that says nothing of how quick the centre is.
            publication = msgspec.structs.replace(publication, document_at=None)
        return outcome, publication

    async def _carry_out(
        self, writing: Writing, request: ChangeRequest, note: Note
    ) -> tuple[ChangeOutcome, Publication | None]:
        """Publish all of the records, or say why none of them. Without a change there is no publication."""
        connection = writing.connection
        clashes = await _clashes(connection, request)
        if clashes:
            state, cursor = ChangeState.CLASHED, self._directory.cursor
            return ChangeOutcome(id=request.id, state=state, cursor=cursor, clashes=clashes), None
        known = await read_records(connection, [record.id for record in request.records])
        wanted = [_supported(record, known.get(record.id), request) for record in request.records]
        wanted += await _led_on(connection, wanted, known)
        changed = await writing.apply(
            wanted,
            msgspec.structs.replace(note, support=request.support, comment=request.comment, change=request.id),
        )
        outcome = ChangeOutcome(id=request.id, state=ChangeState.PUBLISHED, changed=changed, cursor=writing.cursor)
        if not changed:
            return outcome, None
        return outcome, Publication(
            change=request.id,
            who=note.who,
            published_at=note.at,
            title=writing.changed[-changed].title,
            records=changed,
            reference=request.support.reference,
            document_at=await _document_at(connection, request.support, note.at),
        )

    def _tell(self, publication: Publication | None, outcome: ChangeOutcome) -> None:
        """To be called in the same breath as the transaction's end, before any line can have answered."""
        if publication is not None:
            self._witness.published(publication, outcome.cursor)
        self._witness.changed()


def _is_scheduled(request: ChangeRequest, asked_at: float) -> bool:
    return request.publish_at is not None and request.publish_at > asked_at


def _supported(record: Record, current: Record | None, request: ChangeRequest) -> Record:
    """The record with the reference it now rests on; one that does not change keeps its own."""
    if current is not None and msgspec.structs.replace(record, support="", revision=0) == msgspec.structs.replace(
        current, support="", revision=0
    ):
        return current
    return msgspec.structs.replace(record, support=request.support.reference or record.support)


async def _led_on(connection: AsyncConnection, wanted: list[Record], known: dict[str, Record]) -> list[Record]:
    """What else changes where records are merged: others that name one of them name the one that stays instead."""
    moved = {
        record.id: record.merged_into for record in wanted
        if record.merged_into and not (record.id in known and known[record.id].merged_into)
    }  # fmt: skip
    here = {record.id for record in wanted}
    relating = await read_relating(connection, moved.keys()) if moved else {}
    return [
        msgspec.structs.replace(
            record, related=tuple(
                dict.fromkeys(named for each in record.related if (named := moved.get(each, each)) != record.id)
            ),
        )
        for record in relating.values() if record.id not in here
    ]  # fmt: skip


async def _clashes(connection: AsyncConnection, request: ChangeRequest) -> tuple[Clash, ...]:
    """Why the request cannot be published as things now are; empty when it can."""
    found: list[tuple[str, Record | None]] = []
    if not request.overwrite:
        known = await read_records(connection, [record.id for record in request.records])
        for record in request.records:
            current = known.get(record.id)
            if record.revision != (current.revision if current else 0):
                found.append((record.id, current))
    for record, target in await _wrongly_merged(connection, request.records):
        found.append((record.merged_into, target))
    clashes = []
    for record_id, current in found:
        who, at = await last_line_of(connection, record_id)
        clashes.append(Clash(record=record_id, current=current, who=who, at=at))
    return tuple(clashes)


async def _check_document(connection: AsyncConnection, document: str) -> None:
    query = select(documents.c.sha256).where(documents.c.sha256 == document)
    if document and (await connection.execute(query)).scalar() is None:
        raise RefusedChange("document_unknown", document[:64])


async def _document_at(connection: AsyncConnection, support: Support, published_at: float) -> float | None:
    """When the document reached the centre, if that is known and is not after the publication."""
    at = support.dated_at
    if at is None and support.document:
        query = select(documents.c.received_at).where(documents.c.sha256 == support.document)
        at = (await connection.execute(query)).scalar()
    return at if at is not None and at <= published_at else None


async def _wrongly_merged(
    connection: AsyncConnection, records: tuple[Record, ...]
) -> list[tuple[Record, Record | None]]:
    """Those that are merged into one that is not there or does not stay, each with that one."""
    here = {record.id: record for record in records}
    wanted = {record.merged_into for record in records if record.merged_into} - here.keys()
    here |= await read_records(connection, sorted(wanted))
    pairs = [(record, here.get(record.merged_into)) for record in records if record.merged_into]
    return [(record, target) for record, target in pairs if target is None or target.retired]
