"""The engine's end of the socket: one thread reads, one writes, so that a slow client never holds up a call."""

import logging
import queue
import socket
import threading
from collections.abc import Callable

from catgem_tui.phone import wire

_log = logging.getLogger(__name__)


class Channel:
    """``inbox`` receives the client's messages, and None when the client is gone."""

    def __init__(self, connection: socket.socket) -> None:
        self.inbox: queue.SimpleQueue[wire.ToEngine | None] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._connection = connection
        self._wake: Callable[[], None] = lambda: None
        self._writer = threading.Thread(target=self._write, name="wire-out", daemon=True)
        self._writer.start()
        threading.Thread(target=self._read, name="wire-in", daemon=True).start()

    def wake_with(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` (on the reading thread) whenever the inbox has got something."""
        self._wake = wake

    def send(self, message: wire.ToClient) -> None:
        """Queue a message; never blocks, from any thread."""
        try:
            self._outbox.put(wire.pack(message))
        except (wire.WireError, UnicodeEncodeError):
            _log.exception("a message could not be sent")

    def close(self, seconds: float) -> None:
        """Wait at most so long for what is queued to be written."""
        self._outbox.put(None)
        self._writer.join(seconds)

    def _read(self) -> None:
        frames = wire.Frames()
        try:
            while data := self._connection.recv(65536):
                for body in frames.feed(data):
                    self.inbox.put(wire.unpack_to_engine(body))
                self._wake()
        except (OSError, wire.WireError) as error:
            _log.warning("the client's connection ended: %s", error)
        self.inbox.put(None)
        self._wake()

    def _write(self) -> None:
        try:
            while (data := self._outbox.get()) is not None:
                self._connection.sendall(data)
        except OSError:
            # The reading thread sees the same end and reports it.
            return
