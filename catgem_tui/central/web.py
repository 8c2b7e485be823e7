"""The web server inside central's own loop: uvicorn, which handles no signals here."""

import asyncio
import errno
import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn
from litestar import Litestar

from catgem_tui.central.ports import PortTaken

LONGEST_FRAME = 4 << 20
"""Bytes. Above either socket's own limit, so that a citizen's huge message is answered and their chat lives on."""
GRACE = 3
"""Seconds that open requests may take at the end."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def bind(host: str, port: int) -> socket.socket:
    """A listening address, held before anything else starts. Raises PortTaken, OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only where a socket says that it is TCP does asyncio have small writes leave at once: without it the body of an
    # answer, and of two events the second, wait until the other side has acknowledged the first.
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
        taken.listen(1024)
    except OSError as error:
        taken.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken("HTTP", host, port) from error
        raise
    return taken


class WebServer:
    """Serves the site on a bound socket until ``stop``."""

    def __init__(self, site: Litestar, listening: socket.socket, *, certificate: str = "", key: str = "") -> None:
        config = uvicorn.Config(
            site,
            log_config=None,
            access_log=False,
            lifespan="on",
            ws="websockets-sansio",
            ws_max_size=LONGEST_FRAME,
            ws_per_message_deflate=False,
            ws_ping_interval=None,  # the live line and the citizen's page have heartbeats of their own
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE,
            ssl_certfile=certificate or None,
            ssl_keyfile=key or None,
        )
        self._server = _Server(config)
        self._listening = listening
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns once requests are answered."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._listening]), name="web server")
        while not self._server.started:
            if self._task.done():
                await self._task
                raise RuntimeError("the web server ended while starting")
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        if self._task is not None:
            self._server.leave()
            await self._task
            self._task = None


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._leaving = asyncio.Event()

    def leave(self) -> None:
        self.should_exit = True
        self._leaving.set()

    async def main_loop(self) -> None:
        """uvicorn's own looks ten times a second whether to end. The tick, in tenths, renews the Date header."""
        tick = 0
        while not await self.on_tick(tick):
            tick += 10
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), 1.0)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to whoever runs central."""
        yield
