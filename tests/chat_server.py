"""The chat channel behind a real web server on loopback, which a test may stop and start again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from litestar import Litestar

from catgem_tui.central.chat.channel import ChatChannel, ChatSettings
from tests.citizen_floor import Floor


@asynccontextmanager
async def serving(floor: Floor, port: int, settings: ChatSettings | None = None) -> AsyncIterator[ChatChannel]:
    """A fresh channel on the floor's store: after leaving, the next one knows only what the store knows."""
    channel = ChatChannel(floor, settings)
    await channel.start(floor)
    app = Litestar(route_handlers=channel.handlers, openapi_config=None, logging_config=None)
    server = uvicorn.Server(
        uvicorn.Config(
            app, host="127.0.0.1", port=port, log_config=None, ws_max_size=4 << 20, timeout_graceful_shutdown=5
        )
    )
    task = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(20):
            while not server.started:
                assert not task.done(), "the web server did not start"
                await asyncio.sleep(0.01)
        yield channel
    finally:
        await channel.stop()
        server.should_exit = True
        await task
