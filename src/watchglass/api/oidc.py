"""`GET /auth/oidc` sends the browser to the OpenID provider; `GET /auth/oidc/callback` is where it comes back."""

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from watchglass.api.door import Door, browser_behind
from watchglass.api.errors import translate
from watchglass.api.problem import problem_of
from watchglass.auth.oidc import LIFETIME, OidcRefused, Provider
from watchglass.errors import TooMany, Unavailable
from watchglass.store.scope import Store

PATH = "/auth/oidc"
_CALLBACK = f"{PATH}/callback"
_REFUSED = "/#sign-in-refused="
"""The page has a sentence for what follows. Nobody can put another one into its mouth with a link."""
_log = structlog.get_logger(__name__)


async def begin(store: Store, door: Door, provider: Provider, request: Request) -> Response:
    """To the provider, with a cookie that only this browser can bring back."""
    try:
        url, secret = await provider.begin(store, door.address_of(request) + _CALLBACK, browser_behind(request))
    except TooMany as error:
        return _too_often(request, error)
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
    except TooMany as error:
        # The sign-in waits at the door with its cookie: the answer can be brought again.
        return _too_often(request, error)
    except Unavailable:
        response = _to(_REFUSED + "unavailable")
    else:
        response = _to("/")
        door.set_session(response, session)
    response.delete_cookie(_cookie(door), path="/", secure=door.is_behind_tls, httponly=True, samesite="lax")
    return response


def _cookie(door: Door) -> str:
    return "__Host-oidc" if door.is_behind_tls else "watchglass_oidc"


def _too_often(request: Request, error: TooMany) -> Response:
    """People get to the sign-in page, which has a sentence for it; programs, which read no page, are told when."""
    if "text/html" in request.headers.get("accept", ""):
        return _to(_REFUSED + "too_often")
    known = translate(error)
    assert known is not None
    return problem_of(known)


def _to(url: str) -> RedirectResponse:
    return RedirectResponse(url, status_code=303)
