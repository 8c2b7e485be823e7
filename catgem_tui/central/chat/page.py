"""The citizen's page and its socket, as route handlers for central's web server."""

import asyncio
import contextlib
import hashlib
import html
import logging
import re
from importlib.resources import files
from typing import Any, Protocol

import msgspec
from litestar import Request, Response, WebSocket, get, websocket
from litestar.exceptions import WebSocketException

from catgem_tui.central.chat import words
from catgem_tui.central.chat.frames import SILENCE
from catgem_tui.central.chat.visitor import Allowance, Visitor

logger = logging.getLogger(__name__)

_FILES = files(__package__) / "page"
_STYLE = (_FILES / "chat.css").read_text(encoding="utf-8")
_SCRIPT = (_FILES / "chat.js").read_text(encoding="utf-8")
_TEMPLATE = (_FILES / "chat.html").read_text(encoding="utf-8")
_VERSION = hashlib.sha256((_STYLE + _SCRIPT).encode()).hexdigest()[:12]
_OTHER = {"es": ("en", "English"), "en": ("es", "Español")}
_HOST = re.compile(r"[A-Za-z0-9.\-:\[\]]+")
_FIRST_FRAME = 15.0
"""Seconds within which a page must say who it is."""
_LAST_FRAMES = 5.0
"""Seconds a page that has ended may take to read what was still sent."""
_TRY_AGAIN_LATER = 1013
_RESTARTING = 1012

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_FOREVER = {**_HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}


class Host(Protocol):
    """Who receives what the pages say."""

    def enter(self, visitor: Visitor) -> bool: ...

    def leave(self, visitor: Visitor) -> None: ...

    async def receive(self, visitor: Visitor, data: str) -> None: ...


def build_handlers(host: Host, *, centre: str, privacy_url: str, max_length: int) -> list[Any]:
    """``GET /chat``, its style and script, and ``WS /chat/socket``.

    ``centre`` is the name citizens know; ``privacy_url`` leads to the full privacy notice, if there is one;
    ``max_length`` is in characters of one message.
    """

    @get("/chat", include_in_schema=False)
    async def show_page(request: Request[Any, Any, Any]) -> Response[str]:
        language = words.choose_language(
            request.query_params.get("lang", ""), request.headers.get("accept-language", "")
        )
        root = str(request.scope.get("root_path", "")).rstrip("/")
        return Response(
            render(language, centre=centre, privacy_url=privacy_url, max_length=max_length, root=root),
            media_type="text/html",
            headers={
                **_HEADERS,
                "Content-Language": language,
                "Vary": "Accept-Language",
                "Cache-Control": "no-cache",
                "Content-Security-Policy": policy_for(request.headers.get("host", "")),
            },
        )

    @get("/chat/page.css", include_in_schema=False)
    async def send_style() -> Response[str]:
        return Response(_STYLE, media_type="text/css", headers=_FOREVER)

    @get("/chat/page.js", include_in_schema=False)
    async def send_script() -> Response[str]:
        return Response(_SCRIPT, media_type="text/javascript", headers=_FOREVER)

    @websocket("/chat/socket")
    async def talk(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.accept()
        visitor = Visitor(socket)
        entered = host.enter(visitor)
        writer = asyncio.create_task(_write(socket, visitor), name="chat page")
        try:
            if entered:
                await _listen(socket, host, visitor)
        finally:
            host.leave(visitor)
            visitor.finish()
            await asyncio.wait({writer}, timeout=_LAST_FRAMES)
            writer.cancel()

    return [show_page, send_style, send_script, talk]


async def _listen(socket: WebSocket[Any, Any, Any], host: Host, visitor: Visitor) -> None:
    """Hand on what the page says, no faster than a person could, until it leaves."""
    allowance = Allowance(rate=5.0, burst=60.0)
    with contextlib.suppress(WebSocketException, TimeoutError):
        while True:
            async with asyncio.timeout(SILENCE if visitor.contact else _FIRST_FRAME):
                data = await socket.receive_text()
            await host.receive(visitor, data)
            pause = allowance.spend(1.0 + min(len(data) / 8192, 20.0))
            if pause:
                await asyncio.sleep(pause)


async def _write(socket: WebSocket[Any, Any, Any], visitor: Visitor) -> None:
    """Send what central says until the visitor is finished, then close the socket; the reader notices."""
    # The web server raises its own kinds when a page vanishes under a send; whatever it is, the page is gone.
    with contextlib.suppress(Exception):
        await visitor.write()
        await socket.close(_TRY_AGAIN_LATER if visitor.overrun else _RESTARTING)


def policy_for(host: str) -> str:
    """The page's Content-Security-Policy. Older Safari does not count web sockets to ``'self'``, so they are named."""
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
        f"connect-src 'self'{sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def render(language: str, *, centre: str, privacy_url: str, max_length: int, root: str) -> str:
    """The page's HTML in ``es`` or ``en``."""
    translate = words.translations(language).gettext
    other, other_name = _OTHER[language]
    values = {key: html.escape(translate(message)) for key, message in words.PAGE.items()}
    script = msgspec.json.encode({key: translate(message) for key, message in words.SCRIPT.items()}).decode()
    link = ""
    if privacy_url:
        link = (
            f'<a href="{html.escape(privacy_url)}" target="_blank" rel="noopener">{translate(words.PRIVACY_LINK)}</a>'
        )
    values |= {
        "language": language,
        "other": other,
        "other_name": other_name,
        "centre": html.escape(centre),
        "privacy_link": link,
        "longest": str(max_length),
        "root": html.escape(root),
        "version": _VERSION,
        "words": script.replace("<", "\\u003c"),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], _TEMPLATE)
