"""A way between two telephones on which packets of sound are lost, late and out of step.

For what the kernel has ``netem`` for, where it has it. Signalling passes whole; the sound's addresses in SDP are
replaced by those of relays, one for each end.
"""

import asyncio
import random
import re
import socket

Address = tuple[str, int]


class _Way:
    """Sound from one end to the other, which must seem to come from where that sends its own: ``back``, once there is
    one. ``port``: where the one is told to send it."""

    def __init__(self, worse: "LossyWay", target: Address) -> None:
        self._worse, self._target = worse, target
        self.back = self
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._read)

    def _read(self) -> None:
        data = self._socket.recv(65536)
        if self._worse.random.random() >= self._worse.loss:
            late = self._worse.delay + self._worse.random.random() * self._worse.jitter
            self._loop.call_later(late, self._pass_on, data)

    def _pass_on(self, data: bytes) -> None:
        if self.back._socket.fileno() >= 0:
            self.back._socket.sendto(data, self._target)

    def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()


class LossyWay:
    """Stands before a telephone: it is called at ``uri``. ``loss`` is a share, ``delay`` and ``jitter`` are seconds;
    they may be changed in the middle of a call."""

    def __init__(self, uri: str) -> None:
        self.loss = self.delay = self.jitter = 0.0
        self.random = random.Random(4)  # noqa: S311 - not a secret
        user, _, place = uri.partition("@")
        host, _, port = place.partition(":")
        self._ways: dict[int, _Way] = {}
        """By the port at which an end waits for sound."""
        self._front, self._back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self._caller: Address = ("", 0)
        self._back.connect((host, int(port)))
        self._front.bind(("127.0.0.1", 0))
        self.uri = f"{user}@127.0.0.1:{self._front.getsockname()[1]}"
        for end, read in ((self._front, self._enter), (self._back, self._leave)):
            end.setblocking(False)
            asyncio.get_running_loop().add_reader(end, read)

    def _enter(self) -> None:
        data, self._caller = self._front.recvfrom(65536)
        self._back.send(self._redirect(data))

    def _leave(self) -> None:
        self._front.sendto(self._redirect(self._back.recv(65536)), self._caller)

    def _redirect(self, message: bytes) -> bytes:
        """Sound that whoever sends this waits for goes by a relay."""
        head, _, body = message.partition(b"\r\n\r\n")
        sound = re.search(rb"^m=audio (\d+)", body, re.MULTILINE)
        if sound is None:
            return message
        port = int(sound.group(1))
        if port not in self._ways:
            fresh = _Way(self, ("127.0.0.1", port))
            for other in self._ways.values():
                other.back, fresh.back = fresh, other
            self._ways[port] = fresh
        way = self._ways[port]
        body = body.replace(sound.group(0), b"m=audio %d" % way.port)
        body = re.sub(rb"a=rtcp:\d+[^\r\n]*\r\n", b"", body)
        head = re.sub(rb"Content-Length:\s*\d+", b"Content-Length: %d" % len(body), head)
        return head + b"\r\n\r\n" + body

    def close(self) -> None:
        for end in (self._front, self._back):
            asyncio.get_running_loop().remove_reader(end)
            end.close()
        for way in self._ways.values():
            way.close()
