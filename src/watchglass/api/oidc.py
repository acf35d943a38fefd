"""`GET /auth/oidc` sends the browser to the OpenID provider; `GET /auth/oidc/callback` is where it comes back."""

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from watchglass.api.door import Door, browser_behind
from watchglass.auth.oidc import LIFETIME, OidcRefused, Provider
from watchglass.errors import Unavailable
from watchglass.store.scope import Store

PATH = "/auth/oidc"
_CALLBACK = f"{PATH}/callback"
_REFUSED = "/#sign-in-refused="
"""The page has a sentence for what follows. Nobody can put another one into its mouth with a link."""
_log = structlog.get_logger(__name__)


async def begin(store: Store, door: Door, provider: Provider, request: Request) -> Response:
    """To the provider, with a cookie that only this browser can bring back."""
    try:
        url, secret = await provider.begin(store, door.address_of(request) + _CALLBACK)
    except Unavailable:
        return _to(_REFUSED + "unavailable")
    response = _to(url)
    response.set_cookie(
        _cookie(door),
        secret,
        max_age=int(LIFETIME.total_seconds()),
        path="/",
        secure=door.is_behind_tls,
        httponly=True,
        # The provider sends the browser back from another site.
        samesite="lax",
    )
    return response


async def finish(store: Store, door: Door, provider: Provider, request: Request) -> Response:
    """To the page, signed in; or to the sign-in page with the reason why not."""
    secret = request.cookies.get(_cookie(door), "")
    replaced = door.session_of(request)
    try:
        session = await provider.finish(
            store, secret, dict(request.query_params), browser_behind(request), replaced=replaced
        )
    except OidcRefused as refused:
        _log.warning("oidc_refused", reason=refused.reason, detail=refused.detail)
        response = _to(_REFUSED + refused.reason)
    except Unavailable:
        response = _to(_REFUSED + "unavailable")
    else:
        response = _to("/")
        door.set_session(response, session)
    response.delete_cookie(_cookie(door), path="/", secure=door.is_behind_tls, httponly=True, samesite="lax")
    return response


def _cookie(door: Door) -> str:
    return "__Host-oidc" if door.is_behind_tls else "watchglass_oidc"


def _to(url: str) -> RedirectResponse:
    return RedirectResponse(url, status_code=303)
