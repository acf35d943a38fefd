"""The web application: page, API, sign-in and health under one address.

/trpc/…          procedures          POST /auth/sign-in    a name and a password for a session cookie
/api/v1/…        the same as REST    POST /auth/exchange   a one-time link for one
/healthz /readyz /metrics            everything else       the page
"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from watchglass.api import oidc
from watchglass.api.context import Context, Dependencies, read_context, require_permission
from watchglass.api.errors import translate
from watchglass.api.guards import LOOPBACK_HOSTS, AnswerHeaders, CrossSiteGuard, HostGuard
from watchglass.api.limits import RequestLimits
from watchglass.api.operations import Operations, operations_routes
from watchglass.api.page import ANYWHERE, Page
from watchglass.api.perform import Performer
from watchglass.api.procedures import router
from watchglass.api.rest.endpoint import RestEndpoint
from watchglass.api.sign_in import exchange_link, sign_in_with_password
from watchglass.api.trpc.endpoint import Endpoint

PAGE_FOLDER = Path(__file__).parents[1] / "_web"
_SMALLEST_COMPRESSED = 1024


def create_app(
    dependencies: Dependencies,
    *,
    operations: Operations | None = None,
    hosts: Collection[str] = LOOPBACK_HOSTS,
    page_folder: Path = PAGE_FOLDER,
) -> Starlette:
    """The application. `hosts` are the names it answers under, without port; others get 421."""
    operations = operations or Operations(dependencies.store, is_behind_proxy=dependencies.door.is_behind_tls)
    performer: Performer[Context] = Performer(
        router=router,
        context=partial(read_context, dependencies),
        guard=require_permission,
        translate=translate,
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await performer.drain()

    async def exchange(request: Request) -> Response:
        return await exchange_link(dependencies.store, dependencies.door, request)

    async def sign_in(request: Request) -> Response:
        return await sign_in_with_password(dependencies.store, dependencies.door, request)

    return Starlette(
        routes=[
            Mount("/trpc", _compressed(Endpoint(performer))),
            Mount("/api/v1", _compressed(RestEndpoint(performer))),
            Route("/auth/sign-in", sign_in, methods=["POST"]),
            Route("/auth/exchange", exchange, methods=["POST"]),
            *_oidc(dependencies),
            *operations_routes(operations),
            Route(ANYWHERE, Page(page_folder).answer),
        ],
        middleware=[
            Middleware(AnswerHeaders, is_behind_tls=dependencies.door.is_behind_tls),
            Middleware(HostGuard, hosts=hosts),
            Middleware(RequestLimits),
            Middleware(CrossSiteGuard),
        ],
        lifespan=lifespan,
    )


def _oidc(dependencies: Dependencies) -> list[Route]:
    """Where there is a provider to sign in with."""
    store, door = dependencies.store, dependencies.door
    provider = door.provider
    if provider is None:
        return []

    async def begin(request: Request) -> Response:
        return await oidc.begin(store, door, provider, request)

    async def finish(request: Request) -> Response:
        return await oidc.finish(store, door, provider, request)

    return [Route(oidc.PATH, begin), Route(f"{oidc.PATH}/callback", finish)]


def _compressed(app: ASGIApp) -> ASGIApp:
    return GZipMiddleware(app, minimum_size=_SMALLEST_COMPRESSED, compresslevel=5)
