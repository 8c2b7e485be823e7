"""From which of this machine's addresses packets leave for somebody, and whether that changed."""

import socket
import threading

ANY = "0.0.0.0"  # noqa: S104 - compared, not bound
_AFAR = "192.0.2.1"
"""Nobody's (RFC 5737): packets for it would leave by the default route."""
_NAME_SECONDS = 3.0


class Watch:
    """Notices that packets to ``host`` leave from another address than before. For a name, which takes too long to look
    up again and again, those by the default route are watched."""

    def __init__(self, host: str = "") -> None:
        self._host = host if _is_address(host) else _AFAR
        self.address = find_address(self._host)
        """Ours, towards the host; the last one known while no way leads there."""

    def has_changed(self) -> bool:
        address = find_address(self._host)
        changed = address not in ("", self.address)
        self.address = address or self.address
        return changed


def find_address(host: str) -> str:
    """Ours, towards an IPv4 address; empty when no way leads there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, 5060))  # sends nothing
            address: str = probe.getsockname()[0]
        except OSError:
            return ""
        return address


def find_target(host: str) -> str:
    """The address of ``host``; that of nobody, behind the default route, where the name is empty or not found soon."""
    found: list[str] = []

    def look_up() -> None:
        try:
            found.append(str(socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_DGRAM)[0][4][0]))
        except (OSError, UnicodeError):
            return

    if host:
        looking = threading.Thread(target=look_up, name="toward", daemon=True)
        looking.start()
        looking.join(_NAME_SECONDS)
    return found[0] if found else _AFAR


def _is_address(host: str) -> bool:
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True
