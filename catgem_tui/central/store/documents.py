"""What is known of the supporting documents; the files themselves are in a folder."""

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catgem_tui.central.store.tables import documents
from catgem_tui.protocol.editing import Document


async def read_document(connection: AsyncConnection, sha256: str) -> Document | None:
    row = (await connection.execute(select(documents).where(documents.c.sha256 == sha256))).first()
    if row is None:
        return None
    return Document(
        sha256=row.sha256, name=row.name, media_type=row.media_type, size=row.size, received_at=row.received_at
    )


async def add_document(connection: AsyncConnection, document: Document, who: str) -> Document:
    """Keep it, unless a document of the same content is there: that one stays. Returns what is kept."""
    known = await read_document(connection, document.sha256)
    if known is not None:
        return known
    await connection.execute(documents.insert().values(**msgspec.structs.asdict(document), who=who))
    return document
