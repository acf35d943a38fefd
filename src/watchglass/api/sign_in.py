"""`POST /auth/exchange`: a one-time link's secret for a session cookie."""

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from watchglass.auth.credential import SESSION_COOKIE
from watchglass.auth.sign_in import SESSION_LIFETIME, exchange
from watchglass.store.scope import Store

_MAX_BYTES = 4096


class _Exchange(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    token: str = Field(min_length=1, max_length=200)


async def exchange_link(store: Store, request: Request) -> Response:
    """204 with the cookie; 401 when the link was used or is too old; 400 for anything that is no link."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        return _problem(415, "Send the link's secret as application/json.")
    try:
        asked = _Exchange.model_validate_json(await _body(request))
    except ValidationError:
        return _problem(400, 'Send {"token": "…"} with the secret of a sign-in link.')
    session = await exchange(store, asked.token)
    if session is None:
        return _problem(
            401, "This sign-in link was used already, or is older than ten minutes. Run `watchglass sign-in-link`."
        )
    return _signed_in(session, is_secure=request.url.scheme == "https")


def _signed_in(session: str, *, is_secure: bool) -> Response:
    response = Response(status_code=204)
    response.set_cookie(
        SESSION_COOKIE,
        session,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        path="/",
        secure=is_secure,
        httponly=True,
        samesite="lax",
    )
    return response


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MAX_BYTES:
            return b""
    return body


def _problem(status: int, detail: str) -> Response:
    """RFC 9457."""
    return JSONResponse({"title": detail, "status": status}, status_code=status, media_type="application/problem+json")
