"""Reading what waits for the information managers, and closing a report."""

from typing import Any

import msgspec
from sqlalchemy import Column, Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.store.proposals import count_waiting, next_hour
from catgem_tui.central.store.tables import records, reports
from catgem_tui.protocol.editing import Due, Report, WorkCounts
from catgem_tui.protocol.enums import ChangeState
from catgem_tui.protocol.model import Struct


class _Shown(Struct, frozen=True, kw_only=True):
    """What a list shows of a record."""

    title: str
    responsible: str = ""


async def read_counts(connection: AsyncConnection, now: float, notice: float) -> WorkCounts:
    """``notice``: seconds before its end that a record counts as expiring."""

    async def due(column: Column[float], until: float) -> int:
        query = select(func.count()).select_from(records).where(column <= until, records.c.retired.is_(False))
        return (await connection.execute(query)).scalar_one()

    opened = select(func.count()).select_from(reports).where(reports.c.closed_at.is_(None))
    waiting = await count_waiting(connection)
    return WorkCounts(
        reports=(await connection.execute(opened)).scalar_one(),
        due=await due(records.c.review_at, now),
        expiring=await due(records.c.valid_until, now + notice),
        pending=waiting.get(ChangeState.PENDING, 0),
        scheduled=waiting.get(ChangeState.SCHEDULED, 0),
        clashed=waiting.get(ChangeState.CLASHED, 0),
    )


async def next_instant(connection: AsyncConnection, now: float, notice: float) -> float | None:
    """When something comes due next: a scheduled change's hour, a review, a notice."""

    async def first(column: Column[float], after: float) -> float | None:
        query = select(func.min(column)).where(column > after, records.c.retired.is_(False))
        return (await connection.execute(query)).scalar()

    review, end = await first(records.c.review_at, now), await first(records.c.valid_until, now + notice)
    hours = (await next_hour(connection), review, None if end is None else end - notice)
    return min((hour for hour in hours if hour is not None), default=None)


async def read_reviews(connection: AsyncConnection, now: float, limit: int) -> tuple[Due, ...]:
    """Records whose review date has come, the longest due first."""
    return await _read_due(connection, records.c.review_at, now, limit)


async def read_expiring(connection: AsyncConnection, until: float, limit: int) -> tuple[Due, ...]:
    """Records whose validity ends by the instant, those that ended first at the head."""
    return await _read_due(connection, records.c.valid_until, until, limit)


async def _read_due(connection: AsyncConnection, column: Column[float], until: float, limit: int) -> tuple[Due, ...]:
    query = select(records.c.id, column.label("at"), records.c.body)
    query = query.where(column <= until, records.c.retired.is_(False)).order_by(column, records.c.id).limit(limit)
    found = []
    for row in await connection.execute(query):
        shown = msgspec.json.decode(row.body, type=_Shown)
        found.append(Due(record=row.id, title=shown.title, at=row.at, responsible=shown.responsible))
    return tuple(found)


async def read_open_reports(connection: AsyncConnection, limit: int) -> tuple[Report, ...]:
    """Oldest first."""
    query = select(reports).where(reports.c.closed_at.is_(None)).order_by(reports.c.at, reports.c.id).limit(limit)
    return tuple(_report(row) for row in await connection.execute(query))


async def read_answered(connection: AsyncConnection, user: str, since: float, limit: int) -> tuple[Report, ...]:
    """Of one person, answered after the instant; the first answer first."""
    query = select(reports).where(reports.c.user_id == user, reports.c.closed_at > since)
    query = query.order_by(reports.c.closed_at, reports.c.id).limit(limit)
    return tuple(_report(row) for row in await connection.execute(query))


async def find_report(connection: AsyncConnection, report: str) -> Report | None:
    row = (await connection.execute(select(reports).where(reports.c.id == report))).first()
    return None if row is None else _report(row)


async def close_report(connection: AsyncConnection, report: Report) -> str:
    """Write the answer, who gave it and when. Returns the user id of who made the report."""
    await connection.execute(
        reports.update()
        .where(reports.c.id == report.id)
        .values(answer=report.answer, closed_by=report.closed_by, closed_at=report.closed_at)
    )
    return str((await connection.execute(select(reports.c.user_id).where(reports.c.id == report.id))).scalar_one())


def _report(row: Row[Any]) -> Report:
    columns = dict(row._mapping)
    del columns["user_id"]
    return Report(**columns)
