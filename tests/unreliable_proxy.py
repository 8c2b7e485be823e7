"""A proxy before a real central that lets no websocket through, or changes what time it says that it is."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit


@asynccontextmanager
async def unreliable_proxy(
    url: str, *, websockets: bool = True, clock: timedelta = timedelta(0), seconds: float = 0.0
) -> AsyncIterator[str]:
    """Its own URL. ``clock``: how far central's clock is to be ahead; ``seconds``: that each answer is held back."""
    behind = urlsplit(url)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError, asyncio.IncompleteReadError), contextlib.closing(writer):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if b"upgrade: websocket" in head.lower():
                    if websockets:
                        await join(head, reader, writer)
                    else:
                        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                        await writer.drain()
                    return
                writer.write(await answer(head))
                await writer.drain()

    async def answer(head: bytes) -> bytes:
        from_central, to_central = await asyncio.open_connection(behind.hostname, behind.port)
        to_central.write(re.sub(rb"(?i)connection: [^\r]*", b"Connection: close", head))
        await asyncio.sleep(seconds)
        told = await from_central.read()
        to_central.close()
        date = format_datetime(datetime.now(UTC) + clock, usegmt=True).encode()
        told = re.sub(rb"(?i)\r\ndate: [^\r]*", b"\r\nDate: " + date, told, count=1)
        return re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", told, count=1)

    async def join(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_central, to_central = await asyncio.open_connection(behind.hostname, behind.port)
        to_central.write(head)
        await asyncio.gather(pour(from_central, writer), pour(reader, to_central))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError), contextlib.closing(writer):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
