"""Looking host names up beside the library's thread, as the system does (its hosts file too)."""

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from catgem_tui.phone.engine import sip


@dataclass(frozen=True)
class Found:
    call: str
    uri: str
    """The URI with an address for a host; empty when nobody knows the name."""


class Names:
    """``found`` fills as answers come; ``wake`` is called, on another thread, for each."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.found: queue.SimpleQueue[Found] = queue.SimpleQueue()
        self._wake = wake

    def look_up(self, call: str, uri: str) -> None:
        threading.Thread(target=self._work, args=(call, uri), name="names", daemon=True).start()

    def _work(self, call: str, uri: str) -> None:
        before, host, after = sip.split_host(uri)
        try:
            answers = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_DGRAM)
        except (OSError, UnicodeError):
            answers = []
        self.found.put(Found(call, f"{before}{answers[0][4][0]}{after}" if answers else ""))
        self._wake()


def needs_look_up(uri: str) -> bool:
    """Whether a URI's host is a name."""
    _, host, _ = sip.split_host(uri)
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False


def find_nameservers(path: Path = Path("/etc/resolv.conf")) -> list[str]:
    """The system's IPv4 name servers; none where it keeps them elsewhere."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    words = [line.split() for line in lines]
    return [line[1] for line in words if len(line) > 1 and line[0] == "nameserver" and ":" not in line[1]][:4]
