"""Where central is, and whether it may be spoken to in clear text."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

API = "/api/v1"


@dataclass(frozen=True, slots=True)
class Failed:
    """Something central did not give us.

    ``code``: ``unreachable`` (no answer, or an answer that it cannot serve now), ``incompatible`` (an answer that is
    not of our protocol), ``unauthorized`` (the token is no longer good), ``wrong_credentials``, ``expired``,
    ``insecure`` (clear text to another machine is refused), ``bad_address``, ``too_many_attempts``, or a Problem's own
    code.
    """

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Central's base URL, checked: ``http`` or ``ws`` only to this machine, TLS to every other."""

    http: str
    live: str
    local: bool


def parse_address(url: str) -> Address | Failed:
    """Accepts ``https://host[:port][/path]`` and, to loopback, ``http://…``; without a scheme ``https`` is meant."""
    text = url.strip()
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        return Failed("bad_address", str(error))
    if not host or parts.scheme not in {"http", "https"} or parts.username is not None or parts.query:
        return Failed("bad_address", url)
    local = is_loopback(host)
    if parts.scheme == "http" and not local:
        return Failed("insecure", url)
    shown = f"[{host}]" if ":" in host else host
    place = (shown if port is None else f"{shown}:{port}") + parts.path.rstrip("/")
    secure = "s" if parts.scheme == "https" else ""
    return Address(http=f"http{secure}://{place}{API}", live=f"ws{secure}://{place}{API}/live", local=local)


def is_loopback(host: str) -> bool:
    """Whether a host name or address stands for this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
