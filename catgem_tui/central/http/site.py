"""The whole web application: the API, the live websocket, and what the channels add."""

from collections.abc import Sequence
from typing import Any

from litestar import Litestar, Router, WebSocket, websocket
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ControllerRouterHandler

from catgem_tui import __version__
from catgem_tui.central.http import agenda, changes, contacts, copies, directory, documents, guard, people
from catgem_tui.central.http.access import PUBLIC, admit
from catgem_tui.central.http.problems import EXCEPTION_HANDLERS
from catgem_tui.central.http.services import Given, Services

API = "/api/v1"
LARGEST_BODY = 1 << 20


@websocket("/live", opt={"roles": PUBLIC})
async def live(socket: WebSocket[Any, Any, Any], services: Given) -> None:
    """The workstation's live line; it shows its token in the first frame."""
    await services.live.serve(socket)


def build_site(services: Services, more: Sequence[ControllerRouterHandler] = ()) -> Litestar:
    """``more``: the routes that the channels bring (the citizen's page)."""

    def given() -> Services:
        return services

    api = Router(
        API,
        route_handlers=[
            *people.ROUTES,
            *contacts.ROUTES,
            *directory.ROUTES,
            *changes.ROUTES,
            *copies.ROUTES,
            *agenda.ROUTES,
            *documents.ROUTES,
            *guard.ROUTES,
            live,
        ],
        guards=[admit],
        request_max_body_size=LARGEST_BODY,
    )
    site = Litestar(
        route_handlers=[api, *more],
        dependencies={"services": Provide(given, sync_to_thread=False, use_cache=True)},
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=OpenAPIConfig(
            title="CATGEM central",
            version=__version__,
            path=f"{API}/schema",
            render_plugins=[JsonRenderPlugin(path=["/", "/openapi.json"])],
        ),
        logging_config=None,
        debug=False,
    )
    site.state.sessions = services.sessions
    return site
