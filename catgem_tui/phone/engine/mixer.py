"""Names for what sounds, and who hears whom. The conference bridge itself is pjsip's."""

import logging
from dataclasses import dataclass
from typing import Any

import pjsua2 as pj

from catgem_tui.phone.engine.library import describe_error
from catgem_tui.phone.port import PhoneError

_log = logging.getLogger(__name__)


@dataclass
class _Place:
    """One endpoint's ports on the bridge; None while it has no media, or none in that direction ever."""

    source: bool
    sink: bool
    port: Any = None


class Mixer:
    """Connections are kept by name and made again whenever an endpoint gets a new port (re-INVITE, sound card)."""

    def __init__(self) -> None:
        self._places: dict[str, _Place] = {}
        self._levels: dict[tuple[str, str], float] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def add(self, name: str, *, source: bool, sink: bool, port: Any = None) -> None:
        self._places[name] = _Place(source, sink, port)

    def attach(self, name: str, port: Any) -> None:
        """Give an endpoint its port and make the connections that waited for it."""
        place = self._places.get(name)
        if place is None:
            return
        place.port = port
        for source, sink in self._levels:
            if name in (source, sink):
                self._join(source, sink)

    def detach(self, name: str) -> None:
        """The endpoint's media is gone; its connections wait for the next."""
        if place := self._places.get(name):
            place.port = None

    def remove(self, name: str) -> None:
        """Forget an endpoint and its connections."""
        for source, sink in [pair for pair in self._levels if name in pair]:
            self.disconnect(source, sink)
        self._places.pop(name, None)

    def connect(self, source: str, sink: str, level: float = 1.0) -> None:
        """Raises PhoneError ``no_such_endpoint``."""
        self._require(source, sink)
        if (source, sink) in self._levels and self._levels[source, sink] != level:
            self.disconnect(source, sink)
        self._levels[source, sink] = level
        self._join(source, sink)

    def disconnect(self, source: str, sink: str) -> None:
        """Undo a connection; one that isn't there is no error."""
        if self._levels.pop((source, sink), None) is None:
            return
        ports = self._ports(source, sink)
        if ports is None:
            return
        try:
            ports[0].stopTransmit(ports[1])
        except pj.Error as error:
            _log.info("disconnecting %s from %s: %s", source, sink, describe_error(error))

    def _require(self, source: str, sink: str) -> None:
        giver, taker = self._places.get(source), self._places.get(sink)
        if giver is None or not giver.source:
            raise PhoneError("no_such_endpoint", source)
        if taker is None or not taker.sink:
            raise PhoneError("no_such_endpoint", sink)

    def _ports(self, source: str, sink: str) -> tuple[Any, Any] | None:
        giver, taker = self._places.get(source), self._places.get(sink)
        if giver is None or taker is None or giver.port is None or taker.port is None:
            return None
        return giver.port, taker.port

    def _join(self, source: str, sink: str) -> None:
        ports = self._ports(source, sink)
        if ports is None:
            return
        parameters = pj.AudioMediaTransmitParam()
        parameters.level = self._levels[source, sink]
        try:
            ports[0].startTransmit2(ports[1], parameters)
        except pj.Error as error:
            _log.warning("connecting %s to %s: %s", source, sink, describe_error(error))
