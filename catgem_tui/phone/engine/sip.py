"""The little of SIP's text that the library leaves to us. Pure."""

import re
from urllib.parse import unquote

from catgem_tui.phone.port import PhoneError

_ADDRESS = re.compile(r'^\s*(?:"((?:[^"\\]|\\.)*)"|([^<"]*?))\s*<([^>]*)>')
_USER = re.compile(r"^\s*sips?:(?:([^@:;>]*)(?::[^@]*)?@)?", re.IGNORECASE)
_HOST = re.compile(r"^(sips?:(?:[^@]*@)?)(\[[^\]]*\]|[^:;?\s]+)", re.IGNORECASE)
_HEADER_NAME = re.compile(r"^[A-Za-z0-9.!%*_+`'~-]+$")
MAX_HEADERS = 32
MAX_HEADER_LENGTH = 1024


def clean(text: str) -> str:
    """Text from the network, fit for UTF-8: SWIG smuggles wrong bytes through as surrogates."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def split_address(address: str) -> tuple[str, str]:
    """Display name and URI of a From or To value: ``"Ana" <sip:ana@h>;tag=1`` gives ``("Ana", "sip:ana@h")``."""
    if match := _ADDRESS.match(address):
        quoted, plain, uri = match.groups()
        name = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else (plain or "")
        return name.strip(), uri.strip()
    return "", address.partition(";")[0].strip()


def find_user(uri: str) -> str:
    """User part of a SIP URI, unescaped; empty when it has none."""
    match = _USER.match(uri)
    return unquote(match.group(1) or "") if match else ""


def split_host(uri: str) -> tuple[str, str, str]:
    """What stands before a URI's host, the host (empty when there is none), and what follows it."""
    match = _HOST.match(uri)
    return (match.group(1), match.group(2), uri[match.end() :]) if match else ("", "", uri)


def read_request_uri(message: str) -> str:
    words = message.split("\r\n", 1)[0].split(" ")
    return words[1] if len(words) > 1 else ""


def read_extension_headers(message: str) -> dict[str, str]:
    """The ``X-…`` headers of a SIP message, folded lines joined (RFC 3261, 7.3.1)."""
    head = message.split("\r\n\r\n", 1)[0]
    unfolded = re.sub(r"\r\n[ \t]+", " ", head)
    headers: dict[str, str] = {}
    for line in unfolded.split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if colon and name[:2].upper() == "X-" and len(headers) < MAX_HEADERS:
            headers[name.strip()] = value.strip()[:MAX_HEADER_LENGTH]
    return headers


def find_header(headers: dict[str, str], wanted: str) -> str:
    """Value of a header whatever its case; empty when missing."""
    return next((value for name, value in headers.items() if name.lower() == wanted.lower()), "")


def check_headers(headers: dict[str, str]) -> None:
    """Raises PhoneError ``sip`` for what would break the message or smuggle in another header."""
    for name, value in headers.items():
        if not _HEADER_NAME.match(name):
            raise PhoneError("sip", f"header name {name!r}")
        if any(character < " " or character == "\x7f" for character in value):
            raise PhoneError("sip", f"header {name} holds control characters")


def check_uri(uri: str) -> None:
    """Raises PhoneError ``bad_uri`` for characters no URI may hold; its grammar is the library's business."""
    if not uri or any(character <= " " or character in '<>"\x7f' for character in uri):
        raise PhoneError("bad_uri", uri)
