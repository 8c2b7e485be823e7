"""Keeps out, for a while, whoever sends more calls than a telephone can be meant to take.

The library has four places for calls and answers those that find none itself, so a flood would keep everybody else out.
On Linux the kernel is told to drop what comes from such an address to our SIP port (a filter on the socket, BPF), which
costs nothing; elsewhere there is no such filter and nothing is kept out. What is dropped by mistake is repeated by its
sender (RFC 3261, 17.1.1.2).
"""

import ctypes
import ipaddress
import logging
import os
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

_log = logging.getLogger(__name__)

MOST_CALLS = 10
WITHIN_SECONDS = 1.0
"""So many calls from one address in so short a time are a flood: fewer than the library bears from all together."""
ON_PROBATION = 3
"""As many are enough of an address that was kept out lately: fewer than the library has places."""
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0
"""Seconds for which an address is kept out; twice as long each time that it goes on."""
FORGET_SECONDS = 120.0
"""Of peace, after which an address begins anew."""
CLOSE_AGAIN_SECONDS = 1.0
"""The library opens its socket anew when the machine moves, and the new one hears everybody."""
MOST_ADDRESSES = 64
"""Kept out at a time, the latest: a filter has 255 steps."""

_SO_ATTACH_FILTER = 26
_SOURCE = 0xFFF00000 + 12
"""Of the sender's address in the IP header, as a filter counts (SKF_NET_OFF)."""
_LOAD_WORD, _JUMP_EQUAL, _RETURN = 0x20, 0x15, 0x06


class _Source:
    def __init__(self) -> None:
        self.calls: deque[float] = deque(maxlen=MOST_CALLS)
        self.pause = FIRST_PAUSE
        self.out_until = 0.0


class Floodgate:
    """Every method runs on the library's thread."""

    def __init__(self, port: int, trusted: Sequence[str] = ()) -> None:
        """``trusted``: IPv4 addresses and networks (``192.0.2.0/24``) that are heard whatever they send."""
        self._port = port
        self._trusted = [ipaddress.ip_network(each, strict=False) for each in trusted]
        self._sources: dict[str, _Source] = {}
        self._closed: tuple[str, ...] = ()
        self._closed_at = 0.0

    def note(self, address: str) -> None:
        """A call came from here (``192.0.2.1:5060``)."""
        host = address.rpartition(":")[0]
        if self._is_trusted(host):
            return
        now = time.monotonic()
        source = self._sources.setdefault(host, _Source())
        source.calls.append(now)
        most = MOST_CALLS if source.pause == FIRST_PAUSE else ON_PROBATION
        is_flood = len(source.calls) >= most and now - source.calls[-most] < WITHIN_SECONDS
        if is_flood and now >= source.out_until:
            _log.warning("a flood of calls from %s: not heard for %g seconds", host, source.pause)
            source.out_until = now + source.pause
            source.pause = min(LONGEST_PAUSE, source.pause * 2)
            source.calls.clear()
            self.look()

    def _is_trusted(self, host: str) -> bool:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._trusted)

    def look(self) -> None:
        """Let in whose time is up. Called five times a second."""
        now = time.monotonic()
        for host in [host for host, source in self._sources.items() if _is_forgotten(source, now)]:
            del self._sources[host]
        closed = tuple(host for host, source in self._sources.items() if now < source.out_until)[-MOST_ADDRESSES:]
        if closed != self._closed or (closed and now - self._closed_at >= CLOSE_AGAIN_SECONDS):
            self._closed, self._closed_at = closed, now
            # Not kept: a copy that is open keeps the port, and the library opens it anew when the machine moves.
            for each in _find_sockets(self._port) if sys.platform == "linux" else ():
                with each:
                    _filter(each, closed)


def _is_forgotten(source: _Source, now: float) -> bool:
    last = source.calls[-1] if source.calls else 0.0
    return now > max(source.out_until, last) + FORGET_SECONDS


def _find_sockets(port: int) -> list[socket.socket]:
    """The library's own UDP sockets on this port, which it shows to nobody."""
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            number = os.dup(int(entry.name))
        except OSError:
            continue  # closed meanwhile
        try:
            copy = socket.socket(fileno=number)
        except OSError:
            os.close(number)
            continue  # no socket
        try:
            if copy.family is socket.AF_INET and copy.type is socket.SOCK_DGRAM and copy.getsockname()[1] == port:
                found.append(copy)
                continue
        except OSError:
            pass
        copy.close()
    return found


def _filter(to: socket.socket, closed: tuple[str, ...]) -> None:
    """Drop what comes from these addresses, and nothing else."""
    if not closed:
        program = [(_RETURN, 0, 0, 0xFFFFFFFF)]
    else:
        count = len(closed)
        program = [(_LOAD_WORD, 0, 0, _SOURCE)]
        for index, host in enumerate(closed):
            program.append((_JUMP_EQUAL, count - index, 0, int.from_bytes(socket.inet_aton(host), "big")))
        program += [(_RETURN, 0, 0, 0xFFFFFFFF), (_RETURN, 0, 0, 0)]
    steps = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))
    try:
        to.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", len(program), ctypes.addressof(steps)))
    except OSError as error:
        _log.warning("a flood cannot be kept out: %s", error)
