"""The socket that central listens on."""

import asyncio
import socket

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.central.web import bind


async def test_what_central_writes_waits_for_nobodys_acknowledgement() -> None:
    at_once: asyncio.Queue[int] = asyncio.Queue()

    async def look(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at_once.put_nowait(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listening = bind("127.0.0.1", 0)
    async with await asyncio.start_server(look, sock=listening):
        _reader, writer = await asyncio.open_connection(*listening.getsockname())
        assert await at_once.get()
        writer.close()
