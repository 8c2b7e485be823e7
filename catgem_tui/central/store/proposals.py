"""Reading and writing change requests: what was asked for, and what became of it."""

from typing import Any

import msgspec
from sqlalchemy import Row, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.store.tables import change_requests as table
from catgem_tui.protocol.editing import ChangeOutcome, ChangeRequest, ProposalSummary
from catgem_tui.protocol.enums import ChangeState
from catgem_tui.protocol.model import User

WAITING = (ChangeState.CLASHED, ChangeState.PENDING, ChangeState.SCHEDULED)
"""States that somebody has to do something about or that wait for their hour, the most urgent first."""
FIRST = 10
"""Records that a summary names."""


async def find_request(connection: AsyncConnection, request_id: str) -> Row[Any] | None:
    return (await connection.execute(select(table).where(table.c.id == request_id))).first()


async def add_request(
    connection: AsyncConnection, request: ChangeRequest, user: User, at: float, outcome: ChangeOutcome
) -> None:
    summary = ProposalSummary(
        id=request.id,
        state=outcome.state,
        who=user.name,
        at=at,
        records=tuple((record.id, record.title) for record in request.records[:FIRST]),
        count=len(request.records),
        support=request.support,
        comment=request.comment,
        publish_at=request.publish_at,
    )
    await connection.execute(
        table.insert().values(
            id=request.id,
            user_id=user.id,
            who=user.name,
            at=at,
            state=outcome.state.value,
            publish_at=request.publish_at,
            approved_by="",
            decided_by="",
            reason="",
            summary=msgspec.json.encode(summary).decode(),
            request="" if outcome.state is ChangeState.PUBLISHED else msgspec.json.encode(request).decode(),
            outcome=msgspec.json.encode(outcome).decode(),
        )
    )


async def move_request(connection: AsyncConnection, outcome: ChangeOutcome, **columns: Any) -> None:
    """Write what became of a request, and further columns with it."""
    if outcome.state is ChangeState.PUBLISHED:
        columns["request"] = ""
    await connection.execute(
        table.update()
        .where(table.c.id == outcome.id)
        .values(state=outcome.state.value, outcome=msgspec.json.encode(outcome).decode(), **columns)
    )


async def find_due(connection: AsyncConnection, now: float) -> Row[Any] | None:
    """The scheduled change whose hour came first, if it has come."""
    query = select(table).where(table.c.state == ChangeState.SCHEDULED.value, table.c.publish_at <= now)
    return (await connection.execute(query.order_by(table.c.publish_at, table.c.at, table.c.id).limit(1))).first()


async def next_hour(connection: AsyncConnection) -> float | None:
    """When the next scheduled change is to be published."""
    query = select(func.min(table.c.publish_at)).where(table.c.state == ChangeState.SCHEDULED.value)
    hour: float | None = (await connection.execute(query)).scalar()
    return hour


async def count_waiting(connection: AsyncConnection) -> dict[ChangeState, int]:
    query = select(table.c.state, func.count()).where(table.c.state.in_(WAITING)).group_by(table.c.state)
    return {ChangeState(state): count for state, count in await connection.execute(query)}


async def read_waiting(
    connection: AsyncConnection, user: User, limit: int, *, rejected_since: float
) -> tuple[ProposalSummary, ...]:
    """The most urgent first: what could not be published, what has waited longest, what comes next; then what others
    rejected of this person's since an instant."""
    columns = [column for column in table.c if column.name not in ("request", "outcome")]
    urgency = case({state.value: place for place, state in enumerate(WAITING)}, value=table.c.state, else_=len(WAITING))
    hour = case((table.c.state == ChangeState.SCHEDULED.value, table.c.publish_at), else_=table.c.at)
    rejected = and_(
        table.c.state == ChangeState.REJECTED.value, table.c.user_id == user.id, table.c.decided_at >= rejected_since
    )
    wanted = or_(table.c.state.in_(WAITING), rejected)
    query = select(*columns).where(wanted).order_by(urgency, hour, table.c.id).limit(limit)
    return tuple(summary_of(row, user.id) for row in await connection.execute(query))


def summary_of(row: Row[Any], user: str) -> ProposalSummary:
    """The request as it now stands, for the person with this id."""
    return msgspec.structs.replace(
        msgspec.json.decode(row.summary, type=ProposalSummary),
        state=ChangeState(row.state),
        mine=row.user_id == user,
        decided_by=row.decided_by,
        reason=row.reason,
    )


def request_of(row: Row[Any]) -> ChangeRequest | None:
    """What was asked for; None once it is published."""
    return msgspec.json.decode(row.request, type=ChangeRequest) if row.request else None


def outcome_of(row: Row[Any]) -> ChangeOutcome:
    return msgspec.json.decode(row.outcome, type=ChangeOutcome)
