"""The telephone over an engine in a process of its own, watched and restarted."""

import asyncio
import logging
import sys
from pathlib import Path

import msgspec

from catgem_tui.phone.connection import ConnectedPhone, EngineConnection, backoff_seconds
from catgem_tui.phone.launch import EngineProcess, reach_engine, spawn_engine
from catgem_tui.phone.port import (
    EngineSettings,
    EngineStopped,
    LevelsMeasured,
    PhoneError,
    PhoneEvent,
    QualityMeasured,
    Ready,
)

_log = logging.getLogger(__name__)

STEADY_SECONDS = 30.0
"""An engine that ran for so long starts the next backoff from the beginning."""
_MAX_WAITING_EVENTS = 1000
"""Beyond this, what is volatile is dropped; the rest never is."""
_VOLATILE = (LevelsMeasured, QualityMeasured)


class EngineClient(ConnectedPhone):
    """A ``Phone``. ``python`` is the interpreter that has pjsua2; ``socket`` reaches a running engine instead.

    The first ``Ready`` is what ``start`` returns; ``events`` brings those after a restart.
    """

    def __init__(
        self, settings: EngineSettings | None = None, *, python: str = sys.executable, socket: Path | None = None
    ) -> None:
        super().__init__()
        self._settings = settings or EngineSettings()
        self._python = python
        self._socket = socket

    @property
    def pid(self) -> int | None:
        """Process id of the engine, if it runs and is ours."""
        process = self._engine.process if self._engine is not None else None
        return process.pid if process is not None else None

    async def _connect(self) -> tuple[EngineConnection, Ready]:
        return await self._launch(self._settings)

    async def _launch(self, settings: EngineSettings) -> tuple[EngineConnection, Ready]:
        """Raises PhoneError."""
        process: EngineProcess | None = None
        if self._socket is None:
            process, streams = await spawn_engine(self._python)
        else:
            streams = await reach_engine(self._socket)
        engine = EngineConnection(streams, process, self._emit)
        try:
            return engine, await engine.shake_hands(settings)
        except BaseException:
            await engine.close(0.0)
            raise

    async def _supervise(self, engine: EngineConnection) -> None:
        attempt = 0
        loop = asyncio.get_running_loop()
        while True:
            started = loop.time()
            reason = await engine.live()
            _log.warning("the phone engine stopped: %s", reason)
            self._engine = None
            self._emit(EngineStopped(reason=reason))
            stopped = loop.time()
            await engine.close(0.0)
            if stopped - started > STEADY_SECONDS:
                attempt = 0
            engine, attempt = await self._restart(attempt)
            _log.warning("the phone engine runs again, %.2f s after it was noticed", loop.time() - stopped)

    async def _restart(self, attempt: int) -> tuple[EngineConnection, int]:
        """Start anew until it works, on the same SIP port while that is free. Returns the next attempt's number."""
        settings = self._settings
        if self._ready is not None:
            settings = msgspec.structs.replace(settings, port=int(self._ready.uri.rpartition(":")[2]))
        while True:
            await asyncio.sleep(backoff_seconds(attempt))
            attempt += 1
            try:
                engine, self._ready = await self._launch(settings)
            except PhoneError as error:
                _log.warning("the phone engine did not start: %s", error)
                if error.code == "port_taken":
                    settings = self._settings
                continue
            self._engine = engine
            self._emit(self._ready)
            return engine, attempt

    def _emit(self, event: PhoneEvent) -> None:
        if isinstance(event, _VOLATILE) and self._events.qsize() > _MAX_WAITING_EVENTS:
            return
        self._events.put_nowait(event)
