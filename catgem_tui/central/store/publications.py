"""Reading and writing publications: how quickly each change was everywhere."""

import math
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.store.tables import publications as table
from catgem_tui.central.store.writing import upsert
from catgem_tui.protocol.editing import Currency, Publication

SHOWN = 200
"""Publications in one answer at most."""


async def write_publications(connection: AsyncConnection, written: Sequence[Publication]) -> None:
    await upsert(connection, table, [msgspec.structs.asdict(publication) for publication in written])


async def read_currency(connection: AsyncConnection, since: float) -> Currency:
    """The publications since the instant, and figures over all of them."""
    recent = table.c.published_at >= since
    query = select(table).where(recent).order_by(table.c.published_at.desc(), table.c.change.desc()).limit(SHOWN)
    shown = tuple(Publication(**row) for row in (await connection.execute(query)).mappings())
    count = (await connection.execute(select(func.count()).select_from(table).where(recent))).scalar_one()
    document_median, document_p95 = await _figures(connection, recent, table.c.published_at - table.c.document_at)
    reach_median, reach_p95 = await _figures(connection, recent, table.c.reached_at - table.c.published_at)
    return Currency(
        publications=shown,
        count=count,
        document_median=document_median,
        document_p95=document_p95,
        reach_median=reach_median,
        reach_p95=reach_p95,
    )


async def _figures(
    connection: AsyncConnection, recent: ColumnElement[bool], seconds: ColumnElement[Any]
) -> tuple[float | None, float | None]:
    """Median and 95th percentile (nearest rank), found by the database: there may be very many."""
    measured = (recent, seconds.is_not(None))
    count = (await connection.execute(select(func.count()).select_from(table).where(*measured))).scalar_one()

    async def rank(share: float) -> float | None:
        if not count:
            return None
        query = select(seconds).where(*measured).order_by(seconds).limit(1).offset(math.ceil(share * count) - 1)
        value: float = (await connection.execute(query)).scalar_one()
        return value

    return await rank(0.5), await rank(0.95)
