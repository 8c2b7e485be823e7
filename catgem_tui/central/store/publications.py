"""Reading and writing publications: how quickly each change was everywhere."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.store.tables import publications as table
from catgem_tui.central.store.writing import upsert
from catgem_tui.protocol.editing import Currency, CurrencySpan, Figures, Publication

SHOWN = 200
"""Publications in one answer at most."""
SLOWEST = 20
SPANS = 14
"""Days told one by one, or weeks."""
_TO_PUBLICATION = table.c.published_at - table.c.document_at
_TO_ALL = table.c.reached_at - table.c.published_at


async def write_publications(connection: AsyncConnection, written: Sequence[Publication]) -> None:
    rows = [msgspec.structs.asdict(publication) for publication in written]
    await upsert(connection, table, [{**row, "late": msgspec.json.encode(row["late"]).decode()} for row in rows])


async def read_currency(connection: AsyncConnection, now: float, days: int, *, settled: float) -> Currency:
    """The publications of the last days, and figures over all of them.

    ``settled``: seconds after which one that is not everywhere counts among the slowest.
    """
    recent = table.c.published_at >= now - days * 86_400
    newest = select(table).where(recent).order_by(table.c.published_at.desc(), table.c.change.desc()).limit(SHOWN)
    missing = and_(table.c.reached_at.is_(None), table.c.confirmed < table.c.workstations)
    old_enough = missing & (table.c.published_at <= now - settled)
    slowest = select(table).where(recent, table.c.reached_at.is_not(None) | old_enough)
    slowest = slowest.order_by(case((missing, 0), else_=1), _TO_ALL.desc(), table.c.published_at.desc()).limit(SLOWEST)
    whole = await _span(connection, recent, 0.0)
    spans = [
        await _span(connection, (table.c.published_at >= since) & (table.c.published_at < until), since)
        for since, until in _spans(now, days)
    ]
    return Currency(
        publications=tuple([_publication(row) for row in (await connection.execute(newest)).mappings()]),
        count=whole.count,
        document_median=whole.document.median,
        document_p95=whole.document.p95,
        document_max=whole.document.max,
        reach_median=whole.reach.median,
        reach_p95=whole.reach.p95,
        reach_max=whole.reach.max,
        spans=tuple(spans),
        slowest=tuple([_publication(row) for row in (await connection.execute(slowest)).mappings()]),
    )


def _publication(row: Any) -> Publication:
    return Publication(**{**row, "late": msgspec.json.decode(row["late"], type=tuple[str, ...])})


def _spans(now: float, days: int) -> Iterator[tuple[float, float]]:
    """Midnights on this machine's wall clock, the newest first; a week ends today."""
    length = 1 if days <= SPANS else 7
    until = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    for _ in range(min(SPANS, math.ceil(days / length))):
        since = until - timedelta(days=length)
        yield since.timestamp(), until.timestamp()
        until = since


async def _span(connection: AsyncConnection, among: ColumnElement[bool], since: float) -> CurrencySpan:
    count = (await connection.execute(select(func.count()).select_from(table).where(among))).scalar_one()
    if not count:
        return CurrencySpan(since=since)
    return CurrencySpan(
        since=since,
        count=count,
        document=await _figures(connection, among, _TO_PUBLICATION),
        reach=await _figures(connection, among, _TO_ALL),
    )


async def _figures(connection: AsyncConnection, among: ColumnElement[bool], seconds: ColumnElement[Any]) -> Figures:
    """By nearest rank, found by the database: there may be very many."""
    measured = (among, seconds.is_not(None))
    count = (await connection.execute(select(func.count()).select_from(table).where(*measured))).scalar_one()
    if not count:
        return Figures()

    async def rank(share: float) -> float:
        query = select(seconds).where(*measured).order_by(seconds).limit(1).offset(math.ceil(share * count) - 1)
        value: float = (await connection.execute(query)).scalar_one()
        return value

    return Figures(median=await rank(0.5), p95=await rank(0.95), max=await rank(1.0))
